import { assert, assertEquals, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { ByteWriter } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import { bytes, text } from "../../tests/support/lsm_contents.ts";
import {
  KEY_BYTES_MAX,
  KIND_DELETE,
  KIND_PUT,
  VALUE_BYTES_MAX,
} from "../mvcc/internal_key.ts";
import {
  batchWrites,
  batchWritesIn,
  decodeBatch,
  findInBatch,
  type SealedBatch,
  WriteBatch,
} from "./write_batch.ts";

type Operation =
  | { kind: "put"; key: string; value: string; checked: boolean }
  | { kind: "delete"; key: string; checked: boolean }
  | { kind: "range"; start: string; end: string };

const key = fc.integer({ min: 0, max: 25 }).map((n) =>
  "k".repeat(1 + n % 2) + n
);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("put" as const),
      key,
      value: fc.string({ maxLength: 60, size: "max" })
        .map((s) => s.toWellFormed()),
      checked: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("delete" as const),
      key,
      checked: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("range" as const),
      start: fc.oneof(key, fc.constant("")),
      end: key,
    }),
  },
);
const operations = fc.array(operation, { maxLength: 60, size: "max" });

function batchOf(operations: readonly Operation[]): WriteBatch {
  const batch = new WriteBatch();
  for (const operation of operations) {
    if (operation.kind === "put") {
      const { key, value, checked } = operation;
      batch.put(bytes(key), bytes(value), checked);
    } else if (operation.kind === "delete") {
      batch.delete(bytes(operation.key), operation.checked);
    } else batch.deleteRange(bytes(operation.start), bytes(operation.end));
  }
  return batch;
}

/** What a batch does to each of the keys: a value, gone, or nothing. */
function effects(batch: SealedBatch): Map<string, string | undefined> {
  const found = new Map<string, string | undefined>();
  for (let n = 0; n <= 25; n++) {
    const key = "k".repeat(1 + n % 2) + n;
    const row = findInBatch(batch, bytes(key));
    if (row >= 0) {
      const { payload, valueStarts, valueEnds } = batch;
      const value = payload.subarray(valueStarts[row], valueEnds[row]);
      const deleted = batch.kinds[row] === KIND_DELETE;
      found.set(key, deleted ? undefined : text(value));
    } else if (
      batch.ranges.some(({ start, end }) =>
        text(start)! <= key && key < text(end)!
      )
    ) found.set(key, undefined);
  }
  return found;
}

/** The same from the operations one after the other. */
function modelOf(
  operations: readonly Operation[],
): Map<string, string | undefined> {
  const model = new Map<string, string | undefined>();
  for (const operation of operations) {
    if (operation.kind === "put") model.set(operation.key, operation.value);
    else if (operation.kind === "delete") model.set(operation.key, undefined);
    else {
      for (let n = 0; n <= 25; n++) {
        const key = "k".repeat(1 + n % 2) + n;
        if (operation.start <= key && key < operation.end) {
          model.set(key, undefined);
        }
      }
    }
  }
  return model;
}

const sortedEntries = (
  map: Map<string, string | undefined>,
): [string, string | undefined][] =>
  [...map].sort(([a], [b]) => a < b ? -1 : 1);

Deno.test("[L-021] a batch does what its writes do one after the other", () => {
  fc.assert(
    fc.property(operations, (operations) => {
      const sealed = batchOf(operations).seal();
      assertEquals(
        sortedEntries(effects(sealed)),
        sortedEntries(modelOf(operations)),
      );
    }),
    { numRuns: 400 },
  );
});

Deno.test("a sealed batch is in the order of its keys, each once", () => {
  fc.assert(
    fc.property(operations, (operations) => {
      const { count, payload, keyStarts, keyEnds } = batchOf(operations).seal();
      const keys = Array.from(
        { length: count },
        (_, row) => text(payload.subarray(keyStarts[row], keyEnds[row]))!,
      );
      assertEquals(keys, [...new Set(keys)].sort());
    }),
    { numRuns: 200 },
  );
});

Deno.test("a key stays checked if any of its writes was, also under a range", () => {
  fc.assert(
    fc.property(operations, (operations) => {
      const sealed = batchOf(operations).seal();
      const checked = new Set(
        operations.flatMap((operation) =>
          operation.kind !== "range" && operation.checked ? [operation.key] : []
        ),
      );
      for (const key of checked) {
        const row = findInBatch(sealed, bytes(key));
        assert(row >= 0, `${key} is not in the batch`);
        assertEquals(sealed.checked[row], 1);
      }
      const marked = Array.from({ length: sealed.count }, (_, row) => row)
        .filter((row) => sealed.checked[row] === 1);
      assertEquals(marked.length, checked.size);
    }),
    { numRuns: 300 },
  );
});

Deno.test("[L-119] the payload of a batch comes back from the log", () => {
  fc.assert(
    fc.property(operations, (operations) => {
      const sealed = batchOf(operations).seal();
      const decoded = decodeBatch(sealed.payload.slice(), "wal/x");
      assertEquals(
        sortedEntries(effects(decoded)),
        sortedEntries(effects(sealed)),
      );
      assertEquals(decoded.count, sealed.count);
      assertEquals(
        decoded.ranges,
        sealed.ranges.map(({ start, end }) => ({ start, end })),
      );
    }),
    { numRuns: 200 },
  );
});

Deno.test("batchWrites and batchWritesIn agree with a look at every key", () => {
  fc.assert(
    fc.property(operations, key, key, (operations, wanted, other) => {
      fc.pre(wanted !== other);
      const sealed = batchOf(operations).seal();
      const written = effects(sealed);
      const encoded = bytes(wanted);
      assertEquals(
        batchWrites(sealed, encoded, 0, encoded.length),
        written.has(wanted),
      );
      const [start, end] = [wanted, other].sort() as [string, string];
      const overlaps = sealed.ranges.some((range) =>
        text(range.start)! < end && start < text(range.end)!
      );
      const has = [...written.keys()].some((key) => start <= key && key < end);
      assertEquals(
        batchWritesIn(sealed, bytes(start), bytes(end)),
        has || overlaps,
      );
    }),
    { numRuns: 400 },
  );
});

Deno.test("keys of 1 to 65,535 bytes are taken, others refused", () => {
  const batch = new WriteBatch();
  const longest = new Uint8Array(KEY_BYTES_MAX).fill(7);
  batch.put(longest, bytes("v"));
  batch.delete(Uint8Array.of(0));
  const sealed = batch.seal();
  assertEquals(findInBatch(sealed, longest), 1);
  assertEquals(decodeBatch(sealed.payload, "").count, 2);
  for (const key of [new Uint8Array(0), new Uint8Array(KEY_BYTES_MAX + 1)]) {
    for (
      const write of [
        () => new WriteBatch().put(key, bytes("v")),
        () => new WriteBatch().delete(key),
      ]
    ) {
      const error = assertThrows(write, KriyaError, "1 to 65535 are allowed");
      assertEquals([error.kind, error.code], ["invalid", "54000"]);
    }
  }
});

Deno.test("a value over 1 GiB is refused before a byte of it is touched", () => {
  const batch = new WriteBatch();
  const error = assertThrows(
    () => batch.putRange(bytes("k"), 0, 1, bytes(""), 0, VALUE_BYTES_MAX + 1),
    KriyaError,
    "at most 1073741824 are allowed",
  );
  assertEquals([error.kind, error.code], ["invalid", "54000"]);
  assertEquals(batch.isEmpty, true);
});

Deno.test("empty values and stretches of larger arrays", () => {
  const batch = new WriteBatch();
  const larger = bytes("--key--value--");
  batch.putRange(larger, 2, 5, larger, 7, 12);
  batch.put(bytes("empty"), new Uint8Array(0));
  batch.deleteRangeOf(larger, 5, 9);
  const sealed = batch.seal();
  const value = (key: string): string | undefined => {
    const row = findInBatch(sealed, bytes(key));
    return row < 0 ? undefined : text(
      sealed.payload.subarray(sealed.valueStarts[row], sealed.valueEnds[row]),
    );
  };
  assertEquals([value("key"), value("empty")], ["value", ""]);
  assertEquals(
    sealed.kinds[findInBatch(sealed, bytes("--va"))],
    KIND_DELETE,
  );
});

Deno.test("a sealed batch takes no more writes, and seals to the same", () => {
  const batch = new WriteBatch();
  batch.put(bytes("b"), bytes("1"));
  batch.put(bytes("a"), bytes("2"));
  const sealed = batch.seal();
  assert(batch.seal() === sealed);
  for (
    const write of [
      () => batch.put(bytes("c"), bytes("")),
      () => batch.delete(bytes("c")),
      () => batch.deleteRange(bytes("a"), bytes("b")),
    ]
  ) assertThrows(write, KriyaError, "batch is sealed");
});

/** A payload of hand-written fields. */
function crafted(
  count: number,
  ranges: number,
  fields: readonly (number | string)[],
): Uint8Array {
  const writer = new ByteWriter();
  writer.u32(count);
  writer.u32(ranges);
  for (const field of fields) {
    if (typeof field === "number") writer.u8(field);
    else writer.bytes(bytes(field));
  }
  return writer.toBytes();
}

Deno.test("a payload that breaks a rule is corrupt", () => {
  const put = KIND_PUT;
  assertEquals(decodeBatch(crafted(1, 0, [put, "a", "1"]), "wal/x").count, 1);
  const broken = [
    new Uint8Array(0),
    crafted(0xffff_ffff, 0, [put, "a", "1"]),
    crafted(0, 0xffff_ffff, [put, "a", "1"]),
    crafted(2, 0, [put, "a", "1"]),
    crafted(1, 0, [put, "a", "1", put, "b", "1"]),
    crafted(2, 0, [put, "b", "1", put, "a", "1"]),
    crafted(2, 0, [put, "a", "1", put, "a", "1"]),
    crafted(1, 0, [4, "a", "1"]),
    crafted(1, 0, [3, "a", "b"]),
    crafted(0, 1, [put, "a", "b"]),
    crafted(0, 1, [3, "b", "b"]),
    crafted(1, 0, [put, "", "1"]),
    crafted(1, 0, [put, "k".repeat(65_536), "1"]),
  ];
  for (const payload of broken) {
    const error = assertThrows(
      () => decodeBatch(payload, "wal/x"),
      KriyaError,
      `Cannot read "wal/x" at byte`,
    );
    assertEquals(error.kind, "corrupt");
  }
});
