/**
 * The state of the protocol model: the bucket, who works on it, and what is
 * left of the budget that keeps the space finite.
 *
 * @module
 */
import {
  applyPut,
  type Bucket,
  type Checkpoint,
  type Manifest,
  type Put,
} from "./bucket.ts";

/** Where a writer's flush stands. */
export type FlushStep =
  | "idle"
  | "upload"
  | "publish"
  | "readBackPublish"
  | "checkPublish";

/** A writer's flush, which runs beside its commits. */
export interface Flush {
  readonly step: FlushStep;
  /** The first WAL id that it does not cover. */
  readonly upTo: number;
  /** The commits that it covers. */
  readonly commits: readonly number[];
  /** It makes this checkpoint, or drops the one there is, and covers nothing. */
  readonly checkpoint?: Checkpoint | "none" | undefined;
}

/** Where a writer stands. */
export type WriterStep =
  | "down"
  | "findNewest"
  | "readManifest"
  | "claim"
  | "readBackClaim"
  | "probeWal"
  | "fence"
  | "readBackFence"
  | "checkOpen"
  | "serving"
  | "commit"
  | "readBackCommit";

/** A writer process. */
export interface Writer {
  /** Its name. */
  readonly name: string;
  /** How often it was started: its writer id is name and life. */
  readonly life: number;
  readonly step: WriterStep;
  /** Its epoch, once claimed. */
  readonly epoch: number;
  /** The number of the manifest that it knows. */
  readonly base: number;
  /** That manifest. */
  readonly manifest: Manifest | undefined;
  /** The WAL id that it will create next. */
  readonly next: number;
  /** The commits that it knows, in order. */
  readonly history: readonly number[];
  /** The commit on its way to the WAL; 0 for none. */
  readonly commit: number;
  /** The number of its next table. */
  readonly number: number;
  readonly flush: Flush;
}

/** Where a collector stands. */
export type CollectorStep =
  | "idle"
  | "findNewest"
  | "readManifests"
  | "listObjects"
  | "listPins"
  | "advance"
  | "readBackAdvance"
  | "delete";

/** A garbage collector. */
export interface Collector {
  readonly step: CollectorStep;
  /** The version of the boundary that it read. */
  readonly version: number;
  /** The boundary that it read, later the one it sets. */
  readonly number: number;
  /** The newest manifest that it found. */
  readonly newest: number;
  /** The manifests that stay, oldest first. */
  readonly live: readonly Manifest[];
  /** What it will delete. */
  readonly plan: readonly string[];
}

/** Where an external compactor stands. */
export type CompactorStep =
  | "idle"
  | "findNewest"
  | "readManifest"
  | "register"
  | "readBackRegister"
  | "checkRegister"
  | "upload"
  | "findNewestAgain"
  | "readManifestAgain"
  | "publish"
  | "readBackPublish"
  | "checkPublish"
  | "done";

/** A compactor on another machine, with one job to do. */
export interface Compactor {
  readonly step: CompactorStep;
  readonly base: number;
  readonly manifest: Manifest | undefined;
  /** Its job: `<epoch>-<number>`. */
  readonly job: string;
  readonly inputs: readonly string[];
  /** The last sequence number of the output. */
  readonly last: number;
}

/** Where a reader stands. */
export type ReaderStep =
  | "idle"
  | "findNewest"
  | "readManifest"
  | "loadTables"
  | "pin"
  | "checkPin"
  | "poll"
  | "checkPoll"
  | "follow"
  | "checkFollow"
  | "ready"
  | "snapshotTables"
  | "snapshotNewest"
  | "snapshotManifest"
  | "refused";

/** A read-only process. */
export interface Reader {
  readonly step: ReaderStep;
  readonly base: number;
  readonly manifest: Manifest | undefined;
  /** The WAL id that it reads next. */
  readonly next: number;
  readonly history: readonly number[];
  /** The commits that were acknowledged when its read began. */
  readonly must: readonly number[];
  /** Whether its pin is valid. */
  readonly pinned: boolean;
  /** The boundary as it was before the poll; only where rule 25 is dropped. */
  readonly boundary: number;
}

/** How often something may still happen. */
export interface Budget {
  readonly opens: number;
  readonly commits: number;
  readonly flushes: number;
  readonly crashes: number;
  readonly timeouts: number;
  readonly collections: number;
  readonly compactions: number;
  readonly cancels: number;
  readonly reads: number;
  readonly snapshots: number;
  readonly follows: number;
  readonly checkpoints: number;
}

/** No budget at all. */
export const NO_BUDGET: Budget = {
  opens: 0,
  commits: 0,
  flushes: 0,
  crashes: 0,
  timeouts: 0,
  collections: 0,
  compactions: 0,
  cancels: 0,
  reads: 0,
  snapshots: 0,
  follows: 0,
  checkpoints: 0,
};

/** A commit that was acknowledged, and its WAL id. */
export interface Acknowledged {
  readonly commit: number;
  readonly id: number;
}

/** All there is. */
export interface State {
  readonly bucket: Bucket;
  readonly writers: readonly Writer[];
  readonly collectors: readonly Collector[];
  readonly compactor: Compactor;
  readonly reader: Reader;
  /** PUTs whose sender gave up: each may still land, or never. */
  readonly late: readonly Put[];
  readonly budget: Budget;
  /** Commits that were acknowledged, in order. */
  readonly acknowledged: readonly Acknowledged[];
  /** Set by a step that finds a property broken. */
  readonly wrong?: string;
}

/** How a PUT is answered. */
export type Reply = "stored" | "precondition" | "unknown";

/** Receives the steps that may come next. */
export type Emit = (label: string, next: State) => void;

/** One use of a budget. */
export function spend(state: State, what: keyof Budget): State {
  const budget = { ...state.budget, [what]: state.budget[what] - 1 };
  return { ...state, budget };
}

/**
 * A PUT in all the ways it can go: it takes effect, or does not, and is
 * answered; or the answer is lost, and the effect comes at some later step or
 * never.
 */
export function putAllWays(
  state: State,
  put: Put,
  answer: (state: State, reply: Reply) => void,
): void {
  const bucket = applyPut(state.bucket, put);
  const stored = bucket !== state.bucket;
  answer({ ...state, bucket }, stored ? "stored" : "precondition");
  if (state.budget.timeouts > 0) {
    const late = [...state.late, put].sort(byText);
    answer({ ...spend(state, "timeouts"), late }, "unknown");
  }
}

/** One order for requests that may land in any. */
function byText(a: Put, b: Put): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

/** A copy of `items` with another one at `index`. */
export function replaced<T>(items: readonly T[], index: number, item: T): T[] {
  const copy = items.slice();
  copy[index] = item;
  return copy;
}
