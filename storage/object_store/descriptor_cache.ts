/**
 * Open files of objects that never change, least recently used first out.
 *
 * A small range of an open file is read in half a microsecond; opening it
 * and asking for its size costs ten times that.
 *
 * Invariants:
 * 1. At most `filesMax` descriptors are open that no read is using.
 * 2. A descriptor is closed when it is out of the cache and no read uses it:
 *    never under a read, and never twice.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import { closeFile, type FileFacts } from "./file_io.ts";

/** An open file. */
export interface OpenFile {
  /** The system's number of it. */
  readonly descriptor: number;
  /** What it is. */
  readonly facts: FileFacts;
  /** Its object's etag. */
  readonly etag: string;
}

interface Slot extends OpenFile {
  users: number;
  cached: boolean;
}

/** Keeps files open. */
export class DescriptorCache {
  readonly #slots = new Map<string, Slot>();
  readonly #filesMax: number;

  /** Keeps at most `filesMax` files open. */
  constructor(filesMax: number) {
    this.#filesMax = filesMax;
  }

  /** How many files the cache holds open. */
  get size(): number {
    return this.#slots.size;
  }

  /** The open file of `path`, if there is one; valid until `drop`. */
  find(path: string): OpenFile | undefined {
    const slot = this.#slots.get(path);
    if (slot === undefined) return undefined;
    this.#slots.delete(path);
    this.#slots.set(path, slot);
    return slot;
  }

  /** Takes over an open file; it may be closed at once if there is no room. */
  add(path: string, file: OpenFile): OpenFile {
    this.drop(path);
    const slot: Slot = { ...file, users: 0, cached: true };
    this.#slots.set(path, slot);
    if (this.#slots.size > this.#filesMax) {
      for (const oldest of this.#slots.keys()) {
        if (oldest !== path) {
          this.drop(oldest);
          break;
        }
      }
    }
    return slot;
  }

  /** Keeps `file` open over an asynchronous read, until `release`. */
  acquire(file: OpenFile): void {
    (file as Slot).users++;
  }

  /** Ends an `acquire`. */
  release(file: OpenFile): void {
    const slot = file as Slot;
    invariant(slot.users > 0, "descriptor released twice");
    slot.users--;
    if (!slot.cached && slot.users === 0) closeFile(slot.descriptor);
  }

  /** Lets go of the file of `path`. */
  drop(path: string): void {
    const slot = this.#slots.get(path);
    if (slot === undefined) return;
    this.#slots.delete(path);
    slot.cached = false;
    if (slot.users === 0) closeFile(slot.descriptor);
  }

  /** Lets go of every file. */
  clear(): void {
    for (const path of [...this.#slots.keys()]) this.drop(path);
  }
}
