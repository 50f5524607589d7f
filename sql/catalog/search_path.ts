/**
 * The catalog as a session with a search path sees it.
 *
 * A name without a schema is looked up among the session's temporary objects
 * and in `pg_catalog`, unless the path says where these stand, then in the
 * schemas of the path in order. Schemas of the
 * path that do not exist are passed over; new objects go to the first that
 * does.
 *
 * @module
 */
import { type CatalogState, newVersion } from "./catalog_state.ts";
import { TEMPORARY_ALIAS } from "./temporary_schema.ts";
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
  StatisticsEntry,
  TriggerEntry,
  TypeEntry,
} from "./entries.ts";
import { isTypeEntry } from "./entries.ts";
import { operandsOf } from "./operators/operator_entry.ts";
import { signatureOf } from "./routine_entry.ts";

const SYSTEM_SCHEMA = "pg_catalog";

/**
 * The names in a text of `search_path`: `"$user", public`. Words without quotes
 * are lowered; `undefined` when the text is no list of names.
 */
export function parseSearchPath(text: string): string[] | undefined {
  const names: string[] = [];
  const item = /\s*(?:"((?:[^"]|"")*)"|([^\s",]+))\s*(,|$)/y;
  if (/^\s*$/.test(text)) return names;
  for (;;) {
    const match = item.exec(text);
    if (match === null) return undefined;
    const [, quoted, word, end] = match;
    names.push(quoted?.replaceAll('""', '"') ?? word!.toLowerCase());
    if (end === "") return names;
  }
}

/** The catalog with a search path. */
export class SearchPathCatalog implements CatalogView {
  /** Changes with the catalog and with the path. */
  readonly version: number = newVersion();
  readonly #state: CatalogState;
  readonly #first: string | undefined;
  /** Where names are looked up, in order; `pg_catalog` is among them. */
  readonly path: readonly string[];
  /** The schemas of the path that exist, as it was given. */
  readonly named: readonly string[];

  /** The catalog `state` for a session that has `path`. */
  constructor(state: CatalogState, path: readonly string[]) {
    this.#state = state;
    this.#first = path.find((name) =>
      name === TEMPORARY_ALIAS || state.hasSchema(name)
    );
    this.named = [...new Set(path.map((name) => state.realName(name)))]
      .filter((name) => state.hasSchema(name));
    const temporary = state.temporarySchema;
    this.path = [
      ...temporary === undefined || this.named.includes(temporary)
        ? []
        : [temporary],
      ...this.named.includes(SYSTEM_SCHEMA) ? [] : [SYSTEM_SCHEMA],
      ...this.named,
    ];
  }

  /** A relation by name; without a schema, the first in the path. */
  relation(
    schema: string | undefined,
    name: string,
  ): RelationEntry | undefined {
    if (schema !== undefined) return this.#state.relation(schema, name);
    for (const each of this.path) {
      const entry = this.#state.relation(each, name);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** A type of the database by name; without a schema, the first in the path. */
  type(schema: string | undefined, name: string): TypeEntry | undefined {
    if (schema !== undefined) return this.#state.type(schema, name);
    for (const each of this.path) {
      const entry = this.#state.type(each, name);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** The routines of a name; without a schema, of all schemas of the path. */
  routines(schema: string | undefined, name: string): readonly RoutineEntry[] {
    if (schema !== undefined) return this.#state.routines(schema, name);
    const found: RoutineEntry[] = [];
    for (const each of this.path) {
      for (const entry of this.#state.routines(each, name)) {
        const signature = signatureOf(entry);
        if (found.some((other) => signatureOf(other) === signature)) continue;
        found.push(entry);
      }
    }
    return found;
  }

  /** The operators of a symbol; without a schema, of all those of the path. */
  operators(
    schema: string | undefined,
    name: string,
  ): readonly OperatorEntry[] {
    if (schema !== undefined) return this.#state.operators(schema, name);
    // A text that is kept was bound with the path that found them.
    const path = this.named.length > 0
      ? this.path
      : [...this.#state.schemas()].map((each) => each.name);
    const found: OperatorEntry[] = [];
    for (const each of path) {
      for (const entry of this.#state.operators(each, name)) {
        const operands = operandsOf(entry);
        if (found.some((other) => operandsOf(other) === operands)) continue;
        found.push(entry);
      }
    }
    return found;
  }

  /** The casts of the database by their two types. */
  get casts(): ReadonlyMap<string, CastEntry> {
    return this.#state.casts;
  }

  /** Whether the database has operators or casts of its own. */
  get hasOperators(): boolean {
    return this.#state.hasOperators;
  }

  /** The triggers of a table or view, in the order of their names. */
  statisticsOf(tableId: number): StatisticsEntry | undefined {
    return this.#state.statisticsOf(tableId);
  }

  triggersOf(tableId: number): readonly TriggerEntry[] {
    return this.#state.triggersOf(tableId);
  }

  /** A relation by id. */
  relationById(id: number): RelationEntry | undefined {
    return this.#state.relationById(id);
  }

  /** An object of any kind by id. */
  byId(id: number): CatalogEntry | undefined {
    return this.#state.byId(id);
  }

  /** The indexes of a table, in order of creation. */
  indexesOf(tableId: number): readonly IndexEntry[] {
    return this.#state.indexesOf(tableId);
  }

  /** Every relation, in order of creation. */
  relations(): Iterable<RelationEntry> {
    return this.#state.relations();
  }

  /** Every object, in order of creation; of the system's, none. */
  entries(): Iterable<CatalogEntry> {
    return this.#state.entries();
  }

  /** The extensions that were created. */
  extensions(): readonly ExtensionEntry[] {
    return this.#state.extensions();
  }

  /** Every schema, the system's first. */
  schemas(): Iterable<SchemaEntry> {
    return this.#state.schemas();
  }

  /** A schema by name. */
  schema(name: string): SchemaEntry | undefined {
    return this.#state.schema(name);
  }

  /** Whether the schema exists. */
  hasSchema(name: string): boolean {
    return this.#state.hasSchema(name);
  }

  /** The first schema of the path that exists; `pg_temp` comes to be. */
  get creationSchema(): string | undefined {
    const first = this.#first;
    return first === undefined ? undefined : this.#state.realName(first);
  }

  /** The same after some objects were changed. */
  changed(entries: readonly CatalogEntry[]): CatalogView {
    return withSearchPath(
      this.#state.with(entries.map((entry) => ({ kind: "put", entry }))),
      this.named,
    );
  }

  /** The same where nothing but the system's schema is searched. */
  get bare(): CatalogView {
    return withSearchPath(this.#state, []);
  }

  /** Whether the object is what its name means without its schema. */
  isVisible(
    entry: RelationEntry | TypeEntry | RoutineEntry | OperatorEntry,
  ): boolean {
    if (entry.kind === "operator") {
      return this.operators(undefined, entry.name).includes(entry);
    }
    if (entry.kind === "routine") {
      return this.routines(undefined, entry.name).includes(entry);
    }
    if (isTypeEntry(entry)) {
      return this.type(undefined, entry.name)?.id === entry.id;
    }
    return this.relation(undefined, entry.name)?.id === entry.id;
  }
}

/** The views of a state, and the one that was asked for last. */
interface PathViews {
  readonly byPath: Map<string, SearchPathCatalog>;
  lastPath: readonly string[] | undefined;
  last: SearchPathCatalog | undefined;
}

const views = new WeakMap<CatalogState, PathViews>();

/** How many paths a state keeps views for. */
const PATHS_MAX = 100;

/** The view of `state` with a path: the same one every time. */
export function withSearchPath(
  state: CatalogState,
  path: readonly string[],
): SearchPathCatalog {
  let known = views.get(state);
  if (known === undefined) {
    known = { byPath: new Map(), lastPath: undefined, last: undefined };
    views.set(state, known);
  }
  // Settings give the same list until somebody sets another.
  if (known.lastPath === path) return known.last!;
  const { byPath } = known;
  const key = path.join("\0");
  let view = byPath.get(key);
  if (view === undefined) {
    if (byPath.size >= PATHS_MAX) byPath.clear();
    byPath.set(key, view = new SearchPathCatalog(state, path));
  }
  known.lastPath = path;
  known.last = view;
  return view;
}
