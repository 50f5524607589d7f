/**
 * The digits that a template shows of numbers of each type: rounded, shifted by
 * `V`, in scientific form for `EEEE`, or Roman.
 *
 * @module
 */
import type { DataType } from "../../types/data_type.ts";
import { float4 } from "../../types/float_types.ts";
import { checkInt8 } from "../numeric/integer_operators.ts";
import { roundHalfEven } from "../../types/number_casts.ts";
import { Numeric, powerOfTen } from "../../types/numeric.ts";
import { multiply } from "../../types/numeric_arithmetic.ts";
import { outOfRange } from "../../types/type_error.ts";
import { formatNumber, formatRoman } from "./number_to_char.ts";
import { type NumberTemplate, parseNumberTemplate } from "./number_template.ts";
import { toRoman } from "./roman.ts";

/** `to_char` of a `numeric`. */
export function numericToChar(value: Numeric, text: string): string {
  const template = parseNumberTemplate(text);
  if (template.roman) {
    const whole = value.isFinite ? value.withScale(0).toNumber() : NaN;
    return formatRoman(template, toRoman(whole));
  }
  if (template.scientific) {
    return value.isFinite
      ? signed(scientificOfNumeric(value, template.post))
      : outOfPlace(template);
  }
  const shifted = template.shifted
    ? multiply(value, Numeric.of(powerOfTen(template.multi)))
    : value;
  const rounded = shifted.withScale(template.post);
  return put(template, rounded.toString(), template.post);
}

/** `to_char` of an `int4` or `int8`. */
export function integerToChar(
  value: number | bigint,
  text: string,
  isWide: boolean,
): string {
  const template = parseNumberTemplate(text);
  if (template.roman) {
    return formatRoman(template, toRoman(Number(value)));
  }
  if (template.scientific) {
    return isWide
      ? signed(scientificOfNumeric(Numeric.fromInteger(value), template.post))
      : signed(scientificOfFloat(Number(value), template.post));
  }
  let shown = BigInt(value);
  if (template.shifted) {
    shown *= powerOfTen(template.multi);
    if (isWide) checkInt8(shown);
    else if (shown !== BigInt.asIntN(32, shown)) throw outOfRange("integer");
  }
  const decimals = template.post > 0 ? `.${"0".repeat(template.post)}` : "";
  return put(template, shown + decimals, template.post);
}

/** `to_char` of a `float4` or `float8`. */
export function floatToChar(
  value: number,
  text: string,
  type: DataType,
): string {
  const template = parseNumberTemplate(text);
  if (template.roman) {
    return formatRoman(template, toRoman(roundHalfEven(value)));
  }
  if (template.scientific) {
    return Number.isFinite(value)
      ? signed(scientificOfFloat(value, template.post))
      : outOfPlace(template);
  }
  const isNarrow = type === float4;
  const digitsMax = isNarrow ? 6 : 15;
  let shown = value;
  if (template.shifted) {
    shown *= 10 ** template.multi;
    if (isNarrow) shown = Math.fround(shown);
  }
  const whole = fixed(Math.abs(shown), 0).length;
  const post = whole >= digitsMax
    ? 0
    : Math.min(template.post, digitsMax - whole);
  return put(template, fixed(shown, post), post);
}

function put(template: NumberTemplate, number: string, post: number): string {
  const negative = number.startsWith("-");
  return formatNumber(template, {
    digits: negative ? number.slice(1) : number,
    negative,
    pre: template.pre + template.multi,
    post,
  });
}

function signed(number: string): string {
  return number.startsWith("-") ? number : ` ${number}`;
}

/** What is shown where there are no digits. */
function outOfPlace({ pre, post }: NumberTemplate): string {
  const all = "#".repeat(pre + post + 6).split("");
  all[0] = " ";
  all[pre + 1] = ".";
  return all.join("");
}

/** The exact decimals of a double, rounded half to even as C's printf does. */
function fixed(value: number, scale: number): string {
  if (!Number.isFinite(value)) {
    return value !== value ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  }
  const negative = value < 0 || Object.is(value, -0);
  const digits = fixedDigits(Math.abs(value), scale);
  return negative ? `-${digits}` : digits;
}

function fixedDigits(value: number, scale: number): string {
  // The exact value of a double: mantissa × 2^exponent.
  let exponent = 0;
  let mantissa = value;
  while (mantissa !== Math.floor(mantissa)) {
    mantissa *= 2;
    exponent--;
  }
  const numerator = BigInt(mantissa) * powerOfTen(scale);
  const denominator = 1n << BigInt(-exponent);
  let quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  if (
    twice > denominator || (twice === denominator && (quotient & 1n) === 1n)
  ) quotient++;
  const digits = quotient.toString().padStart(scale + 1, "0");
  if (scale === 0) return digits;
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** `1.50e+03`, two digits of exponent at least. */
function scientificOfFloat(value: number, scale: number): string {
  return longExponent(value.toExponential(Math.min(scale, 100)));
}

function longExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}

function scientificOfNumeric(value: Numeric, scale: number): string {
  if (value.unscaled === 0n) {
    const zeros = scale > 0 ? `0.${"0".repeat(scale)}` : "0";
    return `${zeros}e+00`;
  }
  const digits = value.digits();
  const exponent = digits.length - 1 - value.scale;
  // 9.99 in two digits is 10.0e+00, as there.
  const rounded = Numeric.of(BigInt(digits), digits.length - 1).withScale(
    scale,
  );
  const sign = value.sign < 0 ? "-" : "";
  const width = String(Math.abs(exponent)).padStart(2, "0");
  return `${sign}${rounded}e${exponent < 0 ? "-" : "+"}${width}`;
}
