/**
 * Casts: which type turns into which, when, and how (PostgreSQL's `pg_cast`
 * and `find_coercion_pathway`).
 *
 * | from → to | where it applies |
 * | --- | --- |
 * | a type → itself | everywhere |
 * | `unknown` → any type, by its input | everywhere |
 * | listed in the files `*_casts.ts` | as listed there |
 * | any type → a type of text, by its output | assignment and explicit |
 * | a type of text → any type, by its input | explicit only |
 *
 * A cast to a type with a modifier converts first and then fits the value to
 * the modifier: `'abc'::varchar(2)` cuts, storing `'abc'` in a `varchar(2)`
 * fails.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type {
  DataType,
  InputContext,
  Nullable,
  SqlValue,
  TypeRef,
} from "./data_type.ts";
import type {
  CastDefinition,
  CoercionContext,
  Convert,
} from "./cast_definition.ts";
import { jsonCasts } from "./json_casts.ts";
import { numberCasts } from "./number_casts.ts";
import { arrayCast } from "./array/array_casts.ts";
import { baseOf } from "./domain_type.ts";
import { isPolymorphic } from "./pseudo_types.ts";
import { rangeCasts, toMultirange } from "./range/range_casts.ts";
import { record } from "./row/row_type.ts";
import { SqlRow } from "./row/row_value.ts";
import { temporalCasts } from "./temporal_casts.ts";
import { timestamptz } from "./temporal_types.ts";
import { bitCasts } from "./bit_types.ts";
import { charCasts } from "./char_type.ts";
import { regCasts } from "./reg_types.ts";
import { textCasts } from "./text_casts.ts";
import { unknown } from "./text_types.ts";
import { vectorCasts } from "./vector_casts.ts";
import { geometricCasts } from "./geometry/geometric_casts.ts";
import { extensionCasts } from "./extensions/extension_types.ts";
import { hardwareCasts } from "./network/hardware_types.ts";
import { networkCasts } from "./network/network_types.ts";
import { moneyCasts } from "./money_type.ts";
import { placeCasts } from "./place_types.ts";

export type { CastDefinition, CoercionContext, Convert };

const RANK: Readonly<Record<CoercionContext, number>> = {
  implicit: 0,
  assignment: 1,
  explicit: 2,
};

const SEPARATOR = 0x1_0000_0000;

function keyOf(source: DataType, target: DataType): number | string {
  return source.oid < 65536
    ? source.oid * SEPARATOR + target.oid
    : `${source.oid}:${target.oid}`;
}

const LISTED: ReadonlyMap<number | string, CastDefinition> = new Map(
  [
    ...numberCasts,
    ...textCasts,
    ...temporalCasts,
    ...jsonCasts,
    ...vectorCasts,
    ...rangeCasts,
    ...bitCasts,
    ...charCasts,
    ...regCasts,
    ...networkCasts,
    ...hardwareCasts,
    ...moneyCasts,
    ...placeCasts,
    ...geometricCasts,
    ...extensionCasts,
  ].map((cast) => [
    keyOf(cast.source, cast.target),
    cast,
  ]),
);

/** The listed casts, and those that were derived so far. */
const casts = new Map<number | string, CastDefinition | undefined>(LISTED);

/** Whether a cast is one of its own, not by text form or by elements. */
export function isListedCast(source: DataType, target: DataType): boolean {
  return LISTED.has(keyOf(source, target));
}

/** Whether what applies in one context applies in another. */
export function reaches(
  context: CoercionContext,
  wanted: CoercionContext,
): boolean {
  return RANK[context] <= RANK[wanted];
}

/**
 * The cast from `source` to `target`, those by text form included; `undefined`
 * if there is none in any context.
 */
export function findCast(
  source: DataType,
  target: DataType,
): CastDefinition | undefined {
  if (isOwn(source) || isOwn(target)) return deriveCast(source, target);
  const key = keyOf(source, target);
  const known = casts.get(key);
  if (known !== undefined || casts.has(key)) return known;
  const cast = deriveCast(source, target);
  casts.set(key, cast);
  return cast;
}

/** OIDs from here on are of one database. */
const FIRST_OWN_OID = 16384;

/** Whether the type is of one database: another's may have its OID. */
function isOwn(type: DataType): boolean {
  const { storedAs, fields, oid, range, multirangeOf } = type.element ?? type;
  return storedAs !== undefined || fields !== undefined ||
    (oid >= FIRST_OWN_OID && (range ?? multirangeOf) !== undefined);
}

/** Whether values of the type are text, of known type or not. */
function isText(type: DataType): boolean {
  return type === unknown || type.category === "S";
}

function deriveCast(
  source: DataType,
  target: DataType,
): CastDefinition | undefined {
  if (source === target) return { source, target, context: "implicit" };
  if (source.domain !== undefined || target.domain !== undefined) {
    return domainCast(source, target);
  }
  if (target === record && source.fields !== undefined) {
    return { source, target, context: "implicit" };
  }
  if (source === record && target.fields !== undefined) {
    return rowCast(source, target);
  }
  if (target.multirangeOf === source) return toMultirange(target);
  if (isPolymorphic(target)) return { source, target, context: "implicit" };
  if (target.category === "P" && !(source === unknown && target === record)) {
    return undefined;
  }
  if (target === unknown) return undefined;
  if (source === unknown) {
    return {
      source,
      target,
      context: "implicit",
      convert: (value, context) => target.input(value as string, -1, context),
    };
  }
  const isValue = source === record || source.element !== undefined;
  if (source.category === "P" && !isValue) return undefined;
  if (target.category === "S") {
    return {
      source,
      target,
      context: "assignment",
      convert: (value, context) =>
        target.input(source.output(value, context?.datetime), -1),
    };
  }
  if (source.element !== undefined && target.element !== undefined) {
    const cast = findCast(source.element, target.element);
    return cast === undefined ? undefined : arrayCast(source, target, cast);
  }
  if (!isText(source)) return undefined;
  return {
    source,
    target,
    context: "explicit",
    convert: (value, context) =>
      target.input(source.output(value), -1, context),
  };
}

/** A row of any fields as one of these: each field cast (`ROW(…)::type`). */
function rowCast(source: DataType, target: DataType): CastDefinition {
  const fields = target.fields!;
  return {
    source,
    target,
    context: "implicit",
    convert: (value, context) => {
      const row = value as SqlRow;
      if (row.fields.length !== fields.length) throw cannotCast(source, target);
      const values = row.values.map((item, i) => {
        const from = row.fields[i]!.type.type;
        const to = fields[i]!.type;
        return item === null
          ? null
          : castValue(item, from, to, "explicit", context);
      });
      return new SqlRow(fields, values);
    },
  };
}

/** What a domain is made of, or becomes, is its base; who casts checks it. */
function domainCast(
  source: DataType,
  target: DataType,
): CastDefinition | undefined {
  const from = baseOf({ type: source, typmod: -1 }).type;
  const to = baseOf({ type: target, typmod: -1 });
  const cast = findCast(from, to.type);
  if (cast === undefined || to.typmod < 0 || target.domain === undefined) {
    return cast && { ...cast, source, target };
  }
  const { context } = cast;
  const convert = compileCast(from, to, context);
  return { source, target, context, ...convert && { convert } };
}

/** Types whose text, or meaning, depends on the session or the time. */
function isOfSession(type: DataType): boolean {
  const range = type.range ?? type.multirangeOf?.range;
  const { category } = type.element ?? range?.subtype ?? type;
  return category === "D" || category === "T";
}

/** Whether a cast gives the same in every session and at any time. */
export function isImmutableCast(source: DataType, target: DataType): boolean {
  if (source === target) return true;
  if (isText(source)) return !isOfSession(target);
  if (target.category === "S") return !isOfSession(source);
  return isOfSession(source) && isOfSession(target)
    ? (source.element ?? source) !== timestamptz &&
      (target.element ?? target) !== timestamptz
    : !isOfSession(source) && !isOfSession(target);
}

/** Whether `source` becomes `target` in that context. */
export function canCoerce(
  source: DataType,
  target: DataType,
  context: CoercionContext,
): boolean {
  const cast = findCast(source, target);
  return cast !== undefined && RANK[cast.context] <= RANK[context];
}

/**
 * The modifier that the input of a type gets: it comes later, but where it says
 * what the text means: `interval '1' day` (PostgreSQL's `coerce_type`).
 */
export function inputTypmod({ type, typmod }: TypeRef): number {
  return type.inputTakesTypmod === true ? typmod : -1;
}

/**
 * What turns a value of `source` into one of `target` in that context, modifier
 * included; `undefined` when the value stays as it is.
 *
 * @throws {SqlError} `42846` when there is no such cast.
 */
export function compileCast(
  source: DataType,
  target: TypeRef,
  context: CoercionContext,
): Convert | undefined {
  const cast = findCast(source, target.type);
  if (cast === undefined || RANK[cast.context] > RANK[context]) {
    throw cannotCast(source, target.type);
  }
  const { convert } = cast;
  const { typmod, type } = target;
  if (type.inputTakesTypmod === true && isText(source)) {
    return (value, inputContext) =>
      type.input(source.output(value), typmod, inputContext);
  }
  if (typmod >= 0 && cast.convertTo !== undefined) {
    return cast.convertTo(typmod);
  }
  const { applyTypmod } = target.type;
  if (typmod < 0 || applyTypmod === undefined) return convert;
  const explicit = context === "explicit";
  return (value, inputContext) => {
    const converted = convert === undefined
      ? value
      : convert(value, inputContext);
    return converted === null ? null : applyTypmod(converted, typmod, explicit);
  };
}

/**
 * Casts one value.
 *
 * @throws {SqlError} `42846` when there is no such cast; what the conversion
 * throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { castValue } from "./cast.ts";
 * import { float8 } from "./float_types.ts";
 * import { int4 } from "./int_types.ts";
 *
 * const target = { type: int4, typmod: -1 };
 * assertEquals(castValue(2.5, float8, target, "assignment"), 2);
 * ```
 */
export function castValue(
  value: SqlValue,
  source: DataType,
  target: TypeRef,
  context: CoercionContext,
  inputContext?: InputContext,
): Nullable {
  const convert = compileCast(source, target, context);
  return convert === undefined ? value : convert(value, inputContext);
}

/** `42846`: there is no cast. */
export function cannotCast(source: DataType, target: DataType): SqlError {
  return new SqlError(
    "42846",
    `cannot cast type ${source.displayName} to ${target.displayName}`,
  );
}
