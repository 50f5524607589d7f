/**
 * The SQL pipeline over arrays: parser, analyzer, planner and executor with a
 * catalog, a table access method and index access methods that keep everything
 * in plain arrays. Nothing of storage, transactions or sessions is in it.
 *
 * Chunks are small on purpose, so that few rows cross many of their borders;
 * with `delays`, answers come as promises now and then, as storage gives them.
 *
 * @module
 */
import { AccessRegistry } from "../../sql/access/access_registry.ts";
import { analyze } from "../../sql/analyzer/analyzer.ts";
import type {
  BoundCreateIndex,
  BoundCreateTable,
  BoundStatement,
} from "../../sql/analyzer/bound_tree.ts";
import {
  PUBLIC_SCHEMA,
  SYSTEM_SCHEMAS,
} from "../../sql/catalog/catalog_state.ts";
import type {
  CatalogEntry,
  CatalogView,
  EnumEntry,
  ExtensionEntry,
  IndexEntry,
  RelationEntry,
  SchemaEntry,
  TableEntry,
} from "../../sql/catalog/entries.ts";
import { type Chunk, selectedCount, valueAt } from "../../sql/chunk/chunk.ts";
import type { ExecutionContext } from "../../sql/executor/operator.ts";
import {
  openPlan,
  type Plan,
  planStatement,
} from "../../sql/executor/physical_planner.ts";
import { createFunctionRegistry } from "../../sql/functions/default_registry.ts";
import type {
  FunctionContext,
  FunctionRegistry,
} from "../../sql/functions/registry.ts";
import type { PlanFacts } from "../../sql/optimizer/facts.ts";
import { parse } from "../../sql/parser/parser.ts";
import type { Nullable } from "../../sql/types/data_type.ts";
import {
  createTypeRegistry,
  type TypeRegistry,
} from "../../sql/types/type_registry.ts";
import { ArrayIndexMethod, ArrayTableMethod } from "./array_access.ts";

/** How a database of arrays behaves. */
export interface ArrayDatabaseOptions {
  /** Rows in a chunk of a scan (default 4). */
  readonly chunkRows?: number;
  /** Whether the next answer is a promise (default never). */
  readonly delays?: () => boolean;
  /** What indexes say that a search costs; default: less than a scan. */
  readonly nearestCost?: (rows: number) => number;
}

/** A column of a result. */
export interface ArrayField {
  readonly name: string;
  readonly type: string;
}

/** What a statement gave: values as text. */
export interface ArrayResult {
  readonly fields: readonly ArrayField[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly affectedRows: number;
}

/** A catalog in an array. */
export class ArrayCatalog implements CatalogView {
  version = 1;
  readonly #relations: RelationEntry[] = [];

  relation(
    schema: string | undefined,
    name: string,
  ): RelationEntry | undefined {
    return this.#relations.find((entry) =>
      entry.name === name && (schema ?? "public") === entry.schema
    );
  }

  relationById(id: number): RelationEntry | undefined {
    return this.#relations.find((entry) => entry.id === id);
  }

  /** There are no routines. */
  routines(): readonly [] {
    return [];
  }

  /** There are no operators. */
  operators(): readonly [] {
    return [];
  }

  readonly casts: CatalogView["casts"] = new Map();
  readonly hasOperators = false;

  /** There are no triggers. */
  statisticsOf(): undefined {
    return undefined;
  }

  triggersOf(): readonly [] {
    return [];
  }

  indexesOf(tableId: number): readonly IndexEntry[] {
    return this.#relations.filter((entry) => entry.kind === "index")
      .filter((entry) => entry.tableId === tableId);
  }

  byId(id: number): CatalogEntry | undefined {
    return this.relationById(id);
  }

  relations(): Iterable<RelationEntry> {
    return this.#relations;
  }

  type(): undefined {
    return undefined;
  }

  entries(): Iterable<CatalogEntry> {
    return this.#relations;
  }

  schemas(): Iterable<SchemaEntry> {
    return [...SYSTEM_SCHEMAS, PUBLIC_SCHEMA];
  }

  schema(name: string): SchemaEntry | undefined {
    return [PUBLIC_SCHEMA, ...SYSTEM_SCHEMAS].find((each) =>
      each.name === name
    );
  }

  extensions(): readonly ExtensionEntry[] {
    return [];
  }

  hasSchema(name: string): boolean {
    return this.schema(name) !== undefined;
  }

  readonly creationSchema = PUBLIC_SCHEMA.name;

  changed(entries: readonly CatalogEntry[]): CatalogView {
    const changed = new ArrayCatalog();
    for (const entry of this.#relations) {
      const after = entries.find(({ id }) => id === entry.id);
      changed.add((after ?? entry) as RelationEntry);
    }
    return changed;
  }

  get bare(): CatalogView {
    return this;
  }

  isVisible({ schema }: RelationEntry | EnumEntry): boolean {
    return schema === this.creationSchema;
  }

  /** Adds a relation. */
  add(entry: RelationEntry): void {
    this.version++;
    this.#relations.push(entry);
  }

  /** Removes relations. */
  remove(gone: (entry: RelationEntry) => boolean): void {
    this.version++;
    const kept = this.#relations.filter((entry) => !gone(entry));
    this.#relations.splice(0, this.#relations.length, ...kept);
  }
}

/** A database of arrays. */
export class ArrayDatabase {
  readonly catalog: ArrayCatalog = new ArrayCatalog();
  readonly access: AccessRegistry = new AccessRegistry();
  readonly types: TypeRegistry = createTypeRegistry();
  readonly functions: FunctionRegistry = createFunctionRegistry();
  readonly tables: ArrayTableMethod;
  readonly vectors: ArrayIndexMethod;
  /** Which passes are left out, which ways a plan may not go, what was seen. */
  planning: Pick<PlanFacts, "ways" | "without" | "measured"> = {};
  /** What KNN searches are asked to use. */
  searchWidth: number | undefined;
  #ids = 16384;

  /** An empty database. */
  constructor(options: ArrayDatabaseOptions = {}) {
    this.tables = new ArrayTableMethod({
      chunkRows: options.chunkRows ?? 4,
      delays: options.delays ?? (() => false),
    });
    const keys = new ArrayIndexMethod("btree", this.tables, options);
    this.vectors = new ArrayIndexMethod("lsm_hnsw", this.tables, options);
    this.access.registerTableAccessMethod(this.tables);
    this.access.registerIndexAccessMethod(keys);
    this.access.registerIndexAccessMethod(this.vectors);
  }

  /** The transaction, such as it is. */
  get transaction(): { catalog: CatalogView; startedAt: number } {
    return { catalog: this.catalog, startedAt: 0 };
  }

  /** Binds the only statement of a text. */
  bind(sql: string): BoundStatement {
    const [statement] = parse(sql);
    const { catalog, types, functions, access } = this;
    return analyze(statement!.syntax, { catalog, types, functions, access });
  }

  /** Plans a text that can be planned. */
  plan(sql: string): Plan {
    const bound = this.bind(sql);
    const statement = bound.kind === "explain" ? bound.statement : bound;
    switch (statement.kind) {
      case "select":
      case "insert":
      case "update":
      case "delete":
        return planStatement(statement, {
          transaction: this.transaction,
          access: this.access,
          ...this.planning,
        });
      default:
        throw new TypeError(`${statement.kind} has no plan`);
    }
  }

  /** The context of a run with these parameters. */
  context(parameters: readonly Nullable[] = []): ExecutionContext {
    return {
      transaction: this.transaction,
      access: this.access,
      parameters,
      functions: FUNCTIONS,
      signal: undefined,
      settings: { memoryBytesMax: 2 ** 30, searchWidth: this.searchWidth },
    };
  }

  /** Runs one statement; parameters are JavaScript values. */
  async run(
    sql: string,
    parameters: readonly unknown[] = [],
  ): Promise<ArrayResult> {
    const bound = this.bind(sql);
    switch (bound.kind) {
      case "create_table":
        this.#createTable(bound);
        return NOTHING;
      case "create_index":
        this.#createIndex(bound);
        return NOTHING;
      case "drop": {
        const ids = new Set(bound.entries.map(({ id }) => id));
        this.catalog.remove((entry) =>
          ids.has(entry.id) ||
          (entry.kind === "index" && ids.has(entry.tableId))
        );
        return NOTHING;
      }
      case "truncate":
        for (const { id } of bound.tables) this.tables.clear(id);
        return NOTHING;
      default: {
        const plan = this.plan(sql);
        const values = plan.parameterTypes.map(({ type }, i): Nullable =>
          parameters[i] === null || parameters[i] === undefined
            ? null
            : type.fromJs(parameters[i])
        );
        const undo = this.tables.save();
        try {
          return await this.runPlan(plan, values);
        } catch (error) {
          undo();
          throw error;
        }
      }
    }
  }

  /** Runs a plan to its end. */
  async runPlan(
    plan: Plan,
    parameters: readonly Nullable[] = [],
  ): Promise<ArrayResult> {
    const run = openPlan(plan, this.context(parameters));
    const rows: (string | null)[][] = [];
    try {
      for (;;) {
        const chunk = await run.next();
        if (chunk === undefined) break;
        if (selectedCount(chunk) === 0) throw new Error("an empty chunk");
        rows.push(...rowsOf(chunk));
      }
    } finally {
      run.close();
    }
    return {
      fields: plan.fields.map(({ name, type }) => ({
        name,
        type: type.type.name,
      })),
      rows,
      affectedRows: run.affectedRows,
    };
  }

  #createTable(bound: BoundCreateTable): void {
    if (bound.exists) return;
    const id = this.#ids++;
    const table: TableEntry = {
      kind: "table",
      id,
      storageId: id,
      schema: bound.schema,
      name: bound.name,
      accessMethod: bound.accessMethod,
      columns: bound.columns.map((column, i) => ({ number: i + 1, ...column })),
      options: bound.options,
    };
    this.catalog.add(table);
    for (const key of bound.constraints) {
      if (key.form !== "primary_key" && key.form !== "unique") continue;
      const name = key.name ?? key.defaultName;
      this.#addIndex(table, {
        name,
        accessMethod: "btree",
        columns: key.columns.map((position) => ({
          columnNumber: position + 1,
          operatorClass: "any_ops",
          descending: false,
          nullsFirst: false,
        })),
        unique: true,
        primary: key.form === "primary_key",
        constraintName: name,
      });
    }
  }

  #createIndex(bound: BoundCreateIndex): void {
    if (bound.exists) return;
    this.#addIndex(bound.table, {
      name: bound.name ?? bound.defaultName,
      accessMethod: bound.accessMethod,
      columns: bound.columns,
      unique: bound.unique,
      primary: false,
    });
  }

  #addIndex(
    table: TableEntry,
    index: Omit<
      IndexEntry,
      "kind" | "id" | "storageId" | "schema" | "tableId" | "options"
    >,
  ): void {
    const id = this.#ids++;
    this.catalog.add({
      kind: "index",
      id,
      storageId: id,
      schema: table.schema,
      tableId: table.id,
      options: {},
      ...index,
    });
  }
}

const NOTHING: ArrayResult = { fields: [], rows: [], affectedRows: 0 };

const FUNCTIONS: FunctionContext = {
  transactionTimestamp: 0,
  clock: () => 0,
  random: () => 0.5,
  randomBytes: (bytes) => bytes.fill(7),
  setting: () => undefined,
  host: (name, args) => Promise.resolve(`${name}(${args.join(", ")})`),
};

/** The selected rows of a chunk, as text. */
export function rowsOf(chunk: Chunk): (string | null)[][] {
  const { columns, selection, rowCount } = chunk;
  const rows = selection ?? Uint32Array.from({ length: rowCount }, (_, i) => i);
  return [...rows].map((row) =>
    columns.map((column) => {
      const value = valueAt(column, row);
      return value === null ? null : column.type.output(value);
    })
  );
}
