/**
 * DROP: what was named goes, and with CASCADE what needs it.
 *
 * Without CASCADE nothing may need it that would not go anyway, as the indexes
 * of a table do.
 *
 * @module
 */
import { withoutAttribute } from "../analyzer/bind_attributes.ts";
import { holdersOf } from "../analyzer/composite_users.ts";
import { describe, shownName } from "../analyzer/describe.ts";
import type { BoundDrop } from "../analyzer/bound_tree.ts";
import { dropClosure, type Dropped } from "../catalog/dependencies.ts";
import { quoteIdentifier } from "../parser/quote.ts";
import {
  type CatalogEntry,
  type CatalogView,
  isTypeEntry,
} from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import { dropColumn } from "./alter/alter_columns.ts";
import { type AlterContext, AlteredTable } from "./alter/alter_context.ts";
import {
  type DefinitionContext,
  removeEntry,
  replaceEntry,
  touchTable,
} from "./catalog_change.ts";
import {
  lostForeignKeys,
  removeForeignKey,
} from "./foreign_keys/lost_foreign_keys.ts";
import { dropPart } from "./lost_expressions.ts";
import {
  type DrawingColumn,
  drawingColumns,
  dropDefault,
} from "./sequence_definition.ts";

/** How many objects a message lists. */
const LISTED_MAX = 100;

/** What DROP needs. */
export type DropContext =
  & Pick<DefinitionContext, "transaction" | "named" | "notice">
  & {
    /** To drop columns; absent where nothing that goes can have any. */
    readonly altering?: AlterContext | undefined;
  };

/** Runs DROP. */
export function dropObjects(
  { entries, cascade, notices }: Pick<
    BoundDrop,
    "entries" | "cascade" | "notices"
  >,
  context: DropContext,
): void {
  notices.forEach((notice) => context.notice(notice));
  const { transaction } = context;
  const dropped = dropClosure(transaction.catalog, entries);
  for (const entry of entries) refusePart(entry, dropped, context);
  const others: Along[] = dropped.filter(({ silent }) => !silent).map((
    each,
  ) => ({
    shown: shownDrop(context.named, each),
    through: each.through!,
    isRowUse: usesRows(each),
  }));
  const defaults = lostDefaults(dropped, context);
  const foreignKeys = lostForeignKeys(dropped, context);
  others.push(...defaults, ...foreignKeys);
  if (others.length > 0) {
    if (!cascade) throw neededError(entries, others, context);
    tellCascade(others, context);
  }
  for (const { drawing } of defaults) dropDefault(drawing, transaction);
  for (const { reference } of foreignKeys) {
    removeForeignKey(reference, transaction);
  }
  const going = dropped.toReversed();
  removeAll(going.filter(({ entry }) => !outlivesColumns(entry)), context);
  dropColumns(dropped, context);
  removeAll(going.filter(({ entry }) => outlivesColumns(entry)), context);
}

/** Whether something goes because it has rows of a table as values. */
function usesRows({ entry, column, part, through }: Dropped): boolean {
  const isRelation = through?.kind === "table" || through?.kind === "view";
  const isValue = entry.kind === "domain" ||
    (column !== undefined && part === undefined);
  return isRelation && isValue;
}

/** Columns need their types, and what their tables call, as long as they are. */
function outlivesColumns(entry: CatalogEntry): boolean {
  return isTypeEntry(entry) || entry.kind === "routine" ||
    entry.kind === "operator" || entry.kind === "cast";
}

function removeAll(
  dropped: readonly Dropped[],
  { transaction }: DropContext,
): void {
  for (const { entry, column } of dropped) {
    if (column !== undefined) continue;
    removeEntry(entry, transaction);
    if (entry.kind === "index" || entry.kind === "trigger") {
      touchTable(entry.tableId, transaction);
    }
  }
}

/** Drops the columns that go without their tables. */
function dropColumns(
  dropped: readonly Dropped[],
  { transaction, altering }: DropContext,
): void {
  for (const each of dropped) {
    if (each.part !== undefined) dropPart(each, transaction);
  }
  for (const { entry: { id }, column: name, part } of dropped) {
    if (name === undefined || altering === undefined) continue;
    if (part !== undefined) continue;
    const entry = transaction.catalog.byId(id);
    if (entry?.kind === "composite") {
      replaceEntry(entry, withoutAttribute(entry, name), transaction);
      for (const holder of holdersOf(transaction.catalog, id)) {
        replaceEntry(holder, holder, transaction);
      }
    }
    if (entry?.kind !== "table") continue;
    dropColumn(new AlteredTable(entry, altering), {
      kind: "drop_column",
      name,
      ifExists: true,
      cascade: true,
    });
  }
}

/** @throws {SqlError} `2BP01`: what a partition has of its table stays. */
function refusePart(
  entry: CatalogEntry,
  dropped: readonly Dropped[],
  { transaction: { catalog }, named }: DropContext,
): void {
  const parentId = entry.kind === "index" || entry.kind === "trigger"
    ? entry.parentId
    : entry.kind === "multirange"
    ? entry.rangeId
    : undefined;
  const parent = parentId === undefined ? undefined : catalog.byId(parentId);
  if (parent === undefined) return;
  if (dropped.some((each) => each.entry.id === parent.id)) return;
  const whole = describe(named, parent);
  throw new SqlError(
    "2BP01",
    `cannot drop ${describe(named, entry)} because ${whole} requires it`,
    { hint: `You can drop ${whole} instead.` },
  );
}

/** What goes, as messages name it: `column a of table t`. */
function shownDrop(
  catalog: CatalogView,
  { entry, column, part }: Dropped,
): string {
  const object = describe(catalog, entry);
  if (part === "check") {
    return `constraint ${quoteIdentifier(column!)} on ${object}`;
  }
  if (part === "default") {
    return `default value for column ${quoteIdentifier(column!)} of ${object}`;
  }
  return column === undefined
    ? object
    : `column ${quoteIdentifier(column)} of ${
      entry.kind === "composite" ? "composite " : ""
    }${object}`;
}

/** Something that goes along, as messages show it. */
interface Along {
  readonly shown: string;
  /** What it depends on. */
  readonly through: CatalogEntry;
  /** Whether it has values that are rows of what it depends on. */
  readonly isRowUse?: boolean;
}

/** Defaults that draw from sequences that go, of tables that stay. */
function lostDefaults(
  dropped: readonly Dropped[],
  { transaction, named }: DropContext,
): (Along & { readonly drawing: DrawingColumn })[] {
  const gone = new Set(dropped.map(({ entry }) => entry.id));
  return dropped.flatMap(({ entry }) =>
    entry.kind !== "sequence" ? [] : drawingColumns(transaction.catalog, entry)
      .filter(({ table }) => !gone.has(table.id))
      .map((drawing) => ({
        shown: `default value for column ${drawing.column.name} of ${
          describe(named, drawing.table)
        }`,
        through: entry,
        drawing,
      }))
  );
}

/** `2BP01`: something needs what was named. */
function neededError(
  named: readonly CatalogEntry[],
  others: readonly Along[],
  { named: catalog }: DropContext,
): SqlError {
  const what = named.length === 1
    ? describe(catalog, named[0]!)
    : "desired object(s)";
  const lines = others.map(({ shown, through, isRowUse }) => {
    const object = isRowUse === true
      ? `type ${shownName(catalog, through)}`
      : describe(catalog, through);
    return `${shown} depends on ${object}`;
  });
  const it = named.length === 1 ? "it" : "them";
  return new SqlError(
    "2BP01",
    `cannot drop ${what} because other objects depend on ${it}`,
    {
      detail: listed(lines),
      hint: "Use DROP ... CASCADE to drop the dependent objects too.",
    },
  );
}

function tellCascade(
  others: readonly Along[],
  { notice }: DropContext,
): void {
  const lines = others.map(({ shown }) => `drop cascades to ${shown}`);
  if (lines.length === 1) notice(lines[0]!);
  else notice(`drop cascades to ${lines.length} other objects`, listed(lines));
}

function listed(lines: readonly string[]): string {
  const shown = lines.slice(0, LISTED_MAX);
  const rest = lines.length - shown.length;
  if (rest > 0) {
    const noun = rest === 1 ? "object" : "objects";
    shown.push(`and ${rest} other ${noun} (see server log for list)`);
  }
  return shown.join("\n");
}
