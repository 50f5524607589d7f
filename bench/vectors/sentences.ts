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
import { join } from "node:path";
import { embedAll } from "../../examples/reverse_dictionary/embedder.ts";
import { readNouns } from "../../examples/reverse_dictionary/wordnet.ts";
import { dataFolder, exists } from "../cache.ts";
import { randomNumbers, shuffled } from "../random.ts";
import { NEAREST, type VectorData } from "./vector_data.ts";

const DIMENSIONS = 512;
const COUNT = 20_000;
const QUERIES = 500;

function vectorsFile(): string {
  return join(dataFolder(), `sentences-${COUNT + QUERIES}.f32`);
}

function neighboursFile(): string {
  return join(dataFolder(), `sentences-${COUNT / 1000}k.neighbours.i32`);
}

/** Makes the files, unless they are there: minutes of embedding. */
export async function prepareSentences(): Promise<void> {
  if (!exists(vectorsFile())) {
    const rows = await embedNouns();
    await Deno.writeFile(vectorsFile() + ".part", new Uint8Array(rows.buffer));
    await Deno.rename(vectorsFile() + ".part", vectorsFile());
  }
  if (!exists(neighboursFile())) {
    const rows = new Float32Array((await Deno.readFile(vectorsFile())).buffer);
    const found = findNeighbours(rows);
    await Deno.writeFile(neighboursFile(), new Uint8Array(found.buffer));
  }
}

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

function findNeighbours(rows: Float32Array): Int32Array<ArrayBuffer> {
  const found = new Int32Array(QUERIES * NEAREST);
  const products = new Float64Array(COUNT);
  for (let q = 0; q < QUERIES; q++) {
    const from = (COUNT + q) * DIMENSIONS;
    for (let i = 0; i < COUNT; i++) {
      let sum = 0;
      for (let j = 0; j < DIMENSIONS; j++) {
        sum += rows[from + j]! * rows[i * DIMENSIONS + j]!;
      }
      products[i] = sum;
    }
    const order = Array.from({ length: COUNT }, (_, i) => i)
      .sort((a, b) => products[b]! - products[a]! || a - b);
    found.set(order.slice(0, NEAREST), q * NEAREST);
  }
  return found;
}

/** Reads the files. */
export function loadSentences(): VectorData {
  const rows = new Float32Array(Deno.readFileSync(vectorsFile()).buffer);
  const truth = new Int32Array(Deno.readFileSync(neighboursFile()).buffer);
  const row = (i: number): Float32Array =>
    rows.subarray(i * DIMENSIONS, (i + 1) * DIMENSIONS);
  return {
    name: "sentences",
    metric: "cosine",
    dimensions: DIMENSIONS,
    count: COUNT,
    queryCount: QUERIES,
    vector: row,
    query: (i) => row(COUNT + i),
    recall(i, ids): number {
      const got = new Set(ids);
      return truth.subarray(i * NEAREST, (i + 1) * NEAREST)
        .reduce((hits, id) => hits + (got.has(id) ? 1 : 0), 0) / NEAREST;
    },
  };
}
