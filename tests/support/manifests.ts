/**
 * Manifests for tests: tables of given key ranges, and arbitrary whole ones.
 *
 * @module
 */
import { fc } from "fast-check";
import { compareBytes } from "../../base/bytes.ts";
import {
  ATTEMPT_BYTES,
  encodeBoundary,
} from "../../storage/manifest/boundary_codec.ts";
import {
  emptyManifest,
  LEVEL_COUNT,
  type Manifest,
  type TableMeta,
} from "../../storage/manifest/manifest.ts";
import { bytes } from "./lsm_contents.ts";

/** What the manifest may say of a table from `first` to `last`. */
export function tableMeta(
  path: string,
  first: string,
  last: string,
): TableMeta {
  return {
    path,
    size: 1000,
    metaOffset: 800,
    entryCount: 10,
    deletionCount: 1,
    tombstoneCount: 0,
    firstKey: bytes(first),
    lastKey: bytes(last),
    sequenceMin: 1,
    sequenceMax: 9,
    prefixes: [],
  };
}

/** The bytes of a gc boundary at `number`. */
export function boundaryBytes(
  number: number,
  plan: readonly string[] = [],
): Uint8Array {
  const attempt = new Uint8Array(ATTEMPT_BYTES).fill(number % 251);
  return encodeBoundary({ number, attempt, plan });
}

const plain = { noNullPrototype: true };
const count = fc.maxSafeNat();
const key = fc.uint8Array({ minLength: 1, maxLength: 12 });
const statistics = fc.record({
  prefix: fc.integer({ min: 0, max: 0xffff_ffff }),
  entries: count,
  deletions: count,
  bytes: count,
}, plain);

/** Levels whose tables do not overlap below level 0, from drawn tables. */
function levelsOf(
  tables: readonly (readonly [number, TableMeta])[],
): TableMeta[][] {
  const levels: TableMeta[][] = Array.from({ length: LEVEL_COUNT }, () => []);
  const sorted = tables
    .map(([level, table], i) => [level, table, i] as const)
    .sort((a, b) => compareBytes(a[1].firstKey, b[1].firstKey));
  for (const [level, table, i] of sorted) {
    const tables = levels[level]!;
    const before = tables.at(-1);
    if (level > 0 && before !== undefined) {
      if (compareBytes(before.lastKey, table.firstKey) >= 0) continue;
    }
    tables.push({ ...table, path: `sst/${i}` });
  }
  return levels;
}

const table = fc.record({
  path: fc.constant(""),
  size: count,
  metaOffset: count,
  entryCount: count,
  deletionCount: count,
  tombstoneCount: count,
  keys: fc.tuple(key, key),
  sequenceMin: count,
  sequenceMax: count,
  commitSequence: fc.option(count),
  prefixes: fc.array(statistics, { maxLength: 3 }),
}, plain).map(({ keys: [a, b], commitSequence, ...rest }): TableMeta => ({
  ...rest,
  firstKey: compareBytes(a, b) <= 0 ? a : b,
  lastKey: compareBytes(a, b) <= 0 ? b : a,
  ...(commitSequence === null ? {} : { commitSequence }),
}));

/** Whole manifests that keep their invariants. */
export const arbitraryManifest: fc.Arbitrary<Manifest> = fc.record({
  number: count,
  epoch: count,
  writerId: fc.stringMatching(/^[0-9a-f]{32}$/),
  writerName: fc.string().map((s) => s.toWellFormed()),
  closed: fc.boolean(),
  replayFrom: count,
  sequences: fc.tuple(count, count),
  nextJob: count,
  byWriter: count,
  settled: count,
  tables: fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), table), {
    maxLength: 12,
    size: "max",
  }),
  segments: fc.array(
    fc.record({
      size: count,
      owner: count,
      info: fc.dictionary(
        fc.stringMatching(/^[a-z]{1,5}$/),
        fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.string()),
        plain,
      ),
    }, plain),
    { maxLength: 3 },
  ),
  jobs: fc.array(
    fc.record({ job: count, epoch: count, kind: fc.string() }, plain),
    { maxLength: 3 },
  ),
  checkpoints: fc.array(
    fc.record({
      name: fc.string(),
      manifest: count,
      sequence: count,
      walFrom: count,
      walEnd: count,
      createdMs: count,
    }, plain),
    { maxLength: 3 },
  ),
}, plain).map(({ sequences, tables, segments, ...rest }): Manifest => ({
  ...emptyManifest(),
  ...rest,
  byWriter: Math.min(rest.byWriter, rest.number),
  sequence: Math.max(...sequences),
  horizon: Math.min(...sequences),
  levels: levelsOf(tables),
  segments: segments.map((segment, i) => ({ path: `vec/${i}`, ...segment })),
}));
