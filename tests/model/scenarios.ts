/**
 * The scenarios of the protocol model: who takes part, from where, and how
 * often what may happen. Each is small enough to be explored in seconds.
 *
 * @module
 */
import type { Bucket, Manifest, Table, WalObject } from "./bucket.ts";
import { IDLE_COLLECTOR } from "./collecting.ts";
import { IDLE_COMPACTOR } from "./compacting.ts";
import { downWriter } from "./opening.ts";
import type { Scenario } from "./protocol.ts";
import { IDLE_READER } from "./reading.ts";
import type { Rules } from "./rules.ts";
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
function created(budget: Partial<Budget>): State {
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
function serving(
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
function collected(state: State, count = 1): State {
  const collectors = Array.from({ length: count }, () => IDLE_COLLECTOR);
  return { ...state, collectors };
}

/** `state` with a reader that opened when the tables held `flushed` commits. */
function read(state: State, flushed: number): State {
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
 * Scenarios of one kind each, wide: the protocol is explored in all of them.
 */
export const WIDE: Readonly<Record<string, Scenario>> = {
  /** Two writers on a new database: claims, fences, commits, takeovers. */
  takeover: {
    initial: created({ opens: 3, commits: 2, timeouts: 2, crashes: 1 }),
  },
  /** Two writers that flush, and a collector. */
  collection: {
    initial: collected(serving({
      flushed: 0,
      open: 1,
      budget: {
        opens: 1,
        commits: 1,
        flushes: 2,
        timeouts: 1,
        collections: 1,
      },
    })),
  },
  /** Two writers that are taken over again and again, and a collector. */
  successions: {
    initial: collected(serving({
      flushed: 0,
      open: 1,
      budget: { opens: 2, crashes: 1, commits: 1, flushes: 1, collections: 1 },
    })),
  },
  /** A compactor beside a writer and a collector; answers are lost. */
  compaction: {
    initial: collected(serving({
      flushed: 2,
      open: 0,
      budget: {
        flushes: 1,
        timeouts: 1,
        crashes: 1,
        collections: 1,
        compactions: 2,
        cancels: 1,
      },
    })),
  },
  /** A compactor whose writer is taken over. */
  handover: {
    initial: collected(serving({
      flushed: 2,
      open: 0,
      budget: {
        opens: 1,
        flushes: 1,
        collections: 1,
        compactions: 1,
        cancels: 1,
      },
    })),
  },
  /** A reader beside a writer, a compactor and a collector. */
  reading: {
    initial: read(
      collected(serving({
        flushed: 2,
        open: 0,
        budget: {
          flushes: 1,
          collections: 1,
          compactions: 1,
          reads: 1,
          snapshots: 1,
        },
      })),
      1,
    ),
  },
  /** A reader while the writer is taken over. */
  readingOn: {
    initial: read(
      collected(serving({
        flushed: 1,
        open: 1,
        budget: {
          opens: 1,
          flushes: 1,
          commits: 1,
          collections: 1,
          reads: 2,
        },
      })),
      1,
    ),
  },
  /** A reader with a pin beside a writer, a compactor and a collector. */
  pinning: {
    initial: collected(serving({
      flushed: 2,
      open: 0,
      budget: {
        flushes: 1,
        collections: 2,
        compactions: 1,
        reads: 1,
        snapshots: 1,
      },
    })),
    pins: true,
  },
};

const opening = (budget: Partial<Budget>): Scenario => ({
  initial: created(budget),
});

/**
 * For each rule the narrow scenario in which dropping it does harm.
 */
export const WITNESSES: Readonly<Record<keyof Rules, Scenario>> = {
  claimEpoch: opening({ opens: 2, commits: 2, flushes: 2 }),
  fenceWal: opening({ opens: 2, commits: 2 }),
  replayTakenSlot: opening({ opens: 2, commits: 2 }),
  higherFenceEnds: opening({ opens: 2, commits: 2 }),
  ackAfterAnswer: opening({ opens: 2, commits: 1, timeouts: 1 }),
  readBack: opening({ opens: 2, commits: 1 }),
  sameId: opening({ opens: 2, commits: 2, timeouts: 1 }),
  sameBytes: opening({ opens: 1, commits: 2, timeouts: 1 }),
  checkAfterFence: {
    initial: collected(serving({
      flushed: 0,
      open: 1,
      budget: { opens: 2, crashes: 1, flushes: 1, collections: 1 },
    })),
  },
  fencesStay: {
    initial: collected(serving({
      flushed: 0,
      open: 1,
      budget: {
        opens: 1,
        commits: 1,
        timeouts: 1,
        flushes: 1,
        collections: 1,
      },
    })),
  },
  rebase: {
    initial: collected(serving({
      flushed: 0,
      open: 1,
      budget: { opens: 1, flushes: 2, collections: 1 },
    })),
  },
  checkAfterPublish: {
    initial: collected(serving({
      flushed: 0,
      open: 1,
      budget: { opens: 1, flushes: 2, collections: 1 },
    })),
  },
  uploadFirst: {
    initial: serving({ flushed: 0, open: 1, budget: { flushes: 1 } }),
  },
  replayPointCovered: {
    initial: serving({
      flushed: 0,
      open: 1,
      budget: { commits: 1, flushes: 1 },
    }),
  },
  advanceFirst: {
    initial: collected(serving({
      flushed: 0,
      open: 1,
      budget: { opens: 1, flushes: 2, collections: 1 },
    })),
  },
  boundaryByMatch: {
    initial: collected(
      serving({
        flushed: 0,
        open: 0,
        budget: { opens: 1, flushes: 2, collections: 2 },
      }),
      2,
    ),
  },
  keepWritersManifest: {
    initial: collected(serving({
      flushed: 2,
      open: 0,
      budget: { collections: 1, compactions: 1 },
    })),
  },
  keepReplayedWal: {
    initial: collected(serving({
      flushed: 0,
      open: 1,
      budget: { collections: 1 },
    })),
  },
  keepUnsettled: {
    initial: collected(serving({
      flushed: 0,
      open: 1,
      budget: { flushes: 1, collections: 1 },
    })),
  },
  keepJobs: {
    initial: collected(serving({
      flushed: 2,
      open: 0,
      budget: { collections: 1, compactions: 1 },
    })),
  },
  registerFirst: {
    initial: collected(serving({
      flushed: 2,
      open: 0,
      budget: { collections: 1, compactions: 1 },
    })),
  },
  publishWhileRegistered: {
    initial: collected(serving({
      flushed: 2,
      open: 0,
      budget: { flushes: 1, cancels: 1, collections: 1, compactions: 1 },
    })),
  },
  horizon: {
    initial: read(
      collected(serving({
        flushed: 2,
        open: 0,
        budget: {
          flushes: 1,
          collections: 1,
          compactions: 1,
          snapshots: 1,
        },
      })),
      1,
    ),
  },
  missingRefreshes: {
    initial: read(
      collected(serving({
        flushed: 2,
        open: 0,
        budget: {
          flushes: 1,
          collections: 1,
          compactions: 1,
          snapshots: 1,
        },
      })),
      1,
    ),
  },
  boundaryAfterPoll: {
    initial: read(
      collected(serving({
        flushed: 1,
        open: 1,
        budget: { flushes: 1, collections: 1, reads: 1 },
      })),
      1,
    ),
  },
  checkAfterPin: {
    initial: collected(serving({
      flushed: 2,
      open: 0,
      budget: {
        flushes: 1,
        collections: 1,
        compactions: 1,
        reads: 1,
        snapshots: 1,
      },
    })),
    pins: true,
  },
  pinsAfterAdvance: {
    initial: collected(serving({
      flushed: 2,
      open: 0,
      budget: {
        flushes: 1,
        collections: 1,
        compactions: 1,
        reads: 1,
        snapshots: 1,
      },
    })),
    pins: true,
  },
};
