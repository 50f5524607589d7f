/**
 * node-postgres with what the tests use of it, typed: its package has no types,
 * and those made for it change what Node's own modules are.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import pgModule from "pg";
import PgCursor from "pg-cursor";
import { from } from "pg-copy-streams";
import pgvector from "pgvector/pg";

/** What a query gives. */
export interface PgResult {
  readonly command: string;
  readonly rowCount: number;
  // deno-lint-ignore no-explicit-any -- what is in a row is the query's matter
  readonly rows: any[];
  readonly fields: readonly {
    readonly name: string;
    readonly dataTypeID: number;
    readonly tableID: number;
    readonly columnID: number;
  }[];
}

/** A query with its parameters. */
export interface PgQuery {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** What runs queries. */
export interface PgQueries {
  query(text: string, values?: readonly unknown[]): Promise<PgResult>;
  query(query: PgQuery): Promise<PgResult>;
  end(): Promise<void>;
}

/** A connection. */
export interface PgClient extends PgQueries {
  readonly processID: number;
  connect(): Promise<void>;
  query(text: string, values?: readonly unknown[]): Promise<PgResult>;
  query(query: PgQuery): Promise<PgResult>;
  query<T extends object>(submitted: T): T;
  on(event: string, listener: (argument: PgEvent) => void): void;
}

/** A notice, a notification, an error. */
export interface PgEvent {
  readonly message: string;
  readonly channel: string;
  readonly payload: string;
}

/** Rows a few at a time. */
export interface PgRows {
  read(count: number): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** An error of the server. */
export interface PgError extends Error {
  readonly code: string;
  readonly severity: string;
  readonly detail?: string;
  readonly position?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly constraint?: string;
}

/** How a client connects. */
export interface PgOptions {
  readonly connectionString: string;
  readonly max?: number;
  readonly ssl?: unknown;
  readonly options?: string;
}

/** A connection that is not made yet. */
export function newClient(options: PgOptions): PgClient {
  return new pgModule.Client(options) as PgClient;
}

/** A pool of connections. */
export function newPool(options: PgOptions): PgQueries {
  const pool = new pgModule.Pool(options);
  // It is told that its server ends, when it has ended itself.
  pool.on("error", () => {});
  return pool as PgQueries;
}

/** A query whose rows are read a few at a time. */
export function newCursor(text: string, values: readonly unknown[]): PgRows {
  return new PgCursor(text, values) as PgRows;
}

/** A COPY … FROM STDIN, to be written to. */
export function newCopy(text: string): NodeJS.WritableStream {
  return from(text) as NodeJS.WritableStream;
}

/** pgvector for node-postgres. */
export const vectors: {
  registerTypes(client: PgClient): Promise<void>;
  toSql(vector: number[]): string | null;
} = pgvector;

/** The error that `work` fails with. */
export async function errorOf(work: Promise<unknown>): Promise<PgError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof pgModule.DatabaseError) return error as PgError;
    throw error;
  }
  throw new Error("nothing failed");
}

/** Runs `work` with a connection. */
export async function withClient<T>(
  connectionString: string,
  work: (client: PgClient) => Promise<T>,
): Promise<T> {
  const client = newClient({ connectionString });
  await client.connect();
  // An end of the connection is seen by what waits for an answer.
  client.on("error", () => {});
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The bytes of a text, as Node has them. */
export function bufferOf(text: string): Uint8Array {
  return Buffer.from(text);
}
