import { assert, assertEquals, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { KriyaError } from "../../base/errors.ts";
import { arbitraryOf, COLUMN_TYPES } from "../../tests/support/sql_values.ts";
import { arrayTypeOf } from "./array/array_type.ts";
import { SqlArray } from "./array/array_value.ts";
import { bool } from "./bool_type.ts";
import { bytea } from "./bytea_type.ts";
import type { DataType } from "./data_type.ts";
import { float4, float8 } from "./float_types.ts";
import { int2, int4, int8, oid } from "./int_types.ts";
import { interval } from "./interval_type.ts";
import { json, jsonb } from "./json_types.ts";
import { Numeric } from "./numeric.ts";
import { numeric } from "./numeric_type.ts";
import { date, timestamp, timestamptz } from "./temporal_types.ts";
import { textArray } from "./text_array_type.ts";
import { name, text, varchar } from "./text_types.ts";
import { uuid } from "./uuid_type.ts";
import { vector } from "./vector_type.ts";

/** The text of a parameter after it was read as `type`. */
function read(type: DataType, value: unknown): string {
  return type.output(type.fromJs(value));
}

function failsWith(type: DataType, value: unknown, code: string): void {
  const error = assertThrows(() => type.fromJs(value), KriyaError);
  assertEquals([type.name, error.code], [type.name, code], error.message);
}

Deno.test("a result given back as a parameter is the same value", () => {
  for (const type of COLUMN_TYPES) {
    // A Date has milliseconds only, and JSON.parse rounds numbers.
    if (["timestamp", "timestamptz", "json", "jsonb"].includes(type.name)) {
      continue;
    }
    fc.assert(
      fc.property(arbitraryOf(type), (value) => {
        // Lower bounds of arrays are not said in JavaScript.
        fc.pre(!(value instanceof SqlArray) || value.isPlain);
        const back = type.fromJs(type.toJs(value));
        assertEquals(type.compare(back, value), 0);
        assertEquals(type.output(back), type.output(value));
      }),
      { seed: 31, numRuns: 100 },
    );
  }
});

Deno.test("the text of a value given as a parameter is the same value", () => {
  for (const type of COLUMN_TYPES) {
    fc.assert(
      fc.property(arbitraryOf(type), (value) => {
        const back = type.fromJs(type.output(value));
        assertEquals(type.output(back), type.output(value));
      }),
      { seed: 32, numRuns: 100 },
    );
  }
});

Deno.test("integers take numbers, bigints and text, and name what does not fit", () => {
  assertEquals(int4.fromJs(7), 7);
  assertEquals(int4.fromJs(7n), 7);
  assertEquals(int4.fromJs("7"), 7);
  assert(Object.is(int4.fromJs(-0), 0));
  assertEquals(int8.fromJs(2n ** 60n), 2n ** 60n);
  assertEquals(int8.fromJs(2 ** 60), 2n ** 60n);
  assertEquals(int8.fromJs(5n), 5);
  assertEquals(int8.toJs(int8.fromJs("9007199254740991")), 9007199254740991);
  assertEquals(int8.toJs(int8.fromJs("9007199254740993")), 9007199254740993n);
  assertEquals(oid.fromJs(4294967295), 4294967295);
  const error = assertThrows(() => int2.fromJs(40000), KriyaError);
  assertEquals(
    [error.code, error.message],
    ["22003", 'value "40000" is out of range for type smallint'],
  );
  failsWith(int4, 2147483648n, "22003");
  failsWith(int8, 2n ** 63n, "22003");
  failsWith(int8, 1e300, "22003");
  failsWith(int4, 1.5, "22P02");
  failsWith(int4, NaN, "22P02");
  failsWith(int4, "x", "22P02");
  failsWith(int4, true, "22P02");
  failsWith(int4, { a: 1 }, "22P02");
  failsWith(int4, Symbol("x"), "22023");
  failsWith(int4, () => 1, "22023");
});

Deno.test("floats and numerics take numbers as they are", () => {
  assertEquals(float8.fromJs(0.1), 0.1);
  assertEquals(float4.fromJs(0.1), Math.fround(0.1));
  assertEquals(float8.fromJs(Infinity), Infinity);
  failsWith(float4, 1e39, "22003");
  failsWith(float4, 1e-50, "22003");
  failsWith(float8, "1e999", "22003");
  assertEquals(read(numeric, 0.1), "0.1");
  assertEquals(read(numeric, 10n ** 30n), String(10n ** 30n));
  assertEquals(numeric.toJs(Numeric.parse("1.50")), "1.50");
});

Deno.test("text takes everything a driver would send, and no broken text", () => {
  assertEquals(text.fromJs("é"), "é");
  assertEquals(text.fromJs(1.5), "1.5");
  assertEquals(text.fromJs(5n), "5");
  assertEquals(text.fromJs(false), "false");
  assertEquals(text.fromJs({ a: [1] }), '{"a":[1]}');
  assertEquals(text.fromJs(["a", 1]), '["a",1]');
  assertEquals(text.fromJs(new Uint8Array([1, 255])), "\\x01ff");
  assertEquals(text.fromJs(new Date(0)), "1970-01-01T00:00:00.000Z");
  assertEquals(text.fromJs(new URL("http://a/")), "http://a/");
  failsWith(text, "a\0b", "22021");
  failsWith(varchar, "\ud800", "22021");
  failsWith(text, new Date(NaN), "22023");
  assertEquals(name.fromJs("x".repeat(70)), "x".repeat(63));
});

Deno.test("booleans, uuids and bytes take their own forms and text", () => {
  assertEquals(bool.fromJs(true), true);
  assertEquals(bool.fromJs("off"), false);
  assertEquals(bool.fromJs(1), true);
  failsWith(bool, 2, "22P02");
  const id = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
  assertEquals(uuid.fromJs(id.toUpperCase()), id);
  failsWith(uuid, "x", "22P02");
  assertEquals(bytea.fromJs("\\x0102"), new Uint8Array([1, 2]));
  assertEquals(
    bytea.fromJs(new Uint8Array([1, 2]).buffer),
    new Uint8Array([1, 2]),
  );
});

Deno.test("bytes and vectors are copied on the way in and out", () => {
  const bytes = new Uint8Array([1, 2]);
  const inside = bytea.fromJs(bytes);
  bytes[0] = 9;
  assertEquals(inside, new Uint8Array([1, 2]));
  (bytea.toJs(inside) as Uint8Array)[0] = 9;
  assertEquals(inside, new Uint8Array([1, 2]));
  const floats = new Float32Array([1, 2]);
  const value = vector.fromJs(floats);
  floats[0] = 9;
  (vector.toJs(value) as Float32Array)[1] = 9;
  assertEquals(value, new Float32Array([1, 2]));
});

Deno.test("dates and times take Date, ISO text and Temporal's text", () => {
  const moment = new Date("2024-01-02T03:04:05.678Z");
  assertEquals(read(timestamptz, moment), "2024-01-02 03:04:05.678+00");
  assertEquals(read(timestamp, moment), "2024-01-02 03:04:05.678");
  assertEquals(read(date, moment), "2024-01-02");
  assertEquals(
    read(timestamptz, { toString: () => "2024-01-02T03:04:05.123456Z" }),
    "2024-01-02 03:04:05.123456+00",
  );
  assertEquals(read(timestamptz, Infinity), "infinity");
  assertEquals(timestamptz.toJs(timestamptz.fromJs("-infinity")), -Infinity);
  assertEquals(timestamptz.toJs(timestamptz.fromJs(moment)), moment);
  // Microseconds are cut off, towards the past.
  const micros = timestamptz.fromJs("1969-12-31 23:59:59.999999+00");
  assertEquals(timestamptz.toJs(micros), new Date(-1));
  assertEquals(
    read(timestamptz, new Date(-62198755200000)),
    "0002-01-01 00:00:00+00 BC",
  );
  assertEquals(
    timestamptz.toJs(timestamptz.fromJs("280000-01-01")),
    "280000-01-01 00:00:00+00",
  );
  assertEquals(date.toJs(date.fromJs("2024-02-29")), "2024-02-29");
  failsWith(date, "2023-02-29", "22008");
  failsWith(timestamptz, 5, "22007");
  failsWith(timestamptz, new Date(NaN), "22023");
  assertEquals(read(interval, "90 minutes"), "01:30:00");
});

Deno.test("what now and today mean comes from the context", () => {
  const context = { now: () => 86_400_000_000 * 10 + 3_600_000_000 };
  const shown = (type: DataType, value: string): string =>
    type.output(type.input(value, -1, context));
  assertEquals(shown(timestamptz, "now"), "2000-01-11 01:00:00+00");
  assertEquals(shown(timestamptz, "today"), "2000-01-11 00:00:00+00");
  assertEquals(shown(timestamp, "tomorrow 12:30"), "2000-01-12 12:30:00");
  assertEquals(shown(date, "yesterday"), "2000-01-10");
  assertEquals(shown(date, "now"), "2000-01-11");
});

Deno.test("json takes values, and text as JSON", () => {
  assertEquals(
    jsonb.fromJs({ b: 1, a: [null, "x"] }),
    '{"a": [null, "x"], "b": 1}',
  );
  assertEquals(jsonb.fromJs('{"a":1}'), '{"a": 1}');
  assertEquals(jsonb.fromJs(5), "5");
  assertEquals(jsonb.fromJs(10n ** 20n), "100000000000000000000");
  assertEquals(jsonb.fromJs(true), "true");
  assertEquals(json.fromJs({ b: 1 }), '{"b":1}');
  assertEquals(jsonb.toJs('{"a": [1]}'), { a: [1] });
  failsWith(jsonb, "not json", "22P02");
  failsWith(jsonb, { n: 1n }, "22023");
  failsWith(jsonb, Symbol("x"), "22023");
});

Deno.test("vectors take arrays, typed arrays and text", () => {
  const wanted = new Float32Array([1, 2, 3]);
  assertEquals(vector.fromJs([1, 2, 3]), wanted);
  assertEquals(vector.fromJs(wanted), wanted);
  assertEquals(vector.fromJs(new Float64Array([1, 2, 3])), wanted);
  assertEquals(vector.fromJs("[1, 2,3]"), wanted);
  failsWith(vector, [], "22000");
  failsWith(vector, [NaN], "22000");
  failsWith(vector, "[1,", "22P02");
  failsWith(vector, 5, "22P02");
});

Deno.test("text[] takes and gives arrays", () => {
  assertEquals(read(textArray, ["a", null, "b c", 1]), '{a,NULL,"b c",1}');
  assertEquals(read(textArray, '{a,"b c"}'), '{a,"b c"}');
  const value = textArray.input('{a,NULL,"b c"}', -1);
  assertEquals(textArray.toJs(value), ["a", null, "b c"]);
});

Deno.test("arrays of several dimensions are arrays of arrays", () => {
  const type = arrayTypeOf(int4)!;
  assertEquals(read(type, [[1, 2], [null, 4]]), "{{1,2},{NULL,4}}");
  assertEquals(type.toJs(type.input("{{1,2},{3,4}}", -1)), [[1, 2], [3, 4]]);
  assertEquals(type.toJs(type.input("[0:1]={1,2}", -1)), [1, 2]);
  assertEquals(read(type, new Int32Array([1, 2])), "{1,2}");
  assertEquals(read(type, []), "{}");
  assertEquals(read(type, [[], []]), "{}");
  failsWith(type, [[1], [2, 3]], "22P02");
  failsWith(type, [1, [2]], "22P02");
  failsWith(type, [[1], 2], "22P02");
  failsWith(type, ["x"], "22P02");
  failsWith(type, "{1", "22P02");
  failsWith(type, [[[[[[[1]]]]]]], "54000");
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  failsWith(type, cyclic, "54000");
  assertEquals(
    read(arrayTypeOf(jsonb)!, [[1], { a: 2 }]),
    '{[1],"{\\"a\\": 2}"}',
  );
  assertEquals(
    arrayTypeOf(timestamptz)!.toJs(
      arrayTypeOf(timestamptz)!.fromJs([new Date(0), null]),
    ),
    [new Date(0), null],
  );
});
