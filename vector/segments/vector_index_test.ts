import { assert, assertEquals, assertThrows } from "@std/assert";
import { clusteredVectors } from "../../tests/support/vector_data.ts";
import { type Environment, systemEnvironment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { FlatIndex } from "../search/flat_search.ts";
import { decodeDeletions, encodeDeletions } from "./deletion_log.ts";
import { indexProblem } from "./index_check.ts";
import { encodeSegment } from "./segment_encoder.ts";
import { decodeSegment } from "./segment_loader.ts";
import { VectorIndex } from "./vector_index.ts";

const of = (...values: number[]): Float32Array => Float32Array.from(values);

/** An index of points on a line: locator i lies at i. */
function line(count: number, dims = 2): VectorIndex {
  const index = new VectorIndex({ dims, seed: 4, m: 4, efConstruction: 20 });
  for (let i = 0; i < count; i++) {
    const vector = new Float32Array(dims);
    vector[0] = i;
    index.insert(i, vector, i + 1);
  }
  return index;
}

/** Seals all live rows at once. */
function seal(index: VectorIndex, horizon = 0): void {
  const job = index.startSeal({ horizon })!;
  while (!job.step(1000)) continue;
  index.install(job);
}

function refusal(fn: () => unknown): string {
  const error = assertThrows(fn, KriyaError);
  return `${error.kind} ${error.code} ${error.message}`;
}

Deno.test("VectorIndex refuses options, vectors and queries that do not fit", () => {
  const make = (options: object): () => VectorIndex => () =>
    new VectorIndex({ dims: 2, ...options });
  const bounds = (name: string, value: number): string =>
    `invalid 22023 value ${value} out of bounds for option "${name}"`;
  const index = line(2);
  const cases: [() => unknown, string][] = [
    [make({ dims: 0 }), bounds("dimensions", 0)],
    [make({ dims: 16_001 }), bounds("dimensions", 16_001)],
    [make({ m: 1 }), bounds("m", 1)],
    [make({ m: 101 }), bounds("m", 101)],
    [make({ m: 2.5 }), bounds("m", 2.5)],
    [make({ efConstruction: 3 }), bounds("ef_construction", 3)],
    [make({ efConstruction: 1001 }), bounds("ef_construction", 1001)],
    [
      make({ m: 16, efConstruction: 31 }),
      "invalid 22023 ef_construction must be greater than or equal to 2 * m",
    ],
    [make({ minRecall: 0 }), bounds("min_recall", 0)],
    [make({ minRecall: 1.1 }), bounds("min_recall", 1.1)],
    [
      () => index.insert(9, of(1), 9),
      "invalid 22000 expected 2 dimensions, not 1",
    ],
    [
      () => index.search([1, 2, 3]),
      "invalid 22000 different vector dimensions 2 and 3",
    ],
    [() => index.search([1, NaN]), "invalid 22000 NaN not allowed in vector"],
    [
      () => index.search([1, 2], { minRecall: -1 }),
      bounds("min_recall", -1),
    ],
  ];
  for (const [fn, message] of cases) assertEquals(refusal(fn), message);
  assertThrows(() => index.insert(1, of(1, 1), 5), KriyaError, "two open");
  assertThrows(() => index.insert(2 ** 48, of(1, 1), 5), KriyaError, "locator");
  assertThrows(() => index.insert(0.5, of(1, 1), 5), KriyaError, "locator");
});

Deno.test("an empty index gives nothing, and has nothing to seal", () => {
  const index = new VectorIndex({ dims: 3 });
  assertEquals(index.search([1, 2, 3]).next(5).count, 0);
  assertEquals(index.startSeal(), undefined);
  assertEquals(index.end(1, 4), false);
  assertEquals([index.count, index.lastSeq, index.sealedTo], [0, 4, 4]);
});

Deno.test("cursors of one index do not disturb each other", () => {
  for (const isSealed of [false, true]) {
    const index = line(400);
    if (isSealed) seal(index);
    const queries = [0, 399, 200];
    const cursors = queries.map((x) =>
      index.search([x, 0], { k: 3, ef: 5, plan: "graph" })
    );
    const found = queries.map((): number[] => []);
    for (let round = 0; round < 30; round++) {
      cursors.forEach((cursor, i) => {
        found[i]!.push(...cursor.next(4).locators);
      });
    }
    found.forEach((rows, i) => {
      assertEquals(new Set(rows).size, 120);
      const nearest = Array.from({ length: 400 }, (_, x) => x)
        .sort((a, b) => Math.abs(a - queries[i]!) - Math.abs(b - queries[i]!));
      const far = Math.abs(nearest[119]! - queries[i]!);
      assert(rows.every((x) => Math.abs(x - queries[i]!) <= far));
    });
  }
});

Deno.test("a cursor sees neither later inserts nor later ends", () => {
  const index = line(300);
  seal(index);
  for (let i = 300; i < 320; i++) index.insert(i, of(i, 0), 301);
  const cursor = index.search([310, 0], { k: 2 });
  const first = [...cursor.next(2).locators];
  assertEquals(first[0], 310);
  index.end(311, 302);
  index.end(309, 302);
  index.end(5, 302);
  index.insert(400, of(310, 0), 303);
  seal(index);
  index.insert(401, of(310, 0), 304);
  const rest = [...cursor.next(1000).locators];
  assertEquals(
    [...first, ...rest].sort((a, b) => a - b),
    Array.from({ length: 320 }, (_, i) => i),
  );
  const now = [...index.search([310, 0]).next(1000).locators];
  assertEquals(now.length, 319);
  assertEquals(now.slice(0, 3).sort(), [310, 400, 401]);
  assert(!now.includes(311) && !now.includes(5));
});

Deno.test("a row added after a search is found by the next", () => {
  const index = line(5, 3);
  index.end(2, 6);
  const query = [2, 0, 0];
  assertEquals(index.search(query).next(9).count, 4);
  index.insert(50, of(2, 0, 0), 7);
  assertEquals(index.search(query).next(9).locators[0], 50);
});

Deno.test("rows are right where a bitmap had been before the segment grew", () => {
  const index = line(16, 3);
  for (let i = 0; i < 15; i++) index.end(i, 17);
  for (let i = 16; i < 400; i++) {
    index.insert(i, of(i, 0, 0), i + 2);
    const batch = index.search([i, 0, 0]).next(2);
    assertEquals([...batch.locators], [i, i - 1]);
    assertEquals([...batch.distances], [0, 1]);
  }
});

Deno.test("a segment that ends within a commit is completed by the log", () => {
  const index = new VectorIndex({ dims: 2, seed: 1 });
  index.insert(1, of(1, 0), 5);
  seal(index);
  index.insert(2, of(2, 0), 5);
  const reopened = new VectorIndex({ dims: 2, seed: 1 });
  const bytes = encodeSegment(index.sealed[0]!);
  reopened.addSealed(decodeSegment(bytes, "vec"));
  assertEquals(reopened.replayFrom, 5);
  assertEquals(reopened.insert(1, of(1, 0), 5), false);
  assertEquals(reopened.insert(2, of(2, 0), 5), true);
  assertEquals([...reopened.search([0, 0]).next(9).locators], [1, 2]);
});

Deno.test("a full live segment makes room for another, within a commit too", () => {
  const index = new VectorIndex({ dims: 1, seed: 1, segmentRowsMax: 10 });
  for (let i = 0; i < 25; i++) index.insert(i, of(i), 1 + Math.floor(i / 4));
  assertEquals([index.liveCount, index.sealedTo], [25, 0]);
  assertEquals(index.search([0]).next(99).count, 25);
  seal(index);
  assertEquals([index.sealed[0]!.count, index.liveCount], [10, 15]);
  // Rows 8 and 9 came with commit 3, and so did 10 and 11.
  assertEquals([index.sealed[0]!.coveredTo, index.sealedTo], [3, 2]);
  seal(index);
  seal(index);
  assertEquals(index.sealed.map(({ count }) => count), [10, 10, 5]);
  assertEquals([index.liveCount, index.sealedTo, index.lastSeq], [0, 7, 7]);
  assertEquals(index.search([0]).next(99).count, 25);
});

Deno.test("pickMerge takes idle segments, and no more than one can hold", () => {
  const index = new VectorIndex({ dims: 1, seed: 1, segmentRowsMax: 25 });
  for (let i = 0; i < 40; i++) {
    index.insert(i, of(i), i + 1);
    if (i % 10 === 9) seal(index);
  }
  assertEquals(index.pickMerge(0), index.sealed.slice(0, 2));
  const job = index.startMerge(index.pickMerge(0)!, 0);
  assertEquals(index.pickMerge(0, { fanout: 2 }), index.sealed.slice(2));
  assertEquals(index.pickMerge(0), undefined);
  while (!job.step(10)) continue;
  index.install(job);
  assertEquals(index.sealed.map(({ count }) => count), [10, 10, 20]);
});

Deno.test("ends that come while a segment is built are carried over", () => {
  const index = line(200);
  const job = index.startSeal()!;
  job.step(0);
  assertEquals(index.end(7, 500), true);
  index.insert(1000, of(7, 0.5), 500);
  assertEquals(index.search([7, 0]).next(1).locators[0], 1000);
  while (!job.step(0)) continue;
  assertEquals(index.end(8, 501), true);
  index.install(job);
  assertEquals(index.sealed[0]!.count, 200);
  assertEquals(index.liveCount, 1);
  assertEquals([...index.search([7, 0]).next(2).locators], [1000, 6]);
  assertEquals(index.search([7, 0]).next(200).count, 199);
  const before = index.search([7, 0], { snapshot: 499 }).next(3);
  assertEquals([...before.locators].sort(), [6, 7, 8]);
  assertEquals(indexProblem(index), undefined);
});

Deno.test("a seal or merge drops what no snapshot from the horizon on sees", () => {
  const index = line(100);
  for (let i = 0; i < 50; i++) index.end(i, 200 + i);
  seal(index, 209);
  assertEquals(index.count, 90);
  assertEquals(index.facts(209), [{ entries: 90, dead: 0 }]);
  assertEquals(index.facts(229), [{ entries: 90, dead: 20 }]);
  const visible = index.search([0, 0], { snapshot: 229 }).next(200);
  assertEquals(visible.count, 70);
  const job = index.startMerge(index.sealed, 229);
  assert(index.isBusy(index.sealed[0]!));
  while (!job.step(100)) continue;
  index.install(job);
  assertEquals([index.count, index.sealed.length], [70, 1]);
  for (let i = 30; i < 100; i++) index.end(i, 300 + i);
  const last = index.startMerge(index.sealed, 1000);
  while (!last.step(100)) continue;
  assertEquals(last.segment, undefined);
  index.install(last);
  assertEquals([index.count, index.sealed.length], [0, 0]);
});

Deno.test("a job that is abandoned leaves its rows where they are", () => {
  const index = line(100);
  const job = index.startSeal()!;
  job.step(0);
  assertEquals(index.startSeal(), undefined);
  index.abandon(job);
  index.insert(200, of(50, 1), 200);
  assertEquals(index.search([50, 0]).next(500).count, 101);
  assertEquals(assertThrows(() => job.step(1), KriyaError).kind, "closed");
  assertEquals(
    assertThrows(() => index.install(job), KriyaError).kind,
    "closed",
  );
  const again = index.startSeal()!;
  assertEquals(again.sources.length, 2);
  while (!again.step(10)) continue;
  index.install(again);
  assertEquals([index.sealed[0]!.count, index.liveCount], [101, 0]);
  assertThrows(() => index.install(again), KriyaError, "abandoned");
});

Deno.test("a rollback takes back begins and ends, jobs and cursors", () => {
  const index = line(50);
  seal(index);
  index.end(10, 60);
  index.insert(10, of(10, 1), 60);
  index.insert(90, of(90, 0), 61);
  const old = index.search([10, 0], { snapshot: 55 });
  const later = index.search([10, 0]);
  const job = index.startSeal()!;
  index.rollbackTo(59);
  assertEquals([index.lastSeq, index.count], [59, 52]);
  assertEquals(assertThrows(() => job.step(1), KriyaError).kind, "closed");
  const error = assertThrows(() => later.next(1), KriyaError);
  assertEquals(error.kind, "fenced");
  assertEquals(old.next(1).distances[0], 0);
  assertEquals(index.search([10, 0]).next(99).count, 50);
  assertEquals(index.search([10, 0]).next(1).distances[0], 0);
  assertEquals(indexProblem(index), undefined);
  // What was taken back is not sealed.
  seal(index);
  assertEquals(index.count, 50);
});

Deno.test("zero vectors have no cosine distance and come last", () => {
  for (const isSealed of [false, true]) {
    const index = new VectorIndex({
      dims: 2,
      metric: "cosine",
      seed: 1,
      m: 4,
      efConstruction: 10,
    });
    for (let i = 0; i < 40; i++) {
      const angle = i / 40;
      const vector = i % 4 === 0
        ? of(0, 0)
        : of(9 * Math.cos(angle), 9 * Math.sin(angle));
      index.insert(i, vector, 1);
    }
    if (isSealed) seal(index);
    const cursor = index.search([1, 0], { plan: "graph", ef: 6, k: 2 });
    const batches = [cursor.next(2), cursor.next(28), cursor.next(99)];
    assertEquals(batches.map(({ count }) => count), [2, 28, 10]);
    assertEquals([...batches[0]!.locators], [1, 2]);
    assert(batches[1]!.distances.every((d) => d >= 0 && d < 1));
    assert(batches[2]!.distances.every(Number.isNaN));
    assertEquals(
      [...batches[2]!.locators].sort((a, b) => a - b),
      [0, 4, 8, 12, 16, 20, 24, 28, 32, 36],
    );
    const nowhere = index.search([0, 0], { plan: "graph" });
    assertEquals(nowhere.next(1).count, 1);
    assertEquals(nowhere.plans, ["exact"]);
    const all = index.search([0, 0]).next(99);
    assertEquals(all.count, 40);
    assert(all.distances.every(Number.isNaN));
  }
});

Deno.test("an index opened from segments, logs and the end of the log is the same", () => {
  const index = line(60);
  seal(index);
  index.end(3, 70);
  index.insert(3, of(3, 1), 70);
  seal(index);
  index.end(4, 80);
  index.insert(99, of(4, 0), 81);
  const logs = [72, 78];
  const reopened = new VectorIndex({ dims: 2, seed: 9 });
  index.sealed.forEach((segment, i) => {
    reopened.addSealed(
      decodeSegment(encodeSegment(segment), "vec"),
      decodeDeletions(encodeDeletions(segment, logs[i]!), "del"),
    );
  });
  assertEquals(reopened.replayFrom, 70);
  // The log from there on, some of which the segments have.
  assertEquals(reopened.end(3, 70), false);
  assertEquals(reopened.insert(3, of(3, 1), 70), false);
  assertEquals(reopened.end(4, 80), true);
  assertEquals(reopened.insert(99, of(4, 0), 81), true);
  for (const snapshot of [60, 69, 70, 79, 80, 81]) {
    const rows = [index, reopened].map((i) =>
      [...i.search([4, 0], { snapshot }).next(100).locators].sort()
    );
    assertEquals(rows[0], rows[1], `snapshot ${snapshot}`);
  }
  const foreign = decodeDeletions(
    encodeDeletions(reopened.sealed[1]!, 90),
    "del",
  );
  assertThrows(
    () => reopened.addSealed(index.sealed[0]!, foreign),
    KriyaError,
    "deletion log of 1 rows with a segment of 60",
  );
  assertThrows(
    () => new VectorIndex({ dims: 3 }).addSealed(index.sealed[0]!),
    KriyaError,
    "segment of 2 dimensions by l2",
  );
});

Deno.test("a step of a job keeps to its budget", () => {
  let now = 0;
  const environment: Environment = {
    ...systemEnvironment,
    monotonicMs: () => now += 0.5,
  };
  const index = new VectorIndex({ dims: 2, environment, seed: 1 });
  for (let i = 0; i < 500; i++) index.insert(i, of(i, i % 7), 1);
  const job = index.startSeal()!;
  let steps = 0;
  let progress = 0;
  for (;; steps++) {
    const before = now;
    const isDone = job.step(10);
    assert(now - before <= 11);
    assert(job.progress >= progress);
    progress = job.progress;
    if (isDone) break;
  }
  assert(steps > 20);
  assertEquals(job.progress, 1);
});

Deno.test("the plan is exact for few rows, a graph for many", () => {
  const rows = clusteredVectors({
    seed: 2,
    count: 8000,
    dims: 8,
    clusters: 200,
    spread: 0.5,
  });
  const index = new VectorIndex({ dims: 8, seed: 2 });
  const model = new FlatIndex("l2");
  rows.forEach((row, i) => {
    index.insert(i, row, 1);
    model.insert(i, row, 1);
  });
  const query = rows[17]!;
  const planOf = (options: object): string | undefined => {
    const cursor = index.search(query, options);
    const batch = cursor.next(10);
    assertEquals(batch.count, 10);
    return cursor.plans[0];
  };
  assertEquals(planOf({}), "exact");
  assertEquals(index.estimate({ k: 10 }), [{ plan: "exact", cost: 8000 }]);
  seal(index);
  const estimate = (options: object): string =>
    index.estimate({ k: 10, ...options }).map(({ plan }) => plan).join();
  assertEquals(estimate({}), "graph");
  assertEquals(estimate({ share: 0.9 }), "filtered graph");
  assertEquals(estimate({ share: 0.01 }), "exact");
  assertEquals(estimate({ k: 2000 }), "exact");
  assert(index.estimate({ k: 10 })[0]!.cost < 8000);
  assert(index.sealed[0]!.calibration.length > 0);
  assertEquals(planOf({}), "graph");
  assertEquals(planOf({ plan: "exact" }), "exact");
  assertEquals(planOf({ minRecall: 1 }), "exact");
  assertEquals(planOf({ k: 2000 }), "exact");
  const even = Float64Array.from({ length: 4000 }, (_, i) => 2 * i);
  assertEquals(planOf({ allowed: even, plan: "graph" }), "filtered graph");
  assertEquals(planOf({ allowed: even.slice(0, 500) }), "exact");
  index.end(17, 5);
  assertEquals(planOf({}), "filtered graph");
  assertEquals(planOf({ snapshot: 4 }), "graph");
  assertEquals(
    [...index.search(query, { plan: "exact", snapshot: 4 }).next(50).distances]
      .map((d) => d.toFixed(3)),
    model.search(query, { k: 50 }).map(({ distance }) => distance.toFixed(3)),
  );
});

Deno.test("byteLength grows with the rows, and is near the estimate", () => {
  const index = line(3000, 64);
  const live = index.byteLength;
  assert(live > 3000 * 256 && live < 3000 * 256 * 1.5 + 2 ** 20, `${live}`);
  seal(index);
  assert(index.byteLength > 3000 * 256);
});
