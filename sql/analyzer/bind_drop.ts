/**
 * DROP and TRUNCATE: what the names mean.
 *
 * @module
 */
import type {
  CatalogEntry,
  CatalogView,
  IndexEntry,
  RelationEntry,
  SequenceEntry,
  TableEntry,
} from "../catalog/entries.ts";
import { treeOf } from "../catalog/inheritance/table_tree.ts";
import { SqlError } from "../errors/sql_error.ts";
import type {
  DropSyntax,
  RelationName,
  TruncateSyntax,
} from "../parser/syntax.ts";
import { missingRelation } from "./bind_from.ts";
import { isMaterialized } from "./bind_view.ts";
import type {
  BoundDrop,
  BoundDropExtension,
  BoundTruncate,
} from "./bound_tree.ts";
import { describe } from "./describe.ts";
import type { StatementState } from "./statement_state.ts";

type Unfinished<T> = Omit<T, "parameterTypes" | "cacheable">;

/** Binds DROP. */
export function bindDrop(
  state: StatementState,
  syntax: DropSyntax,
): Unfinished<BoundDrop> | Unfinished<BoundDropExtension> {
  const { object, names, ifExists, cascade } = syntax;
  if (object === "extension") {
    return {
      kind: "drop_extension",
      names: names.map(({ name }) => name),
      ifExists,
      cascade,
    };
  }
  const finder = new DropFinder(state, object, ifExists);
  const entries = names.map((name) => finder.find(name))
    .filter((entry) => entry !== undefined);
  return {
    kind: "drop",
    object,
    entries: [...new Set(entries)],
    cascade,
    notices: finder.notices,
  };
}

/** How a relation of a kind is called, and dropped. */
interface DropWords {
  /** SQLSTATE of a name that is not there. */
  readonly missing: string;
  /** `a table` */
  readonly article: string;
  readonly hint: string;
}

/** What DROP calls the kinds of relations. */
type RelationWord = RelationEntry["kind"] | "materialized view";

const WORDS: Readonly<Record<RelationWord, DropWords>> = {
  table: {
    missing: "42P01",
    article: "a table",
    hint: "Use DROP TABLE to remove a table.",
  },
  index: {
    missing: "42704",
    article: "an index",
    hint: "Use DROP INDEX to remove an index.",
  },
  sequence: {
    missing: "42P01",
    article: "a sequence",
    hint: "Use DROP SEQUENCE to remove a sequence.",
  },
  view: {
    missing: "42P01",
    article: "a view",
    hint: "Use DROP VIEW to remove a view.",
  },
  "materialized view": {
    missing: "42P01",
    article: "a materialized view",
    hint: "Use DROP MATERIALIZED VIEW to remove a materialized view.",
  },
};

function wordOf(entry: RelationEntry): RelationWord {
  return isMaterialized(entry) ? "materialized view" : entry.kind;
}

/** Finds what one DROP names. */
class DropFinder {
  readonly #state: StatementState;
  readonly #object: Exclude<DropSyntax["object"], "extension">;
  readonly #ifExists: boolean;
  readonly notices: string[] = [];

  constructor(
    state: StatementState,
    object: Exclude<DropSyntax["object"], "extension">,
    ifExists: boolean,
  ) {
    this.#state = state;
    this.#object = object;
    this.#ifExists = ifExists;
  }

  /** @throws {SqlError} when it is not there, or must stay. */
  find(name: RelationName): CatalogEntry | undefined {
    const object = this.#object;
    if (object === "schema") return this.#schema(name.name);
    if (object === "type" || object === "domain") {
      return this.#type(name, object);
    }
    const entry = this.#relation(name, object);
    if (entry?.kind === "index") this.#refuseConstraint(entry);
    if (entry?.kind === "sequence") this.#refuseIdentity(entry);
    return entry;
  }

  #schema(name: string): CatalogEntry | undefined {
    const { catalog } = this.#state.options;
    const schema = catalog.schema(name);
    if (schema === undefined) return this.#missing("3F000", "schema", name);
    this.#refuseSystem(schema);
    return schema;
  }

  #type(
    { schema, name }: RelationName,
    object: "type" | "domain",
  ): CatalogEntry | undefined {
    const { catalog, types } = this.#state.options;
    if (schema !== undefined && !catalog.hasSchema(schema)) {
      return this.#missing("3F000", "schema", schema);
    }
    const entry = catalog.type(schema, name);
    if (object === "domain" && entry !== undefined && entry.kind !== object) {
      throw new SqlError("42809", `"${name}" is not a domain`);
    }
    const builtin = types.byName(name, schema);
    if (builtin !== undefined) {
      throw new SqlError(
        "2BP01",
        `cannot drop type ${builtin.displayName} because it is required by the database system`,
      );
    }
    return entry ?? this.#missing("42704", "type", name);
  }

  #relation(
    { schema, name }: RelationName,
    kind: RelationWord,
  ): RelationEntry | undefined {
    const { catalog } = this.#state.options;
    if (schema !== undefined && !catalog.hasSchema(schema)) {
      return this.#missing("3F000", "schema", schema);
    }
    const entry = catalog.relation(schema, name);
    const words = WORDS[kind];
    if (entry === undefined) return this.#missing(words.missing, kind, name);
    const found = wordOf(entry);
    if (found !== kind) {
      throw new SqlError("42809", `"${name}" is not ${words.article}`, {
        hint: WORDS[found].hint,
      });
    }
    this.#refuseSystem(entry);
    return entry;
  }

  /** What the system made cannot go. */
  #refuseSystem(entry: CatalogEntry): void {
    const { catalog } = this.#state.options;
    const schema = entry.kind === "schema"
      ? entry
      : catalog.schema(entry.schema);
    if (schema === undefined || !isSystemSchema(schema.name)) return;
    if (entry.kind !== "schema") {
      throw new SqlError(
        "42501",
        `permission denied: "${entry.name}" is a system catalog`,
      );
    }
    throw new SqlError(
      "2BP01",
      `cannot drop ${
        describe(catalog, entry)
      } because it is required by the database system`,
    );
  }

  #refuseConstraint(index: IndexEntry): void {
    const { constraintName } = index;
    if (constraintName === undefined) return;
    const { catalog } = this.#state.options;
    const table = catalog.byId(index.tableId)!;
    const shown = `constraint ${constraintName} on ${describe(catalog, table)}`;
    throw new SqlError(
      "2BP01",
      `cannot drop ${describe(catalog, index)} because ${shown} requires it`,
      { hint: `You can drop ${shown} instead.` },
    );
  }

  /** The sequence of an identity column goes with the column only. */
  #refuseIdentity(sequence: SequenceEntry): void {
    const { owner } = sequence;
    if (owner?.identity !== true) return;
    const { catalog } = this.#state.options;
    const table = catalog.byId(owner.tableId)!;
    const column = table.kind === "table"
      ? table.columns.find(({ number }) => number === owner.columnNumber)
      : undefined;
    const shown = `column ${column?.name} of ${describe(catalog, table)}`;
    throw new SqlError(
      "2BP01",
      `cannot drop ${describe(catalog, sequence)} because ${shown} requires it`,
      { hint: `You can drop ${shown} instead.` },
    );
  }

  #missing(code: string, what: string, name: string): undefined {
    const message = `${what} "${name}" does not exist`;
    if (!this.#ifExists) throw new SqlError(code, message);
    this.notices.push(`${message}, skipping`);
  }
}

function isSystemSchema(name: string): boolean {
  return name === "pg_catalog" || name === "information_schema";
}

/** Binds TRUNCATE. */
export function bindTruncate(
  state: StatementState,
  { relations, restartIdentity, cascade }: TruncateSyntax,
): Unfinished<BoundTruncate> {
  const { catalog } = state.options;
  const tables = relations.flatMap(({ schema, name, only }) => {
    const entry = catalog.relation(schema, name);
    if (entry === undefined) throw missingRelation(schema, name);
    if (wordOf(entry) === "table") {
      return truncatedTree(catalog, entry as TableEntry, only);
    }
    throw new SqlError("42809", `"${name}" is not a table`);
  });
  return {
    kind: "truncate",
    tables: [...new Set(tables)],
    restartIdentity,
    cascade,
  };
}

/** A table and those that inherit from it, but under ONLY. */
function truncatedTree(
  catalog: CatalogView,
  table: TableEntry,
  only: boolean | undefined,
): readonly TableEntry[] {
  if (only !== true) return treeOf(catalog, table);
  if (table.partitionKey === undefined) return [table];
  throw new SqlError("42P16", "cannot truncate only a partitioned table", {
    hint:
      "Do not specify the ONLY keyword, or use TRUNCATE ONLY on the partitions directly.",
  });
}
