/**
 * Type names to types, with their modifiers.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { Expression, TypeName } from "../parser/expression_syntax.ts";
import { ownTypeOf } from "../types/domain_type.ts";
import { arrayTypeOf } from "../types/array/array_type.ts";
import type { DataType, TypeRef } from "../types/data_type.ts";
import { tableRowType } from "./table_row_type.ts";
import { missingSchema } from "./bind_schema.ts";
import { positioned } from "./coerce.ts";
import type { AnalyzeOptions, StatementState } from "./statement_state.ts";

/**
 * The type that `name` means.
 *
 * @throws {SqlError} `42704` when there is none, `22023` for bad modifiers.
 */
export function bindTypeName(state: StatementState, name: TypeName): TypeRef {
  const ref = bindElementType(state, name);
  const isPlain = ref.type.domain === undefined;
  if (name.isArray !== true || (isPlain && ref.type.element !== undefined)) {
    return ref;
  }
  if (ref.type.domain !== undefined) {
    throw new SqlError("0A000", "arrays of domains are not supported", {
      offset: name.offset,
    });
  }
  const type = arrayTypeOf(ref.type);
  if (type !== undefined) return { type, typmod: ref.typmod };
  throw new SqlError("42704", `type "${shown(name)}" does not exist`, {
    offset: name.offset,
  });
}

function bindElementType(state: StatementState, name: TypeName): TypeRef {
  const { offset, schema } = name;
  if (schema !== undefined && !state.options.catalog.hasSchema(schema)) {
    throw missingSchema(schema, offset);
  }
  const type = namedType(state, name);
  if (type === undefined) {
    throw new SqlError("42704", `type "${shown(name)}" does not exist`, {
      offset,
    });
  }
  if (name.modifiers.length === 0) return { type, typmod: -1 };
  if (type.typmodInput === undefined) {
    throw new SqlError(
      "42601",
      `type modifier is not allowed for type "${shown(name)}"`,
      { offset },
    );
  }
  const modifiers = name.modifiers.map((item) => modifierOf(item, offset));
  try {
    return { type, typmod: type.typmodInput(modifiers) };
  } catch (error) {
    throw positioned(error, offset);
  }
}

/** A built-in type, or one of an extension that is there. */
export function builtInType(
  { types, catalog }: Pick<AnalyzeOptions, "types" | "catalog">,
  name: string,
  schema: string | undefined,
): DataType | undefined {
  const type = types.byName(name);
  const { extension } = type?.element ?? type ?? {};
  if (extension === undefined) return types.byName(name, schema);
  const entry = catalog.extensions().find((each) => each.name === extension);
  return entry !== undefined && (schema ?? entry.schema) === entry.schema
    ? type
    : undefined;
}

/** A built-in type, else one of the database. */
function namedType(
  state: StatementState,
  { name, schema, offset }: TypeName,
): DataType | undefined {
  const { types, catalog } = state.options;
  const builtin = builtInType({ types, catalog }, name, schema);
  if (builtin !== undefined) return builtin;
  const entry = catalog.type(schema, name);
  if (entry === undefined) return tableType(state, schema, name);
  state.references?.type({
    offset,
    id: entry.id,
    schema: entry.schema,
    name: entry.name,
  });
  return types.byOid(entry.id);
}

/** The type of a table's or a view's rows, which has its name. */
function tableType(
  { options: { catalog, types } }: StatementState,
  schema: string | undefined,
  name: string,
): DataType | undefined {
  const table = catalog.relation(schema, name);
  return table?.kind === "table" || table?.kind === "view"
    ? tableRowType(table, types)
    : undefined;
}

/**
 * The type that `name` means, for a column to have.
 *
 * @throws {SqlError} `42P16` when none can, `0A000` for the row type of a table
 * of the system, or of one that is temporary.
 */
export function bindColumnType(
  state: StatementState,
  name: TypeName,
  column: string,
): TypeRef {
  const ref = bindTypeName(state, name);
  const { type } = ref;
  const isPseudo = type.category === "P" || type.element?.category === "P" ||
    type.name === "unknown";
  if (isPseudo) {
    throw new SqlError(
      "42P16",
      `column "${column}" has pseudo-type ${type.displayName}`,
    );
  }
  refuseTableRows(state, type, `column "${column}"`, name.offset);
  return ref;
}

/** @throws {SqlError} `0A000` for the row type of a table that does not last. */
export function refuseTableRows(
  { options: { types } }: StatementState,
  type: DataType,
  what: string,
  offset: number,
): void {
  const own = ownTypeOf(type);
  if (own?.fields === undefined || types.byOid(own.oid) === own) return;
  throw new SqlError(
    "0A000",
    `${what} of the row type of table "${own.displayName}" is not supported`,
    { hint: "Make a type of it: CREATE TYPE … AS (…).", offset },
  );
}

function shown({ schema, name, isArray }: TypeName): string {
  const suffix = isArray === true ? "[]" : "";
  return schema === undefined || schema === "pg_catalog"
    ? name + suffix
    : `${schema}.${name}${suffix}`;
}

/** A modifier of a type: an integer. */
export function modifierOf(syntax: Expression, offset: number): number {
  if (syntax.kind === "constant") {
    const { literal } = syntax;
    if (literal.form === "integer") return literal.value;
    if (literal.form === "string" || literal.form === "decimal") {
      if (/^\s*[+-]?\d{1,15}\s*$/.test(literal.text)) {
        return Number(literal.text);
      }
      throw new SqlError(
        "22P02",
        `invalid input syntax for type integer: "${literal.text}"`,
        { offset },
      );
    }
  }
  throw new SqlError(
    "42601",
    "type modifiers must be simple constants or identifiers",
    { offset },
  );
}
