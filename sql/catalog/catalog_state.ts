/**
 * The catalog at one moment: every relation, by id and by name.
 *
 * A state is immutable; a change makes a new one. Committed states follow one
 * another in commit order; a transaction that changed the catalog has a state
 * of its own, made of the changes it will commit.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import type { CatalogView, IndexEntry, RelationEntry } from "./entries.ts";

/** The one schema there is so far; system functions live in `pg_catalog`. */
export const PUBLIC_SCHEMA = "public";

/** A change of the catalog. */
export type CatalogChange =
  /** The relation is new, or changed. */
  | { readonly kind: "put"; readonly entry: RelationEntry }
  /** The relation is gone. */
  | { readonly kind: "remove"; readonly id: number };

let versions = 0;

/** The catalog at one moment. */
export class CatalogState implements CatalogView {
  /** Changes whenever the catalog does; no two states share it. */
  readonly version: number = ++versions;
  readonly #byId: ReadonlyMap<number, RelationEntry>;
  readonly #byName = new Map<string, RelationEntry>();
  readonly #indexes = new Map<number, IndexEntry[]>();
  readonly #byMethod = new Map<string, readonly IndexEntry[]>();

  /** The catalog of `relations`, in order of creation. */
  constructor(relations: Iterable<RelationEntry> = []) {
    const byId = new Map<number, RelationEntry>();
    for (const entry of relations) {
      byId.set(entry.id, entry);
      const name = qualified(entry.schema, entry.name);
      invariant(!this.#byName.has(name), `two relations are named ${name}`);
      this.#byName.set(name, entry);
      if (entry.kind !== "index") continue;
      const indexes = this.#indexes.get(entry.tableId);
      if (indexes === undefined) this.#indexes.set(entry.tableId, [entry]);
      else indexes.push(entry);
    }
    this.#byId = byId;
  }

  /** The catalog after `changes`. */
  with(changes: readonly CatalogChange[]): CatalogState {
    const byId = new Map(this.#byId);
    for (const change of changes) {
      if (change.kind === "put") byId.set(change.entry.id, change.entry);
      else byId.delete(change.id);
    }
    return new CatalogState(byId.values());
  }

  /** A relation by name; without a schema, in `public`. */
  relation(
    schema: string | undefined,
    name: string,
  ): RelationEntry | undefined {
    return this.#byName.get(qualified(schema ?? PUBLIC_SCHEMA, name));
  }

  /** A relation by id. */
  relationById(id: number): RelationEntry | undefined {
    return this.#byId.get(id);
  }

  /** The indexes of a table, in order of creation. */
  indexesOf(tableId: number): readonly IndexEntry[] {
    return this.#indexes.get(tableId) ?? [];
  }

  /** The indexes of an access method. */
  indexesUsing(accessMethod: string): readonly IndexEntry[] {
    let indexes = this.#byMethod.get(accessMethod);
    if (indexes === undefined) {
      indexes = [...this.#byId.values()].filter((entry) =>
        entry.kind === "index" && entry.accessMethod === accessMethod
      ) as IndexEntry[];
      this.#byMethod.set(accessMethod, indexes);
    }
    return indexes;
  }

  /** Every relation, in order of creation. */
  relations(): Iterable<RelationEntry> {
    return this.#byId.values();
  }

  /** Whether the schema exists. */
  hasSchema(name: string): boolean {
    return name === PUBLIC_SCHEMA || name === "pg_catalog";
  }
}

function qualified(schema: string, name: string): string {
  return `${schema}\0${name}`;
}
