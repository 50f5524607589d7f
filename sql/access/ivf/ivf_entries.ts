/**
 * The entries of a clustered vector index in the tree.
 *
 * | key, after the storage id | value | of |
 * | --- | --- | --- |
 * | | dimensions u32 | the index |
 * | `00` | JSON | how many clusters a recall needs |
 * | `01`, cluster u32 | state u8, a row of one column | a centroid |
 * | `02`, tuple id u48 | cluster u32, moved u8 | where a row's vector is |
 * | `03`, cluster u32, tuple id u48 | a row of one column | a vector |
 * | `04` | a codebook (`product_codebook.ts`) | what codes are made with |
 * | `05`, cluster u32, tuple id u48 | a code (`product_coder.ts`), or nothing | a vector's code |
 *
 * A cluster's vectors lie side by side, so that it is read by a range, and so do
 * its codes. Where an index has codes, every vector has an entry of its own
 * there: empty, if nobody could make it a code. Numbers are big-endian. `moved` is 0 where the vector came to the cluster with this
 * write, and 1 where it was there: for counting.
 *
 * @module
 */
import { ByteWriter } from "../../../base/bytes.ts";
import { KriyaError } from "../../../base/errors.ts";
import { ProductCodebook } from "../../../vector/codes/product/product_codebook.ts";
import type { AnyVector } from "../../../vector/distance/metric.ts";
import type {
  Centroid,
  ClusterState,
} from "../../../vector/ivf/centroid_set.ts";
import type { CodeWindows } from "../../../vector/ivf/code_windows.ts";
import type { ProbePoint } from "../../../vector/ivf/probes.ts";
import { BitVector } from "../../../vector/types/bit_vector.ts";
import { type Column, columnOf } from "../../chunk/chunk.ts";
import { RowCodec, type RowReader } from "../../encoding/row_encoding.ts";
import type { SqlValue, TypeRef } from "../../types/data_type.ts";
import { dimsOf, vectorOf } from "../indexed_vectors.ts";
import {
  readTid,
  readU32,
  STORAGE_ID_BYTES,
  storagePrefix,
  TID_BYTES,
  writeTid,
  writeU32,
} from "../row_key.ts";

const CALIBRATION = 0;
const CENTROID = 1;
const PLACE = 2;
const VECTOR = 3;
const CODEBOOK = 4;
const CODE = 5;

/** Where what comes after the storage id and the kind begins. */
const BODY = STORAGE_ID_BYTES + 1;
const VECTOR_KEY_BYTES = BODY + 4 + TID_BYTES;
const PLACE_KEY_BYTES = BODY + TID_BYTES;
const CENTROID_KEY_BYTES = BODY + 4;

/** Clusters that an index may have. */
export const CLUSTERS_MAX = 0xffff_ffff;

const STATES: readonly ClusterState[] = ["open", "closed", "draining"];

const POINTS_MAX = 64;

/** A range of keys. */
export interface Range {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
}

/** Where a row's vector is. */
export interface Place {
  /** The cluster. */
  readonly cluster: number;
  /** Whether it came to the cluster with this write. */
  readonly isNew: boolean;
}

/** What a key of an index is of. */
export type EntryOf =
  | { readonly kind: "calibration" }
  | { readonly kind: "centroid"; readonly cluster: number }
  | { readonly kind: "place"; readonly tid: number }
  | { readonly kind: "codebook" }
  | {
    readonly kind: "vector" | "code";
    readonly cluster: number;
    readonly tid: number;
  };

/** Reads and writes the entries of one index. */
export class IvfEntries {
  /** Under which they are. */
  readonly storageId: number;
  /** Whether there are codes. */
  readonly isCoded: boolean;
  readonly #dims: number;
  readonly #type: TypeRef;
  readonly #codec: RowCodec;
  readonly #reader: RowReader;
  readonly #writer = new ByteWriter(256);

  /** Entries under a storage id, of vectors of `dims` dimensions. */
  constructor(
    storageId: number,
    { type, dims, isCoded }: {
      readonly type: TypeRef;
      readonly dims: number;
      readonly isCoded: boolean;
    },
  ) {
    this.storageId = storageId;
    this.isCoded = isCoded;
    this.#dims = dims;
    this.#type = type;
    this.#codec = new RowCodec([{ number: 1, type: type.type }]);
    this.#reader = this.#codec.reader([0], "index entry");
  }

  /** The key of the calibration. */
  calibrationKey(): Uint8Array {
    return this.#key(CALIBRATION, BODY);
  }

  /** The key of a centroid. */
  centroidKey(cluster: number): Uint8Array {
    const key = this.#key(CENTROID, CENTROID_KEY_BYTES);
    writeU32(key, BODY, cluster);
    return key;
  }

  /** The key of where a row's vector is. */
  placeKey(tid: number): Uint8Array {
    const key = this.#key(PLACE, PLACE_KEY_BYTES);
    writeTid(key, BODY, tid);
    return key;
  }

  /** The key of a vector. */
  vectorKey(cluster: number, tid: number): Uint8Array {
    return this.#rowKey(VECTOR, cluster, tid);
  }

  /** The key of a vector's code. */
  codeKey(cluster: number, tid: number): Uint8Array {
    return this.#rowKey(CODE, cluster, tid);
  }

  #rowKey(kind: number, cluster: number, tid: number): Uint8Array {
    const key = this.#key(kind, VECTOR_KEY_BYTES);
    writeU32(key, BODY, cluster);
    writeTid(key, BODY + 4, tid);
    return key;
  }

  /** The key of the codebook. */
  codebookKey(): Uint8Array {
    return this.#key(CODEBOOK, BODY);
  }

  /** All entries but the dimensions. */
  get all(): Range {
    return {
      start: this.calibrationKey(),
      end: storagePrefix(this.storageId + 1),
    };
  }

  /** The centroids. */
  get centroids(): Range {
    return { start: this.#key(CENTROID, BODY), end: this.#key(PLACE, BODY) };
  }

  /** Where rows' vectors are. */
  get places(): Range {
    return { start: this.#key(PLACE, BODY), end: this.#key(VECTOR, BODY) };
  }

  /** All codes. */
  get codes(): Range {
    return {
      start: this.#key(CODE, BODY),
      end: storagePrefix(this.storageId + 1),
    };
  }

  /** The vectors of a cluster. */
  vectorsOf(cluster: number): Range {
    return this.#rowsOf(VECTOR, cluster);
  }

  /** The codes of a cluster. */
  codesOf(cluster: number): Range {
    return this.#rowsOf(CODE, cluster);
  }

  #rowsOf(kind: number, cluster: number): Range {
    const start = this.#rowKey(kind, cluster, 0).subarray(0, BODY + 4);
    const end = cluster === CLUSTERS_MAX
      ? this.#key(kind + 1, BODY)
      : this.#rowKey(kind, cluster + 1, 0).subarray(0, BODY + 4);
    return { start, end };
  }

  #key(kind: number, length: number): Uint8Array {
    const key = new Uint8Array(length);
    writeU32(key, 0, this.storageId);
    key[STORAGE_ID_BYTES] = kind;
    return key;
  }

  /** What a key is of; `undefined` for one of another index. */
  entryOf(keys: Uint8Array, start: number, end: number): EntryOf | undefined {
    const length = end - start;
    if (length < BODY || readU32(keys, start) !== this.storageId) {
      return undefined;
    }
    const kind = keys[start + STORAGE_ID_BYTES];
    const body = start + BODY;
    if (kind === CALIBRATION && length === BODY) return { kind: "calibration" };
    if (kind === CENTROID && length === CENTROID_KEY_BYTES) {
      return { kind: "centroid", cluster: readU32(keys, body) };
    }
    if (kind === PLACE && length === PLACE_KEY_BYTES) {
      return { kind: "place", tid: readTid(keys, body) };
    }
    if (kind === CODEBOOK && length === BODY) return { kind: "codebook" };
    if ((kind === VECTOR || kind === CODE) && length === VECTOR_KEY_BYTES) {
      const cluster = readU32(keys, body);
      const tid = readTid(keys, body + 4);
      return { kind: kind === CODE ? "code" : "vector", cluster, tid };
    }
    return undefined;
  }

  /** A row's vector, as an entry holds it. */
  encodeVector(column: Column, row: number): Uint8Array {
    this.#writer.reset();
    this.#codec.encodeRow(this.#writer, [column], row);
    return this.#writer.written.slice();
  }

  /** A vector, as an entry holds it. */
  encodeVectorOf(vector: AnyVector): Uint8Array {
    const value: SqlValue = vector instanceof BitVector
      ? String(vector)
      : vector;
    return this.encodeVector(columnOf(this.#type.type, [value]), 0);
  }

  /** The vector of an entry. */
  decodeVector(bytes: Uint8Array, start: number, end: number): AnyVector {
    const [value] = this.#reader.decode(bytes, start, end);
    if (
      value === null || value === undefined || dimsOf(value) !== this.#dims
    ) throw corrupt("a vector", bytes.subarray(start, end));
    return vectorOf(value);
  }

  /** The codebook of an entry. */
  decodeCodebook(bytes: Uint8Array): ProductCodebook {
    return ProductCodebook.decode(bytes, this.#dims);
  }

  /** A centroid, as an entry holds it. */
  encodeCentroid({ vector, state }: Omit<Centroid, "cluster">): Uint8Array {
    const row = this.encodeVectorOf(vector);
    const bytes = new Uint8Array(1 + row.length);
    bytes[0] = STATES.indexOf(state);
    bytes.set(row, 1);
    return bytes;
  }

  /** The centroid of an entry. */
  decodeCentroid(cluster: number, bytes: Uint8Array): Centroid {
    const state = STATES[bytes[0] ?? STATES.length];
    if (state === undefined) throw corrupt("a centroid", bytes);
    const vector = this.decodeVector(bytes, 1, bytes.length);
    return { cluster, vector, state };
  }
}

/** Where a row's vector is, as an entry holds it. */
export function encodePlace({ cluster, isNew }: Place): Uint8Array {
  const bytes = new Uint8Array(5);
  writeU32(bytes, 0, cluster);
  bytes[4] = isNew ? 0 : 1;
  return bytes;
}

/** What an entry says of where a row's vector is. */
export function decodePlace(bytes: Uint8Array): Place {
  if (bytes.length !== 5) throw corrupt("the place of a vector", bytes);
  return { cluster: readU32(bytes, 0), isNew: bytes[4] === 0 };
}

/** A calibration and the number of rows it was measured with. */
export interface Calibrated {
  readonly rows: number;
  readonly points: readonly ProbePoint[];
  /** How many are looked at of the nearest by codes; absent: not measured. */
  readonly windows?: CodeWindows | undefined;
}

/** A calibration as an entry holds it. */
export function encodeCalibration(
  { rows, points, windows }: Calibrated,
): Uint8Array {
  const items = points.map((p) => [p.probes, p.recall10, p.recall100]);
  const looked = windows && [windows.of10, windows.of100];
  const text = JSON.stringify({ rows, points: items, windows: looked });
  return new TextEncoder().encode(text);
}

/** The calibration of an entry. */
export function decodeCalibration(bytes: Uint8Array): Calibrated {
  const isNumber = (value: unknown): value is number =>
    typeof value === "number" && value >= 0 && Number.isFinite(value);
  let read: unknown;
  try {
    read = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw corrupt("a calibration", bytes, cause);
  }
  const { rows, points, windows } = (read ?? {}) as Record<string, unknown>;
  const isPair = windows === undefined ||
    Array.isArray(windows) && windows.length === 2 &&
      windows.every((each) => isNumber(each) && each >= 1);
  if (
    !isNumber(rows) || !isPair || !Array.isArray(points) ||
    points.length > POINTS_MAX ||
    !points.every((point) =>
      Array.isArray(point) && point.length === 3 && point.every(isNumber)
    )
  ) throw corrupt("a calibration", bytes);
  return {
    rows,
    points: points.map(([probes, recall10, recall100]) => ({
      probes,
      recall10,
      recall100,
    })),
    ...windows && { windows: { of10: windows[0], of100: windows[1] } },
  };
}

function corrupt(what: string, bytes: Uint8Array, cause?: unknown): KriyaError {
  return new KriyaError(
    "corrupt",
    `Cannot read ${what} of a vector index from ${bytes.length} bytes`,
    { cause },
  );
}
