/**
 * Fields of what the catalog stores as JSON, checked as they are read.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";

/** The fields of a stored object. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value has fields. */
export function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field that may be absent. */
export function optional<K extends string, T>(
  name: K,
  value: unknown,
  decode: () => T,
): { readonly [Key in K]?: T } {
  return value === undefined ? {} : { [name]: decode() } as { [Key in K]: T };
}

/** A list of objects. */
export function listAt(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name];
  if (Array.isArray(value) && value.every(isRecord)) return value;
  throw corrupt(`"${name}" of a relation is no list`);
}

/** A text. */
export function textAt(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === "string") return value;
  throw corrupt(`"${name}" of a relation is no text`);
}

/** A boolean. */
export function textsAt(fields: Fields, name: string): readonly string[] {
  const value = fields[name];
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) {
    return value;
  }
  throw corrupt(`field ${name} is no list of texts`);
}

/** @throws {KriyaError} `corrupt`. */
export function booleanAt(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (typeof value === "boolean") return value;
  throw corrupt(`"${name}" of a relation is no boolean`);
}

/** An id, which keys hold in 32 bits. */
export function idAt(fields: Fields, name: string): number {
  const value = fields[name];
  if (isId(value)) return value;
  throw corrupt(`"${name}" of a relation is no id`);
}

/** A list of ids. */
export function idsAt(fields: Fields, name: string): readonly number[] {
  const value = fields[name];
  if (Array.isArray(value) && value.every(isId)) return value;
  throw corrupt(`"${name}" of a relation is no list of ids`);
}

/** One of some words. */
export function wordAt<T extends string>(
  fields: Fields,
  name: string,
  words: readonly T[],
): T {
  const word = words.find((each) => each === fields[name]);
  if (word !== undefined) return word;
  throw corrupt(`"${name}" of a relation is none of ${words.join(", ")}`);
}

function isId(value: unknown): value is number {
  return isInteger(value) && value >= 0 && value < 2 ** 32;
}

/** Whether a value is an integer; none is `-0`, which JSON can say. */
export function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

/** What is stored is damaged. */
export function corrupt(what: string, cause?: unknown): KriyaError {
  return new KriyaError("corrupt", `Cannot read the catalog: ${what}`, {
    cause,
  });
}
