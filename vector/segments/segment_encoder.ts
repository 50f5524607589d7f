/**
 * Writing a sealed segment as bytes, which `segment_format.ts` draws.
 *
 * @module
 */
import { ByteWriter } from "../../base/bytes.ts";
import { crc32c } from "../../base/checksum.ts";
import { invariant } from "../../base/invariant.ts";
import { QUANTIZATIONS } from "../codes/quantization.ts";
import { SPARSE_HEAD_BYTES } from "../hnsw/row_form.ts";
import type { SealedSegment } from "./sealed_segment.ts";
import {
  headerBytes,
  MAGIC,
  NO_LEVEL,
  partCode,
  type PartKind,
  planParts,
  QUANTIZATION_SHIFT,
  SEGMENT_HEADER_BYTES_MAX,
  type SegmentPart,
  VERSION_CODED,
  VERSION_PLAIN,
} from "./segment_format.ts";
import type { SlicedWork } from "./sliced_task.ts";
import { rowsOfPage } from "./stored_rows.ts";

/** The bytes of a segment. */
export function encodeSegment(segment: SealedSegment): Uint8Array<ArrayBuffer> {
  const work = encodeSegmentWork(segment);
  for (;;) {
    const next = work.next();
    if (next.done === true) return next.value;
  }
}

/** {@linkcode encodeSegment} as work: yields part by part. */
export function* encodeSegmentWork(
  segment: SealedSegment,
): SlicedWork<Uint8Array<ArrayBuffer>> {
  const contents = new Map<PartKind, Uint8Array>([
    ["calibration", encodeCalibration(segment)],
    ["locators", encodeLocators(segment)],
    ["begins", encodeBegins(segment)],
    ["levels", segment.levels],
  ]);
  const { memory } = segment;
  invariant(segment.stored === undefined, "a segment is stored twice");
  const { graph } = memory;
  const region = (at: number, length: number): Uint8Array =>
    memory.bytes.subarray(at, at + length);
  contents.set("level0", region(graph.level0, 8 * graph.m * graph.count));
  contents.set("upper", region(graph.upper, 4 * graph.upperCount));
  const duplicates = region(graph.duplicates, 4 * graph.count);
  if (duplicates.some((byte) => byte !== 0xff)) {
    contents.set("duplicates", duplicates);
  }
  const lengths = new Map<PartKind, number>();
  const row = memory.form.storedBytes;
  const canLeave = segment.canLeaveRows;
  if (canLeave) {
    contents.set("mean", encodeMean(memory.codeMean!));
    contents.set("windows", encodeWindows(segment));
    contents.set("codes", memory.codeRows);
    contents.set("pages", encodePages(segment, row!));
    yield 0;
  }
  if (row === undefined) encodeSparse(segment, contents);
  for (const [kind, content] of contents) lengths.set(kind, content.length);
  if (row !== undefined) lengths.set("vectors", row * segment.count);
  const plan = planParts(lengths, row ?? 8);
  const last = plan.at(-1) ?? { offset: headerBytes(0), length: 0 };
  const byteLength = last.offset + last.length;
  invariant(
    headerBytes(plan.length) <= SEGMENT_HEADER_BYTES_MAX,
    "segment of too many parts",
  );
  const bytes = new Uint8Array(byteLength);
  const parts: SegmentPart[] = [];
  const starts = new Map<PartKind, number>();
  for (const { kind, offset, length } of plan) {
    const start = starts.get(kind) ?? 0;
    if (kind === "vectors" && row !== undefined) {
      for (let at = 0; at < length; at += row) {
        const from = memory.rowOffset((start + at) / row);
        bytes.set(region(from, row), offset + at);
      }
    } else {
      const content = contents.get(kind)!;
      bytes.set(content.subarray(start, start + length), offset);
    }
    starts.set(kind, start + length);
    const crc = crc32c(bytes, offset, offset + length);
    parts.push({ kind, offset, length, crc });
    yield offset / byteLength;
  }
  bytes.set(encodeHeader(segment, parts), 0);
  return bytes;
}

function encodeHeader(
  segment: SealedSegment,
  parts: readonly SegmentPart[],
): Uint8Array {
  const { memory } = segment;
  const writer = new ByteWriter();
  for (let i = 0; i < MAGIC.length; i++) writer.u8(MAGIC.charCodeAt(i));
  writer.u16(segment.canLeaveRows ? VERSION_CODED : VERSION_PLAIN);
  const codes = QUANTIZATIONS.indexOf(segment.quantization);
  writer.u8(memory.form.code | codes << QUANTIZATION_SHIFT);
  const level = memory.kernels.getEntryLevel();
  writer.u8(level === -1 ? NO_LEVEL : level);
  writer.u32(segment.dims);
  writer.u32(segment.count);
  writer.u16(segment.m);
  writer.u16(segment.efConstruction);
  writer.u32(memory.kernels.getEntry() >>> 0);
  writer.u32(memory.graph.upperCount);
  writer.u64(segment.coveredFrom);
  writer.u64(segment.coveredTo);
  writer.u32(parts.length);
  writer.u32(headerBytes(parts.length));
  for (const part of parts) {
    writer.u32(partCode(part.kind));
    writer.u32(part.crc);
    writer.u64(part.offset);
    writer.u64(part.length);
  }
  writer.u32(crc32c(writer.written));
  return writer.toBytes();
}

function encodeCalibration(segment: SealedSegment): Uint8Array {
  const writer = new ByteWriter();
  for (const point of segment.calibration) {
    writer.u32(point.ef);
    writer.f32(point.recall10);
    writer.f32(point.recall100);
  }
  return writer.toBytes();
}

function encodeMean(mean: Float64Array): Uint8Array {
  const writer = new ByteWriter();
  for (const component of mean) writer.f64(component);
  return writer.toBytes();
}

function encodeWindows({ calibration }: SealedSegment): Uint8Array {
  const writer = new ByteWriter();
  for (const { window10, window100 } of calibration) {
    writer.u32(window10!);
    writer.u32(window100!);
  }
  return writer.toBytes();
}

/** The checksum of each page of vectors, of `row` bytes each. */
function encodePages(
  { memory, count }: SealedSegment,
  row: number,
): Uint8Array {
  const writer = new ByteWriter();
  const rows = rowsOfPage(row);
  const page = new Uint8Array(rows * row);
  for (let from = 0; from < count; from += rows) {
    const size = Math.min(rows, count - from);
    for (let i = 0; i < size; i++) {
      page.set(memory.rowBytes(from + i).subarray(0, row), i * row);
    }
    writer.u32(crc32c(page, 0, size * row));
  }
  return writer.toBytes();
}

function encodeLocators(segment: SealedSegment): Uint8Array {
  const bytes = new Uint8Array(6 * segment.count);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < segment.count; i++) {
    const locator = segment.versions.locatorOf(i);
    view.setUint32(6 * i, locator % 0x1_0000_0000, true);
    view.setUint16(6 * i + 4, Math.floor(locator / 0x1_0000_0000), true);
  }
  return bytes;
}

function encodeBegins(segment: SealedSegment): Uint8Array {
  const bytes = new Uint8Array(8 * segment.count);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < segment.count; i++) {
    const begin = segment.versions.beginOf(i);
    invariant(
      segment.versions.endOf(i) !== begin,
      "segment with versions that were taken back is written",
    );
    view.setUint32(8 * i, begin % 0x1_0000_0000, true);
    view.setUint32(8 * i + 4, Math.floor(begin / 0x1_0000_0000), true);
  }
  return bytes;
}

/** Sparse rows: how many elements each has, and these one after the other. */
function encodeSparse(
  { memory, count }: SealedSegment,
  contents: Map<PartKind, Uint8Array>,
): void {
  const lengths = new Uint8Array(2 * count);
  const view = new DataView(lengths.buffer);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const elements = memory.elementsOf(i);
    view.setUint16(2 * i, elements, true);
    total += elements;
  }
  const vectors = new Uint8Array(8 * total);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const end = SPARSE_HEAD_BYTES + 8 * memory.elementsOf(i);
    const elements = memory.rowBytes(i).subarray(SPARSE_HEAD_BYTES, end);
    vectors.set(elements, at);
    at += elements.length;
  }
  contents.set("lengths", lengths);
  contents.set("vectors", vectors);
}
