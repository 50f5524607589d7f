/**
 * Raw nodes of arrays and of parts of values: `ARRAY[…]`, subscripts, fields,
 * `op ANY (array)`.
 *
 * @module
 */
import type {
  ArrayComparisonSyntax,
  ArraySyntax,
  Expression,
  PartSyntax,
  SubscriptSyntax,
} from "./expression_syntax.ts";
import {
  flagOf,
  listOf,
  nodeOf,
  type RawFields,
  type RawReader,
  stringOf,
} from "./raw_node.ts";

/** Reads the expression in a field. */
export type NarrowValue = (reader: RawReader, value: unknown) => Expression;

/** An `A_ArrayExpr`. */
export function narrowArray(
  reader: RawReader,
  fields: RawFields,
  narrow: NarrowValue,
): ArraySyntax {
  return {
    kind: "array",
    items: listOf(fields["elements"]).map((item) => narrow(reader, item)),
    offset: reader.offsetOf(fields),
  };
}

/** An `A_Indirection`: `(value)[1].field`. */
export function narrowIndirection(
  reader: RawReader,
  fields: RawFields,
  narrow: NarrowValue,
): PartSyntax {
  const operand = narrow(reader, fields["arg"]);
  return {
    kind: "part",
    operand,
    steps: narrowSteps(reader, fields["indirection"], narrow),
    offset: operand.offset,
  };
}

/** The subscripts and fields of a list of indirections. */
export function narrowSteps(
  reader: RawReader,
  value: unknown,
  narrow: NarrowValue,
): PartSyntax["steps"] {
  return listOf(value).map((item) => {
    const { type, fields } = nodeOf(item);
    if (type === "A_Star") return { kind: "star" };
    if (type === "A_Indices") return subscript(reader, fields, narrow);
    return { kind: "field", name: stringOf(item) };
  });
}

function subscript(
  reader: RawReader,
  fields: RawFields,
  narrow: NarrowValue,
): SubscriptSyntax {
  const optional = (value: unknown): Expression | undefined =>
    value === undefined ? undefined : narrow(reader, value);
  return {
    kind: "subscript",
    isSlice: flagOf(fields["is_slice"]),
    lower: optional(fields["lidx"]),
    upper: optional(fields["uidx"]),
  };
}

/** `left op ANY (array)`, `left op ALL (array)`. */
export function narrowArrayComparison(
  reader: RawReader,
  fields: RawFields,
  narrow: NarrowValue,
): ArrayComparisonSyntax {
  return {
    kind: "array_comparison",
    left: narrow(reader, fields["lexpr"]),
    operator: stringOf(listOf(fields["name"]).at(-1)),
    array: narrow(reader, fields["rexpr"]),
    all: fields["kind"] === "AEXPR_OP_ALL",
    offset: reader.offsetOf(fields),
  };
}
