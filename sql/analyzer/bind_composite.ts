/**
 * CREATE TYPE … AS (…): a composite type's attributes.
 *
 * @module
 */
import type { CompositeAttribute } from "../catalog/entries.ts";
import { isTemporarySchema } from "../catalog/temporary_schema.ts";
import { SqlError } from "../errors/sql_error.ts";
import type {
  AttributeSyntax,
  CreateCompositeSyntax,
} from "../parser/syntax.ts";
import { creationSchema } from "./bind_schema.ts";
import { bindColumnType } from "./bind_type.ts";
import type { BoundCreateComposite } from "./bound_type.ts";
import type { StatementState } from "./statement_state.ts";

/** The most attributes that a type has. */
const ATTRIBUTES_MAX = 1600;

/** Binds CREATE TYPE … AS (…). */
export function bindCreateComposite(
  state: StatementState,
  { name: { schema: given, name, offset }, attributes }: CreateCompositeSyntax,
): Omit<BoundCreateComposite, "parameterTypes" | "cacheable"> {
  const schema = creationSchema(state, given, offset);
  if (isTemporarySchema(schema)) {
    throw new SqlError("0A000", "temporary types are not supported");
  }
  const { catalog } = state.options;
  const isTaken = catalog.type(schema, name) !== undefined ||
    hasRows(catalog.relation(schema, name)?.kind);
  if (isTaken) throw new SqlError("42710", `type "${name}" already exists`);
  if (catalog.relation(schema, name) !== undefined) {
    throw new SqlError("42P07", `relation "${name}" already exists`);
  }
  if (attributes.length > ATTRIBUTES_MAX) {
    throw new SqlError("54011", "tables can have at most 1600 columns");
  }
  const columns: CompositeAttribute[] = [];
  for (const attribute of attributes) {
    const bound = bindAttribute(state, attribute, columns.length + 1);
    if (columns.some((each) => each.name === bound.name)) {
      throw new SqlError(
        "42701",
        `column "${bound.name}" specified more than once`,
      );
    }
    columns.push(bound);
  }
  return { kind: "create_composite", schema, name, columns };
}

/** Whether the rows of such a relation have a type of its name. */
function hasRows(kind: string | undefined): boolean {
  return kind === "table" || kind === "view";
}

/** Binds an attribute. */
function bindAttribute(
  state: StatementState,
  { name, type: typeName }: AttributeSyntax,
  number: number,
): CompositeAttribute {
  return { number, name, type: bindColumnType(state, typeName, name) };
}
