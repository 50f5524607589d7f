import { assert, assertEquals, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { compareBytes } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import { SqlError } from "../errors/sql_error.ts";
import {
  arbitraryOf,
  COLUMN_TYPES,
  nullableOf,
} from "../../tests/support/sql_values.ts";
import type { DataType, Nullable } from "../types/data_type.ts";
import { int4, int8 } from "../types/int_types.ts";
import { jsonb } from "../types/json_types.ts";
import { numeric } from "../types/numeric_type.ts";
import { text } from "../types/text_types.ts";
import { isKeyType } from "./key_bytes.ts";
import {
  keyAfter,
  type KeyBound,
  KeyCodec,
  type KeyColumn,
} from "./key_encoding.ts";

const KEY_TYPES = COLUMN_TYPES.filter(isKeyType);

/** The order that an index with these columns promises. */
function compareRows(
  columns: readonly KeyColumn[],
  a: readonly Nullable[],
  b: readonly Nullable[],
): number {
  for (let i = 0; i < columns.length; i++) {
    const { type, descending = false, nullsFirst = descending } = columns[i]!;
    const x = a[i]!;
    const y = b[i]!;
    if (x === null || y === null) {
      if (x === y) continue;
      return (x === null) === nullsFirst ? -1 : 1;
    }
    const order = type.compare(x, y);
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
}

Deno.test("every type but a few has a key form", () => {
  assertEquals(
    COLUMN_TYPES.filter((type) => !isKeyType(type)).map((type) => type.name),
    [
      "tsvector",
      "tsquery",
      "interval",
      "jsonb",
      "json",
      "xid",
      "cid",
      "char",
      "pg_snapshot",
      "txid_snapshot",
      "point",
      "lseg",
      "line",
      "box",
      "circle",
      "path",
      "polygon",
    ],
  );
  assertThrows(() => new KeyCodec([{ type: jsonb }]), SqlError, "jsonb");
});

for (const type of KEY_TYPES) {
  Deno.test(`KeyCodec: bytes of ${type.name} order as its values, and decode to equal ones`, () => {
    const up = new KeyCodec([{ type }]);
    const down = new KeyCodec([{ type, descending: true }]);
    fc.assert(
      fc.property(arbitraryOf(type), arbitraryOf(type), (a, b) => {
        const order = Math.sign(type.compare(a, b));
        assertEquals(
          Math.sign(compareBytes(up.encode([a]), up.encode([b]))),
          order,
        );
        assertEquals(
          Math.sign(compareBytes(down.encode([a]), down.encode([b]))),
          -order + 0,
        );
        for (const codec of [up, down]) {
          const [back] = codec.decode(codec.encode([a]));
          assertEquals(type.compare(back!, a), 0);
          assertEquals(type.hashKey(back!), type.hashKey(a));
        }
      }),
      { seed: 3, numRuns: 600 },
    );
  });
}

const arbitraryColumns = fc.array(
  fc.record({
    type: fc.constantFrom(...KEY_TYPES),
    descending: fc.boolean(),
    nullsFirst: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
);

/** Two rows that often agree in their first columns. */
function pairs(
  columns: readonly KeyColumn[],
): fc.Arbitrary<[Nullable[], Nullable[]]> {
  const row = fc.tuple(...columns.map((column) => nullableOf(column.type)));
  return fc.tuple(row, row, fc.nat({ max: columns.length }))
    .map(([a, b, shared]) => [a, [...a.slice(0, shared), ...b.slice(shared)]]);
}

Deno.test("[L-141] KeyCodec: keys of several columns order as the index says", () => {
  fc.assert(
    fc.property(
      arbitraryColumns.chain((columns) =>
        fc.tuple(fc.constant(columns), pairs(columns))
      ),
      ([columns, [a, b]]) => {
        const codec = new KeyCodec(columns);
        const order = compareBytes(codec.encode(a), codec.encode(b));
        assertEquals(Math.sign(order), Math.sign(compareRows(columns, a, b)));
        const values: Nullable[] = [];
        const bytes = new Uint8Array([9, ...codec.encode(a), 1, 2, 3]);
        const end = codec.decodePrefix(bytes, 1, bytes.length, values);
        assertEquals(end, bytes.length - 3);
        assertEquals(compareRows(columns, values, a), 0);
      },
    ),
    { seed: 5, numRuns: 1500 },
  );
});

Deno.test("KeyCodec.range holds exactly the keys that the bounds ask for", () => {
  const bound = (type: DataType): fc.Arbitrary<KeyBound | undefined> =>
    fc.option(
      fc.record({ value: arbitraryOf(type), inclusive: fc.boolean() }),
      { nil: undefined },
    );
  const types = [int4, text, numeric, int8];
  fc.assert(
    fc.property(
      fc.constantFrom(...types).chain((type) =>
        fc.tuple(
          fc.constant(type),
          nullableOf(type),
          bound(type),
          bound(type),
        )
      ),
      fc.constantFrom(1, 2, null),
      fc.boolean(),
      fc.boolean(),
      ([type, value, lower, upper], other, descending, nullsFirst) => {
        const codec = new KeyCodec([
          { type: int4 },
          { type, descending, nullsFirst },
          { type: text },
        ]);
        const { start, end } = codec.range([1], lower, upper);
        const key = codec.encode([other, value, "tail"]);
        const inside = compareBytes(key, start) >= 0 &&
          (end === undefined || compareBytes(key, end) < 0);
        const above = lower === undefined || (value !== null &&
          type.compare(value, lower.value) >= (lower.inclusive ? 0 : 1e-9));
        const below = upper === undefined || (value !== null &&
          type.compare(value, upper.value) <= (upper.inclusive ? 0 : -1e-9));
        assertEquals(inside, other === 1 && above && below);
      },
    ),
    { seed: 6, numRuns: 3000 },
  );
});

Deno.test("KeyCodec.encode of the first columns begins every key that has them", () => {
  const codec = new KeyCodec([{ type: text }, { type: int4 }]);
  const prefix = codec.encode(["a"]);
  for (const value of ["a", "ab", "", "a\u0001"]) {
    const key = codec.encode([value, 5]);
    const begins = compareBytes(key.subarray(0, prefix.length), prefix) === 0;
    assertEquals(begins, value === "a");
  }
});

Deno.test("keyAfter is the least string beyond a prefix", () => {
  assertEquals([...keyAfter(new Uint8Array([1, 255, 255]))!], [2]);
  assertEquals([...keyAfter(new Uint8Array([1, 2]))!], [1, 3]);
  assertEquals(keyAfter(new Uint8Array([255, 255])), undefined);
  assertEquals(keyAfter(new Uint8Array(0)), undefined);
});

Deno.test("KeyCodec writes small integers in two bytes", () => {
  const codec = new KeyCodec([{ type: int8 }]);
  const hex = (value: Nullable): string =>
    [...codec.encode([value])].map((x) => x.toString(16).padStart(2, "0"))
      .join(" ");
  assertEquals(hex(0), "01 80");
  assertEquals(hex(5), "01 81 05");
  assertEquals(hex(-1), "01 7f");
  assertEquals(hex(-2), "01 7e fe");
  assertEquals(hex(65536), "01 83 01 00 00");
  assertEquals(hex(null), "02");
});

Deno.test("KeyCodec fails as corrupt on damaged keys, and never otherwise", () => {
  let corrupt = 0;
  const damaged = (codec: KeyCodec, bytes: Uint8Array): void => {
    try {
      // What is read at all is what would have been written.
      assertEquals(codec.encode(codec.decode(bytes)), bytes.slice());
    } catch (error) {
      assert(error instanceof KriyaError, String(error));
      assertEquals(error.kind, "corrupt");
      assert(/^Cannot read "idx" at byte \d+: /.test(error.message));
      corrupt++;
    }
  };
  fc.assert(
    fc.property(
      arbitraryColumns.chain((columns) =>
        fc.tuple(fc.constant(columns), pairs(columns))
      ),
      fc.nat(),
      fc.integer({ min: 0, max: 7 }),
      fc.uint8Array({ maxLength: 30 }),
      ([columns, [row]], place, bit, noise) => {
        const codec = new KeyCodec(columns, "idx");
        const bytes = codec.encode(row);
        damaged(codec, bytes.slice(0, place % bytes.length));
        const flipped = bytes.slice();
        flipped[place % bytes.length]! ^= 1 << bit;
        damaged(codec, flipped);
        damaged(codec, noise);
        damaged(codec, new Uint8Array([...bytes, 0]));
        const marked = bytes.slice();
        marked[marked.length - 1] = marked.at(-1)! ^ (place % 256);
        damaged(codec, marked);
      },
    ),
    { seed: 12, numRuns: 800 },
  );
  assert(corrupt > 1600, `${corrupt} corrupt`);
  for (const type of KEY_TYPES) {
    const codec = new KeyCodec([{ type }], "idx");
    fc.assert(
      fc.property(
        arbitraryOf(type),
        fc.nat(),
        fc.nat({ max: 255 }),
        (value, place, byte) => {
          const bytes = codec.encode([value]);
          bytes[1 + place % (bytes.length - 1)] = byte < 8 ? byte & 1 : byte;
          damaged(codec, bytes);
        },
      ),
      { seed: 13, numRuns: 400 },
    );
  }
});
