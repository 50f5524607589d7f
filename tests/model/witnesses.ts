/**
 * For each rule of the protocol a narrow scenario that shows that it is needed.
 *
 * @module
 */
import type { Scenario } from "./protocol.ts";
import type { Rules } from "./rules.ts";
import { behindFence, collected, created, read, serving } from "./starts.ts";
import type { Budget } from "./state.ts";

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
  boundaryAfterFind: {
    initial: behindFence(
      collected(serving({
        flushed: 0,
        open: 2,
        budget: {
          flushes: 2,
          collections: 1,
          follows: 2,
        },
      })),
    ),
  },
  keepCheckpoints: {
    initial: collected(serving({
      flushed: 0,
      open: 1,
      budget: { checkpoints: 1, flushes: 1, collections: 1 },
    })),
  },
  checkpointOfItself: {
    initial: collected(serving({
      flushed: 1,
      open: 0,
      budget: { checkpoints: 1, flushes: 1, collections: 1 },
    })),
  },
};
