/**
 * Collections: tables of documents that clients need no SQL for.
 *
 * ```sql
 * CREATE TABLE documents (
 *   doc_id text PRIMARY KEY,      -- bigint, if the first id is a number
 *   embedding vector(n) NOT NULL, -- n: as many as the first embedding has
 *   metadata jsonb NOT NULL DEFAULT '{}',
 *   created_at timestamptz NOT NULL DEFAULT now()
 * );
 * CREATE INDEX ON documents USING lsm_hnsw (embedding lsm_vector_cosine_ops);
 * ```
 *
 * A collection is made when it is first written. Any table with these columns
 * is one, and SQL sees what is in it.
 *
 * @module
 */
import { KriyaError } from "../../mod.ts";
import { HttpError, invalidBody } from "./http_error.ts";
import type { JsonObject } from "./request_body.ts";
import type { RequestSession } from "./request_session.ts";

/** The collection of who names none. */
const DEFAULT = "documents";

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}(?:\.[A-Za-z_][A-Za-z0-9_]{0,62})?$/;

/** The id of a document. */
export type DocumentId = string | number;

/** A collection's name, quoted for SQL. @throws {HttpError} */
export function collectionName({ collection = DEFAULT }: JsonObject): string {
  if (typeof collection === "string" && NAME.test(collection)) {
    return collection.split(".").map((part) => `"${part}"`).join(".");
  }
  throw invalidBody(
    '"collection" has to be a name: letters, digits and _, behind a schema and a dot or not',
  );
}

/** An id: a text that is not empty, or an integer. @throws {HttpError} */
export function documentId(value: unknown, field = "doc_id"): DocumentId {
  if (typeof value === "string" && value !== "") return value;
  if (typeof value === "number" && Number.isInteger(value)) {
    if (Number.isSafeInteger(value)) return value;
    throw invalidBody(`"${field}" is not exact as a number: give it as a text`);
  }
  throw invalidBody(`"${field}" has to be a text or an integer`);
}

/**
 * Runs `work`, for which the collection is made if it is not there yet.
 *
 * @throws {SqlError}
 */
export async function withCollection<T>(
  session: RequestSession,
  name: string,
  first: { readonly id: DocumentId; readonly dimensions: number },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  try {
    await create(session, name, first);
  } catch (error) {
    // Somebody else made it meanwhile.
    if (!isThere(error)) throw error;
  }
  return await work();
}

async function create(
  session: RequestSession,
  name: string,
  { id, dimensions }: { readonly id: DocumentId; readonly dimensions: number },
): Promise<void> {
  const type = typeof id === "number" ? "bigint" : "text";
  await session.query("BEGIN", []);
  try {
    await session.query(
      `CREATE TABLE ${name} (
         doc_id ${type} PRIMARY KEY, embedding vector(${dimensions}) NOT NULL,
         metadata jsonb NOT NULL DEFAULT '{}',
         created_at timestamptz NOT NULL DEFAULT now()
       )`,
      [],
    );
    await session.query(
      `CREATE INDEX ON ${name} USING lsm_hnsw (embedding lsm_vector_cosine_ops)`,
      [],
    );
    await session.query("COMMIT", []);
  } catch (error) {
    await session.query("ROLLBACK", []);
    throw error;
  }
}

/** Whether an error says that there is no such table. */
function isMissing(error: unknown): boolean {
  return error instanceof KriyaError && error.code === "42P01";
}

const THERE: ReadonlySet<string> = new Set(["42P07", "23505", "40001"]);

/** Whether an error says that the table is there already. */
function isThere(error: unknown): boolean {
  return error instanceof KriyaError && THERE.has(error.code);
}

/** What is said of a document that is not there. */
export function noDocument(id: DocumentId): HttpError {
  return new HttpError(404, "02000", `there is no document ${quoted(id)}`);
}

function quoted(id: DocumentId): string {
  return JSON.stringify(id);
}
