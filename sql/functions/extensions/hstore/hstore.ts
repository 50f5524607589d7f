/**
 * The extension `hstore`: functions and operators of keys with values; the type
 * is in `sql/types/extensions/`.
 *
 * @module
 */
import { SqlArray } from "../../../types/array/array_value.ts";
import { bool } from "../../../types/bool_type.ts";
import { castValue } from "../../../types/cast.ts";
import type { DataType, Nullable } from "../../../types/data_type.ts";
import {
  hstore,
  jsonbOfHstore,
  jsonOfHstore,
  pairsOfArray,
} from "../../../types/extensions/hstore_type.ts";
import {
  compareHstores,
  formatHstore,
  pairsOf,
} from "../../../types/extensions/hstore_value.ts";
import { int4 } from "../../../types/int_types.ts";
import { json, jsonb } from "../../../types/json_types.ts";
import { anyElement } from "../../../types/pseudo_types.ts";
import { isRowType, record } from "../../../types/row/row_type.ts";
import { SqlRow } from "../../../types/row/row_value.ts";
import { textArray } from "../../../types/text_array_type.ts";
import { text, unknown } from "../../../types/text_types.ts";
import { SqlError } from "../../../errors/sql_error.ts";
import { binary, define, infix, prefix, unary } from "../../define.ts";
import type {
  FunctionContext,
  FunctionDefinition,
  OperatorDefinition,
} from "../../definition.ts";
import { inputContextOf } from "../../input_context.ts";
import { rowSetFunction, setFunction } from "../../sets/set_define.ts";
import type { ExtensionParts } from "../extension.ts";
import * as form from "./hstore_operators.ts";

/** A function of a value and something else, under all its names. */
function named<B extends string | SqlArray>(
  names: readonly string[],
  other: DataType,
  result: DataType,
  of: (value: string, other: B) => Nullable,
): FunctionDefinition[] {
  return names.map((name) =>
    binary<string, B>(name, [hstore, other], result, of)
  );
}

const [fetchval] = named(["fetchval"], text, text, form.valueOf);
const [sliceArray] = named(
  ["slice_array"],
  textArray,
  textArray,
  form.valuesOf,
);
const [exist, isexists] = named(
  ["exist", "isexists"],
  text,
  bool,
  form.hasKey,
);
const [existsAll] = named(["exists_all"], textArray, bool, form.hasAllKeys);
const [existsAny] = named(["exists_any"], textArray, bool, form.hasSomeKey);
const [hsConcat] = named(["hs_concat"], hstore, hstore, form.concat);
const [deleteKey] = named(["delete"], text, hstore, form.withoutKey);
const [deleteKeys] = named(["delete"], textArray, hstore, form.withoutKeys);
const [deletePairs] = named(["delete"], hstore, hstore, form.withoutPairs);
const [hsContains] = named(["hs_contains"], hstore, bool, form.contains);
const [hsContained] = named<string>(
  ["hs_contained"],
  hstore,
  bool,
  (part, value) => form.contains(value, part),
);
const hstoreToArray = unary<string>(
  "hstore_to_array",
  hstore,
  textArray,
  (value) => form.toArray(value, false),
);
const hstoreToMatrix = unary<string>(
  "hstore_to_matrix",
  hstore,
  textArray,
  (value) => form.toArray(value, true),
);

/** The pairs of a row: its fields and the texts of their values. */
function hstoreOfRow(
  { fields, values }: SqlRow,
  { datetime }: FunctionContext,
): string {
  return formatHstore(
    new Map(fields.map(({ name, type }, i): [string, string | null] => {
      const value = values[i]!;
      return [name, value === null ? null : type.type.output(value, datetime)];
    })),
  );
}

const MAKERS: readonly FunctionDefinition[] = [
  ...["hstore", "tconvert"].map((name) =>
    define(name, [text, text], hstore, ([key, value]) => {
      if (key === null) return null;
      return formatHstore(new Map([[key as string, value as string | null]]));
    }, { strict: false })
  ),
  unary<SqlArray>(
    "hstore",
    textArray,
    hstore,
    (value) => formatHstore(pairsOfArray(value)),
  ),
  define(
    "hstore",
    [textArray, textArray],
    hstore,
    ([keys, values]) =>
      keys === null
        ? null
        : form.ofArrays(keys as SqlArray, values as SqlArray | null),
    { strict: false },
  ),
  define(
    "hstore",
    [record],
    hstore,
    ([row], context) => hstoreOfRow(row as SqlRow, context),
    { volatility: "stable" },
  ),
];

/** A row with the values that there are keys for. */
function populate(
  target: DataType,
  base: SqlRow | null,
  value: Nullable,
  context: FunctionContext,
): Nullable {
  if (value === null) return base;
  const fields = target.fields ?? base?.fields;
  if (fields === undefined) {
    throw new SqlError(
      "0A000",
      "could not determine row type for result of populate_record",
    );
  }
  const pairs = pairsOf(value as string);
  if (pairs.size === 0 && base !== null) return base;
  const values = fields.map(({ name, type }, i) => {
    const given = pairs.get(name);
    if (given === undefined) return base?.values[i] ?? null;
    return given === null
      ? null
      : castValue(given, unknown, type, "assignment", inputContextOf(context));
  });
  return new SqlRow(fields, values);
}

const populateRecord: FunctionDefinition = {
  ...define(
    "populate_record",
    [anyElement, hstore],
    anyElement,
    () => null,
    { strict: false, volatility: "stable" },
  ),
  specialize: ([type]): FunctionDefinition => {
    if (!isRowType(type!)) {
      throw new SqlError("42804", "first argument must be a rowtype");
    }
    return define(
      "populate_record",
      [type!, hstore],
      type!,
      ([row, value], context) =>
        populate(type!, row as SqlRow | null, value!, context),
      { strict: false, volatility: "stable" },
    );
  },
};

const PARTS: readonly FunctionDefinition[] = [
  ...["defined", "isdefined"].map((name) =>
    binary<string, string>(
      name,
      [hstore, text],
      bool,
      (value, key) => form.valueOf(value, key) !== null,
    )
  ),
  unary<string>(
    "akeys",
    hstore,
    textArray,
    (value) => SqlArray.of([...pairsOf(value).keys()]),
  ),
  unary<string>(
    "avals",
    hstore,
    textArray,
    (value) => SqlArray.of([...pairsOf(value).values()]),
  ),
  setFunction(
    "skeys",
    [hstore],
    text,
    ([value]) => pairsOf(value as string).keys(),
  ),
  setFunction(
    "svals",
    [hstore],
    text,
    ([value]) => pairsOf(value as string).values(),
  ),
  rowSetFunction(
    "each",
    [hstore],
    record,
    [["key", text], ["value", text]],
    ([value]) => pairsOf(value as string).entries(),
  ),
  binary<string, SqlArray>("slice", [hstore, textArray], hstore, form.slice),
  unary<string>("hstore_to_json", hstore, json, jsonOfHstore),
  unary<string>("hstore_to_jsonb", hstore, jsonb, jsonbOfHstore),
  unary<string>("hstore_to_json_loose", hstore, json, form.looseJson),
  unary<string>(
    "hstore_to_jsonb_loose",
    hstore,
    jsonb,
    (value) => jsonb.input(form.looseJson(value), -1),
  ),
  unary<string>("hstore_version_diag", hstore, int4, () => 2),
  binary<string, string>(
    "hstore_cmp",
    [hstore, hstore],
    int4,
    (a, b) => Math.sign(compareHstores(a, b)),
  ),
];

/** Symbol, function, commutator, negator and what the order has to be. */
const COMPARISONS: readonly (readonly [
  symbol: string,
  name: string,
  commutator: string,
  negator: string,
  holds: (order: number) => boolean,
])[] = [
  ["=", "hstore_eq", "=", "<>", (order) => order === 0],
  ["<>", "hstore_ne", "<>", "=", (order) => order !== 0],
  ["#<#", "hstore_lt", "#>#", "#>=#", (order) => order < 0],
  ["#<=#", "hstore_le", "#>=#", "#>#", (order) => order <= 0],
  ["#>#", "hstore_gt", "#<#", "#<=#", (order) => order > 0],
  ["#>=#", "hstore_ge", "#<=#", "#<#", (order) => order >= 0],
];

const comparisons: readonly OperatorDefinition[] = COMPARISONS.map((
  [symbol, name, commutator, negator, holds],
) =>
  infix(
    binary<string, string>(
      name,
      [hstore, hstore],
      bool,
      (a, b) => holds(compareHstores(a, b)),
    ),
    { commutator, negator },
    symbol,
  )
);

const OPERATORS: readonly OperatorDefinition[] = [
  infix(fetchval!, {}, "->"),
  infix(sliceArray!, {}, "->"),
  infix(exist!, {}, "?"),
  infix(existsAll!, {}, "?&"),
  infix(existsAny!, {}, "?|"),
  infix(hsConcat!, {}, "||"),
  infix(deleteKey!, {}, "-"),
  infix(deleteKeys!, {}, "-"),
  infix(deletePairs!, {}, "-"),
  infix(hsContains!, { commutator: "<@" }, "@>"),
  infix(hsContained!, { commutator: "@>" }, "<@"),
  infix(populateRecord, {}, "#="),
  prefix(hstoreToArray, "%%"),
  prefix(hstoreToMatrix, "%#"),
  ...comparisons,
];

/** What `hstore` adds. */
export const hstoreExtension: ExtensionParts = {
  functions: [
    ...MAKERS,
    ...PARTS,
    ...new Set(OPERATORS.map((each) => each.function)),
    isexists!,
  ],
  operators: OPERATORS,
};
