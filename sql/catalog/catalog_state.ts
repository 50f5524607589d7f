/**
 * The catalog at one moment: every object, by id and by name.
 *
 * A state is immutable; a change makes a new one. Committed states follow one
 * another in commit order; a transaction that changed the catalog has a state
 * of its own, made of the changes it will commit.
 *
 * The schema `public` is there without a row; a row with its id says when it
 * was renamed, commented or dropped.
 *
 * @module
 */
import {
  systemRelation,
  systemRelationById,
} from "./system/system_relations.ts";
import { isTemporaryId, TEMPORARY_ALIAS } from "./temporary_schema.ts";
import { invariant } from "../../base/invariant.ts";
import type {
  CastEntry,
  CatalogEntry,
  CatalogView,
  ExtensionEntry,
  IndexEntry,
  OperatorEntry,
  RelationEntry,
  RoutineEntry,
  SchemaEntry,
  SequenceEntry,
  StatisticsEntry,
  TriggerEntry,
  TypeEntry,
} from "./entries.ts";
import { isTypeEntry } from "./entries.ts";
import { castName } from "./operators/cast_entry.ts";
import { signatureOf } from "./routine_entry.ts";

/** The schema that every database begins with. */
export const PUBLIC_SCHEMA: SchemaEntry = {
  kind: "schema",
  id: 2200,
  name: "public",
  comment: "standard public schema",
};

/** The schemas of the system, which nobody changes. */
export const SYSTEM_SCHEMAS: readonly SchemaEntry[] = [
  {
    kind: "schema",
    id: 11,
    name: "pg_catalog",
    comment: "system catalog schema",
  },
  { kind: "schema", id: 13_000, name: "information_schema" },
];

/** A change of the catalog. */
export type CatalogChange =
  /** The object is new, or changed. */
  | { readonly kind: "put"; readonly entry: CatalogEntry }
  /** The object is gone. */
  | { readonly kind: "remove"; readonly id: number };

let versions = 0;

/** A number that no state and no view of one has yet. */
export function newVersion(): number {
  return ++versions;
}

/** The catalog at one moment. */
export class CatalogState implements CatalogView {
  /** Changes whenever the catalog does; no two states share it. */
  readonly version: number = newVersion();
  /** The session's temporary schema, if it has anything in it. */
  readonly temporarySchema: string | undefined;
  readonly #byId: ReadonlyMap<number, CatalogEntry>;
  readonly #byName = new Map<string, RelationEntry>();
  readonly #types = new Map<string, TypeEntry>();
  readonly #routines = new Map<string, RoutineEntry[]>();
  readonly #operators = new Map<string, OperatorEntry[]>();
  /** The casts of the database by `castName`. */
  readonly casts: Map<string, CastEntry> = new Map();
  readonly #triggers = new Map<number, TriggerEntry[]>();
  readonly #statistics = new Map<number, StatisticsEntry>();
  readonly #schemas = new Map<string, SchemaEntry>();
  readonly #extensions: ExtensionEntry[] = [];
  readonly #indexes = new Map<number, IndexEntry[]>();
  readonly #byMethod = new Map<string, readonly IndexEntry[]>();

  /**
   * The catalog of `entries`, in order of creation; the indexes `hidden` are
   * there, and no table is reached by them.
   */
  constructor(
    entries: Iterable<CatalogEntry> = [],
    hidden: ReadonlySet<number> = new Set(),
  ) {
    const byId = new Map<number, CatalogEntry>();
    byId.set(PUBLIC_SCHEMA.id, PUBLIC_SCHEMA);
    for (const entry of entries) byId.set(entry.id, entry);
    for (const schema of SYSTEM_SCHEMAS) this.#schemas.set(schema.name, schema);
    for (const entry of byId.values()) {
      this.#place(entry);
      if (entry.kind !== "index" || hidden.has(entry.id)) continue;
      const indexes = this.#indexes.get(entry.tableId);
      if (indexes === undefined) this.#indexes.set(entry.tableId, [entry]);
      else indexes.push(entry);
    }
    this.#byId = byId;
    this.temporarySchema = [...this.#schemas.values()].find(({ id }) =>
      isTemporaryId(id)
    )?.name;
  }

  /** What a schema is called that may be called `pg_temp`. */
  realName(schema: string): string {
    return schema === TEMPORARY_ALIAS ? this.temporarySchema ?? schema : schema;
  }

  #place(entry: CatalogEntry): void {
    if (entry.kind === "schema") {
      if (entry.dropped === true) return;
      const { name } = entry;
      invariant(!this.#schemas.has(name), `two schemas are named ${name}`);
      this.#schemas.set(name, entry);
      return;
    }
    if (entry.kind === "role") return;
    if (entry.kind === "extension") {
      this.#extensions.push(entry);
      return;
    }
    if (entry.kind === "statistics") {
      this.#statistics.set(entry.tableId, entry);
      return;
    }
    if (entry.kind === "cast") {
      this.casts.set(castName(entry.source, entry.target), entry);
      return;
    }
    const name = qualified(entry.schema, entry.name);
    if (entry.kind === "operator") {
      this.#operators.set(name, [...this.#operators.get(name) ?? [], entry]);
      return;
    }
    if (entry.kind === "routine") return this.#placeRoutine(name, entry);
    if (entry.kind === "trigger") return this.#placeTrigger(entry);
    if (isTypeEntry(entry)) {
      invariant(!this.#types.has(name), `two types are named ${name}`);
      this.#types.set(name, entry);
      return;
    }
    invariant(!this.#byName.has(name), `two relations are named ${name}`);
    this.#byName.set(name, entry);
  }

  #placeRoutine(name: string, entry: RoutineEntry): void {
    const routines = this.#routines.get(name) ?? [];
    const signature = signatureOf(entry);
    invariant(
      routines.every((each) => signatureOf(each) !== signature),
      `two routines are named ${name}`,
    );
    this.#routines.set(name, [...routines, entry]);
  }

  #placeTrigger(entry: TriggerEntry): void {
    const triggers = [...this.#triggers.get(entry.tableId) ?? [], entry];
    triggers.sort((a, b) => a.name < b.name ? -1 : 1);
    this.#triggers.set(entry.tableId, triggers);
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
    if (schema === TEMPORARY_ALIAS) schema = this.temporarySchema ?? schema;
    const found = this.#byName.get(
      qualified(schema ?? PUBLIC_SCHEMA.name, name),
    );
    return found === undefined && schema !== undefined
      ? systemRelation(schema, name)
      : found;
  }

  /** A type of the database by name; without a schema, in `public`. */
  type(schema: string | undefined, name: string): TypeEntry | undefined {
    return this.#types.get(qualified(schema ?? PUBLIC_SCHEMA.name, name));
  }

  /** The routines of a name; without a schema, in `public`. */
  routines(schema: string | undefined, name: string): readonly RoutineEntry[] {
    const key = qualified(schema ?? PUBLIC_SCHEMA.name, name);
    return this.#routines.get(key) ?? [];
  }

  /** The operators of a symbol; without a schema, in `public`. */
  operators(
    schema: string | undefined,
    name: string,
  ): readonly OperatorEntry[] {
    const key = qualified(schema ?? PUBLIC_SCHEMA.name, name);
    return this.#operators.get(key) ?? [];
  }

  /** Whether the database has operators or casts of its own. */
  get hasOperators(): boolean {
    return this.#operators.size + this.casts.size > 0;
  }

  /** The triggers of a table or view, in the order of their names. */
  triggersOf(tableId: number): readonly TriggerEntry[] {
    return this.#triggers.get(tableId) ?? [];
  }

  /** What ANALYZE found out about a table. */
  statisticsOf(tableId: number): StatisticsEntry | undefined {
    return this.#statistics.get(tableId);
  }

  /** A relation by id. */
  relationById(id: number): RelationEntry | undefined {
    const entry = this.#byId.get(id) ?? systemRelationById(id);
    return isRelation(entry) ? entry : undefined;
  }

  /** An object of any kind by id. */
  byId(id: number): CatalogEntry | undefined {
    return this.#byId.get(id);
  }

  /** The indexes of a table, in order of creation. */
  indexesOf(tableId: number): readonly IndexEntry[] {
    return this.#indexes.get(tableId) ?? [];
  }

  /** The sequences that go with columns of a table, in order of creation. */
  sequencesOf(tableId: number): readonly SequenceEntry[] {
    return [...this.#byId.values()].filter((entry) =>
      entry.kind === "sequence" && entry.owner?.tableId === tableId
    ) as SequenceEntry[];
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
  *relations(): Iterable<RelationEntry> {
    for (const entry of this.#byId.values()) {
      if (isRelation(entry)) yield entry;
    }
  }

  /** Every object, in order of creation; of the system's, none. */
  entries(): Iterable<CatalogEntry> {
    return this.#byId.values();
  }

  /** The extensions that were created. */
  extensions(): readonly ExtensionEntry[] {
    return this.#extensions;
  }

  /** Every schema, the system's first. */
  schemas(): Iterable<SchemaEntry> {
    return this.#schemas.values();
  }

  /** A schema by name, those of the system included. */
  schema(name: string): SchemaEntry | undefined {
    return this.#schemas.get(this.realName(name));
  }

  /** Whether the schema exists. */
  hasSchema(name: string): boolean {
    return this.#schemas.has(this.realName(name));
  }

  /** Where objects are made: without a search path, in `public`. */
  get creationSchema(): string | undefined {
    return this.hasSchema(PUBLIC_SCHEMA.name) ? PUBLIC_SCHEMA.name : undefined;
  }

  /** The same after some objects were changed. */
  changed(entries: readonly CatalogEntry[]): CatalogView {
    return this.with(entries.map((entry) => ({ kind: "put", entry })));
  }

  /** Without a search path there is nothing to leave out. */
  get bare(): CatalogView {
    return this;
  }

  /** Whether the object's name means it: without a search path, in `public`. */
  isVisible(
    { schema }: RelationEntry | TypeEntry | RoutineEntry | OperatorEntry,
  ): boolean {
    return schema === PUBLIC_SCHEMA.name;
  }
}

function isRelation(entry: CatalogEntry | undefined): entry is RelationEntry {
  return entry !== undefined && entry.kind !== "schema" &&
    !isTypeEntry(entry) && entry.kind !== "routine" &&
    entry.kind !== "trigger" && entry.kind !== "role" &&
    entry.kind !== "statistics" && entry.kind !== "operator" &&
    entry.kind !== "cast" && entry.kind !== "extension";
}

function qualified(schema: string, name: string): string {
  return `${schema}\0${name}`;
}
