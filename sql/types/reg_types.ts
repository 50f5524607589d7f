/**
 * `regclass` and its kin: the OID of an object of the catalog that is written
 * as its name.
 *
 * The name depends on the catalog and the search path, so a value has it beside
 * the OID, as it was when the value was made; only the OID counts.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { CastDefinition } from "./cast_definition.ts";
import type { DataType, InputContext, SqlValue } from "./data_type.ts";
import { int2, int4, int8, oid } from "./int_types.ts";
import { textOfJs } from "./js_value.ts";
import { RegValue } from "./reg_value.ts";

/** The OID in a value. */
function oidOf(value: SqlValue): number {
  return (value as RegValue).oid;
}

function ask(
  context: InputContext | undefined,
  question: string,
  value: SqlValue,
): SqlValue {
  const answer = context?.catalog?.(question, [value]);
  if (answer !== undefined && answer !== null) return answer;
  throw new SqlError("0A000", "the catalog cannot be asked here");
}

function regType(typeOid: number, name: string): DataType {
  const input = (text: string, _typmod: number, context?: InputContext) => {
    if (text === "-") return new RegValue(0, "-");
    return ask(context, `${name}in`, text);
  };
  return {
    oid: typeOid,
    name,
    displayName: name,
    category: "N",
    preferred: false,
    length: 4,
    storage: "reference",
    input,
    output: (value) => (value as RegValue).text,
    compare: (a, b) => oidOf(a) - oidOf(b),
    hashKey: oidOf,
    fromJs: (value) => {
      const text = textOfJs(value);
      if (/^\d+$/.test(text)) return new RegValue(Number(text), text);
      throw new SqlError("0A000", `a parameter of type ${name} is its OID`);
    },
    toJs: (value) => (value as RegValue).text,
  };
}

/** A table, an index, a view, a sequence. */
export const regclass: DataType = regType(2205, "regclass");
/** A type. */
export const regtype: DataType = regType(2206, "regtype");
/** A function, by name. */
export const regproc: DataType = regType(24, "regproc");
/** A function, with its arguments. */
export const regprocedure: DataType = regType(2202, "regprocedure");
/** A schema. */
export const regnamespace: DataType = regType(4089, "regnamespace");
/** A role. */
export const regrole: DataType = regType(4096, "regrole");

/** A collation. */
export const regcollation: DataType = regType(4191, "regcollation");

/** All of them. */
export const REG_TYPES: readonly DataType[] = [
  regclass,
  regtype,
  regproc,
  regprocedure,
  regnamespace,
  regrole,
  regcollation,
];

/** Casts between OIDs and names. */
export const regCasts: readonly CastDefinition[] = REG_TYPES.flatMap((type) => {
  const named: CastDefinition["convert"] = (value, context) =>
    ask(context, `${type.name}out`, Number(value));
  return [
    { source: oid, target: type, context: "implicit", convert: named },
    { source: int2, target: type, context: "implicit", convert: named },
    { source: int4, target: type, context: "implicit", convert: named },
    { source: int8, target: type, context: "implicit", convert: named },
    { source: type, target: oid, context: "implicit", convert: oidOf },
    { source: type, target: int4, context: "assignment", convert: oidOf },
    { source: type, target: int8, context: "assignment", convert: oidOf },
  ] satisfies CastDefinition[];
});
