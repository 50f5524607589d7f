/**
 * Columns that draw from a sequence of their own: serial and identity.
 *
 * @module
 */
import type { ColumnEntry } from "../../catalog/entries.ts";
import type {
  SequenceRange,
  SequenceType,
} from "../../catalog/sequence_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { ColumnDefinition, TypeName } from "../../parser/syntax.ts";
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
  const { options, when } = identity!;
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

/**
 * Checks that a value may be given to a column.
 *
 * @throws {SqlError} `428C9` for GENERATED ALWAYS.
 */
export function refuseGiven(column: ColumnEntry): void {
  if (column.identity !== "always") return;
  throw new SqlError(
    "428C9",
    `cannot insert a non-DEFAULT value into column "${column.name}"`,
    {
      detail:
        `Column "${column.name}" is an identity column defined as GENERATED ALWAYS.`,
      hint: "Use OVERRIDING SYSTEM VALUE to override.",
    },
  );
}

/**
 * Checks that UPDATE may set a column to something else than DEFAULT.
 *
 * @throws {SqlError} `428C9` for GENERATED ALWAYS.
 */
export function refuseSet(column: ColumnEntry): void {
  if (column.identity !== "always") return;
  throw new SqlError(
    "428C9",
    `column "${column.name}" can only be updated to DEFAULT`,
    {
      detail:
        `Column "${column.name}" is an identity column defined as GENERATED ALWAYS.`,
    },
  );
}
