/**
 * Documents by their ids: `POST /v1/query` with `doc_id` or `doc_ids`, and
 * `POST /v1/delete` with either.
 *
 * ```text
 * {"doc_id":"doc_123"}
 * {"doc_id":"doc_123","embedding":[0.1,0.2],"metadata":{},"created_at":"…"}
 * {"doc_ids":["doc_123","doc_4"]}
 * {"documents":[{"doc_id":"doc_123",…}]}
 * ```
 *
 * @module
 */
import { collectionName, documentId, noDocument } from "./collection.ts";
import { invalidBody } from "./http_error.ts";
import { arrayField, type JsonObject, refuseOthers } from "./request_body.ts";
import type { RequestSession } from "./request_session.ts";
import { PARTS, partsOf } from "./search_documents.ts";

/** Documents of a request at most. */
const IDS_MAX = 10_000;

/** Gives documents by their ids. @throws {SqlError} @throws {HttpError} */
export async function lookUpDocuments(
  session: RequestSession,
  body: JsonObject,
): Promise<unknown> {
  refuseOthers(body, ["collection", "doc_id", "doc_ids", "include"]);
  const parts = body["include"] === undefined ? PARTS : partsOf(body);
  const columns = ["doc_id", ...parts].join();
  const name = collectionName(body);
  if (body["doc_ids"] === undefined) {
    const id = documentId(body["doc_id"]);
    const [row] = await session.query(
      `SELECT ${columns} FROM ${name} WHERE doc_id = $1`,
      [id],
    );
    if (row === undefined) throw noDocument(id);
    return row;
  }
  const rows = await session.query(
    `SELECT ${columns} FROM ${name} WHERE doc_id = ANY ($1)`,
    [idsOf(body)],
  );
  return { documents: rows };
}

/** Deletes documents by their ids. @throws {SqlError} @throws {HttpError} */
export async function deleteDocuments(
  session: RequestSession,
  body: JsonObject,
): Promise<unknown> {
  refuseOthers(body, ["collection", "doc_id", "doc_ids"]);
  const name = collectionName(body);
  const ids = body["doc_ids"] === undefined
    ? [documentId(body["doc_id"])]
    : idsOf(body);
  const rows = await session.query(
    `DELETE FROM ${name} WHERE doc_id = ANY ($1) RETURNING doc_id`,
    [ids],
  );
  return { status: "ok", deleted: rows.length };
}

function idsOf(body: JsonObject): unknown[] {
  const ids = arrayField(body, "doc_ids");
  if (ids.length > IDS_MAX) {
    throw invalidBody(`"doc_ids" has to have ${IDS_MAX} ids at most`);
  }
  return ids.map((each) => documentId(each, "doc_ids"));
}
