/**
 * `POST /v1/search`: the documents whose embeddings are nearest, by cosine.
 *
 * ```text
 * {"query_embedding":[0.1,0.2],"k":10,"filter":{"lang":"en"}}
 * {"results":[{"doc_id":"doc_123","score":0.98,"distance":0.02,"metadata":{…}}]}
 * ```
 *
 * `score` is the cosine similarity, 1 minus the distance. `include` says what
 * else of a document is given. A filter is a condition of the same statement:
 * if k documents match, k are found.
 *
 * @module
 */
import { collectionName } from "./collection.ts";
import { invalidBody } from "./http_error.ts";
import { MetadataFilter } from "./metadata_filter.ts";
import {
  arrayField,
  integerField,
  type JsonObject,
  refuseOthers,
  vectorField,
} from "./request_body.ts";
import type { RequestSession } from "./request_session.ts";

/** Documents that a search gives at most. */
const K_MAX = 10_000;
const K = 10;

const FIELDS = [
  ...["collection", "query_embedding", "k", "filter", "include", "ef"],
];

/** What of a document can be asked for. */
export const PARTS: readonly string[] = ["metadata", "embedding", "created_at"];

/** What of a document is given. @throws {HttpError} */
export function partsOf(body: JsonObject): string[] {
  if (body["include"] === undefined) return ["metadata"];
  const parts = new Set<string>();
  for (const part of arrayField(body, "include")) {
    if (typeof part !== "string" || !PARTS.includes(part)) {
      throw invalidBody(`"include" takes ${PARTS.join(", ")}`);
    }
    parts.add(part);
  }
  return [...parts];
}

/** Does what a body asks for; gives the answer. @throws {SqlError} */
export async function searchDocuments(
  session: RequestSession,
  body: JsonObject,
): Promise<unknown> {
  refuseOthers(body, FIELDS);
  const name = collectionName(body);
  const embedding = vectorField(body, "query_embedding");
  const k = integerField(body, "k", { min: 1, max: K_MAX }) ?? K;
  const ef = integerField(body, "ef", { min: 1, max: 100_000 });
  const parameters: unknown[] = [embedding, k];
  const condition = body["filter"] === undefined
    ? ""
    : `WHERE ${new MetadataFilter(parameters).condition(body["filter"])}`;
  const columns = ["doc_id", "embedding <=> $1 AS distance", ...partsOf(body)];
  if (ef !== undefined) {
    await session.query("SELECT set_config('lsm_hnsw.ef_search', $1, false)", [
      String(ef),
    ]);
  }
  const rows = await session.query(
    `SELECT ${columns.join()} FROM ${name} ${condition}
     ORDER BY embedding <=> $1 LIMIT $2`,
    parameters,
  );
  return {
    results: rows.map(({ doc_id: id, distance, ...rest }) => ({
      doc_id: id,
      score: typeof distance === "number" ? 1 - distance : null,
      distance,
      ...rest,
    })),
  };
}
