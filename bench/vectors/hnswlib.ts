/**
 * hnswlib, the C++ headers themselves: compiled for this machine
 * (`-O3 -march=native`) and called without any conversion, so faster than
 * every binding of it.
 *
 * The headers are those of npm `hnswlib-node`, which are hnswlib 0.8's.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { dataFolder, exists, installPeer, peerFile } from "../cache.ts";
import type { VectorData } from "./vector_data.ts";

/** What is compiled: a C interface. */
const SOURCE = `
#include "hnswlib/hnswlib.h"
using Index = hnswlib::HierarchicalNSW<float>;
static hnswlib::SpaceInterface<float>* space(int l2, int d) {
  if (l2) return new hnswlib::L2Space(d);
  return new hnswlib::InnerProductSpace(d);
}
extern "C" {
void* h_new(int l2, int d, int n, int m, int efc) {
  return new Index(space(l2, d), n, m, efc, 100);
}
void* h_load(int l2, int d, const char* path) {
  return new Index(space(l2, d), std::string(path));
}
void h_save(void* h, const char* path) { ((Index*)h)->saveIndex(path); }
void h_add(void* h, const float* x, int label) {
  ((Index*)h)->addPoint(x, label);
}
void h_ef(void* h, int ef) { ((Index*)h)->setEf(ef); }
int h_search(void* h, const float* q, int k, int* out) {
  auto r = ((Index*)h)->searchKnn(q, k);
  int n = r.size(), i = n;
  while (!r.empty()) { out[--i] = r.top().second; r.pop(); }
  return n;
}
}
`;

const SYMBOLS = {
  h_new: { parameters: ["i32", "i32", "i32", "i32", "i32"], result: "pointer" },
  h_load: { parameters: ["i32", "i32", "buffer"], result: "pointer" },
  h_save: { parameters: ["pointer", "buffer"], result: "void" },
  h_add: { parameters: ["pointer", "buffer", "i32"], result: "void" },
  h_ef: { parameters: ["pointer", "i32"], result: "void" },
  h_search: {
    parameters: ["pointer", "buffer", "i32", "buffer"],
    result: "i32",
  },
} as const;

function libraryFile(): string {
  return join(dataFolder(), "hnswlib-native.so");
}

/** Compiles the library, unless it is there. */
export async function prepareHnswlib(): Promise<void> {
  if (exists(libraryFile())) return;
  await installPeer("hnswlib-node", "3.0.0", { scripts: false });
  const source = join(dataFolder(), "hnswlib-native.cc");
  await Deno.writeTextFile(source, SOURCE);
  const headers = dirname(
    dirname(peerFile("hnswlib-node", "src/hnswlib/hnswlib.h")),
  );
  const { success, stderr } = await new Deno.Command("g++", {
    args: [
      ...["-std=c++17", "-O3", "-march=native", "-shared", "-fPIC"],
      ...["-I", headers, source, "-o", libraryFile()],
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** A text for C. */
function cText(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text + "\0");
}

/** An index of hnswlib: m 16, ef_construction 200. */
export class Hnswlib {
  readonly #library = Deno.dlopen(libraryFile(), SYMBOLS);
  readonly #data: VectorData;
  readonly #out = new Int32Array(10_000);
  #index: Deno.PointerValue = null;

  /** An index for `data`; it has no rows before it is built or loaded. */
  constructor(data: VectorData) {
    this.#data = data;
  }

  get #isL2(): number {
    return this.#data.metric === "l2" ? 1 : 0;
  }

  /** Builds it, or loads what was built before. */
  ready(): void {
    const file = join(dataFolder(), `hnswlib-${this.#data.name}.index`);
    const { h_load, h_save } = this.#library.symbols;
    if (!exists(file)) {
      this.create();
      for (let i = 0; i < this.#data.count; i++) this.add(i);
      h_save(this.#index, cText(file));
    } else {
      this.#index = h_load(this.#isL2, this.#data.dimensions, cText(file));
    }
  }

  /** Makes it, without rows. */
  create(): void {
    const { dimensions, count } = this.#data;
    const { h_new } = this.#library.symbols;
    this.#index = h_new(this.#isL2, dimensions, count, 16, 200);
  }

  /** Adds a row of the data. */
  add(i: number): void {
    const row = this.rowOf(this.#data.vector(i));
    this.#library.symbols.h_add(this.#index, row, i);
  }

  /** A vector as hnswlib wants it: under cosine of length one. */
  rowOf(vector: Float32Array): Float32Array<ArrayBuffer> {
    const row = Float32Array.from(vector);
    if (this.#isL2 === 1) return row;
    const length = Math.hypot(...row);
    return row.map((x) => x / length);
  }

  /** Sets the search width. */
  setWidth(ef: number): void {
    this.#library.symbols.h_ef(this.#index, ef);
  }

  /** The nearest `k` of a query that `rowOf` gave; valid until the next. */
  search(query: Float32Array<ArrayBuffer>, k: number): Int32Array {
    const { h_search } = this.#library.symbols;
    const found = h_search(this.#index, query, k, this.#out);
    return this.#out.subarray(0, found);
  }

  /** Lets go of the library. */
  close(): void {
    this.#library.close();
  }
}
