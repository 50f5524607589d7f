import { assertEquals } from "@std/assert";
import { systemEnvironment } from "../../base/environment.ts";
import { clusteredVectors } from "../../tests/support/vector_data.ts";
import type { SealedSegment } from "../../vector/segments/sealed_segment.ts";
import { SegmentBuilder } from "../../vector/segments/segment_builder.ts";
import { encodeSegment } from "../../vector/segments/segment_encoder.ts";
import { readSegmentHeader } from "../../vector/segments/segment_format.ts";
import { SegmentLoader } from "../../vector/segments/segment_loader.ts";
import { VectorIndex } from "../../vector/segments/vector_index.ts";
import { LaterWork } from "./hnsw_later_work.ts";

const DIMS = 24;

const ROWS = clusteredVectors({
  seed: 8,
  count: 1210,
  dims: DIMS,
  clusters: 9,
  spread: 0.5,
});

/** The bytes of a segment with codes. */
function bytesOfSegment(): Uint8Array {
  const builder = new SegmentBuilder({
    dims: DIMS,
    metric: "l2",
    quantization: "sq8",
    m: 6,
    efConstruction: 40,
    seed: 2,
    environment: systemEnvironment,
  });
  ROWS.slice(0, 1200).forEach((row, i) => builder.add(i, row, 1));
  const { segment } = builder.build({ from: 0, to: 1 }).finish();
  return encodeSegment(segment);
}

/** The segment, whose codes are not made. */
function open(bytes: Uint8Array): SealedSegment {
  const header = readSegmentHeader(bytes, "segment");
  const loader = new SegmentLoader(header, "segment", { codesLater: true });
  for (const { offset, length } of loader.parts) {
    loader.load(bytes.subarray(offset, offset + length));
  }
  return loader.finish();
}

function search(segment: SealedSegment): number[][] {
  const index = new VectorIndex({ dims: DIMS });
  index.addSealed(segment);
  return ROWS.slice(1200).map((query) => [
    ...index.search(query, { plan: "graph", ef: 80 }).next(5).locators,
  ]);
}

Deno.test("codes are made after a segment is opened, and walks look at vectors until then", async () => {
  const bytes = bytesOfSegment();
  const segment = open(bytes);
  assertEquals([segment.quantization, segment.codesToMake], ["none", "sq8"]);
  const before = search(segment);
  const codes = new LaterWork(systemEnvironment, new AbortController().signal);
  codes.start([segment]);
  await codes.finish();
  assertEquals([segment.quantization, segment.codesToMake], ["sq8", "none"]);
  assertEquals(search(segment), before);
  assertEquals(encodeSegment(segment), bytes);
});

Deno.test("codes are made by themselves a little later, and not after a stop", async () => {
  const bytes = bytesOfSegment();
  const segments = [open(bytes), open(bytes)];
  const stops = segments.map(() => new AbortController());
  const each = segments.map((segment, i) => {
    const codes = new LaterWork(systemEnvironment, stops[i]!.signal);
    codes.start([segment]);
    return codes;
  });
  stops[1]!.abort();
  await each[1]!.close();
  await each[1]!.finish();
  for (let turn = 0; segments[0]!.quantization === "none"; turn++) {
    assertEquals(turn < 500, true, "no codes after a while");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await each[0]!.close();
  assertEquals(segments.map(({ quantization }) => quantization), [
    "sq8",
    "none",
  ]);
});
