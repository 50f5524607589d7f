/**
 * What a thread that links is told, and how all of them agree.
 *
 * They share the segment's memory; in it, behind all else, lie
 *
 * | part | bytes | |
 * | --- | --- | --- |
 * | control | 64 | 32-bit numbers for `Atomics`: see {@linkcode CONTROL} |
 * | locks | 65536 | see `kernels/assembly/locks.ts` |
 * | head | see `hnsw/segment_layout.ts` | of each thread |
 * | visited | count | of each thread |
 *
 * @module
 */
import type { KernelFunctions } from "../kernels/kernels.ts";

/** Numbers of the control part. */
export const CONTROL = {
  /** The place in the order that the next free thread takes. */
  next: 0,
  /** How many nodes were linked. */
  done: 1,
  /** Not 0: no further node is to be taken. */
  stop: 2,
  /** Threads that have begun. */
  begun: 3,
  /** Threads that are at their end. */
  gone: 4,
} as const;

/** Bytes of the control part. */
export const CONTROL_BYTES = 64;
/** Bytes of the locks. */
export const LOCK_BYTES = 65_536;

/** What the kernels of threads offer besides. */
export interface ThreadKernels extends KernelFunctions {
  /** Says where the locks are; 0 for none. */
  setLocks(at: number): void;
}

/** What a thread is to do. */
export interface LinkTask {
  /** The kernels. */
  readonly module: WebAssembly.Module;
  /** The segment's memory. */
  readonly memory: WebAssembly.Memory;
  /** Where the control part is. */
  readonly control: number;
  /** Where the locks are. */
  readonly locks: number;
  /** Places that are this thread's own. */
  readonly setup: Parameters<KernelFunctions["setup"]>;
  /** The graph, with this thread's own marks. */
  readonly setupGraph: Parameters<KernelFunctions["setupGraph"]>;
  /** The entry point, which is linked, and stays what it is. */
  readonly entry: number;
  /** Its layer. */
  readonly entryLevel: number;
  /** The nodes to link, by all threads together. */
  readonly order: Uint32Array;
  /** The highest layer of each node. */
  readonly levels: Uint8Array;
  /** Search width while building. */
  readonly efConstruction: number;
}
