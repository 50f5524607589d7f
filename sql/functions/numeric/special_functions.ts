/**
 * The error function, the gamma function, and trigonometry in degrees.
 *
 * In degrees, angles that have an exact sine give it: results are scaled by what
 * the platform gives for 30, 60 and 45 degrees.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { float8 } from "../../types/float_types.ts";
import { floatOverflow, floatUnderflow } from "../../types/number_casts.ts";
import { binary, unary } from "../define.ts";
import type { FunctionDefinition } from "../registry.ts";

const RADIANS = Math.PI / 180;
const SIN_30 = Math.sin(30 * RADIANS);
const ONE_MINUS_COS_60 = 1 - Math.cos(60 * RADIANS);

function sineOfSmall(x: number): number {
  return Math.sin(x * RADIANS) / SIN_30 / 2;
}

function cosineOfSmall(x: number): number {
  return 1 - (1 - Math.cos(x * RADIANS)) / ONE_MINUS_COS_60 / 2;
}

/** The sine of 0 to 90 degrees. */
function sineOfQuarter(x: number): number {
  return x <= 30 ? sineOfSmall(x) : cosineOfSmall(90 - x);
}

/** The cosine of 0 to 90 degrees. */
function cosineOfQuarter(x: number): number {
  return x <= 60 ? cosineOfSmall(x) : sineOfSmall(90 - x);
}

const TAN_45 = sineOfQuarter(45) / cosineOfQuarter(45);
const COT_45 = cosineOfQuarter(45) / sineOfQuarter(45);

/** An angle turned into the first quarter, and the signs that go with it. */
interface Angle {
  readonly x: number;
  /** The sign of the sine. */
  readonly sine: number;
  /** The sign of the cosine. */
  readonly cosine: number;
}

function angleOf(degrees: number): Angle {
  let x = degrees % 360;
  let sine = 1;
  let cosine = 1;
  if (x < 0) {
    x = -x;
    sine = -1;
  }
  if (x > 180) {
    x = 360 - x;
    sine = -sine;
  }
  if (x > 90) {
    x = 180 - x;
    cosine = -1;
  }
  return { x, sine, cosine };
}

function degreesFunction(
  name: string,
  form: (angle: Angle) => number,
): FunctionDefinition {
  return unary<number>(name, float8, float8, (value) => {
    if (Number.isNaN(value)) return NaN;
    if (!Number.isFinite(value)) {
      throw new SqlError("22003", "input is out of range");
    }
    return form(angleOf(value));
  });
}

const ASIN_HALF = Math.asin(0.5);
const ACOS_HALF = Math.acos(0.5);

/** The arc cosine in degrees. */
function arcCosine(value: number): number {
  if (value < -1 || value > 1) {
    throw new SqlError("22003", "input is out of range");
  }
  const x = Math.abs(value);
  const isSmall = x <= 0.5;
  const arc = isSmall
    ? Math.asin(x) / ASIN_HALF * 30
    : Math.acos(x) / ACOS_HALF * 60;
  if (value >= 0) return isSmall ? 90 - arc : arc;
  return isSmall ? 90 + arc : 90 + (90 - arc);
}

/** The error function by its series, whose terms are all of one sign. */
function errorSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= 2 * x * x / (2 * n + 1);
    sum += term;
    if (Math.abs(term) < Math.abs(sum) * 1e-17) break;
  }
  return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
}

/** What is left to 1, by a continued fraction; `x` is at least 1. */
function errorRest(x: number): number {
  if (x > 27.3) return 0;
  let fraction = 0;
  for (let n = 200; n >= 1; n--) fraction = n / 2 / (x + fraction);
  // The square of the rounded number is exact, and so its exponential.
  const rounded = Math.fround(x);
  return Math.exp(-rounded * rounded) *
    Math.exp((rounded - x) * (rounded + x)) / Math.sqrt(Math.PI) /
    (x + fraction);
}

function errorFunction(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (Math.abs(x) < 1.5) return errorSeries(x);
  return x > 0 ? 1 - errorRest(x) : errorRest(-x) - 1;
}

function complementaryError(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x < 1) return 1 - errorFunction(x);
  return errorRest(x);
}

/** Lanczos' approximation with g = 607/128 (Godfrey's coefficients). */
const LANCZOS = [
  0.99999999999999709182,
  57.156235665862923517,
  -59.597960355475491248,
  14.136097974741747174,
  -0.49191381609762019978,
  0.33994649984811888699e-4,
  0.46523628927048575665e-4,
  -0.98374475304879564677e-4,
  0.15808870322491248884e-3,
  -0.21026444172410488319e-3,
  0.2174396181152126432e-3,
  -0.16431810653676389022e-3,
  0.84418223983852743293e-4,
  -0.2619083840158140867e-4,
  0.36899182659531622704e-5,
];

function lanczosSum(x: number): number {
  let sum = LANCZOS[0]!;
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i]! / (x + i);
  return sum;
}

function gammaOf(x: number): number {
  if (Number.isInteger(x) && x > 0 && x < 23) {
    let product = 1;
    for (let i = 2; i < x; i++) product *= i;
    return product;
  }
  if (x < 0.5) return Math.PI / (Math.sin(Math.PI * x) * gammaOf(1 - x));
  const shifted = x - 1;
  const t = shifted + 607 / 128 + 0.5;
  // The power in two halves, which overflow later.
  const half = t ** ((shifted + 0.5) / 2);
  return Math.sqrt(2 * Math.PI) * half * Math.exp(-t) * half *
    lanczosSum(shifted);
}

function logGammaOf(x: number): number {
  if (x === 1 || x === 2) return 0;
  // The reciprocal of less would overflow.
  if (Math.abs(x) < 1e-300) return -Math.log(Math.abs(x));
  if (x < 0.5) {
    return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) -
      logGammaOf(1 - x);
  }
  const shifted = x - 1;
  const t = shifted + 607 / 128 + 0.5;
  return (shifted + 0.5) * Math.log(t) - t +
    Math.log(Math.sqrt(2 * Math.PI) * lanczosSum(shifted));
}

function gamma(x: number): number {
  if (Number.isNaN(x) || x === Infinity) return x;
  if (x === -Infinity || (x <= 0 && Number.isInteger(x))) throw floatOverflow();
  const result = gammaOf(x);
  if (!Number.isFinite(result)) throw floatOverflow();
  if (result === 0) throw floatUnderflow();
  return result;
}

function logGamma(x: number): number {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? NaN : Infinity;
  if (x <= 0 && Number.isInteger(x)) throw floatOverflow();
  const result = logGammaOf(x);
  if (!Number.isFinite(result)) throw floatOverflow();
  return result;
}

/** Special functions. */
export const specialFunctions: readonly FunctionDefinition[] = [
  degreesFunction("sind", ({ x, sine }) => sine * sineOfQuarter(x)),
  degreesFunction("cosd", ({ x, cosine }) => cosine * cosineOfQuarter(x)),
  degreesFunction(
    "tand",
    ({ x, sine, cosine }) =>
      sine * cosine * (sineOfQuarter(x) / cosineOfQuarter(x) / TAN_45) + 0,
  ),
  degreesFunction(
    "cotd",
    ({ x, sine, cosine }) =>
      sine * cosine * (cosineOfQuarter(x) / sineOfQuarter(x) / COT_45) + 0,
  ),
  unary<number>("acosd", float8, float8, arcCosine),
  unary<number>(
    "atand",
    float8,
    float8,
    (value) => Math.atan(value) / Math.atan(1) * 45,
  ),
  binary<number, number>(
    "atan2d",
    [float8, float8],
    float8,
    (y, x) => Math.atan2(y, x) / Math.atan(1) * 45,
  ),
  unary<number>("erf", float8, float8, errorFunction),
  unary<number>("erfc", float8, float8, complementaryError),
  unary<number>("gamma", float8, float8, gamma),
  unary<number>("lgamma", float8, float8, logGamma),
];
