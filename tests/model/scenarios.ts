/**
 * The scenarios of the protocol model: who takes part, from where, and how
 * often what may happen. Each is small enough to be explored in seconds.
 *
 * @module
 */
import type { Scenario } from "./protocol.ts";
import { collected, created, read, serving } from "./starts.ts";

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
  /** A reader that follows while the writer is taken over. */
  following: {
    initial: read(
      collected(serving({
        flushed: 1,
        open: 2,
        budget: {
          opens: 1,
          flushes: 1,
          timeouts: 1,
          collections: 1,
          follows: 3,
        },
      })),
      1,
    ),
  },
  /** A checkpoint is made and dropped beside commits and a compactor. */
  checkpoints: {
    initial: collected(serving({
      flushed: 2,
      open: 1,
      budget: {
        checkpoints: 2,
        flushes: 1,
        compactions: 1,
        collections: 2,
      },
    })),
  },
  /** A checkpoint whose writer is taken over. */
  keptOn: {
    initial: collected(serving({
      flushed: 1,
      open: 1,
      budget: {
        checkpoints: 1,
        opens: 1,
        flushes: 1,
        timeouts: 1,
        collections: 1,
      },
    })),
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
