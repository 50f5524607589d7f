/**
 * Definitions of English nouns as vectors of 512 numbers, made by the demo's
 * sentence model: 20000 of them to search, 500 others to ask, and the true
 * neighbours.
 *
 * | file in the data folder | content, little-endian |
 * | --- | --- |
 * | `sentences-20500.f32` | 20500 rows of 512 float32, in an order that is always the same |
 * | `sentences-20k.neighbours.i32` | 500 rows of 10 int32: exact, cosine, nearest first |
 *
 * @module
 */
import { embedAll } from "../../examples/reverse_dictionary/embedder.ts";
import { readNouns } from "../../examples/reverse_dictionary/wordnet.ts";
import { randomNumbers, shuffled } from "../random.ts";
import type { VectorData } from "./vector_data.ts";
import {
  loadVectors,
  prepareVectors,
  type VectorFiles,
} from "./vector_files.ts";

const DIMENSIONS = 512;
const COUNT = 20_000;
const QUERIES = 500;

/** The rows, of length one. */
async function embedNouns(): Promise<Float32Array<ArrayBuffer>> {
  const nouns = await readNouns(COUNT + QUERIES);
  const rows = new Float32Array(nouns.length * DIMENSIONS);
  const order = shuffled(nouns.length, randomNumbers(512));
  const places = new Map(nouns.map((noun, i) => [noun, order[i]!]));
  let done = 0;
  for await (
    const { items, vectors } of embedAll(nouns, ({ gloss }) => gloss)
  ) {
    items.forEach((noun, i) => {
      const vector = vectors[i]!;
      const length = Math.hypot(...vector);
      const at = places.get(noun)! * DIMENSIONS;
      rows.set(vector.map((component) => component / length), at);
    });
    if ((done += items.length) % 1024 < items.length) {
      console.error(`embedding ${done} of ${nouns.length}`);
    }
  }
  return rows;
}

const FILES: VectorFiles = {
  name: "sentences",
  metric: "cosine",
  dimensions: DIMENSIONS,
  count: COUNT,
  queryCount: QUERIES,
  vectors: `sentences-${COUNT + QUERIES}.f32`,
  neighbours: `sentences-${COUNT / 1000}k.neighbours.i32`,
  makeRows: embedNouns,
};

/** Makes the files, unless they are there: minutes of embedding. */
export function prepareSentences(): Promise<void> {
  return prepareVectors(FILES);
}

/** Reads the files. */
export function loadSentences(): VectorData {
  return loadVectors(FILES);
}
