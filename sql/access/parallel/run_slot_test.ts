import { assertEquals } from "@std/assert";
import { fc } from "fast-check";
import type { EntryRun } from "../../../storage/mvcc/entry_run.ts";
import { ROW_KEY_BYTES } from "../row_key.ts";
import { readSlot, SLOT_BYTES, SlotWriter } from "./run_slot.ts";

/** A run of rows whose values lie in this order, with gaps between them. */
function runOf(values: readonly Uint8Array[], gap: number): EntryRun {
  const count = values.length;
  const bytes = new Uint8Array(
    values.reduce((sum, { length }) => sum + length + gap, 7),
  );
  const keys = new Uint8Array(count * ROW_KEY_BYTES + 3);
  const run = {
    count,
    keys,
    keyStarts: new Uint32Array(count),
    keyEnds: new Uint32Array(count),
    values: bytes,
    valueStarts: new Uint32Array(count),
    valueEnds: new Uint32Array(count),
    sequences: new Float64Array(count),
    kinds: new Uint8Array(count),
  };
  let at = 7;
  values.forEach((value, row) => {
    keys.fill(row + 1, 3 + row * ROW_KEY_BYTES, 3 + (row + 1) * ROW_KEY_BYTES);
    run.keyStarts[row] = 3 + row * ROW_KEY_BYTES;
    run.keyEnds[row] = 3 + (row + 1) * ROW_KEY_BYTES;
    bytes.set(value, at);
    run.valueStarts[row] = at;
    run.valueEnds[row] = at + value.length;
    at += value.length + gap;
  });
  return run;
}

function rowsOf(run: EntryRun): [number, string][] {
  return Array.from({ length: run.count }, (_, row) => [
    run.keys[run.keyStarts[row]! + ROW_KEY_BYTES - 1]!,
    run.values.subarray(run.valueStarts[row], run.valueEnds[row]).join(),
  ]);
}

Deno.test("a slot gives back the rows of its runs, however their bytes lie", () => {
  const run = fc.record({
    values: fc.array(fc.uint8Array({ maxLength: 40 }), {
      minLength: 1,
      maxLength: 30,
    }),
    gap: fc.constantFrom(0, 1, 50),
  });
  fc.assert(
    fc.property(fc.array(run, { maxLength: 5 }), fc.nat(3), (runs, first) => {
      const memory = new SharedArrayBuffer(SLOT_BYTES + 64);
      const writer = new SlotWriter();
      writer.begin(memory, 64);
      const expected: [number, string][] = [];
      for (const { values, gap } of runs) {
        const run = runOf(values, gap);
        const from = Math.min(first, run.count);
        assertEquals(writer.add(run, from, 100), run.count - from);
        expected.push(...rowsOf(run).slice(from));
      }
      assertEquals(writer.rowCount, expected.length);
      const bytes = new Uint8Array(writer.finish());
      bytes.set(new Uint8Array(memory, 64, bytes.length));
      assertEquals(readSlot(bytes).flatMap(rowsOf), expected);
    }),
  );
});

Deno.test("a slot takes the rows that fit, and none that is larger than it", () => {
  const memory = new SharedArrayBuffer(SLOT_BYTES);
  const writer = new SlotWriter();
  const run = runOf(
    Array.from({ length: 100 }, () => new Uint8Array(5000).fill(9)),
    0,
  );
  writer.begin(memory, 0);
  let added = 0;
  for (let more = 1; more > 0; added += more) {
    more = writer.add(run, added, 1000);
  }
  assertEquals(added, Math.floor(SLOT_BYTES / 5030) - 1);
  assertEquals(writer.finish() <= SLOT_BYTES, true);
  writer.begin(memory, 0);
  assertEquals(writer.add(runOf([new Uint8Array(SLOT_BYTES)], 0), 0, 1), 0);
  writer.begin(memory, 0);
  assertEquals(writer.add(run, 5, 7), 7);
});
