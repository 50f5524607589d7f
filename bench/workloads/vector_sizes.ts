/**
 * What a vector of 512 numbers takes in an index: bytes in memory and in the
 * bucket, as a share of the 2048 bytes that it is. Of random rows, for what is
 * in them changes nothing.
 *
 * @module
 */
import { systemEnvironment } from "../../base/environment.ts";
import type { Quantization } from "../../vector/codes/quantization.ts";
import { SeededRandom } from "../../vector/hnsw/seeded_random.ts";
import { SegmentBuilder } from "../../vector/segments/segment_builder.ts";
import { encodeSegment } from "../../vector/segments/segment_encoder.ts";
import { decodeSegment } from "../../vector/segments/segment_loader.ts";
import type { SealedSegment } from "../../vector/segments/sealed_segment.ts";
import type {
  RowPages,
  StoredRows,
} from "../../vector/segments/stored_rows.ts";
import type { LimitWorkload } from "../harness.ts";

const ROWS = 20_000;
const DIMS = 512;

/** Where the vectors of an index are. */
type Place = "memory" | "bucket" | "stored";

function build(quantization: Quantization, leavesRows: boolean): Uint8Array {
  // Narrow graphs: links take the same bytes however they were chosen.
  const builder = new SegmentBuilder({
    dims: DIMS,
    metric: "l2",
    m: 16,
    efConstruction: 32,
    quantization,
    leavesRows,
    seed: 1,
    environment: systemEnvironment,
  }, ROWS);
  const random = new SeededRandom(2);
  for (let i = 0; i < ROWS; i++) {
    const row = Float32Array.from({ length: DIMS }, () => random.next());
    builder.add(i, row, 1);
  }
  const segment = builder.build({ from: 1, to: 1 }).finish().segment;
  return encodeSegment(segment);
}

/** A segment whose vectors are left; nobody looks at them. */
function withoutRows(bytes: Uint8Array): SealedSegment {
  return decodeSegment(bytes, "segment", {
    leaveRows: ({ checksums }: RowPages): StoredRows => ({
      // As much as `sql/access/hnsw_stored_rows.ts` holds.
      byteLength: 12 * checksums.length,
      read: () => [],
      close: () => {},
    }),
  });
}

function measure(quantization: Quantization, place: Place): number {
  const bytes = build(quantization, place === "bucket");
  return sizeOf(bytes, place) / ROWS / (4 * DIMS);
}

function sizeOf(bytes: Uint8Array, place: Place): number {
  if (place === "stored") return bytes.length;
  const segment = place === "bucket"
    ? withoutRows(bytes)
    : decodeSegment(bytes, "segment");
  return segment.byteLength;
}

function size(
  name: string,
  limit: number,
  quantization: Quantization,
  place: Place,
): LimitWorkload {
  return {
    name: `vector-bytes-${name}`,
    unit: "of raw",
    limit,
    turns: 1,
    measure: () => Promise.resolve(measure(quantization, place)),
  };
}

/** In memory, in the bucket, and with vectors left there. */
export const vectorSizes: readonly LimitWorkload[] = [
  size("codes", 1.4, "sq8", "memory"),
  size("plain", 1.1, "none", "memory"),
  size("left", 0.2, "rabitq", "bucket"),
  size("stored", 1.1, "sq8", "stored"),
];
