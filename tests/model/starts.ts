/**
 * The states that scenarios of the protocol model begin in.
 *
 * @module
 */
import type { Bucket, Manifest, Table, WalObject } from "./bucket.ts";
import { IDLE_COLLECTOR } from "./collecting.ts";
import { IDLE_COMPACTOR } from "./compacting.ts";
import { downWriter } from "./opening.ts";
import { IDLE_READER } from "./reading.ts";
import {
  type Budget,
  NO_BUDGET,
  type Reader,
  type State,
  type Writer,
} from "./state.ts";

const FIRST: Manifest = {
  epoch: 0,
  publisher: "create",
  byWriter: 1,
  replayFrom: 1,
  flushed: 0,
  tables: [],
  horizon: 0,
  jobs: [],
  nextJob: 1,
  settled: 1,
};

/** A database that was just created: one manifest, no epoch. */
export function created(budget: Partial<Budget>): State {
  return {
    bucket: {
      wal: {},
      manifests: { 1: FIRST },
      tables: {},
      boundary: { number: 0, version: 0, plan: [] },
      pins: {},
      chain: { 1: FIRST.publisher },
    },
    writers: [downWriter("A", 0), downWriter("B", 0)],
    collectors: [],
    compactor: IDLE_COMPACTOR,
    reader: IDLE_READER,
    late: [],
    budget: { ...NO_BUDGET, ...budget },
    acknowledged: [],
  };
}

/**
 * A database that writer A serves: epoch 1, claimed by manifest 2, fenced at
 * WAL id 1; `flushed` commits, each with a WAL object, a table and a manifest
 * of its own; then `open` commits in the WAL only. Commits are numbered from
 * 101, so that those of the exploration are told from them.
 */
export function serving(
  options: { flushed: number; open: number; budget: Partial<Budget> },
): State {
  const { flushed, open, budget } = options;
  const base = created(budget);
  const fence: WalObject = { epoch: 1, writer: "A1", commit: 0 };
  const wal: Record<number, WalObject> = { 1: fence };
  const tables: Record<string, Table> = {};
  const history: number[] = [];
  let manifest: Manifest = {
    ...FIRST,
    epoch: 1,
    publisher: "A1",
    byWriter: 2,
  };
  const manifests: Record<number, Manifest> = { 1: FIRST, 2: manifest };
  for (let i = 1; i <= flushed + open; i++) {
    const commit = 100 + i;
    history.push(commit);
    wal[i + 1] = { epoch: 1, writer: "A1", commit };
    if (i > flushed) continue;
    tables[`1-0-${i}`] = { first: i, commits: [commit], kept: [i] };
    manifest = {
      ...manifest,
      publisher: `A1/${i}`,
      byWriter: i + 2,
      replayFrom: i + 2,
      flushed: i,
      tables: [...manifest.tables, `1-0-${i}`],
      settled: i + 1,
    };
    manifests[i + 2] = manifest;
  }
  const chain = Object.fromEntries(
    Object.entries(manifests).map(([id, { publisher }]) => [id, publisher]),
  );
  const bucket: Bucket = { ...base.bucket, wal, manifests, tables, chain };
  const writer: Writer = {
    ...downWriter("A", 1),
    step: "serving",
    epoch: 1,
    base: manifest.byWriter,
    manifest,
    next: history.length + 2,
    history,
    number: flushed + 1,
  };
  return {
    ...base,
    bucket,
    writers: [writer, downWriter("B", 0)],
    acknowledged: history.map((commit, i) => ({ commit, id: i + 2 })),
  };
}

/** `state` with `count` collectors. */
export function collected(state: State, count = 1): State {
  const collectors = Array.from({ length: count }, () => IDLE_COLLECTOR);
  return { ...state, collectors };
}

/** `state` with a reader that opened when the tables held `flushed` commits. */
export function read(state: State, flushed: number): State {
  const base = flushed + 2;
  const manifest = state.bucket.manifests[base]!;
  const { replayFrom: next } = manifest;
  const history = state.writers[0]!.history.slice(0, flushed);
  const reader: Reader = {
    ...IDLE_READER,
    step: "ready",
    base,
    manifest,
    next,
    history,
  };
  return { ...state, reader };
}

/**
 * `state` with a reader that has read no more than the fence of the WAL, and
 * writer B stalled in an opening, before it reads the manifest.
 */
export function behindFence(state: State): State {
  const { reader, writers: [a] } = read(state, 0);
  const b: Writer = {
    ...downWriter("B", 1),
    step: "readManifest",
    base: reader.base,
  };
  return {
    ...state,
    writers: [a!, b],
    reader: { ...reader, next: reader.next + 1 },
  };
}
