/**
 * A view as the table that a statement changes, where its INSTEAD OF triggers
 * do what is to be done: it has columns and triggers, and no rows of its own.
 *
 * @module
 */
import type { CatalogView, TableEntry, ViewEntry } from "./entries.ts";
import type { TriggerEvent } from "./trigger_entry.ts";

/** The access method of what has no rows of its own. */
const NO_METHOD = "";

/** The view as a table. */
export function viewTable(view: ViewEntry): TableEntry {
  const { id, schema, name, columns } = view;
  return {
    kind: "table",
    id,
    storageId: 0,
    schema,
    name,
    accessMethod: NO_METHOD,
    columns,
    options: {},
  };
}

/** Whether it is a view. */
export function isViewTable({ accessMethod }: TableEntry): boolean {
  return accessMethod === NO_METHOD;
}

/** Whether a trigger of the view does what `event` asks for. */
export function hasInsteadOf(
  catalog: Pick<CatalogView, "triggersOf">,
  view: ViewEntry,
  event: TriggerEvent,
): boolean {
  return catalog.triggersOf(view.id).some(({ timing, events }) =>
    timing === "instead" && events.includes(event)
  );
}
