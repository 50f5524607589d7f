import { assertEquals, assertThrows } from "@std/assert";
import { KriyaError } from "../../../base/errors.ts";
import { castValue } from "../../types/cast.ts";
import type { Nullable } from "../../types/data_type.ts";
import { unknown } from "../../types/text_types.ts";
import { vector } from "../../types/vector_type.ts";
import { createFunctionRegistry } from "../default_registry.ts";
import type { FunctionContext } from "../registry.ts";

const registry = createFunctionRegistry();
const context = {} as FunctionContext;

function vectorOf(text: string, dims = -1): Nullable {
  return castValue(text, unknown, { type: vector, typmod: dims }, "explicit");
}

function compute(symbol: string, a: string, b: string): Nullable {
  const { function: { scalar } } = registry.resolveOperator(
    symbol,
    vector,
    unknown,
  );
  return scalar!([vectorOf(a), vectorOf(b)], context);
}

function call(name: string, ...args: readonly string[]): Nullable {
  const { function: { scalar } } = registry.resolveFunction(
    name,
    args.map(() => vector),
  );
  return scalar!(args.map((text) => vectorOf(text)), context);
}

Deno.test("[K-162] a literal is cast to vector, its dimensions checked", () => {
  assertEquals(vectorOf(" [1.0, 2.0, 3.0] "), new Float32Array([1, 2, 3]));
  assertEquals(vectorOf("[1,2,3]", 3), new Float32Array([1, 2, 3]));
  const error = assertThrows(() => vectorOf("[1,2]", 3), KriyaError);
  assertEquals(
    [error.code, error.message],
    ["22000", "expected 3 dimensions, not 2"],
  );
  assertEquals(
    assertThrows(() => vectorOf("[1,x]"), KriyaError).code,
    "22P02",
  );
});

Deno.test("[K-163] <-> is the Euclidean distance", () => {
  assertEquals(compute("<->", "[0,0]", "[3,4]"), 5);
});

Deno.test("[K-164] <=> is the cosine distance, and NaN for a zero vector", () => {
  assertEquals(compute("<=>", "[1,0]", "[0,2]"), 1);
  assertEquals(compute("<=>", "[1,1]", "[2,2]"), 0);
  assertEquals(compute("<=>", "[1,1]", "[-1,-1]"), 2);
  assertEquals(compute("<=>", "[0,0]", "[1,1]"), NaN);
});

Deno.test("[K-165] <#> is the negative inner product", () => {
  assertEquals(compute("<#>", "[1,2]", "[3,4]"), -11);
  assertEquals(call("inner_product", "[1,2]", "[3,4]"), 11);
});

Deno.test("[O-082] L2, cosine and inner product are there by name too", () => {
  assertEquals(call("l2_distance", "[0,0]", "[3,4]"), 5);
  assertEquals(call("cosine_distance", "[1,0]", "[0,2]"), 1);
  assertEquals(call("l1_distance", "[0,0]", "[3,-4]"), 7);
  assertEquals(compute("<+>", "[0,0]", "[3,-4]"), 7);
  assertEquals(call("vector_dims", "[1,2,3]"), 3);
  assertEquals(call("vector_norm", "[3,4]"), 5);
});

Deno.test("operators of vectors refuse different dimensions", () => {
  for (const symbol of ["<->", "<=>", "<#>", "<+>", "+", "-", "*"]) {
    const error = assertThrows(
      () => compute(symbol, "[1,2]", "[1,2,3]"),
      KriyaError,
    );
    assertEquals(
      [symbol, error.code, error.message],
      [symbol, "22000", "different vector dimensions 2 and 3"],
    );
  }
  assertEquals(compute("||", "[1]", "[2,3]"), new Float32Array([1, 2, 3]));
});
