/**
 * Locks of nodes, for threads that link in one memory: 32-bit numbers, 1 while
 * a thread writes to the lists or the chain of a node. Nodes share them.
 *
 * Nobody holds two, so none waits for ever. What is done under one takes
 * microseconds: a thread that waits looks again and again, and sleeps only if
 * the other must have lost its core.
 *
 * @module
 */

/** How many there are, less one: a power of two less one. */
const MASK: u32 = 0x3fff;

/** Where they lie; 0 while one thread links. */
let locks: usize = 0;

export function setLocks(at: usize): void { locks = at; }

@inline
function lockOf(id: u32): usize { return locks + (<usize>(id & MASK) << 2); }

/** Looks that are made before a thread sleeps, and for how long, in ns. */
const LOOKS: i32 = 1000;
const SLEEP: i64 = 100_000;

@inline
export function lock(id: u32): void {
  if (locks) acquire(lockOf(id));
}

function acquire(at: usize): void {
  for (let looks = 1; atomic.cmpxchg<i32>(at, 0, 1) != 0; looks++) {
    if (looks % LOOKS == 0) atomic.wait<i32>(at, 1, SLEEP);
  }
}

@inline
export function unlock(id: u32): void {
  if (locks) atomic.store<i32>(lockOf(id), 0);
}
