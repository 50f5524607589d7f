/**
 * How a reader reads, one request a step.
 *
 * | step | request | then |
 * | --- | --- | --- |
 * | `findNewest`, `readManifest` | LIST, GET | gone: again; else `pin` or `loadTables` |
 * | `pin` | PUT `pins/<id>` if absent | `checkPin` |
 * | `checkPin` | GET `gc/boundary` | the manifest's number or higher: start over; else the pin counts |
 * | `loadTables` | GET the tables | one is gone: `findNewest`; else `poll` |
 * | `poll` | GET the next WAL id | there: apply, `poll`; absent: `checkPoll` |
 * | `checkPoll` | GET `gc/boundary`, after the answer of `poll` | the manifest's number or higher: `findNewest`; else there was nothing new: answer |
 * | `follow` | GET the next WAL id, outside a strong read | there: `checkFollow`; absent: answer from what there is |
 * | `checkFollow` | GET `gc/boundary`, after the answer of `follow` | the manifest's number or higher: `findNewest`; else it is believed |
 * | `snapshotTables` | GET the tables, for a read at an older snapshot | one is gone: `snapshotNewest`; else answer |
 * | `snapshotNewest`, `snapshotManifest` | LIST, GET | horizon above the snapshot: refuse; else `snapshotTables` |
 *
 * `findNewest` to `checkPoll` are a strong read: it answers with everything that was
 * acknowledged before it began. The next strong read begins at `poll`. `follow` is
 * how a reader keeps up between reads; it answers with a prefix of the history.
 *
 * @module
 */
import {
  applyPut,
  type Bucket,
  commitsOf,
  historyOf,
  type Manifest,
  newestManifest,
} from "./bucket.ts";
import type { Rules } from "./rules.ts";
import { type Emit, type Reader, spend, type State } from "./state.ts";

/** A reader that has not begun. */
export const IDLE_READER: Reader = {
  step: "idle",
  base: 0,
  manifest: undefined,
  next: 0,
  history: [],
  must: [],
  pinned: false,
  boundary: 0,
};

/** The steps of the reader; it uses a pin if `pins`. */
export function readingSteps(
  rules: Rules,
  pins: boolean,
  state: State,
  emit: Emit,
): void {
  const { reader, bucket } = state;
  const { step, base } = reader;
  const to = (label: string, change: Partial<Reader>, from = state): void =>
    emit(`reader.${step} ${label}`, {
      ...from,
      reader: { ...reader, ...change },
    });
  const wrong = (what: string): void =>
    emit(`reader.${step}`, { ...state, wrong: `The reader ${what}` });
  switch (step) {
    case "idle":
    case "ready":
      return begin(state, (reader, from) => {
        // The first request of a read comes with its beginning.
        const begun = { ...from, reader };
        if (rules.boundaryAfterPoll) readingSteps(rules, pins, begun, emit);
        else emit("reader.begin", begun);
      });
    case "findNewest":
      return to("", { base: newestManifest(bucket), step: "readManifest" });
    case "readManifest": {
      const manifest = bucket.manifests[base];
      if (manifest === undefined) return to("gone", { step: "findNewest" });
      const next = { manifest, next: manifest.replayFrom, history: [] };
      return to("", { ...next, step: pins ? "pin" : "loadTables" });
    }
    case "pin": {
      const id = `r${base}`;
      const after = applyPut(bucket, { at: "pin", id, value: base });
      return to(id, {
        step: rules.checkAfterPin ? "checkPin" : "loadTables",
        pinned: !rules.checkAfterPin,
      }, { ...state, bucket: after });
    }
    case "checkPin":
      return bucket.boundary.number >= base
        ? to("too late", { step: "findNewest" })
        : to("counts", { step: "loadTables", pinned: true });
    case "loadTables": {
      const history = commitsOf(bucket, reader.manifest!);
      if (history !== undefined) {
        return to("", poll(rules, state, { ...reader, history }));
      }
      if (reader.pinned) return wrong("misses a table that it had pinned");
      return to("gone", { step: "findNewest" });
    }
    case "poll": {
      const object = bucket.wal[reader.next];
      if (object !== undefined) {
        const history = object.commit === 0
          ? reader.history
          : [...reader.history, object.commit];
        return to(`${reader.next}`, { next: reader.next + 1, history });
      }
      if (!rules.boundaryAfterPoll) {
        return conclude(state, reader.boundary, to, wrong);
      }
      return to(`${reader.next} absent`, { step: "checkPoll" });
    }
    case "checkPoll":
      return conclude(state, bucket.boundary.number, to, wrong);
    case "follow": {
      const object = bucket.wal[reader.next];
      if (object === undefined) return to("absent", { step: "ready" });
      const history = object.commit === 0
        ? reader.history
        : [...reader.history, object.commit];
      const found = { next: reader.next + 1, history };
      if (rules.boundaryAfterFind) {
        return to(`${reader.next}`, { ...found, step: "checkFollow" });
      }
      return believe(state, { ...reader, ...found }, to, wrong);
    }
    case "checkFollow":
      return bucket.boundary.number >= base
        ? to("collected", { step: "findNewest" })
        : believe(state, reader, to, wrong);
    case "snapshotTables": {
      const manifest = reader.manifest!;
      const tables = manifest.tables.map((name) => bucket.tables[name]);
      const missing = tables.includes(undefined);
      if (missing && rules.missingRefreshes) {
        return reader.pinned
          ? wrong("misses a table that it had pinned")
          : to("gone", { step: "snapshotNewest" });
      }
      const found = versionAt(bucket, manifest, reader.history);
      const want = reader.history.at(-1)!;
      if (found === want) return to(`${want}`, { step: "ready" });
      return wrong(`finds version ${found} at a snapshot where ${want} is`);
    }
    case "snapshotNewest":
      return to("", { base: newestManifest(bucket), step: "snapshotManifest" });
    case "snapshotManifest": {
      const manifest = bucket.manifests[base];
      if (manifest === undefined) return to("gone", { step: "snapshotNewest" });
      if (manifest.horizon > reader.history.length && rules.horizon) {
        return to("below the horizon", { ...IDLE_READER, step: "refused" });
      }
      return to("", { manifest, step: "snapshotTables" });
    }
    case "refused":
      return;
  }
}

type To = (label: string, change: Partial<Reader>, from?: State) => void;

function begin(
  state: State,
  start: (reader: Reader, from: State) => void,
): void {
  const { reader, budget } = state;
  if (budget.reads > 0) {
    const must = state.acknowledged.map(({ commit }) => commit);
    const boundary = state.bucket.boundary.number;
    const step = reader.step === "idle" ? "findNewest" : "poll";
    start({ ...reader, must, boundary, step }, spend(state, "reads"));
  }
  if (reader.step === "ready" && budget.follows > 0) {
    start({ ...reader, step: "follow" }, spend(state, "follows"));
  }
  const view = reader.step === "ready" && reader.history.length > 0;
  if (view && budget.snapshots > 0) {
    const step = "snapshotTables";
    start({ ...reader, step }, spend(state, "snapshots"));
  }
}

/** The first poll of a view: where rule 25 is dropped, behind the boundary. */
function poll(rules: Rules, state: State, reader: Reader): Partial<Reader> {
  const boundary = rules.boundaryAfterPoll ? 0 : state.bucket.boundary.number;
  return { step: "poll", history: reader.history, boundary };
}

/** Answers a strong read, unless the view is of a dead manifest. */
function conclude(
  state: State,
  boundary: number,
  to: To,
  wrong: (what: string) => void,
): void {
  const { reader, bucket } = state;
  if (boundary >= reader.base) return to("collected", { step: "findNewest" });
  const { must, history } = reader;
  const lost = must.find((commit) => !history.includes(commit));
  if (lost !== undefined) {
    return wrong(`answers without commit ${lost}, acknowledged before`);
  }
  const real = historyOf(bucket) ?? [];
  if (history.some((commit, i) => commit !== real[i])) {
    return wrong(`answers ${history}, and there is ${real}`);
  }
  to("nothing new", { step: "ready", must: [], boundary: 0 });
}

/** Takes what was found into the view. */
function believe(
  { bucket }: State,
  { history, next }: Reader,
  to: To,
  wrong: (what: string) => void,
): void {
  const real = historyOf(bucket) ?? [];
  if (history.some((commit, i) => commit !== real[i])) {
    return wrong(`follows to ${history}, and there is ${real}`);
  }
  to(`believes ${history}`, { step: "ready", history, next });
}

/** The version of the row that a read at the end of `history` finds. */
function versionAt(
  bucket: Bucket,
  manifest: Manifest,
  history: readonly number[],
): number | undefined {
  const snapshot = history.length;
  // What the tables do not cover is in memory, replayed from the WAL.
  if (snapshot > manifest.flushed) return history.at(-1);
  let newest = 0;
  let found: number | undefined;
  for (const name of manifest.tables) {
    const table = bucket.tables[name];
    for (const seq of table?.kept ?? []) {
      if (seq > snapshot || seq < newest) continue;
      newest = seq;
      found = table!.commits[seq - table!.first];
    }
  }
  return found;
}
