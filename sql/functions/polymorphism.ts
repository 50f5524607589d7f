/**
 * Polymorphic arguments: what `anyelement` and its kin stand for in a call
 * (`check_generic_type_consistency` and `enforce_generic_type_consistency`).
 *
 * | family | rule |
 * | --- | --- |
 * | `anyelement`, `anyarray`, `anynonarray`, `anyenum`, `anyrange`, `anymultirange` | all of one type: the element's is the array's, or that of the range's bounds |
 * | `anycompatible`, `anycompatiblearray`, `anycompatiblenonarray` | of the type that all become implicitly |
 * | `any` | each of its own |
 *
 * Arguments of unknown type take part in no decision, and become what the
 * others have decided; without others the second family is `text`.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { arrayTypeOf } from "../types/array/array_type.ts";
import { commonTypeOf } from "../types/common_type.ts";
import type { DataType } from "../types/data_type.ts";
import {
  anyArray,
  anyCompatible,
  anyCompatibleArray,
  anyCompatibleNonArray,
  anyElement,
  anyEnum,
  anyMultirange,
  anyNonArray,
  anyRange,
  anyType,
  isPolymorphic,
} from "../types/pseudo_types.ts";
import { multirangeTypeOf } from "../types/range/range_type.ts";
import { unknown } from "../types/text_types.ts";

export { isPolymorphic };

/** How an argument takes part. */
interface Role {
  readonly family: "exact" | "compatible";
  /** What it is made of the family's type. */
  readonly form:
    | "element"
    | "array"
    | "nonarray"
    | "enum"
    | "range"
    | "multirange";
}

const ROLES: ReadonlyMap<DataType, Role> = new Map<DataType, Role>([
  [anyElement, { family: "exact", form: "element" }],
  [anyArray, { family: "exact", form: "array" }],
  [anyNonArray, { family: "exact", form: "nonarray" }],
  [anyRange, { family: "exact", form: "range" }],
  [anyMultirange, { family: "exact", form: "multirange" }],
  [anyEnum, { family: "exact", form: "enum" }],
  [anyCompatible, { family: "compatible", form: "element" }],
  [anyCompatibleArray, { family: "compatible", form: "array" }],
  [anyCompatibleNonArray, { family: "compatible", form: "nonarray" }],
]);

/** The element types that the arguments of a family give. */
function given(
  wanted: readonly DataType[],
  types: readonly DataType[],
  family: Role["family"],
): DataType[] | undefined {
  const found: DataType[] = [];
  for (let i = 0; i < types.length; i++) {
    const type = types[i]!;
    const role = ROLES.get(wanted[i]!);
    if (role?.family !== family || type === unknown) continue;
    const element = elementOf(type, role.form);
    if (element === undefined) return undefined;
    found.push(element);
  }
  return found;
}

/** The type that an argument of that form gives its family. */
function elementOf(
  type: DataType,
  form: Role["form"],
): DataType | undefined {
  switch (form) {
    case "array":
      return type.element;
    case "range":
      return type.range?.subtype;
    case "multirange":
      return type.multirangeOf?.range?.subtype;
    default:
      return type;
  }
}

/** The range type that one of the arguments is, or is of. */
function rangeAmong(types: readonly DataType[]): DataType | undefined {
  for (const type of types) {
    const range = type.range === undefined ? type.multirangeOf : type;
    if (range !== undefined) return range;
  }
  return undefined;
}

/** The type that a family stands for; `undefined` if there is none. */
function familyType(
  wanted: readonly DataType[],
  types: readonly DataType[],
  family: Role["family"],
): DataType | undefined {
  const found = given(wanted, types, family);
  if (found === undefined) return undefined;
  const type = family === "compatible"
    ? commonTypeOf(found)
    : found.every((each) => each === found[0])
    ? found[0] ?? unknown
    : undefined;
  if (type !== undefined && type !== unknown && type.category !== "E") {
    const wantsEnum = wanted.some((each) => {
      const role = ROLES.get(each);
      return role?.family === family && role.form === "enum";
    });
    if (wantsEnum) return undefined;
  }
  if (type?.category !== "A") return type;
  const refusesArrays = wanted.some((each) => {
    const role = ROLES.get(each);
    return role?.family === family && role.form === "nonarray";
  });
  return refusesArrays ? undefined : type;
}

/** Whether the polymorphic ones among `wanted` can stand for `types`. */
export function isConsistent(
  wanted: readonly DataType[],
  types: readonly DataType[],
): boolean {
  if (wanted.every((each) => !ROLES.has(each))) return true;
  const exact = familyType(wanted, types, "exact");
  // An enum has to be known for one.
  if (exact === unknown && wanted.includes(anyEnum)) return false;
  return exact !== undefined &&
    familyType(wanted, types, "compatible") !== undefined;
}

/**
 * `wanted` with the polymorphic types replaced by what they stand for.
 *
 * REQUIRES: {@linkcode isConsistent}.
 *
 * @throws {SqlError} `42804` when nothing says what they stand for, `42704`
 * when there is no array type.
 */
export function settleTypes(
  wanted: readonly DataType[],
  types: readonly DataType[],
): readonly DataType[] {
  if (!wanted.some(isPolymorphic)) return wanted;
  return wanted.map((each, i) => {
    if (each === anyType) return types[i]!;
    const role = ROLES.get(each);
    if (role === undefined) return each;
    const type = familyType(wanted, types, role.family)!;
    if (type === unknown) throw undetermined();
    if (role.form === "range" || role.form === "multirange") {
      const range = rangeAmong(types);
      if (range === undefined) throw undetermined(each);
      return role.form === "range" ? range : multirangeTypeOf(range)!;
    }
    if (role.form !== "array") return type;
    const array = arrayTypeOf(type);
    if (array === undefined) throw noArrayType(type);
    return array;
  });
}

/** `42804`: all polymorphic arguments are of unknown type. */
export function undetermined(type?: DataType): SqlError {
  return new SqlError(
    "42804",
    `could not determine polymorphic type ${
      type === undefined ? "" : `${type.name} `
    }because input has type unknown`,
  );
}

/** `42704`: no array can have elements of the type. */
export function noArrayType(type: DataType): SqlError {
  return new SqlError(
    "42704",
    `could not find array type for data type ${type.displayName}`,
  );
}
