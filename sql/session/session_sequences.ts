/**
 * Sequences as the functions of one statement use them.
 *
 * @module
 */
import type { CatalogView } from "../catalog/entries.ts";
import { withSearchPath } from "../catalog/search_path.ts";
import type { SequenceEntry } from "../catalog/sequence_entry.ts";
import { namedSequence, nameParts } from "../catalog/sequence_name.ts";
import type { SequencePlace } from "../catalog/sequence_place.ts";
import type { Sequences } from "../catalog/sequences.ts";
import { isTemporaryId } from "../catalog/temporary_schema.ts";
import { SqlError } from "../errors/sql_error.ts";
import { quoteIdentifier } from "../parser/quote.ts";
import type { SequenceAccess } from "../functions/registry.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { DrawnNumbers } from "./drawn_numbers.ts";
import type { Settings } from "./settings.ts";

/** The sequences of a database for one session and transaction. */
export class SessionSequences implements SequenceAccess {
  readonly #sequences: Sequences;
  readonly #settings: Settings;
  readonly #drawn: DrawnNumbers;
  readonly #transaction: Transaction;
  /** What names were found to mean. */
  readonly #found = new Map<string, SequenceEntry>();

  /** Sequences that `transaction` sees. */
  constructor(
    sequences: Sequences,
    settings: Settings,
    transaction: Transaction,
  ) {
    this.#sequences = sequences;
    this.#settings = settings;
    this.#drawn = settings.drawn;
    this.#transaction = transaction;
  }

  /** `nextval` */
  next(name: string): bigint {
    const sequence = this.#find(name);
    this.#checkWritable("nextval", sequence);
    const value = this.#sequences.next(sequence);
    this.#drawn.note(sequence, value);
    return value;
  }

  /** `currval` */
  current(name: string): bigint {
    const sequence = this.#find(name);
    const value = this.#drawn.value(sequence.id);
    if (value !== undefined) return value;
    throw new SqlError(
      "55000",
      `currval of sequence "${sequence.name}" is not yet defined in this session`,
    );
  }

  /** `lastval` */
  last(): bigint {
    const id = this.#drawn.lastId;
    if (
      id !== undefined && this.#transaction.catalog.relationById(id)
    ) return this.#drawn.value(id)!;
    throw new SqlError("55000", "lastval is not yet defined in this session");
  }

  /** `setval` */
  set(name: string, value: bigint, called: boolean): void {
    const sequence = this.#find(name);
    this.#checkWritable("setval", sequence);
    const { minimum, maximum } = sequence;
    if (value < minimum || value > maximum) {
      throw new SqlError(
        "22003",
        `setval: value ${value} is out of bounds for sequence "${sequence.name}" (${minimum}..${maximum})`,
      );
    }
    this.#sequences.set(sequence, { last: value, called });
    if (called) this.#drawn.note(sequence, value);
    else this.#drawn.owe(sequence);
  }

  /** Where it stands. */
  place(name: string): SequencePlace {
    return this.#sequences.place(this.#find(name));
  }

  /** `pg_get_serial_sequence` */
  ofColumn(table: string, column: string): string | undefined {
    const catalog = this.#catalog;
    const parts = nameParts(table);
    const entry = catalog.relation(parts.at(-2), parts.at(-1)!);
    if (entry === undefined) {
      throw new SqlError(
        "42P01",
        `relation "${parts.join(".")}" does not exist`,
      );
    }
    const found = "columns" in entry && entry.kind !== "index"
      ? entry.columns.find(({ name }) => name === column)
      : undefined;
    if (found === undefined) {
      throw new SqlError(
        "42703",
        `column "${column}" of relation "${entry.name}" does not exist`,
      );
    }
    const sequence = this.#transaction.catalog.sequencesOf(entry.id).find((
      { owner },
    ) => owner?.columnNumber === found.number);
    return sequence &&
      `${quoteIdentifier(sequence.schema)}.${quoteIdentifier(sequence.name)}`;
  }

  /** The catalog, where names are looked up as SQL does. */
  get #catalog(): CatalogView {
    const { catalog } = this.#transaction;
    return withSearchPath(catalog, this.#settings.searchPath);
  }

  #find(name: string): SequenceEntry {
    let sequence = this.#found.get(name);
    if (sequence === undefined) {
      sequence = namedSequence(this.#catalog, name);
      this.#found.set(name, sequence);
    }
    return sequence;
  }

  #checkWritable(what: string, { id }: SequenceEntry): void {
    if (
      isTemporaryId(id) ||
      (!this.#transaction.readOnly &&
        !this.#settings.boolean("transaction_read_only"))
    ) return;
    throw new SqlError(
      "25006",
      `cannot execute ${what}() in a read-only transaction`,
    );
  }
}
