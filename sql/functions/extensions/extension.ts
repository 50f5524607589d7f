/**
 * Extensions: functions, operators and aggregates that a database has after
 * CREATE EXTENSION alone. Their code is loaded when a database has them.
 *
 * Types of extensions are among the others (`sql/types/`), so that rows can be
 * read; by name they are known only where their extension is.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type {
  AggregateDefinition,
  FunctionDefinition,
  OperatorDefinition,
} from "../definition.ts";

/** What an extension adds. */
export interface ExtensionParts {
  readonly functions?: readonly FunctionDefinition[];
  readonly operators?: readonly OperatorDefinition[];
  readonly aggregates?: readonly AggregateDefinition[];
}

/** An extension that can be created. */
export interface AvailableExtension {
  readonly name: string;
  /** The version that CREATE EXTENSION makes. */
  readonly version: string;
  /** What `pg_available_extensions` says of it. */
  readonly comment: string;
  /** The schema that it has to be in. */
  readonly schema?: string;
  /** The types that it brings. */
  readonly types?: readonly string[];
  /** The operator classes that it brings. */
  readonly operatorClasses?: readonly string[];
  /** Whether every database has it from the start. */
  readonly isBuiltIn?: boolean;
}

/** All extensions there are. */
export const AVAILABLE_EXTENSIONS: readonly AvailableExtension[] = [
  {
    name: "plpgsql",
    version: "1.0",
    comment: "PL/pgSQL procedural language",
    schema: "pg_catalog",
    isBuiltIn: true,
  },
  {
    name: "vector",
    version: "0.8.1",
    comment: "vector data type and ivfflat and hnsw access methods",
    isBuiltIn: true,
  },
  {
    name: "lsm_pg_extension",
    version: "1.0",
    comment: "tables and vector indexes on object storage",
    isBuiltIn: true,
  },
  {
    name: "btree_gist",
    version: "1.8",
    comment: "support for indexing common datatypes in GiST",
  },
  {
    name: "btree_gin",
    version: "1.3",
    comment: "support for indexing common datatypes in GIN",
  },
  {
    name: "pgcrypto",
    version: "1.4",
    comment: "cryptographic functions",
  },
  {
    name: "uuid-ossp",
    version: "1.1",
    comment: "generate universally unique identifiers (UUIDs)",
  },
  {
    name: "pg_trgm",
    version: "1.6",
    comment:
      "text similarity measurement and index searching based on trigrams",
    operatorClasses: ["gin_trgm_ops"],
  },
  {
    name: "citext",
    version: "1.8",
    comment: "data type for case-insensitive character strings",
    types: ["citext"],
  },
  {
    name: "hstore",
    version: "1.8",
    comment: "data type for storing sets of (key, value) pairs",
    types: ["hstore"],
    operatorClasses: ["gin_hstore_ops"],
  },
  {
    name: "ltree",
    version: "1.3",
    comment: "data type for hierarchical tree-like structures",
    types: ["ltree", "lquery", "ltxtquery"],
  },
  {
    name: "tablefunc",
    version: "1.0",
    comment: "functions that manipulate whole tables, including crosstab",
  },
  {
    name: "intarray",
    version: "1.5",
    comment:
      "functions, operators, and index support for 1-D arrays of integers",
    types: ["query_int"],
    operatorClasses: ["gin__int_ops"],
  },
  {
    name: "fuzzystrmatch",
    version: "1.2",
    comment: "determine similarities and distance between strings",
  },
  {
    name: "unaccent",
    version: "1.1",
    comment: "text search dictionary that removes accents",
  },
];

/** The extension of a name, if it can be created. */
export function availableExtension(
  name: string,
): AvailableExtension | undefined {
  return AVAILABLE_EXTENSIONS.find((each) => each.name === name);
}

const loaded = new Map<string, ExtensionParts>();

/** Keeps what was loaded of an extension. */
export function keepParts(name: string, parts: ExtensionParts): void {
  loaded.set(name, parts);
}

/** Whether an extension was loaded. */
export function isLoaded(name: string): boolean {
  return loaded.has(name);
}

/**
 * What an extension adds. REQUIRES: it is loaded (`load_extension.ts`).
 *
 * @throws {SqlError} `XX000` where it was not.
 */
export function extensionParts(name: string): ExtensionParts {
  const parts = loaded.get(name);
  if (parts !== undefined) return parts;
  throw new SqlError("XX000", `extension "${name}" was not loaded`);
}
