/**
 * What an application adds to a database: functions, aggregates, types, operators, access
 * methods, hooks and workers. All of it is of the open database, not of the bucket,
 * but for what types are: it has to be added after every opening.
 *
 * @module
 */
import type { IndexAccessMethod } from "../../access/index_access.ts";
import type { TableAccessMethod } from "../../access/table_access.ts";
import type { ScanProvider } from "../../planner/custom_scan.ts";
import type { DatabaseCore } from "../database_core.ts";
import {
  type AggregateOptions,
  type FunctionOptions,
  hostAggregate,
  hostFunction,
  type JsArguments,
  type JsValue,
} from "../host_functions.ts";
import { hostOperator, type OperatorOptions } from "../host_operators.ts";
import { registerHostType, type TypeOptions } from "../host_types.ts";
import type { Settings } from "../settings.ts";
import { ListeningQueries } from "../notifications/listening_queries.ts";
import type { QueryOptions } from "../queryable.ts";
import type { Session } from "../session.ts";
import type {
  BackgroundWorker,
  WorkerMain,
  WorkerOptions,
} from "./background_workers.ts";
import type { QueryHooks } from "./query_hooks.ts";

/** Runs statements, and takes what an application adds. */
export abstract class ExtensibleDatabase extends ListeningQueries {
  readonly #core: DatabaseCore;
  readonly #settings: Settings;

  /** Statements on `session`. */
  constructor(core: DatabaseCore, session: Session, defaults: QueryOptions) {
    super(session, defaults);
    this.#core = core;
    this.#settings = session.settings;
  }

  /**
   * Registers a function written in TypeScript. Its types are named as in SQL;
   * values come as in result rows, and its result goes back as a parameter does.
   * To be called after every opening; a function of the same name and argument
   * types that was registered before is replaced.
   *
   * @throws {SqlError} `42723` when it is one of the database's own, `42704` for
   * a type that does not exist.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { open } from "@kriyadb/kriyadb";
   *
   * await using db = await open("memory:");
   * db.function(
   *   "slug",
   *   {
   *     arguments: ["text"],
   *     returns: "text",
   *     volatility: "immutable",
   *     strict: true,
   *   },
   *   (title) => title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"),
   * );
   * const { rows } = await db.query("SELECT slug('Hello, World') AS slug");
   * assertEquals(rows, [{ slug: "hello-world" }]);
   * ```
   */
  function<
    const A extends readonly string[],
    const R extends string,
    const S extends boolean = false,
  >(
    name: string,
    options: FunctionOptions<A, R, S>,
    implementation: (...args: JsArguments<A, S>) => JsValue<R> | null,
  ): void {
    const { functions, plans } = this.#core;
    functions.registerHostFunction(
      hostFunction(this.#core, name, options, implementation),
    );
    plans.clear();
  }

  /**
   * Registers an aggregate written in TypeScript; see
   * {@linkcode Database.function}.
   *
   * @throws {SqlError} `42723`, `42704`.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { open } from "@kriyadb/kriyadb";
   *
   * await using db = await open("memory:");
   * db.aggregate("product", {
   *   arguments: ["float8"],
   *   returns: "float8",
   *   strict: true,
   *   start: () => 1,
   *   step: (product, factor) => product * factor,
   * });
   * const { rows } = await db.query(
   *   "SELECT product(n) AS product FROM generate_series(1, 5) n",
   * );
   * assertEquals(rows, [{ product: 120 }]);
   * ```
   */
  aggregate<
    T,
    const A extends readonly string[],
    const R extends string,
    const S extends boolean = false,
  >(name: string, options: AggregateOptions<A, R, S, T>): void {
    const { functions, plans } = this.#core;
    functions.registerHostAggregate(
      hostAggregate(
        this.#core,
        name,
        options as unknown as AggregateOptions<
          readonly string[],
          string,
          boolean,
          T
        >,
      ),
    );
    plans.clear();
  }

  /**
   * Registers a type written in TypeScript: its text, its order, what parameters
   * and results of it look like. Values are stored as those of a built-in type.
   *
   * The first call makes the type, which is of the database as one that CREATE TYPE
   * makes: there for columns, arrays, domains, casts, after every opening, until DROP
   * TYPE. Its code is of the open database: the method has to be called after every
   * opening; without it rows are there, and values of the type fail with `55000`.
   *
   * What indexes have of a type is its order: that, and the type it is stored as,
   * cannot change.
   *
   * @throws {SqlError} `42710` when the name is another type's, `42804` when the
   * type is stored or ordered as another, `25006` when it has to be made and the
   * database can only be read.
   *
   * @example Versions, in their order
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { open } from "@kriyadb/kriyadb";
   *
   * await using db = await open("memory:");
   * await db.type("semver", {
   *   input: (text) => {
   *     if (/^\d+\.\d+\.\d+$/.test(text)) return text;
   *     throw new Error(`no version: "${text}"`);
   *   },
   *   output: (version) => version,
   *   order: { type: "int[]", key: (version) => version.split(".").map(Number) },
   * });
   * await db.exec(`
   *   CREATE TABLE releases (version semver PRIMARY KEY);
   *   INSERT INTO releases VALUES ('1.10.0'), ('1.9.2');
   * `);
   * const { rows } = await db.query("SELECT max(version) AS newest FROM releases");
   * assertEquals(rows, [{ newest: "1.10.0" }]);
   * ```
   */
  async type<const S extends string = "text", const K extends string = string>(
    name: string,
    options: TypeOptions<S, K>,
  ): Promise<void> {
    const closed = this.closedError();
    if (closed !== undefined) throw closed;
    await registerHostType(
      this.#core,
      this.#settings,
      name,
      options as unknown as TypeOptions<string, string>,
    );
  }

  /**
   * Registers an operator written in TypeScript, between operands of two types
   * or, without `left`, before one; see {@linkcode Database.function}. One that
   * was registered before with the same types is replaced.
   *
   * Comparisons (`=`, `<` and their kin) have to be made by CREATE OPERATOR.
   *
   * @throws {SqlError} `42723` when the database has such an operator, `42602`
   * when the symbol is none, `42704` when a type is not known.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { open } from "@kriyadb/kriyadb";
   *
   * await using db = await open("memory:");
   * db.operator(
   *   "<~~>",
   *   { left: "text", right: "text", returns: "int", strict: true },
   *   (a, b) => Math.abs(a.length - b.length),
   * );
   * const { rows } = await db.query("SELECT 'cat' <~~> 'horse' AS apart");
   * assertEquals(rows, [{ apart: 2 }]);
   * ```
   */
  operator<
    const L extends string,
    const T extends string,
    const R extends string,
    const S extends boolean = false,
  >(
    symbol: string,
    options: OperatorOptions<L, T, R, S>,
    implementation: (
      ...args: string extends L ? JsArguments<readonly [T], S>
        : JsArguments<readonly [L, T], S>
    ) => JsValue<R> | null,
  ): void {
    const { functions, plans } = this.#core;
    functions.registerHostOperator(
      hostOperator(
        this.#core,
        symbol,
        options as unknown as OperatorOptions<string, string, string, boolean>,
        implementation as (...args: never[]) => unknown,
      ),
    );
    plans.clear();
  }

  /**
   * Registers a kind of table: `CREATE TABLE … USING` its name makes one. To be
   * called after every opening, before a table of the kind is used.
   *
   * @throws {SqlError} `42710` when the name is taken.
   *
   * @example A table of the numbers up to an option
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { columnOf, open, type TableAccessMethod } from "@kriyadb/kriyadb";
   *
   * const refuse = (): never => {
   *   throw new Error("numbers cannot be changed");
   * };
   * const numbers: TableAccessMethod = {
   *   name: "numbers",
   *   scan(table, _transaction, { columns }) {
   *     const all = Array.from(
   *       { length: Number(table.options["stop"]) },
   *       (_, i) => i + 1,
   *     );
   *     const type = table.columns[0]!.type.type;
   *     const chunk = {
   *       columns: columns.map(() => columnOf(type, all)),
   *       rowCount: all.length,
   *     };
   *     let next = [{ chunk, locators: Float64Array.from(all) }];
   *     return { next: () => next.shift(), close: () => void (next = []) };
   *   },
   *   fetch: refuse,
   *   insert: refuse,
   *   update: refuse,
   *   delete: refuse,
   *   estimateRows: (table) => Number(table.options["stop"]),
   * };
   *
   * await using db = await open("memory:");
   * db.registerTableAccessMethod(numbers);
   * await db.exec("CREATE TABLE n (i int) USING numbers WITH (stop = 100)");
   * const { rows } = await db.query("SELECT sum(i) AS sum FROM n WHERE i > 90");
   * assertEquals(rows, [{ sum: 955 }]);
   * ```
   */
  registerTableAccessMethod(method: TableAccessMethod): void {
    this.#core.access.registerTableAccessMethod(method);
  }

  /**
   * Registers a kind of index: `CREATE INDEX … USING` its name makes one; see
   * {@linkcode Database.registerTableAccessMethod}.
   *
   * @throws {SqlError} `42710` when the name is taken.
   */
  registerIndexAccessMethod(method: IndexAccessMethod): void {
    this.#core.access.registerIndexAccessMethod(method);
  }

  /**
   * The kind of table called `name`, for one that builds on it.
   *
   * @throws {SqlError} `42704` when there is none.
   */
  tableAccessMethod(name: string): TableAccessMethod {
    return this.#core.access.table(name);
  }

  /**
   * The kind of index called `name`, for one that builds on it.
   *
   * @throws {SqlError} `42704` when there is none.
   */
  indexAccessMethod(name: string): IndexAccessMethod {
    return this.#core.access.index(name);
  }

  /**
   * Adds hooks around the planning and the running of statements, those within
   * functions and triggers among them: to measure, to refuse, to have a statement
   * planned another way. Those that are added last are asked first.
   *
   * A statement with hooks is run by the operators of its plan, also where there is a
   * shorter way for a single row.
   *
   * @returns what takes them away.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { open } from "@kriyadb/kriyadb";
   *
   * await using db = await open("memory:");
   * const slow: string[] = [];
   * using _hooks = db.addHooks({
   *   executorEnd: ({ text, rows, elapsedMs }) => {
   *     if (rows > 2 || elapsedMs > 60_000) slow.push(text);
   *   },
   * });
   * await db.query("SELECT 1");
   * await db.query("SELECT * FROM generate_series(1, 3)");
   * assertEquals(slow, ["SELECT * FROM generate_series(1, 3)"]);
   * ```
   */
  addHooks(hooks: QueryHooks): Disposable {
    const { extensions, plans } = this.#core;
    const remove = extensions.hooks.add(hooks);
    plans.clear();
    const end = (): void => {
      remove();
      plans.clear();
    };
    return { [Symbol.dispose]: end };
  }

  /**
   * Has an application supply the rows of tables when they are read: from a cache,
   * another service, a file. The provider is told which columns are wanted and what
   * holds for rows that are, and says what of that it answers; what it does not is
   * looked at again. Of several that offer a scan, the one added last does it.
   *
   * Rows that are changed or locked are read from the table itself.
   *
   * @returns what takes the provider away.
   *
   * @throws {SqlError} `42710` when there is one of that name, `53400` when there
   * are 64.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { open } from "@kriyadb/kriyadb";
   *
   * await using db = await open("memory:");
   * await db.exec("CREATE TABLE squares (n int, square int)");
   * using _squares = db.addScanProvider({
   *   name: "squares",
   *   offer: ({ table }) =>
   *     table !== "squares" ? undefined : {
   *       *open({ limit = 100 }) {
   *         const count = Math.min(limit, 100);
   *         yield Array.from({ length: count }, (_, n) => ({ n, square: n * n }));
   *       },
   *     },
   * });
   * const { rows } = await db.query(
   *   "SELECT n FROM squares WHERE square BETWEEN 80 AND 100 ORDER BY n",
   * );
   * assertEquals(rows, [{ n: 9 }, { n: 10 }]);
   * ```
   */
  addScanProvider(provider: ScanProvider): Disposable {
    const { extensions, plans } = this.#core;
    const remove = extensions.scanProviders.add(provider);
    plans.clear();
    const end = (): void => {
      remove();
      plans.clear();
    };
    return { [Symbol.dispose]: end };
  }

  /**
   * Starts work that goes on beside statements until it is done, or stopped, or the
   * database is closed, which waits for it: it is told by its signal, and has to end
   * then. Work that fails is run again. `status().workers` lists what goes on.
   *
   * It runs in this process and on its thread: what takes long has to be in pieces, or
   * hand the work to a `Worker`.
   *
   * @throws {SqlError} `42710` when a worker of that name goes on, `53400` when there
   * are 64.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { open } from "@kriyadb/kriyadb";
   *
   * await using db = await open("memory:");
   * await db.exec("CREATE TABLE ticks (at timestamptz DEFAULT now())");
   * await using worker = db.worker("ticker", async (signal) => {
   *   for (let i = 0; i < 3 && !signal.aborted; i++) {
   *     await db.query("INSERT INTO ticks DEFAULT VALUES");
   *   }
   * });
   * await worker.ended;
   * const { rows } = await db.query("SELECT count(*)::int AS n FROM ticks");
   * assertEquals(rows, [{ n: 3 }]);
   * ```
   */
  worker(
    name: string,
    main: WorkerMain,
    options: WorkerOptions = {},
  ): BackgroundWorker {
    const closed = this.closedError();
    if (closed !== undefined) throw closed;
    return this.#core.extensions.workers.start(name, main, options);
  }
}
