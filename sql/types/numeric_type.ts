/**
 * The data type `numeric(precision, scale)` over {@linkcode Numeric}.
 *
 * Its typmod is PostgreSQL's: `((precision << 16) | (scale & 0x7ff)) + 4`, the
 * scale from -1000 to 1000.
 *
 * @module
 */
import type { DataType, SqlValue } from "./data_type.ts";
import { textOfJs } from "./js_value.ts";
import { Numeric, powerOfTen, safePower } from "./numeric.ts";
import { roundTo } from "./numeric_arithmetic.ts";
import { SqlError } from "../errors/sql_error.ts";

/** The most digits a typmod can ask for. */
const PRECISION_MAX = 1000;

/** Precision and scale of a typmod. */
export interface NumericModifier {
  /** All digits. */
  readonly precision: number;
  /** Digits after the decimal point; may be negative. */
  readonly scale: number;
}

/** The parts of a typmod that is not -1. */
export function numericModifier(typmod: number): NumericModifier {
  const packed = typmod - 4;
  return {
    precision: (packed >> 16) & 0xffff,
    scale: ((packed & 0x7ff) ^ 1024) - 1024,
  };
}

function typmodInput(modifiers: readonly number[]): number {
  const [precision, scale = 0] = modifiers;
  if (precision === undefined || modifiers.length > 2) {
    throw new SqlError("22023", "invalid NUMERIC type modifier");
  }
  if (precision < 1 || precision > PRECISION_MAX) {
    throw new SqlError(
      "22023",
      `NUMERIC precision ${precision} must be between 1 and ${PRECISION_MAX}`,
    );
  }
  if (scale < -PRECISION_MAX || scale > PRECISION_MAX) {
    throw new SqlError(
      "22023",
      `NUMERIC scale ${scale} must be between -${PRECISION_MAX} and ${PRECISION_MAX}`,
    );
  }
  return ((precision << 16) | (scale & 0x7ff)) + 4;
}

/** Rounds to the scale and checks the precision. */
function applyTypmod(value: Numeric, typmod: number): Numeric {
  const { precision, scale } = numericModifier(typmod);
  if (value.kind === "nan") return value;
  const wholeDigits = precision - scale;
  if (!value.isFinite) {
    throw fieldOverflow(
      precision,
      scale,
      "A field with precision " +
        `${precision}, scale ${scale} cannot hold an infinite value.`,
    );
  }
  const rounded = roundTo(value, scale);
  const limit = wholeDigits + rounded.scale;
  if (Math.abs(rounded.small) < safePower(limit)) return rounded;
  const magnitude = rounded.unscaled < 0n
    ? -rounded.unscaled
    : rounded.unscaled;
  if (magnitude !== 0n && (limit < 0 || magnitude >= powerOfTen(limit))) {
    throw fieldOverflow(
      precision,
      scale,
      `A field with precision ${precision}, scale ${scale} must round to an ` +
        `absolute value less than ${wholeDigits === 0 ? "" : "10^"}${
          wholeDigits === 0 ? 1 : wholeDigits
        }.`,
    );
  }
  return rounded;
}

function fieldOverflow(
  _precision: number,
  _scale: number,
  detail: string,
): SqlError {
  return new SqlError("22003", "numeric field overflow", { detail });
}

function fromJs(value: unknown): SqlValue {
  if (value instanceof Numeric) return value;
  if (typeof value === "bigint") return Numeric.of(value);
  return Numeric.parse(textOfJs(value));
}

/** `numeric`. */
export const numeric: DataType = {
  oid: 1700,
  name: "numeric",
  displayName: "numeric",
  aliases: ["decimal", "dec"],
  category: "N",
  preferred: false,
  length: -1,
  storage: "reference",
  input(text: string, typmod: number): SqlValue {
    const value = Numeric.parse(text);
    return typmod < 0 ? value : applyTypmod(value, typmod);
  },
  output: String,
  compare: (a, b) => (a as Numeric).compare(b as Numeric),
  hashKey: (value) => (value as Numeric).trimmed().toString(),
  fromJs,
  toJs: String,
  typmodInput,
  typmodOutput(typmod: number): string {
    const { precision, scale } = numericModifier(typmod);
    return `(${precision},${scale})`;
  },
  applyTypmod: (value, typmod) => applyTypmod(value as Numeric, typmod),
};
