/**
 * ALTER TYPE … ADD, DROP, ALTER, RENAME ATTRIBUTE.
 *
 * Values that are stored keep their form: a new attribute comes after all that
 * ever were, and what was dropped keeps its place. So only another type for an
 * attribute needs that no column has the composite type.
 *
 * @module
 */
import type {
  CatalogEntry,
  CatalogView,
  CompositeEntry,
} from "../catalog/entries.ts";
import { dependentsOf } from "../catalog/dependencies.ts";
import { SqlError } from "../errors/sql_error.ts";
import type {
  AlterAttributesSyntax,
  AttributeAction,
} from "../parser/attribute_syntax.ts";
import type { RelationName } from "../parser/expression_syntax.ts";
import { sourceTokens } from "../parser/source_tokens.ts";
import type { DataType } from "../types/data_type.ts";
import { missingRelation } from "./bind_from.ts";
import { holdersOf, refuseInKeys, userOf } from "./composite_users.ts";
import { bindColumnType } from "./bind_type.ts";
import type { BoundAlterType } from "./bound_type.ts";
import { describe } from "./describe.ts";
import type { StatementState } from "./statement_state.ts";

/** The most attributes that a type ever has. */
const ATTRIBUTES_MAX = 1600;

/** Binds a change of attributes. */
export function bindAlterAttributes(
  state: StatementState,
  { name, actions }: AlterAttributesSyntax,
): Omit<BoundAlterType, "parameterTypes" | "cacheable"> {
  const before = openComposite(state, name);
  const notes: string[] = [];
  let after = before;
  for (const action of inPasses(actions)) {
    after = changed(state, after, action, notes);
  }
  const readers = holdersOf(state.options.catalog, before.id);
  return { kind: "alter_type", before, after, readers, notices: [], notes };
}

/** What goes before what changes, and that before what comes. */
function inPasses(actions: readonly AttributeAction[]): AttributeAction[] {
  const passes = ["drop", "set_type", "rename", "add"];
  return [...actions].sort((a, b) =>
    passes.indexOf(a.kind) - passes.indexOf(b.kind)
  );
}

/** @throws {SqlError} `42P01`, `42809`. */
function openComposite(
  { options: { catalog } }: StatementState,
  { schema, name }: RelationName,
): CompositeEntry {
  const entry = catalog.type(schema, name);
  if (entry?.kind === "composite") return entry;
  if (catalog.relation(schema, name) === undefined) {
    throw missingRelation(schema, name);
  }
  throw new SqlError("42809", `"${name}" is not a composite type`);
}

function changed(
  state: StatementState,
  entry: CompositeEntry,
  action: AttributeAction,
  notes: string[],
): CompositeEntry {
  const { columns } = entry;
  const found = columns.find((each) => each.name === action.name);
  if (action.kind === "add") return added(state, entry, action);
  if (found === undefined) {
    const message = action.kind === "rename"
      ? `column "${action.name}" does not exist`
      : `column "${action.name}" of relation "${entry.name}" does not exist`;
    if (action.kind !== "drop" || !action.ifExists) {
      throw new SqlError("42703", message);
    }
    notes.push(`${message}, skipping`);
    return entry;
  }
  switch (action.kind) {
    case "drop":
      refuseInKeys(
        state.options.catalog,
        entry.id,
        `attribute "${found.name}" of type ${entry.name}`,
      );
      return withoutAttribute(entry, found.name);
    case "rename":
      refuseTaken(entry, action.to);
      refuseReaders(state.options.catalog, entry, found.name);
      return {
        ...entry,
        columns: columns.map((each) =>
          each === found ? { ...each, name: action.to } : each
        ),
      };
    case "set_type": {
      refuseUsers(state.options.catalog, entry);
      const type = bindColumnType(state, action.type, action.name);
      refuseMember(entry, type.type);
      return {
        ...entry,
        columns: columns.map((each) =>
          each === found ? { ...each, type } : each
        ),
      };
    }
  }
}

/** A composite type without an attribute, whose place nobody takes. */
export function withoutAttribute(
  entry: CompositeEntry,
  name: string,
): CompositeEntry {
  return {
    ...entry,
    columns: entry.columns.filter((each) => each.name !== name),
    columnNumberMax: numberMaxOf(entry),
  };
}

/** The highest number that an attribute ever had. */
function numberMaxOf({ columns, columnNumberMax = 0 }: CompositeEntry): number {
  return Math.max(columnNumberMax, ...columns.map(({ number }) => number));
}

function added(
  state: StatementState,
  entry: CompositeEntry,
  { name, type: typeName }: Extract<AttributeAction, { kind: "add" }>,
): CompositeEntry {
  refuseTaken(entry, name);
  const type = bindColumnType(state, typeName, name);
  refuseMember(entry, type.type);
  const number = numberMaxOf(entry) + 1;
  if (number > ATTRIBUTES_MAX) {
    throw new SqlError("54011", "tables can have at most 1600 columns");
  }
  return { ...entry, columns: [...entry.columns, { number, name, type }] };
}

function refuseTaken({ name, columns }: CompositeEntry, column: string): void {
  if (!columns.some((each) => each.name === column)) return;
  throw new SqlError(
    "42701",
    `column "${column}" of relation "${name}" already exists`,
  );
}

/** @throws {SqlError} `42P16` when a type would have itself within it. */
export function refuseMember(
  entry: Pick<CatalogEntry, "id" | "name">,
  type: DataType,
): void {
  const inner = type.element ?? type.domain?.type;
  if (inner !== undefined) return refuseMember(entry, inner);
  if (type.oid === entry.id) {
    throw new SqlError(
      "42P16",
      `composite type ${entry.name} cannot be made a member of itself`,
    );
  }
  for (const field of type.fields ?? []) {
    refuseMember(entry, field.type.type);
  }
}

/** @throws {SqlError} `0A000` when a column has values of the type. */
function refuseUsers(catalog: CatalogView, entry: CompositeEntry): void {
  const user = userOf(catalog, entry.id);
  if (user === undefined) return;
  throw new SqlError(
    "0A000",
    `cannot alter type "${entry.name}" because column "${user}" uses it`,
  );
}

/** @throws {SqlError} `0A000` where a text that is kept has the old name. */
function refuseReaders(
  catalog: CatalogView,
  entry: CompositeEntry,
  name: string,
): void {
  for (const reader of readersOf(catalog, entry.id, new Set())) {
    for (const text of textsOf(catalog, reader)) {
      for (const token of sourceTokens(text)) {
        if (token.text !== name && token.text !== `"${name}"`) continue;
        throw new SqlError(
          "0A000",
          `cannot rename attribute "${name}" that ${
            describe(catalog, reader)
          } may use`,
        );
      }
    }
  }
}

/** What may read values of a type: what needs it, and what needs that. */
function readersOf(
  catalog: CatalogView,
  id: number,
  found: Set<CatalogEntry>,
): Set<CatalogEntry> {
  for (const { entry } of dependentsOf(catalog, id)) {
    if (found.has(entry)) continue;
    found.add(entry);
    readersOf(catalog, entry.id, found);
  }
  return found;
}

/** The texts that an object keeps. */
function textsOf(catalog: CatalogView, entry: CatalogEntry): string[] {
  if (entry.kind === "view") return [entry.sql];
  if (entry.kind !== "table") return [];
  return [
    entry.materialized?.sql,
    ...(entry.checks ?? []).map(({ sql }) => sql),
    ...entry.columns.flatMap(({ generated, defaultSql }) => [
      generated?.sql,
      defaultSql,
    ]),
    ...catalog.indexesOf(entry.id).flatMap(({ columns, predicate }) => [
      predicate,
      ...columns.map(({ expression }) => expression?.sql),
    ]),
  ].filter((text) => text !== undefined);
}
