/**
 * Columns that draw from a sequence of their own: serial and identity.
 *
 * @module
 */
import type {
  SequenceRange,
  SequenceType,
} from "../../catalog/sequence_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type {
  ColumnDefinition,
  IdentitySyntax,
  TypeName,
} from "../../parser/syntax.ts";
import type { TypeRef } from "../../types/data_type.ts";
import type { StatementState } from "../statement_state.ts";
import type { ColumnSequence } from "./bound_sequence.ts";
import { sequenceRange } from "./sequence_options.ts";

const SERIAL_TYPES: ReadonlyMap<string, SequenceType> = new Map([
  ["smallserial", "int2"],
  ["serial2", "int2"],
  ["serial", "int4"],
  ["serial4", "int4"],
  ["bigserial", "int8"],
  ["serial8", "int8"],
]);

/** The type behind `serial` and its kin; absent: the name is none of them. */
export function serialType(name: TypeName): SequenceType | undefined {
  return name.schema === undefined ? SERIAL_TYPES.get(name.name) : undefined;
}

/**
 * The sequence that a column gets, if any.
 *
 * @throws {SqlError} `42601`, `22023`.
 */
export function columnSequence(
  state: StatementState,
  column: ColumnDefinition,
  type: TypeRef,
  table: string,
): ColumnSequence | undefined {
  const serial = serialType(column.type);
  const { identity, name, nullability } = column;
  if (serial === undefined && identity === undefined) return undefined;
  const refuse = (message: string, offset: number): never => {
    throw new SqlError(
      "42601",
      `${message} for column "${name}" of table "${table}"`,
      { offset },
    );
  };
  if (serial !== undefined && column.default !== undefined) {
    refuse("multiple default values specified", column.defaultOffset);
  }
  if (identity !== undefined) {
    if (column.default !== undefined) {
      refuse("both default and identity specified", column.defaultOffset);
    }
    if (serial !== undefined) {
      refuse("both default and identity specified", identity.offset);
    }
  }
  if (nullability === "null") {
    refuse("conflicting NULL/NOT NULL declarations", column.offset);
  }
  if (serial !== undefined) {
    const range = rangeOf(state, serial, []);
    return { range, identity: undefined, path: undefined };
  }
  return identitySequence(state, identity!, type);
}

/**
 * The sequence of an identity column.
 *
 * @throws {SqlError} `22023`.
 */
export function identitySequence(
  state: StatementState,
  { options, when }: IdentitySyntax,
  type: TypeRef,
): ColumnSequence {
  const { name: typeName } = type.type;
  if (typeName !== "int2" && typeName !== "int4" && typeName !== "int8") {
    throw new SqlError(
      "22023",
      "identity column type must be smallint, integer, or bigint",
    );
  }
  const named = options.find((option) => option.name === "sequence_name");
  return {
    range: rangeOf(state, typeName, options),
    identity: when,
    path: named?.name === "sequence_name" ? named.path : undefined,
  };
}

function rangeOf(
  state: StatementState,
  type: SequenceType,
  options: Parameters<typeof sequenceRange>[1],
): SequenceRange {
  const as = {
    name: "as",
    type: { schema: "pg_catalog", name: type, modifiers: [], offset: -1 },
    offset: -1,
  } as const;
  const rest = options.filter(({ name }) => name !== "as");
  return sequenceRange(state, [as, ...rest]).range;
}
