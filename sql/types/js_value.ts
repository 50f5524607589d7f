/**
 * JavaScript values as text, for parameters whose type has no better form.
 *
 * It is what node-postgres sends: strings as they are, numbers and booleans by
 * `String`, dates in ISO form (UTC here, local time there), bytes in hex,
 * other objects as JSON, or by their own `toString` where their class has one
 * (`Temporal.Instant`). The type's input function then judges the text, so
 * that a parameter and a literal of the same text fail in the same words.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";

/** The hex digits of every byte. */
const HEX: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, "0"),
);

/** Bytes as lower-case hex digits. */
export function hexOf(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += HEX[bytes[i]!]!;
  return text;
}

/**
 * The text of a parameter's JavaScript value, which is not null or undefined.
 *
 * @throws {SqlError} `22023` for symbols, functions and dates that are none.
 */
export function textOfJs(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "boolean":
    case "bigint":
      return String(value);
    case "object":
      return textOfObject(value as object);
    default:
      throw new SqlError(
        "22023",
        `cannot use a ${typeof value} as a parameter`,
      );
  }
}

function textOfObject(value: object): string {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) {
      throw new SqlError("22023", "cannot use an invalid date as a parameter");
    }
    return isoOfDate(value);
  }
  if (value instanceof Uint8Array) return `\\x${hexOf(value)}`;
  if (value instanceof ArrayBuffer) {
    return `\\x${hexOf(new Uint8Array(value))}`;
  }
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return JSON.stringify(Array.from(value as ArrayLike<unknown>));
  }
  const ownText = value.toString;
  if (typeof ownText === "function" && ownText !== Object.prototype.toString) {
    return String(value);
  }
  return JSON.stringify(value);
}

/** ISO text that the input of date and time types reads, years BC included. */
function isoOfDate(date: Date): string {
  const year = date.getUTCFullYear();
  const rest = date.toISOString().replace(/^[+-]?\d+/, "");
  if (year > 0) return `${String(year).padStart(4, "0")}${rest}`;
  return `${String(1 - year).padStart(4, "0")}${rest} BC`;
}
