/**
 * Schemas: where objects are made, CREATE SCHEMA and ALTER SCHEMA … RENAME.
 *
 * @module
 */
import type {
  RelationEntry,
  RoutineEntry,
  SchemaEntry,
} from "../catalog/entries.ts";
import {
  isTemporarySchema,
  TEMPORARY_ALIAS,
} from "../catalog/temporary_schema.ts";
import { SqlError } from "../errors/sql_error.ts";
import type {
  CreateSchemaSyntax,
  RelationName,
  RenameSchemaSyntax,
} from "../parser/syntax.ts";
import type { BoundCreateSchema, BoundRenameSchema } from "./bound_tree.ts";
import { refuseReaders } from "./routines/refuse_readers.ts";
import { rewriteViews } from "./rewrite_views.ts";
import type { StatementState } from "./statement_state.ts";

type Unfinished<T> = Omit<T, "parameterTypes" | "cacheable">;

/**
 * The schema to create a relation in: the session's temporary one where it is
 * said to be TEMPORARY.
 *
 * @throws {SqlError} `42P16` where another is named; what
 * {@linkcode creationSchema} throws.
 */
export function relationSchema(
  state: StatementState,
  { schema, offset, temporary }: RelationName,
): string {
  if (temporary !== true) return creationSchema(state, schema, offset);
  const own = temporarySchema(state);
  if (schema === undefined || schema === TEMPORARY_ALIAS || schema === own) {
    return own;
  }
  throw new SqlError(
    "42P16",
    "cannot create temporary relation in non-temporary schema",
    { offset: offset < 0 ? undefined : offset },
  );
}

/** The session's temporary schema. */
export function temporarySchema({ options }: StatementState): string {
  const { temporarySchema } = options;
  if (temporarySchema !== undefined) return temporarySchema;
  throw new SqlError("0A000", "temporary objects need a session");
}

/**
 * The schema to move an object to.
 *
 * @throws {SqlError} `0A000` for a temporary one, or out of one; what
 * {@linkcode creationSchema} throws.
 */
export function otherSchema(
  state: StatementState,
  from: string,
  to: string,
): string {
  const schema = creationSchema(state, to, -1);
  if (isTemporarySchema(schema) || isTemporarySchema(from)) {
    throw new SqlError(
      "0A000",
      "cannot move objects into or out of temporary schemas",
    );
  }
  return schema;
}

/**
 * The schema to create in: the first of the search path where none is named.
 *
 * @throws {SqlError} `3F000` when there is none, `42501` for a system schema.
 */
export function creationSchema(
  state: StatementState,
  schema: string | undefined,
  offset: number,
): string {
  const { catalog } = state.options;
  const given = schema ?? catalog.creationSchema;
  const name = given === TEMPORARY_ALIAS ? temporarySchema(state) : given;
  if (name === undefined) {
    throw new SqlError("3F000", "no schema has been selected to create in", {
      offset: offset < 0 ? undefined : offset,
    });
  }
  if (name === state.options.temporarySchema) return name;
  if (!catalog.hasSchema(name)) throw missingSchema(name, offset);
  if (name === "pg_catalog" || name === "information_schema") {
    throw new SqlError("42501", `permission denied for schema ${name}`, {
      offset: offset < 0 ? undefined : offset,
    });
  }
  return name;
}

/** `3F000`: no such schema. */
export function missingSchema(name: string, offset = -1): SqlError {
  return new SqlError("3F000", `schema "${name}" does not exist`, {
    offset: offset < 0 ? undefined : offset,
  });
}

/** Binds CREATE SCHEMA. */
export function bindCreateSchema(
  state: StatementState,
  { name, ifNotExists, owner, elements }: CreateSchemaSyntax,
): Unfinished<BoundCreateSchema> {
  const exists = state.options.catalog.hasSchema(name);
  if (exists && !ifNotExists) throw takenSchema(name);
  if (!exists) refuseReserved(name);
  return { kind: "create_schema", name, exists, owner, elements };
}

/** Binds ALTER SCHEMA … RENAME. */
export function bindRenameSchema(
  state: StatementState,
  { name, newName }: RenameSchemaSyntax,
): Unfinished<BoundRenameSchema> {
  const schema = openSchema(state, name);
  if (state.options.catalog.hasSchema(newName)) throw takenSchema(newName);
  refuseReserved(newName);
  const inside = [...state.options.catalog.relations()]
    .filter((entry) => entry.schema === name)
    .map((entry): [number, RelationEntry] => [
      entry.id,
      { ...entry, schema: newName },
    ]);
  const moved = new Map(inside);
  for (const view of rewriteViews(state, moved)) moved.set(view.id, view);
  const others = [...state.options.catalog.entries()].filter((entry) =>
    entry.kind === "routine" && entry.schema === name
  ) as RoutineEntry[];
  for (const entry of others) refuseReaders(state, entry);
  const all = [
    ...moved.values(),
    ...others.map((entry) => ({ ...entry, schema: newName })),
  ];
  return { kind: "rename_schema", schema, name: newName, moved: all };
}

/**
 * A schema that can be changed.
 *
 * @throws {SqlError} `3F000`, `42501`.
 */
export function openSchema(state: StatementState, name: string): SchemaEntry {
  const schema = state.options.catalog.schema(name);
  if (schema === undefined) throw missingSchema(name);
  return schema;
}

function takenSchema(name: string): SqlError {
  return new SqlError("42P06", `schema "${name}" already exists`);
}

function refuseReserved(name: string): void {
  if (!name.startsWith("pg_")) return;
  throw new SqlError("42939", `unacceptable schema name "${name}"`, {
    detail: 'The prefix "pg_" is reserved for system schemas.',
  });
}
