/**
 * Operators of the database in its catalog, and how their rows are read.
 *
 * @module
 */
import type { EntryCommon } from "../entry_common.ts";
import {
  booleanAt,
  corrupt,
  type Fields,
  idAt,
  isRecord,
  optional,
  textAt,
} from "../stored_fields.ts";

/** The function of an operator or a cast. */
export interface CalledFunction {
  /** The name of a function that every database has. */
  readonly name: string;
  /** The routine of the catalog; absent: one that every database has. */
  readonly id?: number | undefined;
}

/** An operator by its schema and symbol. */
export interface OperatorName {
  readonly schema: string;
  readonly name: string;
}

/** An operator; its name is its symbol. */
export interface OperatorEntry extends EntryCommon {
  /** Tells it from others. */
  readonly kind: "operator";
  /** The schema. */
  readonly schema: string;
  /** The OID of the left operand's type; 0 for a prefix operator. */
  readonly left: number;
  /** The OID of the right operand's type. */
  readonly right: number;
  /** The OID of the result's type. */
  readonly result: number;
  /** What computes it. */
  readonly function: CalledFunction;
  /** The operator with the operands exchanged. */
  readonly commutator?: OperatorName | undefined;
  /** The operator that answers the opposite. */
  readonly negator?: OperatorName | undefined;
  /** The name of the function that estimates a condition. */
  readonly restrict?: string | undefined;
  /** The name of the function that estimates a join. */
  readonly join?: string | undefined;
  /** Whether equality by it may be found by hashes. */
  readonly hashes: boolean;
  /** Whether it may merge what is sorted. */
  readonly merges: boolean;
}

/** What tells operators of one symbol apart: the types of the operands. */
export function operandsOf(
  { left, right }: Pick<OperatorEntry, "left" | "right">,
): string {
  return `${left} ${right}`;
}

/** Reads the function of an operator or a cast. */
export function decodeCalled(value: unknown): CalledFunction {
  if (!isRecord(value)) throw corrupt("an operator has no function");
  return {
    name: textAt(value, "name"),
    ...optional("id", value["id"], () => idAt(value, "id")),
  };
}

function decodeName(value: unknown): OperatorName {
  if (!isRecord(value)) throw corrupt("an operator is not named");
  return { schema: textAt(value, "schema"), name: textAt(value, "name") };
}

/** Reads the fields of an operator's row. */
export function decodeOperator(
  fields: Fields,
): Omit<OperatorEntry, keyof EntryCommon> {
  const { commutator, negator, restrict, join } = fields;
  return {
    kind: "operator",
    schema: textAt(fields, "schema"),
    left: idAt(fields, "left"),
    right: idAt(fields, "right"),
    result: idAt(fields, "result"),
    function: decodeCalled(fields["function"]),
    ...optional("commutator", commutator, () => decodeName(commutator)),
    ...optional("negator", negator, () => decodeName(negator)),
    ...optional("restrict", restrict, () => textAt(fields, "restrict")),
    ...optional("join", join, () => textAt(fields, "join")),
    hashes: booleanAt(fields, "hashes"),
    merges: booleanAt(fields, "merges"),
  };
}
