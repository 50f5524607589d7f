/**
 * Operators and functions of `vector`, `halfvec` and `sparsevec`, distances
 * aside, as pgvector's.
 *
 * @module
 */
import { norm } from "../../../vector/distance/reference.ts";
import { VECTOR_DIMS_MAX } from "../../../vector/types/vector.ts";
import { roundToFloat16 } from "../../../vector/types/float16.ts";
import { SparseVector } from "../../../vector/types/sparse_vector.ts";
import {
  checkEqualDims,
  noDimension,
  tooManyDims,
} from "../../../vector/types/vector_errors.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { bit } from "../../types/bit_types.ts";
import { bool } from "../../types/bool_type.ts";
import type { DataType, SqlValue } from "../../types/data_type.ts";
import { float8 } from "../../types/float_types.ts";
import { int4 } from "../../types/int_types.ts";
import { halfvec, sparsevec, vector } from "../../types/vector_type.ts";
import { binary, define, infix, unary } from "../define.ts";
import type { FunctionDefinition, OperatorDefinition } from "../registry.ts";

/** A type of vectors that have every component. */
interface DenseType {
  readonly type: DataType;
  readonly name: "vector" | "halfvec";
  /** The component that is kept of a 32-bit float. */
  readonly round: (value: number) => number;
}

const DENSE: readonly DenseType[] = [
  { type: vector, name: "vector", round: (value) => value },
  { type: halfvec, name: "halfvec", round: roundToFloat16 },
];

/** Element by element; a result that is no finite float fails. */
function elementwise(
  functionName: string,
  { type, name, round }: DenseType,
  form: (a: number, b: number) => number,
): FunctionDefinition {
  const canUnderflow = functionName.endsWith("_mul");
  return binary<Float32Array, Float32Array>(
    functionName,
    [type, type],
    type,
    (a, b) => {
      checkEqualDims(name, a.length, b.length);
      const result = new Float32Array(a.length);
      for (let i = 0; i < a.length; i++) {
        const value = round(Math.fround(form(a[i]!, b[i]!)));
        checkElement(value);
        if (canUnderflow && value === 0 && a[i] !== 0 && b[i] !== 0) {
          throw new SqlError("22003", "value out of range: underflow");
        }
        result[i] = value;
      }
      return result;
    },
  );
}

function checkElement(value: number): void {
  if (Number.isFinite(value)) return;
  throw new SqlError("22003", "value out of range: overflow");
}

function concatenate({ type, name }: DenseType): FunctionDefinition {
  return binary<Float32Array, Float32Array>(
    `${name}_concat`,
    [type, type],
    type,
    (a, b) => {
      const dims = a.length + b.length;
      if (dims > VECTOR_DIMS_MAX) throw tooManyDims(name, VECTOR_DIMS_MAX);
      const result = new Float32Array(dims);
      result.set(a);
      result.set(b, a.length);
      return result;
    },
  );
}

/** The vector of length 1 in the same direction; zero stays zero. */
function normalize({ type, round }: DenseType): FunctionDefinition {
  return unary<Float32Array>("l2_normalize", type, type, (a) => {
    const length = norm(a);
    const result = new Float32Array(a.length);
    if (length === 0) return result;
    for (let i = 0; i < a.length; i++) {
      result[i] = round(Math.fround(a[i]! / length));
      checkElement(result[i]!);
    }
    return result;
  });
}

function normalizeSparse(a: SparseVector): SparseVector {
  const length = norm(a.values);
  if (length === 0) {
    return new SparseVector(a.dims, new Uint32Array(0), new Float32Array(0));
  }
  const values = a.values.map((value) => value / length);
  values.forEach(checkElement);
  if (!values.includes(0)) return new SparseVector(a.dims, a.indices, values);
  // Too small by now: as if they had never been there.
  const isThere = (_: number, i: number): boolean => values[i] !== 0;
  return new SparseVector(
    a.dims,
    a.indices.filter(isThere),
    values.filter(isThere),
  );
}

function subvector({ type, name }: DenseType): FunctionDefinition {
  return define("subvector", [type, int4, int4], type, (args) => {
    const [a, start, count] = args as [Float32Array, number, number];
    if (count < 1) throw noDimension(name);
    const end = Math.min(start + count, a.length + 1);
    const first = Math.max(start, 1);
    if (first >= end) throw noDimension(name);
    return a.slice(first - 1, end - 1);
  });
}

/** A bit for each component: whether it is positive. */
function quantize(a: Float32Array): string {
  let bits = "";
  for (let i = 0; i < a.length; i++) bits += a[i]! > 0 ? "1" : "0";
  return bits;
}

/** The comparisons as functions; the operators are those of all types. */
function comparisons(type: DataType): FunctionDefinition[] {
  const { name } = type;
  const order = (a: SqlValue, b: SqlValue): number => type.compare(a, b);
  const test = (
    suffix: string,
    holds: (order: number) => boolean,
  ): FunctionDefinition =>
    binary<SqlValue, SqlValue>(
      `${name}_${suffix}`,
      [type, type],
      bool,
      (a, b) => holds(order(a, b)),
    );
  return [
    test("lt", (sign) => sign < 0),
    test("le", (sign) => sign <= 0),
    test("eq", (sign) => sign === 0),
    test("ne", (sign) => sign !== 0),
    test("ge", (sign) => sign >= 0),
    test("gt", (sign) => sign > 0),
    binary<SqlValue, SqlValue>(
      `${name}_cmp`,
      [type, type],
      int4,
      (a, b) => Math.sign(order(a, b)),
    ),
  ];
}

const add = (of: DenseType): FunctionDefinition =>
  elementwise(`${of.name}_add`, of, (a, b) => a + b);
const subtract = (of: DenseType): FunctionDefinition =>
  elementwise(`${of.name}_sub`, of, (a, b) => a - b);
const multiply = (of: DenseType): FunctionDefinition =>
  elementwise(`${of.name}_mul`, of, (a, b) => a * b);

/** The functions of vectors. */
export const vectorFunctions: readonly FunctionDefinition[] = [
  ...DENSE.flatMap((of) => [
    unary<Float32Array>("vector_dims", of.type, int4, (a) => a.length),
    unary<Float32Array>(
      of.name === "vector" ? "vector_norm" : "l2_norm",
      of.type,
      float8,
      norm,
    ),
    unary<Float32Array>("binary_quantize", of.type, bit, quantize),
    normalize(of),
    subvector(of),
    add(of),
    subtract(of),
    multiply(of),
    concatenate(of),
  ]),
  unary<SparseVector>("l2_norm", sparsevec, float8, (a) => norm(a.values)),
  unary<SparseVector>("l2_normalize", sparsevec, sparsevec, normalizeSparse),
  ...[vector, halfvec, sparsevec].flatMap(comparisons),
];

/** The operators of vectors, comparison and distances aside. */
export const vectorOperators: readonly OperatorDefinition[] = DENSE.flatMap(
  (of) => [
    infix(add(of), { commutator: "+" }, "+"),
    infix(subtract(of), {}, "-"),
    infix(multiply(of), { commutator: "*" }, "*"),
    infix(concatenate(of), {}, "||"),
  ],
);
