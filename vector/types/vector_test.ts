import { assertEquals, assertThrows } from "@std/assert";
import { ByteWriter } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import {
  checkDims,
  checkSameDims,
  compareVectors,
  decodeVector,
  encodeVector,
  formatVector,
  parseVector,
  toVector,
  VECTOR_DIMS_MAX,
} from "./vector.ts";
import { formatFloat32, parseFloat32 } from "./float32_text.ts";
import { fc } from "fast-check";

const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const vectors = fc.array(float, { minLength: 1, maxLength: 20 })
  .map((values) => Float32Array.from(values));

/** Runs `fn`, which must throw, and gives SQLSTATE, message and detail. */
function refusal(fn: () => unknown): string {
  const error = assertThrows(fn, KriyaError);
  assertEquals(error.kind, "invalid");
  const detail = error.detail === undefined ? "" : ` | ${error.detail}`;
  return `${error.code} ${error.message}${detail}`;
}

Deno.test("[K-161] parseVector reads pgvector's text with blanks and exponents", () => {
  const cases: [string, number[]][] = [
    ["[1.0, 2.0, 3.0]", [1, 2, 3]],
    [" \t[ 1 ,\n2e1,\r3\v]\f ", [1, 20, 3]],
    ["[1.e2,.5,5.,+1,-0]", [100, 0.5, 5, 1, -0]],
    ["[1e-50,1E3,0x10,0x1.8p1]", [0, 1000, 16, 3]],
  ];
  for (const [text, values] of cases) {
    assertEquals(parseVector(text), Float32Array.from(values), text);
  }
});

Deno.test("[K-161] parseVector refuses with pgvector's messages and SQLSTATEs", () => {
  const syntax = (text: string, detail = ""): string =>
    `22P02 invalid input syntax for type vector: "${text}"${detail}`;
  const start = ' | Vector contents must start with "[".';
  const cases: [string, string][] = [
    ["1,2", syntax("1,2", start)],
    ["", syntax("", start)],
    ["\u00a0[1]", syntax("\u00a0[1]", start)],
    ["[]", "22000 vector must have at least 1 dimension"],
    ["[ ]", "22000 vector must have at least 1 dimension"],
    ["[1]x", syntax("[1]x", " | Junk after closing right brace.")],
    ["[nan]", "22000 NaN not allowed in vector"],
    ["[-NaN,x", "22000 NaN not allowed in vector"],
    ["[1,Infinity]", "22000 infinite value not allowed in vector"],
    ["[-inf]", "22000 infinite value not allowed in vector"],
    ["[ 1e50 ]", '22003 "1e50" is out of range for type vector'],
    ["[-1e50]", '22003 "-1e50" is out of range for type vector'],
  ];
  for (
    const bad of ["[1,]", "[,1]", "[1 2]", "[1,2", "[", "[1", "[1,", "[1e]"]
  ) cases.push([bad, syntax(bad)]);
  for (const bad of ["[1e+]", "[--1]", "[.]", "[1_0]", "[1.0f]", "[0x]"]) {
    cases.push([bad, syntax(bad)]);
  }
  for (const [text, message] of cases) {
    assertEquals(refusal(() => parseVector(text)), message, text);
  }
});

Deno.test("parseVector checks the number of dimensions", () => {
  assertEquals(
    refusal(() => parseVector("[1,2]", 3)),
    "22000 expected 3 dimensions, not 2",
  );
  const most = `[${"1,".repeat(VECTOR_DIMS_MAX - 1)}1]`;
  assertEquals(parseVector(most).length, VECTOR_DIMS_MAX);
  assertEquals(
    refusal(() => parseVector(`${most.slice(0, -1)},1]`)),
    "54000 vector cannot have more than 16000 dimensions",
  );
});

Deno.test("[K-161] formatVector and parseVector round-trip every vector", () => {
  fc.assert(fc.property(vectors, (vector) => {
    assertEquals(parseVector(formatVector(vector)), vector);
  }));
});

Deno.test("formatFloat32 prints as float4out", () => {
  const cases: [number, string][] = [
    [0, "0"],
    [-0, "-0"],
    [0.1, "0.1"],
    [1 / 3, "0.33333334"],
    [123456, "123456"],
    [999999, "999999"],
    [1000000, "1e+06"],
    [1234567, "1.234567e+06"],
    [-1e20, "-1e+20"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [3.4028234663852886e38, "3.4028235e+38"],
    [1e-45, "1e-45"],
    [2 ** -126, "1.1754944e-38"],
    [9.5367431640625e-7, "9.536743e-07"],
    [16777216, "1.6777216e+07"],
    [123456.789, "123456.79"],
    [NaN, "NaN"],
    [-Infinity, "-Infinity"],
  ];
  for (const [value, text] of cases) {
    assertEquals(formatFloat32(Math.fround(value)), text);
  }
});

Deno.test("formatFloat32 finds the shortest text of floats around powers of two", () => {
  const float32 = new Float32Array(1);
  const bits = new Uint32Array(float32.buffer);
  for (let exponent = 0; exponent < 255; exponent++) {
    for (const mantissa of [0, 1, 0x7fffff]) {
      bits[0] = exponent << 23 | mantissa;
      const value = float32[0]!;
      const text = formatFloat32(value);
      assertEquals(parseFloat32(text, 0).value, value, text);
      // No text with one digit less, of the two nearest, reads back.
      const digits = text.replace(/e.*/, "").replace(/\./, "")
        .replace(/^0+/, "").replace(/0+$/, "").length;
      if (digits < 2) continue;
      const shorter = value.toExponential(digits - 2);
      assertEquals(Math.fround(Number(shorter)) === value, false, text);
    }
  }
});

Deno.test("parseFloat32 rounds once: a double between two floats does not decide", () => {
  const middle = 1 + 2 ** -24; // between 1 and 1 + 2^-23, exactly
  const digits = "1.000000059604644775390625";
  assertEquals(Number(digits), middle);
  assertEquals(parseFloat32(digits, 0).value, 1);
  assertEquals(parseFloat32(digits + "0001", 0).value, 1 + 2 ** -23);
  const below = "1.00000005960464477539062499999999";
  assertEquals(Number(below), middle);
  assertEquals(parseFloat32(below, 0).value, 1);
  // The tie above that goes up, to even; a hair less goes down.
  const upper = "1.000000178813934326171875";
  assertEquals(parseFloat32(upper, 0).value, 1 + 2 ** -22);
  assertEquals(
    parseFloat32("1.00000017881393432617187499999999", 0).value,
    1 + 2 ** -23,
  );
  // Between the largest float and 2^128.
  const edge = "340282356779733661637539395458142568448";
  assertEquals(parseFloat32(edge, 0).overflow, true);
  const under = "340282356779733661637539395458142568447";
  assertEquals(parseFloat32(under, 0).value, 3.4028234663852886e38);
  // Half the smallest float is a tie with zero.
  assertEquals(parseFloat32("0x1p-150", 0).value, 0);
  assertEquals(parseFloat32("0x1.000000000000000001p-150", 0).value, 2 ** -149);
});

Deno.test("toVector copies, rounds and refuses what is not finite", () => {
  const input = new Float32Array([1, 2]);
  const vector = toVector(input, 2);
  input[0] = 9;
  assertEquals(vector, new Float32Array([1, 2]));
  assertEquals(toVector([0.1])[0], Math.fround(0.1));
  assertEquals(toVector(new Float64Array([0.5]))[0], 0.5);
  const cases: [() => unknown, string][] = [
    [() => toVector([]), "22000 vector must have at least 1 dimension"],
    [() => toVector([NaN]), "22000 NaN not allowed in vector"],
    [() => toVector([1e300]), "22000 infinite value not allowed in vector"],
    [() => toVector([1, 2], 3), "22000 expected 3 dimensions, not 2"],
    [
      () => toVector(new Float32Array(VECTOR_DIMS_MAX + 1)),
      "54000 vector cannot have more than 16000 dimensions",
    ],
    [
      () => toVector([1, null] as unknown as number[]),
      "22004 array must not contain nulls",
    ],
    [
      () => toVector(["1"] as unknown as number[]),
      '22P02 invalid input syntax for type vector: "1"',
    ],
  ];
  for (const [fn, message] of cases) assertEquals(refusal(fn), message);
});

Deno.test("encodeVector and decodeVector round-trip", () => {
  fc.assert(fc.property(vectors, (vector) => {
    const writer = new ByteWriter();
    encodeVector(vector, writer);
    assertEquals(writer.length, 2 + 4 * vector.length);
    assertEquals(decodeVector(writer.toBytes(), "test"), vector);
  }));
});

Deno.test("decodeVector says corrupt for any bytes that are no vector", () => {
  const writer = new ByteWriter();
  encodeVector(new Float32Array([1, 2, 3]), writer);
  const bytes = writer.toBytes();
  const corrupt = (damaged: Uint8Array): void => {
    const error = assertThrows(
      () => decodeVector(damaged, "row 7"),
      KriyaError,
    );
    assertEquals(error.kind, "corrupt");
    assertEquals(error.message.includes('"row 7" at byte'), true);
  };
  for (let end = 0; end < bytes.length; end++) corrupt(bytes.slice(0, end));
  corrupt(Uint8Array.from([...bytes, 0]));
  corrupt(new Uint8Array([0, 0]));
  corrupt(Uint8Array.from([1, 0, 0, 0, 0x80, 0x7f]));
  corrupt(Uint8Array.from([1, 0, 0, 0, 0xc0, 0x7f]));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (random) => {
    try {
      const vector = decodeVector(random, "x");
      assertEquals(random.length, 2 + 4 * vector.length);
      assertEquals(vector.every(Number.isFinite), true);
    } catch (error) {
      assertEquals((error as KriyaError).kind, "corrupt");
    }
  }));
});

Deno.test("checkDims and checkSameDims refuse as pgvector", () => {
  const two = new Float32Array(2);
  const three = new Float32Array(3);
  checkDims(two, 2);
  checkSameDims(two, two);
  assertEquals(
    refusal(() => checkSameDims(three, two)),
    "22000 different vector dimensions 3 and 2",
  );
});

Deno.test("compareVectors orders component by component, prefixes first", () => {
  const sorted = [[-1], [-1, 5], [0], [0, 0], [0, 1], [1]]
    .map((values) => Float32Array.from(values));
  for (let i = 0; i < sorted.length; i++) {
    for (let j = 0; j < sorted.length; j++) {
      const order = Math.sign(compareVectors(sorted[i]!, sorted[j]!));
      assertEquals(order, Math.sign(i - j));
    }
  }
  assertEquals(
    compareVectors(new Float32Array([0]), new Float32Array([-0])),
    0,
  );
});
