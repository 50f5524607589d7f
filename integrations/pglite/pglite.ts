/**
 * A database with the face of PGlite: what applications call of it, so that
 * they can change an import and go on.
 *
 * It is one connection, as PGlite is: statements run one after the other, and
 * while a transaction is under way everything else waits for it.
 *
 * @module
 */
import { type Database, KriyaError, open, SqlError } from "../../mod.ts";
import {
  type Extensions,
  type InitializedExtensions,
  LoadedExtensions,
} from "./extension.ts";
import {
  addressOf,
  openOptions,
  type PGliteOptions,
  refuseOptions,
} from "./options.ts";
import {
  type AnyRow,
  fieldOf,
  type Parser,
  type PgliteQueryOptions,
  type Results,
  resultsOf,
  type Serializer,
  valueOptions,
} from "./results.ts";
import { query as templated } from "./template.ts";
import { Transaction } from "./transaction.ts";
import { Turns } from "./turns.ts";

/** What is known of a statement before it runs. */
export interface DescribeQueryResult {
  /** The parameters, `$1` first. */
  queryParams: { dataTypeID: number; serializer: Serializer | undefined }[];
  /** The columns of its rows. */
  resultFields: {
    name: string;
    dataTypeID: number;
    parser: Parser | undefined;
  }[];
}

/** A database with the face of PGlite. */
export class PGlite implements AsyncDisposable {
  /** Where the data is, as it was given. */
  readonly dataDir: string | undefined;
  /** Resolves when the database is open. */
  readonly waitReady: Promise<void>;
  /** PGlite's; nothing is written here. */
  readonly debug: number;
  readonly #options: PGliteOptions;
  readonly #turns = new Turns();
  readonly #extensions = new LoadedExtensions();
  readonly #told = new Map<
    (channel: string, payload: string) => void,
    () => void
  >();
  #database: Database | undefined;
  #closing: Promise<void> | undefined;

  /** Opens a database; statements wait until it is open. */
  constructor(dataDir?: string, options?: PGliteOptions);
  /** Opens a database; statements wait until it is open. */
  constructor(options?: PGliteOptions);
  /** Opens a database; statements wait until it is open. */
  constructor(
    dataDirOrOptions?: string | PGliteOptions,
    options: PGliteOptions = {},
  ) {
    this.#options = typeof dataDirOrOptions === "object"
      ? dataDirOrOptions
      : { ...options, ...optionalDir(dataDirOrOptions ?? options.dataDir) };
    this.dataDir = this.#options.dataDir;
    this.debug = this.#options.debug ?? 0;
    this.waitReady = this.#open();
    this.waitReady.catch(() => {}); // Whoever runs a statement is told.
  }

  /** Opens a database, with the types of its extensions. */
  static create<E extends Extensions = Record<never, never>>(
    options?: PGliteOptions<E>,
  ): Promise<PGlite & InitializedExtensions<E>>;
  /** Opens a database, with the types of its extensions. */
  static create<E extends Extensions = Record<never, never>>(
    dataDir?: string,
    options?: PGliteOptions<E>,
  ): Promise<PGlite & InitializedExtensions<E>>;
  /** Opens a database, with the types of its extensions. */
  static async create(
    dataDirOrOptions?: string | PGliteOptions,
    options: PGliteOptions = {},
  ): Promise<PGlite> {
    const pg = typeof dataDirOrOptions === "object"
      ? new PGlite(dataDirOrOptions)
      : new PGlite(dataDirOrOptions, options);
    await pg.waitReady;
    return pg;
  }

  /** Whether it is open. */
  get ready(): boolean {
    return this.#database !== undefined && this.#closing === undefined;
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /**
   * The database below, for what PGlite does not have.
   *
   * @throws {KriyaError} `closed` before it is open, and when it was closed.
   */
  get kriya(): Database {
    if (this.#database !== undefined && this.#closing === undefined) {
      return this.#database;
    }
    const what = this.#closing === undefined ? "not ready" : "closed";
    throw new KriyaError("closed", `PGlite is ${what}`);
  }

  /** Runs one statement. */
  async query<T = AnyRow>(
    query: string,
    params?: readonly unknown[] | null,
    options?: PgliteQueryOptions,
  ): Promise<Results<T>> {
    await this.#checkReady();
    return await this.#turns.take(() =>
      this.#query<T>(query, params ?? [], options)
    );
  }

  /** Runs one statement written as a template; see `./template`. */
  async sql<T = AnyRow>(
    strings: TemplateStringsArray,
    ...values: unknown[]
  ): Promise<Results<T>> {
    const { query, params } = templated(strings, ...values);
    return await this.query<T>(query, params);
  }

  /** Runs the statements of a text. */
  async exec(query: string, options?: PgliteQueryOptions): Promise<Results[]> {
    await this.#checkReady();
    return await this.#turns.take(() => this.#exec(query, options));
  }

  /** What a statement takes and gives, without running it. */
  async describeQuery(
    query: string,
    options: PgliteQueryOptions = {},
  ): Promise<DescribeQueryResult> {
    await this.#checkReady();
    const { fields, parameterTypeIDs } = await this.#turns.take(() =>
      this.kriya.prepare(query)
    );
    const { parsers, serializers } = this.#options;
    return {
      queryParams: parameterTypeIDs.map((dataTypeID) => ({
        dataTypeID,
        serializer: options.serializers?.[dataTypeID] ??
          serializers?.[dataTypeID],
      })),
      resultFields: fields.map((field) => ({
        ...fieldOf(field),
        parser: options.parsers?.[field.dataTypeID] ??
          parsers?.[field.dataTypeID],
      })),
    };
  }

  /**
   * Runs `callback` in a transaction: committed when it resolves, rolled back
   * when it throws. Everything else waits.
   */
  async transaction<T>(
    callback: (tx: Transaction) => Promise<T>,
  ): Promise<T> {
    await this.#checkReady();
    return await this.#turns.take(() => this.#transaction(callback));
  }

  /** Runs `work` while everything else waits; it must not run statements. */
  async runExclusive<T>(work: () => Promise<T>): Promise<T> {
    await this.#checkReady();
    return await this.#turns.take(work);
  }

  /** Calls `callback` with what NOTIFY sends on a channel. */
  async listen(
    channel: string,
    callback: (payload: string) => void,
    tx?: Transaction,
  ): Promise<(tx?: Transaction) => Promise<void>> {
    if (tx !== undefined) return await tx.listen(channel, callback);
    await this.#checkReady();
    return await this.#turns.take(() => this.#listen(channel, callback));
  }

  /** Ends what `listen` began: for one callback, or for all of a channel. */
  async unlisten(
    channel: string,
    callback?: (payload: string) => void,
    tx?: Transaction,
  ): Promise<void> {
    await this.#checkReady();
    const work = (): Promise<void> => this.kriya.unlisten(channel, callback);
    await (tx === undefined ? this.#turns.take(work) : work());
  }

  /** Calls `callback` for everything that is heard. */
  onNotification(
    callback: (channel: string, payload: string) => void,
  ): () => void {
    const end = this.kriya.onNotification(({ channel, payload }) =>
      callback(channel, payload)
    );
    this.#told.set(callback, end);
    return () => this.offNotification(callback);
  }

  /** Ends what `onNotification` began. */
  offNotification(
    callback: (channel: string, payload: string) => void,
  ): void {
    this.#told.get(callback)?.();
    this.#told.delete(callback);
  }

  /** Types are known when they are made: there is nothing to refresh. */
  refreshArrayTypes(): Promise<void> {
    return this.#checkReady();
  }

  /** Not supported: `backup` copies a database. @throws {SqlError} `0A000`. */
  dumpDataDir(): Promise<never> {
    return notSupported("dumpDataDir", "Use backup().");
  }

  /** Not supported. @throws {SqlError} `0A000`. */
  clone(): Promise<never> {
    return notSupported("clone", "Use backup(), and open the copy.");
  }

  /** Not supported: `./server` speaks the protocol. @throws {SqlError} */
  execProtocol(): Promise<never> {
    return notSupported("execProtocol", "Use serve() of ./server.");
  }

  /** Not supported: `./server` speaks the protocol. @throws {SqlError} */
  execProtocolRaw(): Promise<never> {
    return notSupported("execProtocolRaw", "Use serve() of ./server.");
  }

  /** Not supported: `./server` speaks the protocol. @throws {SqlError} */
  execProtocolRawStream(): Promise<never> {
    return notSupported("execProtocolRawStream", "Use serve() of ./server.");
  }

  /** Waits for what is under way, and closes the database. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Closes the database at the end of `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #open(): Promise<void> {
    const options = this.#options;
    refuseOptions(options);
    const address = addressOf(options.dataDir);
    await this.#extensions.load(this, options.extensions ?? {});
    this.#database = await open(address, openOptions(options));
    await this.#extensions.init();
  }

  async #close(): Promise<void> {
    await this.waitReady.catch(() => {});
    await this.#turns.take(() => Promise.resolve());
    await this.#extensions.close();
    await this.#database?.close();
  }

  async #checkReady(): Promise<void> {
    if (this.#closing !== undefined) {
      throw new KriyaError("closed", "PGlite is closed");
    }
    if (this.#database === undefined) await this.waitReady;
  }

  async #query<T>(
    query: string,
    params: readonly unknown[],
    options: PgliteQueryOptions = {},
  ): Promise<Results<T>> {
    refuseTypes(options);
    const copy = copyOfBlob(query);
    if (copy !== undefined) return await this.#copy<T>(copy, options);
    const given = valueOptions(options, this.#options);
    return resultsOf(await this.#below.query<T>(query, params, given), 0);
  }

  async #exec(
    query: string,
    options: PgliteQueryOptions = {},
  ): Promise<Results[]> {
    refuseTypes(options);
    if (copyOfBlob(query) !== undefined) {
      return [await this.#query(query, [], options)];
    }
    const given = valueOptions(options, this.#options);
    let before = 0;
    return (await this.#below.exec(query, given)).map((result) => {
      const results = resultsOf(result, before);
      before = results.affectedRows;
      return results as Results;
    });
  }

  /** COPY from and to PGlite's file of bytes. */
  async #copy<T>(
    { text, direction }: BlobCopy,
    { blob }: PgliteQueryOptions,
  ): Promise<Results<T>> {
    if (direction === "from") {
      if (blob === undefined) {
        throw new SqlError("58P01", 'could not open file "/dev/blob"', {
          hint: "Give it as the option blob.",
        });
      }
      const result = await this.#below.copyFrom(text, blob.stream());
      return resultsOf(result, 0) as Results<T>;
    }
    const bytes = await new Response(this.#below.copyTo(text)).blob();
    return {
      rows: [],
      fields: [],
      command: "COPY",
      blob: new Blob([bytes], { type: "" }),
    };
  }

  async #transaction<T>(
    callback: (tx: Transaction) => Promise<T>,
  ): Promise<T> {
    await this.#below.query("BEGIN");
    const tx = new Transaction({
      query: (text, params, options) =>
        this.#query(text, params ?? [], options),
      exec: (text, options) => this.#exec(text, options),
      listen: (channel, call) => this.#listen(channel, call),
    });
    try {
      const result = await callback(tx);
      if (!tx.closed) {
        tx.end();
        await this.#below.query("COMMIT");
      }
      return result;
    } catch (error) {
      if (!tx.closed) {
        tx.end();
        await this.#below.query("ROLLBACK");
      }
      throw error;
    }
  }

  async #listen(
    channel: string,
    callback: (payload: string) => void,
  ): Promise<(tx?: Transaction) => Promise<void>> {
    const told = (payload: string): void => callback(payload);
    const end = await this.#below.listen(channel, told);
    return () => this.closed ? Promise.resolve() : this.#turns.take(end);
  }

  /** The database, which takes what was asked before it was closed. */
  get #below(): Database {
    return this.#database!;
  }
}

function optionalDir(dataDir: string | undefined): { dataDir?: string } {
  return dataDir === undefined ? {} : { dataDir };
}

/** COPY whose other end is PGlite's file of bytes. */
interface BlobCopy {
  readonly text: string;
  readonly direction: "from" | "to";
}

/** The COPY that a text is, with the client as its other end. */
function copyOfBlob(query: string): BlobCopy | undefined {
  if (!query.includes("/dev/blob")) return undefined;
  const match = /^\s*copy\b.*\b(from|to)\s+'\/dev\/blob'/is.exec(query);
  if (match === null) return undefined;
  const direction = match[1]!.toLowerCase() as "from" | "to";
  const end = direction === "from" ? "STDIN" : "STDOUT";
  const text = query.replace("'/dev/blob'", end);
  return { text, direction };
}

function refuseTypes({ paramTypes }: PgliteQueryOptions): void {
  if (paramTypes !== undefined) {
    throw new SqlError("0A000", 'PGlite option "paramTypes" is not supported', {
      hint: "Cast the parameter in the statement.",
    });
  }
}

function notSupported(name: string, hint: string): Promise<never> {
  return Promise.reject(
    new SqlError("0A000", `PGlite.${name} is not supported`, { hint }),
  );
}
