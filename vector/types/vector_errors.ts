/**
 * What is wrong with a vector, of whichever type, in pgvector's words.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";

/** The names of the types of vectors. */
export type VectorTypeName = "vector" | "halfvec" | "sparsevec";

/** Text that is no vector (22P02). */
export function badSyntax(
  type: VectorTypeName,
  text: string,
  detail?: string,
): KriyaError {
  return new KriyaError(
    "invalid",
    `invalid input syntax for type ${type}: "${text}"`,
    detail === undefined ? { code: "22P02" } : { code: "22P02", detail },
  );
}

/** A number beyond the range of the components (22003). */
export function outOfRange(type: VectorTypeName, number: string): KriyaError {
  return new KriyaError(
    "invalid",
    `"${number}" is out of range for type ${type}`,
    { code: "22003" },
  );
}

/** Fails (22000) for a component that is NaN or infinite. */
export function checkFinite(type: VectorTypeName, value: number): void {
  if (Number.isFinite(value)) return;
  throw new KriyaError(
    "invalid",
    Number.isNaN(value)
      ? `NaN not allowed in ${type}`
      : `infinite value not allowed in ${type}`,
    { code: "22000" },
  );
}

/** A vector of no dimension (22000). */
export function noDimension(type: VectorTypeName): KriyaError {
  return new KriyaError(
    "invalid",
    `${type} must have at least 1 dimension`,
    { code: "22000" },
  );
}

/** A vector of more dimensions than there may be (54000). */
export function tooManyDims(type: VectorTypeName, most: number): KriyaError {
  return new KriyaError(
    "invalid",
    `${type} cannot have more than ${most} dimensions`,
    { code: "54000" },
  );
}

/** Fails (22000) unless a vector has the dimensions that were asked for. */
export function checkExpectedDims(dims: number, expected: number): void {
  if (dims === expected) return;
  throw new KriyaError(
    "invalid",
    `expected ${expected} dimensions, not ${dims}`,
    { code: "22000" },
  );
}

/** Fails (22000) unless two vectors have the same dimensions. */
export function checkEqualDims(
  type: VectorTypeName,
  a: number,
  b: number,
): void {
  if (a === b) return;
  throw new KriyaError(
    "invalid",
    `different ${type} dimensions ${a} and ${b}`,
    { code: "22000" },
  );
}

/** Something given as a component that is no number (22004, 22P02). */
export function notANumber(
  type: VectorTypeName,
  component: unknown,
): KriyaError {
  if (component === null || component === undefined) {
    return new KriyaError("invalid", "array must not contain nulls", {
      code: "22004",
    });
  }
  return badSyntax(type, String(component));
}
