/**
 * What depends on what (pg_depend), and what DROP therefore takes along.
 *
 * An index depends on its table, a sequence on its column, what is in a schema
 * on the schema: their entries say so in other fields. The rest is in their `dependencies`.
 *
 * @module
 */
import { quoteIdentifier } from "../parser/quote.ts";
import { extensionNeeds } from "./extension_dependencies.ts";
import { ownTypeOf } from "../types/domain_type.ts";
import {
  type CatalogEntry,
  type CatalogView,
  type Dependency,
  isTypeEntry,
} from "./entries.ts";

/** An object that needs another. */
export interface Dependent {
  /** The object. */
  readonly entry: CatalogEntry;
  /** How it needs the other. */
  readonly dependency: OwnDependency;
}

/** A dependency that may be of one column of the object alone. */
export interface OwnDependency extends Dependency {
  /** The name of the column that needs the other; absent: all of it. */
  readonly own?: string | undefined;
  /** What of that name needs it, where it is not the column itself. */
  readonly part?: "default" | "check" | undefined;
}

/** The types of the database that columns have, each with the column. */
function typesOf(entry: CatalogEntry, state: CatalogView): OwnDependency[] {
  if (entry.kind === "multirange") {
    return [{ id: entry.rangeId, kind: "internal" }];
  }
  if (entry.kind === "domain" || entry.kind === "range") {
    const { type } = entry.kind === "domain" ? entry.base : entry.subtype;
    const own = ownTypeOf(type);
    return own === undefined ? [] : [{ id: own.oid, kind: "normal" }];
  }
  if (
    entry.kind !== "table" && entry.kind !== "view" &&
    entry.kind !== "composite"
  ) return [];
  const needs: OwnDependency[] = [];
  for (const { name, type: { type } } of entry.columns) {
    const own = ownTypeOf(type);
    if (own === undefined || !isTypeOrRelation(state.byId(own.oid))) continue;
    needs.push({ id: own.oid, kind: "normal", own: name });
  }
  return needs;
}

/** Whether values may have the object as their type, or be its rows. */
function isTypeOrRelation(entry: CatalogEntry | undefined): boolean {
  return entry?.kind === "table" || entry?.kind === "view" ||
    (entry !== undefined && isTypeEntry(entry));
}

/** All that an object needs. */
export function dependenciesOf(
  entry: CatalogEntry,
  state: CatalogView,
): OwnDependency[] {
  const needs: OwnDependency[] = [
    ...entry.dependencies ?? [],
    ...extensionNeeds(entry, state),
  ];
  if (
    entry.kind === "schema" || entry.kind === "role" || entry.kind === "cast"
  ) return needs;
  if (entry.kind === "index") {
    const columns = [
      ...entry.columns.map(({ columnNumber }) => columnNumber)
        .filter((number) => number > 0),
      ...entry.include ?? [],
      ...entry.usedColumns ?? [],
    ].map((column): Dependency => ({
      id: entry.tableId,
      column,
      kind: "auto",
    }));
    needs.push(...columns);
    if (columns.length === 0) needs.push({ id: entry.tableId, kind: "auto" });
    const { parentId } = entry;
    if (parentId !== undefined) needs.push({ id: parentId, kind: "internal" });
    return needs;
  }
  if (entry.kind === "sequence" && entry.owner !== undefined) {
    const { tableId, columnNumber, identity } = entry.owner;
    const kind = identity ? "internal" : "auto";
    needs.push({ id: tableId, column: columnNumber, kind });
  }
  if (entry.kind === "statistics") {
    needs.push({ id: entry.tableId, kind: "internal" });
    return needs;
  }
  if (entry.kind === "trigger") {
    needs.push(
      { id: entry.tableId, kind: "auto" },
      { id: entry.routineId, kind: "normal" },
    );
    const { parentId } = entry;
    if (parentId !== undefined) needs.push({ id: parentId, kind: "internal" });
    return needs;
  }
  if (entry.kind === "table") {
    // A partition goes with its table.
    const kind = entry.partitionBound === undefined ? "normal" : "auto";
    for (const id of entry.parents ?? []) needs.push({ id, kind });
    // What is told of one table is told from its end.
    for (const { id, part, name: own } of entry.needs?.toReversed() ?? []) {
      needs.push({
        id,
        kind: "normal",
        own,
        ...part !== "generated" && { part },
      });
    }
  }
  needs.push(...typesOf(entry, state));
  const schema = state.schema(entry.schema);
  if (schema !== undefined) needs.push({ id: schema.id, kind: "normal" });
  return needs;
}

const known = new WeakMap<CatalogView, ReadonlyMap<number, Dependent[]>>();

/** The objects that need the object `id`, in order of creation. */
export function dependentsOf(
  state: CatalogView,
  id: number,
): readonly Dependent[] {
  let all = known.get(state);
  if (all === undefined) known.set(state, all = collect(state));
  return all.get(id) ?? [];
}

function collect(state: CatalogView): ReadonlyMap<number, Dependent[]> {
  const all = new Map<number, Dependent[]>();
  for (const entry of state.entries()) {
    for (const dependency of dependenciesOf(entry, state)) {
      const others = all.get(dependency.id);
      if (others === undefined) all.set(dependency.id, [{ entry, dependency }]);
      else others.push({ entry, dependency });
    }
  }
  return all;
}

/** An object that goes, and for which it was asked to. */
export interface Dropped {
  /** The object. */
  readonly entry: CatalogEntry;
  /** The column of it that goes alone; absent: all of it. */
  readonly column: string | undefined;
  /** What of the table goes alone, by the name in `column`; absent: a column. */
  readonly part?: "default" | "check" | undefined;
  /** The object it depends on; absent: it was named. */
  readonly through: CatalogEntry | undefined;
  /** Whether it goes without being asked for: a part of what was named. */
  readonly silent: boolean;
}

/**
 * What goes when `targets` go, in the order in which PostgreSQL tells it: what
 * is needed before what needs it, the older before the newer.
 */
export function dropClosure(
  state: CatalogView,
  targets: readonly CatalogEntry[],
): Dropped[] {
  const named = new Set(targets.map(({ id }) => id));
  const seen = new Set<number>();
  const found: Dropped[] = [];
  const visit = (dropped: Dropped): void => {
    const { entry, column } = dropped;
    if (column !== undefined) {
      const isKnown = found.some((each) =>
        each.entry === entry && each.column === column &&
        each.part === dropped.part
      );
      if (!isKnown) found.push(dropped);
      return;
    }
    if (seen.has(entry.id)) return;
    seen.add(entry.id);
    const dependents = [...dependentsOf(state, entry.id)]
      .filter((each) => !named.has(each.entry.id))
      .sort((a, b) => b.entry.id - a.entry.id);
    for (const { entry: other, dependency } of dependents) {
      const silent = dependency.kind !== "normal" ||
        dependents.some((each) =>
          each.entry === other && each.dependency.kind !== "normal"
        );
      // A query does not lose a column: all of it goes. Nor does a table lose
      // what its partitions are told apart by.
      const { own, part } = dependency;
      const isWhole = isQuery(other) ||
        (part === undefined && isPartitionKey(other, own));
      const column = isWhole ? undefined : own;
      visit({ entry: other, column, part, through: entry, silent });
    }
    found.push(dropped);
  };
  for (const entry of targets.toReversed()) {
    visit({ entry, column: undefined, through: undefined, silent: true });
  }
  // A column goes with its table.
  return found.filter(({ entry, column }) =>
    column === undefined || !seen.has(entry.id)
  ).reverse();
}

/** Whether a column, by its name, is in the key of a partitioned table. */
function isPartitionKey(
  entry: CatalogEntry,
  name: string | undefined,
): boolean {
  if (entry.kind !== "table" || name === undefined) return false;
  const { number } = entry.columns.find((each) => each.name === name) ?? {};
  const word = quoteIdentifier(name).replace(/[$.*+?^{}()|[\]\\]/g, "\\$&");
  const uses = new RegExp(`(?<![\\w"$])${word}(?![\\w"$(])`);
  return (entry.partitionKey?.columns ?? []).some((key) =>
    key.expression === undefined
      ? key.columnNumber === number
      : uses.test(key.expression.sql)
  );
}

function isQuery(entry: CatalogEntry): boolean {
  return entry.kind === "view" ||
    (entry.kind === "table" && entry.materialized !== undefined);
}

/** What DROP and its errors call a kind of object. */
export function kindWord(entry: CatalogEntry): string {
  if (isTypeEntry(entry)) return "type";
  if (entry.kind === "routine") {
    // As in PostgreSQL, an aggregate is a function here.
    return entry.routine === "procedure" ? "procedure" : "function";
  }
  return entry.kind === "table" && entry.materialized !== undefined
    ? "materialized view"
    : entry.kind;
}
