/**
 * `POST /v1/insert`: stores a document, or all of several or none.
 *
 * ```text
 * {"doc_id":"doc_123","embedding":[0.1,0.2],"metadata":{"lang":"en"}}
 * {"status":"ok","doc_id":"doc_123"}
 * {"collection":"films","documents":[{"doc_id":1,"embedding":[0.1,0.2]}]}
 * {"status":"ok","doc_ids":[1]}
 * ```
 *
 * A document of the same id is replaced, so that a request whose answer was
 * lost can be sent again. `created_at` stays.
 *
 * @module
 */
import { invalidBody } from "./http_error.ts";
import {
  collectionName,
  type DocumentId,
  documentId,
  withCollection,
} from "./collection.ts";
import {
  isObject,
  type JsonObject,
  refuseOthers,
  vectorField,
} from "./request_body.ts";
import type { RequestSession } from "./request_session.ts";

/** Documents of a request at most. */
const DOCUMENTS_MAX = 10_000;

/** Documents of one statement. */
const ROWS_AT_ONCE = 500;

interface NewDocument {
  readonly id: DocumentId;
  readonly embedding: readonly number[];
  readonly metadata: JsonObject;
}

const DOCUMENT = ["doc_id", "embedding", "metadata"];

/** Does what a body asks for; gives the answer. @throws {SqlError} */
export async function insertDocuments(
  session: RequestSession,
  body: JsonObject,
): Promise<unknown> {
  const name = collectionName(body);
  const { collection: _, ...rest } = body;
  if (rest["documents"] === undefined) {
    const document = newDocument(rest);
    await store(session, name, [document]);
    return { status: "ok", doc_id: document.id };
  }
  refuseOthers(rest, ["documents"]);
  const given = rest["documents"];
  if (!Array.isArray(given) || given.length > DOCUMENTS_MAX) {
    throw invalidBody(
      `"documents" has to be an array of at most ${DOCUMENTS_MAX}`,
    );
  }
  const documents = given.map((each) => newDocument(each));
  if (documents.length > 0) await store(session, name, documents);
  return { status: "ok", doc_ids: documents.map(({ id }) => id) };
}

/** @throws {HttpError} */
function newDocument(given: unknown): NewDocument {
  if (!isObject(given)) throw invalidBody("a document has to be an object");
  refuseOthers(given, DOCUMENT);
  const { metadata = {} } = given;
  if (!isObject(metadata)) throw invalidBody('"metadata" has to be an object');
  return {
    id: documentId(given["doc_id"]),
    embedding: vectorField(given, "embedding"),
    metadata,
  };
}

async function store(
  session: RequestSession,
  name: string,
  documents: readonly NewDocument[],
): Promise<void> {
  // The last of those with one id counts.
  const byId = new Map(documents.map((each) => [String(each.id), each]));
  const all = [...byId.values()];
  const [{ id, embedding }] = all as [NewDocument];
  const first = { id, dimensions: embedding.length };
  await withCollection(session, name, first, async () => {
    if (all.length <= ROWS_AT_ONCE) return await put(session, name, all);
    await session.query("BEGIN", []);
    try {
      for (let i = 0; i < all.length; i += ROWS_AT_ONCE) {
        await put(session, name, all.slice(i, i + ROWS_AT_ONCE));
      }
      await session.query("COMMIT", []);
    } catch (error) {
      await session.query("ROLLBACK", []);
      throw error;
    }
  });
}

async function put(
  session: RequestSession,
  name: string,
  documents: readonly NewDocument[],
): Promise<void> {
  const places = documents.map((_, i) =>
    `($${i * 3 + 1}, $${i * 3 + 2}, $${i * 3 + 3})`
  );
  await session.query(
    `INSERT INTO ${name} (doc_id, embedding, metadata) VALUES ${places.join()}
     ON CONFLICT (doc_id) DO UPDATE
     SET embedding = excluded.embedding, metadata = excluded.metadata`,
    documents.flatMap(({ id, embedding, metadata }) => [
      ...[id, embedding, metadata],
    ]),
  );
}
