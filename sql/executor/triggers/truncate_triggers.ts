/**
 * Triggers of TRUNCATE: for statements only.
 *
 * @module
 */
import type { CatalogView, TableEntry } from "../../catalog/entries.ts";
import type { FireTrigger } from "./trigger_firing.ts";

/** Fires the triggers of tables that are, or were, emptied. */
export async function fireTruncate(
  fire: FireTrigger,
  catalog: CatalogView,
  tables: readonly TableEntry[],
  timing: "before" | "after",
): Promise<void> {
  for (const table of tables) {
    for (const trigger of catalog.triggersOf(table.id)) {
      const isMeant = trigger.timing === timing &&
        trigger.events.includes("truncate") &&
        trigger.enabled !== "disabled" && trigger.enabled !== "replica";
      if (!isMeant) continue;
      await fire({
        trigger,
        table,
        event: "truncate",
        before: undefined,
        after: undefined,
        transition: undefined,
      });
    }
  }
}
