/**
 * CREATE TYPE … AS RANGE: a range type, and the multirange type that goes with
 * it.
 *
 * @module
 */
import { isTemporarySchema } from "../../catalog/temporary_schema.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { CreateRangeSyntax } from "../../parser/range_syntax.ts";
import type { AggregateOption } from "../../parser/routine_syntax.ts";
import type { TypeRef } from "../../types/data_type.ts";
import { baseOf } from "../../types/domain_type.ts";
import { creationSchema } from "../bind_schema.ts";
import type { BoundCreateRange } from "../bound_type.ts";
import { findPart } from "../routines/aggregate_part.ts";
import { bindRoutineType } from "../routines/routine_type.ts";
import type { StatementState } from "../statement_state.ts";

const KNOWN: ReadonlySet<string> = new Set([
  "subtype",
  "subtype_opclass",
  "collation",
  "canonical",
  "subtype_diff",
  "multirange_type_name",
]);

/** The longest name, in bytes. */
const NAME_BYTES_MAX = 63;

/** Binds CREATE TYPE … AS RANGE. */
export function bindCreateRange(
  state: StatementState,
  { name: { schema: given, name }, options: list }: CreateRangeSyntax,
): Omit<BoundCreateRange, "parameterTypes" | "cacheable"> {
  const schema = creationSchema(state, given, -1);
  if (isTemporarySchema(schema)) {
    throw new SqlError("0A000", "temporary types are not supported");
  }
  refuseTaken(state, schema, name);
  const options = optionsOf(list);
  const subtype = subtypeOf(state, options);
  if (options.has("canonical")) {
    throw new SqlError(
      "42P17",
      "cannot specify a canonical function without a pre-created shell type",
      {
        hint:
          "Create the type as a shell type, then create its canonicalization function, then do a full CREATE TYPE.",
      },
    );
  }
  const difference = options.get("subtype_diff");
  if (difference !== undefined) requireDifference(state, difference, subtype);
  const named = options.get("multirange_type_name");
  const multirangeName = named === undefined
    ? defaultMultirangeName(name)
    : named.type?.name.name ?? named.text ?? "";
  const multirangeSchema = named?.type?.name.schema === undefined
    ? schema
    : creationSchema(state, named.type.name.schema, -1);
  refuseTaken(
    state,
    multirangeSchema,
    multirangeName,
    named === undefined
      ? `Failed while creating a multirange type for type "${name}".`
      : undefined,
  );
  return {
    kind: "create_range",
    schema,
    name,
    subtype,
    multirange: { schema: multirangeSchema, name: multirangeName },
  };
}

function refuseTaken(
  state: StatementState,
  schema: string,
  name: string,
  detail?: string,
): void {
  const { catalog } = state.options;
  const relation = catalog.relation(schema, name)?.kind;
  const isTaken = catalog.type(schema, name) !== undefined ||
    relation === "table" || relation === "view";
  if (!isTaken) return;
  throw new SqlError("42710", `type "${name}" already exists`, {
    ...detail !== undefined && {
      detail,
      hint:
        'You can manually specify a multirange type name using the "multirange_type_name" attribute.',
    },
  });
}

function optionsOf(
  list: readonly AggregateOption[],
): ReadonlyMap<string, AggregateOption> {
  const options = new Map<string, AggregateOption>();
  for (const option of list) {
    if (!KNOWN.has(option.name)) {
      throw new SqlError(
        "42601",
        `type attribute "${option.name}" not recognized`,
      );
    }
    if (options.has(option.name)) {
      throw new SqlError("42601", "conflicting or redundant options");
    }
    options.set(option.name, option);
  }
  return options;
}

function subtypeOf(
  state: StatementState,
  options: ReadonlyMap<string, AggregateOption>,
): TypeRef {
  const option = options.get("subtype");
  if (option?.type === undefined) {
    throw new SqlError("42601", 'type attribute "subtype" is required');
  }
  const { type } = bindRoutineType(state, option.type);
  if (type.category === "P") {
    throw new SqlError("42804", `range subtype cannot be ${type.displayName}`);
  }
  if (type.comparable === false) {
    throw new SqlError(
      "42704",
      `data type ${type.displayName} has no default operator class for access method "btree"`,
      {
        hint:
          "You must specify an operator class for the range type or define a default operator class for the subtype.",
      },
    );
  }
  return { type: baseOf({ type, typmod: -1 }).type, typmod: -1 };
}

/** The difference of two bounds has to be there; nothing asks it. */
function requireDifference(
  state: StatementState,
  { type, text }: AggregateOption,
  { type: subtype }: TypeRef,
): void {
  const name = type?.name.name ?? text ?? "";
  // PostgreSQL's own, whatever is here.
  if (type?.name.schema === undefined && name === `${subtype.name}mi`) return;
  const part = { schema: type?.name.schema, name };
  const { returnType } = findPart(state, part, [subtype, subtype]);
  if (returnType.name === "float8") return;
  throw new SqlError(
    "42P17",
    `range subtype diff function ${name} must return type double precision`,
  );
}

/** `floatrange`: `floatmultirange`; of another name, with `_multirange`. */
function defaultMultirangeName(name: string): string {
  const at = name.indexOf("range");
  const end = "_multirange";
  return at < 0
    ? cut(name, NAME_BYTES_MAX - end.length) + end
    : cut(`${name.slice(0, at)}multi${name.slice(at)}`, NAME_BYTES_MAX);
}

function cut(text: string, bytesMax: number): string {
  let short = text;
  while (new TextEncoder().encode(short).length > bytesMax) {
    short = short.slice(0, -1);
  }
  return short;
}
