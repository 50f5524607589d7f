/**
 * What an aggregate of the catalog is made of, beside what every routine has.
 *
 * A function of the catalog is named by its OID, one of the system or of the
 * application by its name.
 *
 * @module
 */
import {
  corrupt,
  type Fields,
  idAt,
  isInteger,
  isRecord,
  optional,
  textAt,
} from "./stored_fields.ts";

/** A function that an aggregate calls. */
export interface AggregatePart {
  readonly name: string;
  /** Its OID; absent: it is none of the catalog. */
  readonly id?: number | undefined;
}

/** How an aggregate is computed. */
export interface AggregateParts {
  /** Makes the next state of a state and a row's arguments. */
  readonly transition: AggregatePart;
  /** The type of the state. */
  readonly stateType: { readonly oid: number; readonly typmod: number };
  /** The first state as text; absent: NULL. */
  readonly initial?: string | undefined;
  /** Makes the result of the last state; absent: the state is the result. */
  readonly final?: AggregatePart | undefined;
  /** Whether `final` is given NULLs in the place of the arguments too. */
  readonly finalExtra: boolean;
}

/** Reads what an aggregate is made of. */
export function decodeAggregate(value: unknown): AggregateParts {
  if (!isRecord(value)) throw corrupt("an aggregate has no parts");
  const { stateType } = value;
  if (!isRecord(stateType)) throw corrupt("an aggregate has no state");
  const { typmod } = stateType;
  if (!isInteger(typmod)) throw corrupt("a modifier is no number");
  return {
    transition: partOf(value["transition"]),
    stateType: { oid: idAt(stateType, "oid"), typmod },
    ...optional("initial", value["initial"], () => textAt(value, "initial")),
    ...optional("final", value["final"], () => partOf(value["final"])),
    finalExtra: value["finalExtra"] === true,
  };
}

function partOf(value: unknown): AggregatePart {
  if (!isRecord(value)) throw corrupt("an aggregate names no function");
  const fields: Fields = value;
  return {
    name: textAt(fields, "name"),
    ...optional("id", fields["id"], () => idAt(fields, "id")),
  };
}
