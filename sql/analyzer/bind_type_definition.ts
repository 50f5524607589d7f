/**
 * CREATE TYPE … AS ENUM and ALTER TYPE.
 *
 * @module
 */
import type { EnumEntry, TypeEntry } from "../catalog/entries.ts";
import { isTemporarySchema } from "../catalog/temporary_schema.ts";
import { SqlError } from "../errors/sql_error.ts";
import type {
  AlterTypeSyntax,
  CreateEnumSyntax,
  RelationName,
} from "../parser/syntax.ts";
import type { EnumLabel } from "../types/enum_type.ts";
import { creationSchema, otherSchema } from "./bind_schema.ts";
import type { BoundAlterType, BoundCreateEnum } from "./bound_type.ts";
import { rewriteForType } from "./rewrite_types.ts";
import type { StatementState } from "./statement_state.ts";

type Unfinished<T> = Omit<T, "parameterTypes" | "cacheable">;

/** The most bytes of a label. */
const LABEL_BYTES_MAX = 63;

/** Binds CREATE TYPE … AS ENUM. */
export function bindCreateEnum(
  state: StatementState,
  { name: { schema: given, name }, labels }: CreateEnumSyntax,
): Unfinished<BoundCreateEnum> {
  const schema = creationSchema(state, given, -1);
  if (isTemporarySchema(schema)) {
    throw new SqlError("0A000", "temporary types are not supported");
  }
  refuseTaken(state, schema, name);
  labels.forEach((label, i) => {
    checkLabel(label);
    if (labels.indexOf(label) < i) {
      throw new SqlError(
        "23505",
        'duplicate key value violates unique constraint "pg_enum_typid_label_index"',
      );
    }
  });
  return {
    kind: "create_enum",
    schema,
    name,
    labels: labels.map((label, i) => ({ label, order: i + 1 })),
  };
}

function refuseTaken(
  state: StatementState,
  schema: string,
  name: string,
): void {
  if (state.options.catalog.type(schema, name) === undefined) return;
  throw new SqlError("42710", `type "${name}" already exists`);
}

function checkLabel(label: string): void {
  if (new TextEncoder().encode(label).length <= LABEL_BYTES_MAX) return;
  throw new SqlError("42602", `invalid enum label "${label}"`, {
    detail: `Labels must be ${LABEL_BYTES_MAX} bytes or less.`,
  });
}

/**
 * The enumeration of that name.
 *
 * @throws {SqlError} `42704`, `42809`.
 */
export function openType(
  state: StatementState,
  { schema, name }: RelationName,
): TypeEntry {
  const entry = state.options.catalog.type(schema, name);
  if (entry !== undefined) return entry;
  const builtin = state.options.types.byName(name, schema);
  if (builtin !== undefined) {
    throw new SqlError("42809", `${builtin.displayName} is not an enum`);
  }
  const shown = schema === undefined ? name : `${schema}.${name}`;
  throw new SqlError("42704", `type "${shown}" does not exist`);
}

/** Binds ALTER TYPE. */
export function bindAlterType(
  state: StatementState,
  { name, action }: AlterTypeSyntax,
): Unfinished<BoundAlterType> {
  const before = openType(state, name);
  const changed = (
    change: Partial<Pick<EnumEntry, "name" | "schema" | "labels">>,
  ): Unfinished<BoundAlterType> => {
    const after = { ...before, ...change };
    const readers = rewriteForType(state, { before, after });
    return { kind: "alter_type", before, after, readers, notices: [] };
  };
  switch (action.kind) {
    case "rename":
      refuseTaken(state, before.schema, action.name);
      return changed({ name: action.name });
    case "set_schema": {
      const schema = otherSchema(state, before.schema, action.schema);
      if (schema !== before.schema) refuseTaken(state, schema, before.name);
      return changed({ schema });
    }
    case "rename_value":
      return changed({ labels: renamed(enumOf(before), action) });
    case "add_value": {
      checkLabel(action.label);
      const known = enumOf(before);
      if (!known.labels.some(({ label }) => label === action.label)) {
        return changed({ labels: extended(known, action) });
      }
      const message = `enum label "${action.label}" already exists`;
      if (!action.ifNotExists) throw new SqlError("42710", message);
      return { ...changed({}), notices: [`${message}, skipping`] };
    }
  }
}

/** @throws {SqlError} `42809` for another kind of type. */
function enumOf(entry: TypeEntry): EnumEntry {
  if (entry.kind === "enum") return entry;
  throw new SqlError("42809", `${entry.name} is not an enum`);
}

function noLabel(label: string): SqlError {
  return new SqlError("22023", `"${label}" is not an existing enum label`);
}

function renamed(
  { labels }: EnumEntry,
  { label: old, newLabel }: {
    readonly label: string;
    readonly newLabel: string;
  },
): EnumLabel[] {
  checkLabel(newLabel);
  if (!labels.some(({ label }) => label === old)) throw noLabel(old);
  if (labels.some(({ label }) => label === newLabel)) {
    throw new SqlError("42710", `enum label "${newLabel}" already exists`);
  }
  return labels.map(({ label, order }) => ({
    label: label === old ? newLabel : label,
    order,
  }));
}

/** The labels with one more: at the end, or beside its neighbor. */
function extended(
  { labels }: EnumEntry,
  { label, neighbor }: Extract<
    AlterTypeSyntax["action"],
    { kind: "add_value" }
  >,
): EnumLabel[] {
  const beside = neighbor === undefined
    ? labels.length - 1
    : labels.findIndex((each) => each.label === neighbor.label);
  if (neighbor !== undefined && beside < 0) throw noLabel(neighbor.label);
  const position = neighbor?.after === false ? beside : beside + 1;
  const low = labels[position - 1]?.order;
  const high = labels[position]?.order;
  const order = low === undefined && high === undefined
    ? 1
    : high === undefined
    ? Math.floor(low!) + 1
    : low === undefined
    ? Math.ceil(high) - 1
    : (low + high) / 2;
  if (order === low || order === high) {
    throw new SqlError("54000", "too many labels between two others");
  }
  return labels.toSpliced(position, 0, { label, order });
}
