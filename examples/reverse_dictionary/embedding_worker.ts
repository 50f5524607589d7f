/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
/**
 * Embeds batches of sentences on a thread of its own; see `embedder.ts`.
 *
 * @module
 */
import { loadSentenceModel } from "./sentence_model.ts";

/** What the worker is asked. */
export interface EmbeddingRequest {
  /** Comes back with the answer. */
  readonly batch: number;
  /** What to embed. */
  readonly sentences: readonly string[];
}

/** What the worker answers. */
export interface EmbeddingReply {
  /** The request's. */
  readonly batch: number;
  /** One vector a sentence, in order. */
  readonly vectors: readonly Float32Array<ArrayBuffer>[];
}

const model = loadSentenceModel();

self.onmessage = async (
  event: MessageEvent<EmbeddingRequest>,
): Promise<void> => {
  const { batch, sentences } = event.data;
  const vectors = await (await model).embed(sentences);
  const reply: EmbeddingReply = { batch, vectors };
  self.postMessage(reply, vectors.map((vector) => vector.buffer));
};
