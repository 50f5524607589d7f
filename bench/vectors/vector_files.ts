/**
 * Vectors with their true neighbours, made once and kept in the data folder.
 *
 * @module
 */
import { join } from "node:path";
import { dataFolder, exists } from "../cache.ts";
import { NEAREST, type VectorData } from "./vector_data.ts";

/** A set of vectors: those to search, and behind them those to ask. */
export interface VectorFiles {
  /** What it is called. */
  readonly name: string;
  /** What is near; rows of `cosine` have length one. */
  readonly metric: "cosine" | "l2";
  readonly dimensions: number;
  /** How many are searched. */
  readonly count: number;
  /** How many are asked. */
  readonly queryCount: number;
  /** The file of rows, little-endian float32, in the data folder … */
  readonly vectors: string;
  /** … and that of the exact neighbours, {@linkcode NEAREST} int32 a query. */
  readonly neighbours: string;
  /** Makes the rows. */
  readonly makeRows: () => Promise<Float32Array<ArrayBuffer>>;
}

/** Makes the files, unless they are there. */
export async function prepareVectors(files: VectorFiles): Promise<void> {
  const { vectors, neighbours, makeRows } = files;
  await keep(vectors, makeRows);
  await keep(
    neighbours,
    () => Promise.resolve(findNeighbours(readRows(files), files)),
  );
}

/** Reads the files. */
export function loadVectors(files: VectorFiles): VectorData {
  const { name, metric, dimensions, count, queryCount, neighbours } = files;
  const rows = readRows(files);
  const truth = new Int32Array(readFile(neighbours));
  const row = (i: number): Float32Array =>
    rows.subarray(i * dimensions, (i + 1) * dimensions);
  return {
    name,
    metric,
    dimensions,
    count,
    queryCount,
    vector: row,
    query: (i) => row(count + i),
    recall(i, ids): number {
      const got = new Set(ids);
      return truth.subarray(i * NEAREST, (i + 1) * NEAREST)
        .reduce((hits, id) => hits + (got.has(id) ? 1 : 0), 0) / NEAREST;
    },
  };
}

function readFile(name: string): ArrayBuffer {
  return Deno.readFileSync(join(dataFolder(), name)).buffer;
}

function readRows({ vectors }: VectorFiles): Float32Array<ArrayBuffer> {
  return new Float32Array(readFile(vectors));
}

/** A file that is there is whole. */
async function keep(
  name: string,
  make: () => Promise<Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>>,
): Promise<void> {
  const path = join(dataFolder(), name);
  if (exists(path)) return;
  const { buffer } = await make();
  await Deno.writeFile(`${path}.part`, new Uint8Array(buffer));
  await Deno.rename(`${path}.part`, path);
}

function findNeighbours(
  rows: Float32Array,
  { metric, dimensions, count, queryCount }: VectorFiles,
): Int32Array<ArrayBuffer> {
  const found = new Int32Array(queryCount * NEAREST);
  const distances = new Float64Array(count);
  for (let q = 0; q < queryCount; q++) {
    const from = (count + q) * dimensions;
    for (let i = 0; i < count; i++) {
      const at = i * dimensions;
      let sum = 0;
      for (let j = 0; j < dimensions; j++) {
        const a = rows[from + j]!;
        const b = rows[at + j]!;
        sum += metric === "l2" ? (a - b) ** 2 : -a * b;
      }
      distances[i] = sum;
    }
    const order = Array.from({ length: count }, (_, i) => i)
      .sort((a, b) => distances[a]! - distances[b]! || a - b);
    found.set(order.slice(0, NEAREST), q * NEAREST);
  }
  return found;
}
