/**
 * The cursors of a session, and how long they live.
 *
 * A cursor ends with its transaction, and with a savepoint that it was declared
 * in and that is rolled back. With WITH HOLD it outlives a commit: the rows it
 * has not read are read just before.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { Cursor } from "./cursor.ts";

/** How many a session may have. */
const CURSORS_MAX = 10_000;

/** The cursors of a session, by name. */
export class Cursors {
  readonly #cursors = new Map<string, { cursor: Cursor; serial: number }>();
  #serial = 0;

  #unnamed = 0;

  /** A name for a cursor that was given none. */
  freeName(): string {
    for (;;) {
      const name = `<unnamed portal ${++this.#unnamed}>`;
      if (!this.has(name)) return name;
    }
  }

  /** All of them, in the order they were declared. */
  *all(): Iterable<Cursor> {
    for (const { cursor } of this.#cursors.values()) yield cursor;
  }

  /** @throws {SqlError} `42P03` when the name is taken. */
  requireFree(name: string): void {
    if (this.#cursors.has(name)) {
      throw new SqlError("42P03", `cursor "${name}" already exists`);
    }
    if (this.#cursors.size >= CURSORS_MAX) {
      throw new SqlError("53400", "too many cursors", {
        hint: "CLOSE those that are not needed any more.",
      });
    }
  }

  /** Adds one. @throws {SqlError} `42P03` when the name is taken. */
  add(cursor: Cursor): void {
    const { name } = cursor.definition;
    this.requireFree(name);
    this.#cursors.set(name, { cursor, serial: ++this.#serial });
  }

  /** Whether there is a cursor of that name. */
  has(name: string): boolean {
    return this.#cursors.has(name);
  }

  /** The cursor of that name. @throws {SqlError} `34000`. */
  get(name: string): Cursor {
    const found = this.#cursors.get(name);
    if (found !== undefined) return found.cursor;
    throw new SqlError("34000", `cursor "${name}" does not exist`);
  }

  /** Closes one. @throws {SqlError} `34000`. */
  close(name: string): void {
    this.get(name).close();
    this.#cursors.delete(name);
  }

  /** Closes all. */
  closeAll(): void {
    this.#closeWhere(() => true);
  }

  /** A mark, for a savepoint. */
  mark(): number {
    return this.#serial;
  }

  /** Closes those declared after `mark`. */
  returnTo(mark: number): void {
    this.#closeWhere((_, serial) => serial > mark);
  }

  /** Whether one of them still reads in the transaction. */
  get reads(): boolean {
    for (const { cursor } of this.#cursors.values()) {
      if (cursor.reads) return true;
    }
    return false;
  }

  /** Reads what those up to `mark` have to read; one that fails, fails later. */
  async readAll(mark: number): Promise<void> {
    for (const { cursor, serial } of [...this.#cursors.values()]) {
      if (serial > mark || !cursor.reads) continue;
      try {
        await cursor.readAll();
      } catch {
        cursor.close();
      }
    }
  }

  /** Before a commit: reads what has to outlive it. @throws {SqlError} */
  async hold(): Promise<void> {
    for (const cursor of this.all()) {
      if (cursor.definition.hold && !cursor.held) await cursor.readAll();
    }
  }

  /** The transaction has ended. */
  endTransaction(committed: boolean): void {
    if (this.#cursors.size === 0) return;
    this.#closeWhere(({ held, definition }) =>
      !held && !(committed && definition.hold)
    );
    for (const cursor of this.all()) cursor.keep();
  }

  #closeWhere(which: (cursor: Cursor, serial: number) => boolean): void {
    for (const [name, { cursor, serial }] of this.#cursors) {
      if (!which(cursor, serial)) continue;
      cursor.close();
      this.#cursors.delete(name);
    }
  }
}
