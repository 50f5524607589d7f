/**
 * The text of vectors that have every component: `[1,2.5,-3e-7]`, blanks allowed
 * around brackets and numbers; printed without blanks, each number in its
 * shortest form as a 32-bit float.
 *
 * @module
 */
import { formatFloat32, parseFloat32 } from "./float32_text.ts";
import {
  badSyntax,
  checkExpectedDims,
  checkFinite,
  noDimension,
  outOfRange,
  tooManyDims,
  type VectorTypeName,
} from "./vector_errors.ts";

/** The most dimensions that a vector with every component may have. */
export const VECTOR_DIMS_MAX = 16_000;

/** How a type reads its components. */
export interface DenseForm {
  /** The type, for errors. */
  readonly type: VectorTypeName;
  /** The component nearest to a 32-bit float; infinite beyond its range. */
  readonly round: (value: number) => number;
}

/**
 * Reads the text form of a vector; with `dims`, it must have so many.
 *
 * @throws {KriyaError} of kind `invalid`: 22P02 for text that is no vector,
 * 22000 for NaN, infinity or the wrong dimensions, 22003 for a number out of
 * range, 54000 for more than 16000 dimensions.
 */
export function parseDense(
  text: string,
  form: DenseForm,
  dims?: number,
): Float32Array {
  const { type, round } = form;
  let at = skipBlanks(text, 0);
  if (text[at] !== "[") {
    throw badSyntax(type, text, 'Vector contents must start with "[".');
  }
  at = skipBlanks(text, at + 1);
  if (text[at] === "]") throw noDimension(type);
  const values: number[] = [];
  for (;;) {
    if (values.length === VECTOR_DIMS_MAX) {
      throw tooManyDims(type, VECTOR_DIMS_MAX);
    }
    at = skipBlanks(text, at);
    const { value, length, overflow } = parseFloat32(text, at);
    if (length === 0) throw badSyntax(type, text);
    const rounded = round(value);
    if (overflow || (Number.isFinite(value) && !Number.isFinite(rounded))) {
      throw outOfRange(type, text.slice(at, at + length));
    }
    checkFinite(type, rounded);
    values.push(rounded);
    at = skipBlanks(text, at + length);
    const mark = text[at++];
    if (mark === "]") break;
    if (mark !== ",") throw badSyntax(type, text);
  }
  if (skipBlanks(text, at) !== text.length) {
    throw badSyntax(type, text, "Junk after closing right brace.");
  }
  if (dims !== undefined) checkExpectedDims(values.length, dims);
  return Float32Array.from(values);
}

/** The first offset from `at` where no blank stands: C's `isspace`, in ASCII. */
export function skipBlanks(text: string, at: number): number {
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 32 && !(code >= 9 && code <= 13)) return at;
    at++;
  }
}

/** The text form of a vector. */
export function formatDense(vector: Float32Array): string {
  let text = "[";
  for (let i = 0; i < vector.length; i++) {
    if (i > 0) text += ",";
    text += formatFloat32(vector[i]!);
  }
  return text + "]";
}
