import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { compareBytes } from "../../base/bytes.ts";
import { KIND_DELETE, KIND_PUT } from "../mvcc/internal_key.ts";
import { EntryTree } from "./entry_tree.ts";

/** The plain twin: entries in an array that is sorted after every change. */
interface Entry {
  readonly key: Uint8Array;
  readonly sequence: number;
  readonly value: Uint8Array;
  readonly node: number;
}

class SortedArray {
  entries: Entry[] = [];

  insert(entry: Entry): void {
    this.entries.push(entry);
    this.entries.sort((a, b) =>
      compareBytes(a.key, b.key) || b.sequence - a.sequence
    );
  }

  seek(key: Uint8Array, sequence: number): number {
    return this.entries.find((entry) => {
      const order = compareBytes(entry.key, key);
      return order > 0 || (order === 0 && entry.sequence <= sequence);
    })?.node ?? 0;
  }

  find(key: Uint8Array, sequence: number): number {
    return this.entries.find((entry) =>
      entry.sequence <= sequence && compareBytes(entry.key, key) === 0
    )?.node ?? 0;
  }

  seekBefore(key: Uint8Array): number {
    return this.entries.findLast((entry) => compareBytes(entry.key, key) < 0)
      ?.node ?? 0;
  }

  remove(node: number): void {
    this.entries = this.entries.filter((entry) => entry.node !== node);
  }
}

type Step =
  | { kind: "insert"; key: Uint8Array; sequence: number }
  | { kind: "burst"; key: Uint8Array; count: number }
  | { kind: "remove"; count: number }
  | { kind: "seek"; key: Uint8Array; sequence: number };

// Few letters and many lengths: keys that begin alike, and that end others.
const key = fc.array(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), {
  minLength: 1,
  maxLength: 11,
  size: "max",
}).map((tree) => new Uint8Array(tree));
const sequence = fc.integer({ min: 1, max: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("insert" as const),
      key,
      sequence,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("burst" as const),
      key,
      count: fc.integer({ min: 2, max: 40 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("remove" as const),
      count: fc.integer({ min: 1, max: 10 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("seek" as const), key, sequence }),
  },
);

function insert(tree: EntryTree, model: SortedArray, entry: {
  key: Uint8Array;
  sequence: number;
}): void {
  const { key, sequence } = entry;
  const node = model.seek(key, sequence);
  const there = model.entries.find((entry) => entry.node === node);
  if (there?.sequence === sequence && compareBytes(there.key, key) === 0) {
    return;
  }
  const value = new Uint8Array([tree.count & 0xff, sequence]);
  const keyStart = tree.table.append(key);
  const valueStart = tree.table.append(value);
  tree.insert(
    keyStart,
    keyStart + key.length,
    valueStart,
    valueStart + value.length,
    sequence,
    sequence % 2 === 0 ? KIND_PUT : KIND_DELETE,
  );
  model.insert({ key: key.slice(), sequence, value, node: tree.count });
}

function assertSame(tree: EntryTree, model: SortedArray): void {
  tree.check();
  assertEquals(tree.count, model.entries.length);
  let node = tree.first();
  for (const entry of model.entries) {
    assertEquals(node, entry.node);
    assert(tree.table.isKey(node, entry.key, 0, entry.key.length));
    assertEquals(tree.table.sequence(node), entry.sequence);
    assertEquals(tree.find(entry.key, entry.sequence), node);
    assertEquals(
      tree.find(entry.key, Number.MAX_SAFE_INTEGER),
      model.find(entry.key, Number.MAX_SAFE_INTEGER),
    );
    assertEquals(
      tree.table.kind(node),
      entry.sequence % 2 === 0 ? KIND_PUT : KIND_DELETE,
    );
    const value = tree.table.arena.subarray(
      tree.table.valueStart(node),
      tree.table.valueEnd(node),
    );
    assertEquals(compareBytes(value, entry.value), 0);
    node = tree.table.next(node);
  }
  assertEquals(node, 0);
  assertEquals(tree.last(), model.entries.at(-1)?.node ?? 0);
}

Deno.test("[K-012, L-058] an entry tree agrees with a sorted array through inserts, bursts in order and removals", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const tree = new EntryTree();
      const model = new SortedArray();
      for (const step of steps) {
        switch (step.kind) {
          case "insert":
            insert(tree, model, step);
            break;
          case "burst":
            // In order: each finds its place from the one before.
            for (let i = 0; i < step.count; i++) {
              const key = new Uint8Array([...step.key, i]);
              insert(tree, model, { key, sequence: 5 });
            }
            break;
          case "remove":
            for (let i = 0; i < step.count && tree.count > 0; i++) {
              model.remove(tree.count);
              tree.removeLast();
            }
            break;
          case "seek":
            assertEquals(
              tree.seek(step.key, step.sequence),
              model.seek(step.key, step.sequence),
            );
            assertEquals(
              tree.seekBefore(step.key),
              model.seekBefore(step.key),
            );
            assertEquals(
              tree.find(step.key, step.sequence),
              model.find(step.key, step.sequence),
            );
        }
      }
      assertSame(tree, model);
    }),
    { numRuns: 300 },
  );
});

Deno.test("an entry tree of thousands of entries keeps its order while its arrays grow", () => {
  const tree = new EntryTree();
  const model = new SortedArray();
  let state = 1;
  for (let i = 0; i < 3000; i++) {
    state = (state * 48271) % 0x7fff_ffff;
    const key = new Uint8Array(8);
    new DataView(key.buffer).setUint32(state % 5, i % 3 === 0 ? i : state);
    const keyStart = tree.table.append(key);
    tree.insert(keyStart, keyStart + 8, keyStart, keyStart, i, KIND_PUT);
    model.entries.push({ key, sequence: i, value: key, node: tree.count });
  }
  model.entries.sort((a, b) =>
    compareBytes(a.key, b.key) || b.sequence - a.sequence
  );
  tree.check();
  for (const { key, sequence, node } of model.entries) {
    assertEquals(tree.seek(key, sequence), node);
  }
  while (tree.count > 0) {
    tree.removeLast();
    if (tree.count % 50 === 0) tree.check();
  }
  assertEquals([tree.first(), tree.last(), tree.count], [0, 0, 0]);
});

Deno.test("the arena that a reader holds keeps its bytes when the tree grows", () => {
  const tree = new EntryTree();
  const key = new Uint8Array([7, 8, 9]);
  tree.insert(tree.table.append(key), 3, 3, 3, 1, KIND_PUT);
  const held = tree.table.arena.subarray(0, 3);
  for (let i = 0; i < 5000; i++) {
    tree.table.append(new Uint8Array([1, 2, 3, 4]));
  }
  assert(tree.table.arena.buffer !== held.buffer);
  assertEquals(held, key);
  assert(tree.table.isKey(tree.first(), key, 0, key.length));
});

Deno.test("seek takes a key that is longer than any before", () => {
  const tree = new EntryTree();
  const long = new Uint8Array(70_000).fill(5);
  assertEquals(tree.seek(long, 1), 0);
  const start = tree.table.append(long);
  tree.insert(start, start + long.length, 0, 0, 3, KIND_PUT);
  assertEquals(tree.seek(long, 3), 1);
  assertEquals(tree.seek(long, 2), 0);
  assertEquals(tree.seekBefore(long), 0);
});

Deno.test("[L-102] a key with one version is found without a search of the tree, whoever changes others, and has one entry and no chain", () => {
  const tree = new EntryTree();
  const { table } = tree;
  const keyOf = (i: number): Uint8Array =>
    new Uint8Array([i >> 8, i & 0xff, 7, 7, 7, 7]);
  const insert = (i: number, sequence: number): void => {
    const start = table.append(keyOf(i));
    tree.insert(start, start + 6, start, start, sequence, KIND_PUT);
  };
  for (let i = 0; i < 5000; i++) insert(i, i + 1);
  // One key is written again and again.
  for (let version = 0; version < 50; version++) insert(2500, 10_000 + version);
  assertEquals(tree.count, 5050);
  for (let i = 0; i < 5000; i++) {
    const entry = tree.find(keyOf(i), 9000);
    assertEquals(table.sequence(entry), i + 1);
    assertEquals(tree.searchCount, i < 2500 ? 0 : 1, `key ${i}`);
  }
  // The newest version of any key, and one that is not there.
  assertEquals(table.sequence(tree.find(keyOf(2500), Infinity)), 10_049);
  assertEquals(tree.find(keyOf(6000), Infinity), 0);
  assertEquals(tree.searchCount, 1);
});
