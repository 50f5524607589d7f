/**
 * Entries in the order of their keys: a B+tree over numbered entries (Bayer &
 * McCreight 1972; prefixes as in Bayer & Unterauer, "Prefix B-Trees", 1977).
 *
 * Leaves hold entries, inner pages children by their first entries
 * (`tree_pages.ts`). Entries are linked to their neighbours as well, so that a
 * scan walks without the tree. Inserts at the end fill pages; others split them
 * in halves.
 *
 * Not every entry has a slot: the oldest version of a key has one, and every
 * sixteenth entry that came. A new version of a key that is there is found by
 * hash and linked before the one it follows, which is most of what an update
 * does; a search ends at a slot and goes back by links from there.
 *
 * Invariants (`check`):
 * 1. Entries are in the order of `internal_key.ts`, in pages and by their links.
 * 2. A slot of an inner page has exactly the first entry below its child.
 * 3. All keys of a page begin with its prefix, and heads are what they say.
 * 4. No page but an empty root is empty.
 * 5. The oldest version of every key has a slot.
 *
 * Rejected: a skip list, which this replaced (every step of a search went to
 * another cold line: four times the time of an insert at 500,000 entries).
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import { cutWords } from "../../base/slab.ts";
import type { EntryKind } from "../mvcc/internal_key.ts";
import { EntryTable, NO_ENTRY } from "./entry_table.ts";
import { KeyTable } from "./key_table.ts";
import { SLOTS, TreePages } from "./tree_pages.ts";

/** 64 to the 8th is more than an arena holds, even with pages half full. */
const HEIGHT_MAX = 16;

/** Older versions that a lookup passes one by one before it searches. */
const VERSION_STEPS = 4;

/** Of newer versions of keys, every how many has a slot: a power of two. */
const SLOT_EVERY = 16;

const NOTHING = new Uint8Array(0);
const NOTHING_VIEW = new DataView(NOTHING.buffer);

/** Entries in order: see the module. */
export class EntryTree {
  readonly #table = new EntryTable();
  /** The newest entry of every key. */
  readonly #newestOf = new KeyTable(this.#table);

  readonly #pages = new TreePages(this.#table);
  #root = this.#pages.take();
  /** Levels of inner pages above the leaves. */
  #height = 0;

  /** The pages and slots of the last descent, from the root. */
  readonly #path = cutWords(HEIGHT_MAX);
  readonly #slots = cutWords(HEIGHT_MAX);
  /** Where a key that is looked for lies while it is. */
  #sought = NOTHING;
  #soughtView = NOTHING_VIEW;

  /** The entries; what is said of one is asked there. */
  get table(): EntryTable {
    return this.#table;
  }

  /** How many entries there are. */
  get count(): number {
    return this.#table.count;
  }

  /**
   * How many look-ups had to search the tree: none of keys that have one
   * version, or few that are newer than what is looked for.
   */
  searchCount = 0;

  /** Bytes of memory the tree holds. */
  get memoryBytes(): number {
    return this.#table.memoryBytes + this.#newestOf.memoryBytes +
      this.#pages.memoryBytes;
  }

  /**
   * Adds an entry whose key and value are in the arena already.
   *
   * REQUIRES: no entry with this key and sequence.
   */
  insert(
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    sequence: number,
    kind: EntryKind,
  ): void {
    const table = this.#table;
    const last = table.previous(NO_ENTRY);
    const entry = table.add(
      keyStart,
      keyEnd,
      valueStart,
      valueEnd,
      sequence,
      kind,
    );
    const newest = this.#newestOf.set(table.arena, keyStart, keyEnd, entry);
    if (newest !== NO_ENTRY) {
      this.#addVersion(entry, newest);
      return;
    }
    const isLast = last === NO_ENTRY ||
      table.compare(last, table.view, keyStart, keyEnd, sequence) < 0;
    if (isLast) {
      table.link(last, entry, NO_ENTRY);
      this.#descendToEnd();
    } else {
      this.#descendTo(entry);
      // The slot before has the oldest version of the key before.
      const slot = this.#slots[this.#height]!;
      const before = slot > 0
        ? this.#pages.entry(this.#path[this.#height]!, slot - 1)
        : NO_ENTRY;
      table.link(before, entry, table.next(before));
    }
    this.#place(entry, isLast);
  }

  /** Links an entry whose key has others, the newest of them `newest`. */
  #addVersion(entry: number, newest: number): void {
    const table = this.#table;
    const isNewest = table.sequence(newest) < table.sequence(entry);
    table.setRepeated(isNewest ? newest : entry);
    if (isNewest) {
      table.link(table.previous(newest), entry, newest);
      if (entry % SLOT_EVERY !== 0) return;
      this.#descendTo(entry);
    } else {
      const { arena, view } = table;
      const start = table.keyStart(entry);
      const end = table.keyEnd(entry);
      this.#newestOf.set(arena, start, end, newest);
      const sequence = table.sequence(entry);
      this.#descend(view, start, end, sequence);
      const after = this.#atPath(view, start, end, sequence);
      table.link(table.previous(after), entry, after);
    }
    this.#place(entry, table.next(entry) === NO_ENTRY);
  }

  /** The first entry at or after (key, sequence), or 0. */
  seek(key: Uint8Array, sequence: number): number {
    this.#seek(key);
    const view = this.#soughtView;
    this.#descend(view, 0, key.length, sequence);
    return this.#atPath(view, 0, key.length, sequence);
  }

  /** The first entry at or after what the path was set for, or 0. */
  #atPath(
    view: DataView,
    start: number,
    end: number,
    sequence: number,
  ): number {
    const table = this.#table;
    const leaf = this.#path[this.#height]!;
    const slot = this.#slots[this.#height]!;
    const count = this.#pages.count(leaf);
    if (slot === count) {
      // Past the last slot of the leaf: newer versions of the next one's key.
      let entry = table.next(
        count === 0 ? NO_ENTRY : this.#pages.entry(leaf, count - 1),
      );
      while (
        entry !== NO_ENTRY &&
        table.compare(entry, view, start, end, sequence) < 0
      ) entry = table.next(entry);
      return entry;
    }
    let entry = this.#pages.entry(leaf, slot);
    for (;;) {
      const before = table.previous(entry);
      if (
        before === NO_ENTRY ||
        table.compare(before, view, start, end, sequence) < 0
      ) return entry;
      entry = before;
    }
  }

  /** The last entry whose user key is before `key`, or 0. */
  seekBefore(key: Uint8Array): number {
    // The newest version that could be is before all that are.
    return this.#table.previous(this.seek(key, Infinity));
  }

  /** The last entry, or 0. */
  last(): number {
    return this.#table.previous(NO_ENTRY);
  }

  /** The first entry, or 0. */
  first(): number {
    return this.#table.next(NO_ENTRY);
  }

  /** The newest entry at or below `sequence` of `key`, or 0. */
  find(key: Uint8Array, sequence: number): number {
    const table = this.#table;
    const { length } = key;
    const newest = this.#newestOf.find(key, 0, length);
    if (newest === NO_ENTRY || table.sequence(newest) <= sequence) {
      return newest;
    }
    // Most snapshots are young: the version is one of the next.
    let next = newest;
    for (let step = 0; step < VERSION_STEPS; step++) {
      next = table.next(next);
      if (next === NO_ENTRY || !table.isKey(next, key, 0, length)) {
        return NO_ENTRY;
      }
      if (table.sequence(next) <= sequence) return next;
    }
    this.searchCount++;
    const entry = this.seek(key, sequence);
    return entry !== NO_ENTRY && table.isKey(entry, key, 0, length)
      ? entry
      : NO_ENTRY;
  }

  /** Takes back the last insert; its bytes stay in the arena. */
  removeLast(): void {
    const table = this.#table;
    const entry = table.count;
    invariant(entry > 0, "nothing to remove");
    if (this.#mayHaveSlot(entry)) {
      this.#descendTo(entry);
      invariant(this.#pages.exact, "the entry is not where it belongs");
      this.#remove();
    }
    const after = table.next(entry);
    table.unlink(entry);
    this.#forget(entry, after);
    table.removeLast();
  }

  /** Whether an entry that came last has a slot. */
  #mayHaveSlot(entry: number): boolean {
    if (entry % SLOT_EVERY === 0) return true;
    const table = this.#table;
    const start = table.keyStart(entry);
    const end = table.keyEnd(entry);
    const { arena } = table;
    const isNewest = this.#newestOf.find(arena, start, end) === entry;
    const after = table.next(entry);
    const isOldest = after === NO_ENTRY ||
      !table.isKey(after, arena, start, end);
    return !isNewest || isOldest;
  }

  /** Checks the invariants; for tests. */
  check(): void {
    const table = this.#table;
    const { arena } = table;
    let before = NO_ENTRY;
    let count = 0;
    const step = (): void => {
      const entry = table.next(before);
      invariant(entry !== NO_ENTRY, "a slot's entry is not linked");
      invariant(table.previous(entry) === before, "links back differ");
      if (before !== NO_ENTRY) {
        const start = table.keyStart(entry);
        const end = table.keyEnd(entry);
        const sequence = table.sequence(entry);
        const order = table.compare(before, table.view, start, end, sequence);
        invariant(order < 0, "entries out of order");
      }
      before = entry;
      count++;
    };
    // Between two slots there are newer versions of the key of the second.
    const visit = (entry: number): void => {
      const start = table.keyStart(entry);
      const end = table.keyEnd(entry);
      for (step(); before !== entry; step()) {
        const isVersion = table.isKey(before, arena, start, end);
        invariant(isVersion, "the oldest version of a key has no slot");
      }
    };
    this.#checkPage(this.#root, 0, visit);
    invariant(table.next(before) === NO_ENTRY, "an entry after all slots");
    invariant(count === this.count, "entries and links differ");
  }

  /** Checks a page and what is below it; gives the first entry there. */
  #checkPage(page: number, level: number, visit: (e: number) => void): number {
    const count = this.#pages.count(page);
    invariant(count > 0 || this.count === 0, "an empty page");
    this.#pages.check(page);
    for (let slot = 0; slot < count; slot++) {
      const entry = this.#pages.entry(page, slot);
      if (level === this.#height) {
        visit(entry);
      } else {
        const child = this.#pages.child(page, slot);
        const first = this.#checkPage(child, level + 1, visit);
        invariant(first === entry, "a slot without its child's first entry");
      }
    }
    return this.#pages.entry(page, 0);
  }

  #seek(key: Uint8Array): void {
    const { length } = key;
    if (length > this.#sought.length) {
      this.#sought = new Uint8Array(Math.max(64, length * 2));
      this.#soughtView = new DataView(this.#sought.buffer);
    }
    const sought = this.#sought;
    for (let i = 0; i < length; i++) sought[i] = key[i]!;
  }

  /** Sets the path to the slot where something belongs. */
  #descend(
    view: DataView,
    start: number,
    end: number,
    sequence: number,
  ): void {
    const path = this.#path;
    const slots = this.#slots;
    const height = this.#height;
    let page = this.#root;
    for (let level = 0; level < height; level++) {
      let slot = this.#pages.lowerBound(page, view, start, end, sequence);
      if (!this.#pages.exact && slot > 0) slot--;
      path[level] = page;
      slots[level] = slot;
      page = this.#pages.child(page, slot);
    }
    path[height] = page;
    slots[height] = this.#pages.lowerBound(page, view, start, end, sequence);
  }

  /** Sets the path to where an entry belongs. */
  #descendTo(entry: number): void {
    const table = this.#table;
    const start = table.keyStart(entry);
    const end = table.keyEnd(entry);
    this.#descend(table.view, start, end, table.sequence(entry));
  }

  /** Sets the path to the place after the last slot. */
  #descendToEnd(): void {
    let page = this.#root;
    for (let level = 0; level < this.#height; level++) {
      const slot = this.#pages.count(page) - 1;
      this.#path[level] = page;
      this.#slots[level] = slot;
      page = this.#pages.child(page, slot);
    }
    this.#path[this.#height] = page;
    this.#slots[this.#height] = this.#pages.count(page);
  }

  /** Puts `entry` where the path leads; splits pages that are full. */
  #place(entry: number, isLast: boolean): void {
    let child = 0;
    let added = entry;
    for (let level = this.#height; level >= 0; level--) {
      const page = this.#path[level]!;
      const slot = this.#slots[level]! + (level === this.#height ? 0 : 1);
      if (this.#pages.count(page) < SLOTS) {
        this.#pages.insertAt(page, slot, added, child);
        this.#firstChanged(level, page, slot);
        return;
      }
      const kept = isLast ? SLOTS : SLOTS / 2;
      const right = this.#pages.split(page, kept);
      if (slot < kept || (slot === kept && !isLast)) {
        this.#pages.insertAt(page, slot, added, child);
        this.#firstChanged(level, page, slot);
      } else this.#pages.insertAt(right, slot - kept, added, child);
      child = right;
      added = this.#pages.entry(right, 0);
    }
    const left = this.#root;
    const root = this.#pages.take();
    this.#pages.insertAt(root, 0, this.#pages.entry(left, 0), left);
    this.#pages.insertAt(root, 1, added, child);
    this.#root = root;
    this.#height++;
    invariant(this.#height < HEIGHT_MAX, "tree too high");
  }

  /** What is first in a page is also in the slots above it. */
  #firstChanged(level: number, page: number, slot: number): void {
    if (slot > 0) return;
    const first = this.#pages.entry(page, 0);
    for (let above = level - 1; above >= 0; above--) {
      const parent = this.#path[above]!;
      const at = this.#slots[above]!;
      this.#pages.setEntry(parent, at, first);
      if (at > 0) return;
    }
  }

  /** Takes out the slot at the end of the path, and pages that get empty. */
  #remove(): void {
    for (let level = this.#height; level >= 0; level--) {
      const page = this.#path[level]!;
      const slot = this.#slots[level]!;
      this.#pages.removeAt(page, slot);
      if (this.#pages.count(page) > 0) {
        this.#firstChanged(level, page, slot);
        break;
      }
      if (level === 0) this.#height = 0;
      else this.#pages.give(page);
    }
    while (this.#height > 0 && this.#pages.count(this.#root) === 1) {
      this.#pages.give(this.#root);
      this.#root = this.#pages.child(this.#root, 0);
      this.#height--;
    }
  }

  /** Forgets an entry that was taken out; `after` came after it. */
  #forget(entry: number, after: number): void {
    const table = this.#table;
    const { arena } = table;
    const start = table.keyStart(entry);
    const end = table.keyEnd(entry);
    if (this.#newestOf.find(arena, start, end) !== entry) return;
    if (after !== NO_ENTRY && table.isKey(after, arena, start, end)) {
      this.#newestOf.set(arena, start, end, after);
    } else this.#newestOf.remove(arena, start, end);
  }
}
