/**
 * The bytes of a sealed segment, version 1 or 2. All numbers are little-endian.
 *
 * | offset | size | field |
 * | -----: | ---: | --- |
 * |      0 |    8 | magic `KRIYAVEC` |
 * |      8 |    2 | version: 2 if vectors may be left where they are, else 1 |
 * |     10 |    1 | metric, and what vectors are made of: see `metricCode`; from bit 5 on the codes that walks look at: see `QUANTIZATIONS` |
 * |     11 |    1 | layer of the entry point; 255 if there is none |
 * |     12 |    4 | dimensions |
 * |     16 |    4 | rows n |
 * |     20 |    2 | m: links per node above layer 0 |
 * |     22 |    2 | search width while building |
 * |     24 |    4 | entry point; 2^32 - 1 if there is none |
 * |     28 |    4 | u: numbers in the lists above layer 0 |
 * |     32 |    8 | lowest sequence covered |
 * |     40 |    8 | highest sequence covered |
 * |     48 |    4 | parts p |
 * |     52 |    4 | length of the header: 60 + 24p |
 * |     56 |  24p | parts: kind u32, CRC-32C u32, offset u64, length u64 |
 * | 56+24p |    4 | CRC-32C of all before |
 *
 * The parts follow, without gaps, in the order of the table below, each kind cut into parts of 4 MiB, rounded down to whole vectors, and a rest, so
 * that a part can be fetched, checked and put in its place by itself. A kind
 * without bytes has no part.
 *
 * | kind | bytes | content |
 * | ---: | ---: | --- |
 * |    1 |  12c | calibration: width u32, recall of 10 f32, of 100 f32 |
 * |    2 |   6n | locators u48 |
 * |    3 |   8n | begin sequences u64 |
 * |    4 |    n | highest layers u8 |
 * |    9 |   2n | elements of each row u16, if vectors are sparse |
 * |    5 |  8mn | neighbours on layer 0: 2m u32 each, 2^32 - 1 after the last |
 * |    6 |   4u | neighbours above: m u32 per node and layer, node by node |
 * |    7 |   4n | next duplicate u32; absent if there is none |
 * |   10 |   8d | version 2: what codes are made with, the mean of all rows, f64 each |
 * |   11 |      | version 2: of how many of the nearest by codes rows are looked at, for each point of the calibration: of 10 u32, of 100 u32 |
 * |   12 |      | version 2: codes, see `codes/row_codes.ts` |
 * |   13 |      | version 2: CRC-32C of each page of vectors, see `stored_rows.ts` |
 * |    8 |      | vectors: 4dn, 2dn or dn/8 bytes, or 8 an element: see `hnsw/row_form.ts` |
 *
 * A segment is valid if and only if header and parts have the lengths and
 * checksums said here, begins are within the covered range, and the graph
 * keeps rules 1 to 4 of `hnsw/graph_check.ts`. Ends of versions are not here:
 * see deletion_log.ts.
 *
 * In version 1 codes are not here: they are made again of the vectors
 * (`codes/code_form.ts`), faster than they would be read. In version 2 they are:
 * all but the vectors, which come last, is read, and of these what is looked at.
 *
 * Rejected: the norms of cosine vectors (4n). Nothing needs them: the row
 * keeps the true vector, and a merge copies unit rows as they are.
 *
 * @module
 */
import { ByteReader } from "../../base/bytes.ts";
import { crc32c } from "../../base/checksum.ts";
import {
  canQuantize,
  type Quantization,
  QUANTIZATIONS,
} from "../codes/quantization.ts";
import { codeBytes } from "../codes/row_codes.ts";
import {
  type Metric,
  metricOfCode,
  type VectorElement,
} from "../distance/metric.ts";
import { dimsMaxOf, RowForm, SPARSE_ROW_MAX } from "../hnsw/row_form.ts";
import { LEVEL_MAX, NONE } from "../kernels/kernels.ts";
import { type RowPages, rowsOfPage } from "./stored_rows.ts";

/** What a segment begins with. */
export const MAGIC = "KRIYAVEC";
/** The version of a segment without codes. */
export const VERSION_PLAIN = 1;
/** The version of a segment whose vectors may be left where they are. */
export const VERSION_CODED = 2;
/** The layer of no entry point. */
export const NO_LEVEL = 255;

/** Where metric and element lie in their byte, and the codes. */
const FORM_MASK = 31;
/** See {@linkcode FORM_MASK}. */
export const QUANTIZATION_SHIFT = 5;

/** Bytes of the header before its parts, and of one part in it. */
const FIXED_BYTES = 56;
const PART_ENTRY_BYTES = 24;

/** No part is longer. */
const PART_BYTES_MAX = 4 * 2 ** 20;

/** No header is longer: reading so much of an object always reads it. */
export const SEGMENT_HEADER_BYTES_MAX = 65_536;

/** Bounds of the parameters, pgvector's. */
export const M_MIN = 2;
/** See {@linkcode M_MIN}. */
export const M_MAX = 100;
/** See {@linkcode M_MIN}. */
export const EF_CONSTRUCTION_MIN = 4;
/** See {@linkcode M_MIN}. */
export const EF_CONSTRUCTION_MAX = 1000;

/** The kinds of parts, in order. */
export const PART_KINDS = [
  "calibration",
  "mean",
  "windows",
  "locators",
  "begins",
  "levels",
  "lengths",
  "level0",
  "upper",
  "duplicates",
  "codes",
  "pages",
  "vectors",
] as const;

/** What is in a part. */
export type PartKind = typeof PART_KINDS[number];

/** The number of each kind. */
const PART_CODES: Readonly<Record<PartKind, number>> = {
  calibration: 1,
  locators: 2,
  begins: 3,
  levels: 4,
  level0: 5,
  upper: 6,
  duplicates: 7,
  vectors: 8,
  lengths: 9,
  mean: 10,
  windows: 11,
  codes: 12,
  pages: 13,
};

/** The number of a kind. */
export function partCode(kind: PartKind): number {
  return PART_CODES[kind];
}

/** A part of a segment's bytes. */
export interface SegmentPart {
  /** What is in it. */
  readonly kind: PartKind;
  /** Where it begins. */
  readonly offset: number;
  /** How long it is. */
  readonly length: number;
  /** Its CRC-32C. */
  readonly crc: number;
}

/** What the header says. */
export interface SegmentHeader {
  /** The metric. */
  readonly metric: Metric;
  /** What vectors are made of. */
  readonly element: VectorElement;
  /** What walks look at. */
  readonly quantization: Quantization;
  /** Whether codes are there, so that vectors can be left where they are. */
  readonly hasCodes: boolean;
  /** Dimensions of every vector. */
  readonly dims: number;
  /** How many rows. */
  readonly count: number;
  /** Links per node above layer 0. */
  readonly m: number;
  /** Search width while building. */
  readonly efConstruction: number;
  /** Entry point, or `NONE`. */
  readonly entry: number;
  /** Its layer, or -1. */
  readonly entryLevel: number;
  /** Numbers in the lists above layer 0. */
  readonly upperCount: number;
  /** Lowest sequence covered. */
  readonly coveredFrom: number;
  /** Highest sequence covered. */
  readonly coveredTo: number;
  /** The parts, in order. */
  readonly parts: readonly SegmentPart[];
  /** Bytes of the whole segment. */
  readonly byteLength: number;
}

/** A header without its parts. */
type FixedHeader = Omit<SegmentHeader, "parts" | "byteLength">;

/** Bytes of a stored vector; `undefined` where each has its own. */
function storedBytesOf(
  { element, metric, dims }: FixedHeader,
): number | undefined {
  return new RowForm(element, metric, dims).storedBytes;
}

/** Pages of vectors, each with a checksum of its own. */
function pageCount(header: FixedHeader): number {
  return Math.ceil(header.count / rowsOfPage(storedBytesOf(header) ?? NaN));
}

/** Whether a kind may have so many bytes. */
function isLength(
  kind: PartKind,
  header: FixedHeader,
  lengths: ReadonlyMap<PartKind, number>,
): boolean {
  const { count } = header;
  const length = lengths.get(kind) ?? 0;
  if (kind === "windows") {
    const points = (lengths.get("calibration") ?? 0) / 12;
    return length === (header.hasCodes ? 8 * points : 0);
  }
  if (kind === "calibration") return length % 12 === 0 && length <= 12 * 256;
  if (kind === "duplicates") return length === 0 || length === 4 * count;
  if (kind === "vectors" && header.element === "sparse") {
    return length % 8 === 0 && length <= 8 * SPARSE_ROW_MAX * count;
  }
  return length === lengthOf(kind, header);
}

/** How long each kind must be; `undefined` where several lengths may be. */
function lengthOf(
  kind: PartKind,
  header: FixedHeader,
): number | undefined {
  const { count, m, upperCount, element } = header;
  switch (kind) {
    case "locators":
      return 6 * count;
    case "begins":
      return 8 * count;
    case "levels":
      return count;
    case "level0":
      return 8 * m * count;
    case "upper":
      return 4 * upperCount;
    case "lengths":
      return element === "sparse" ? 2 * count : 0;
    case "mean":
      return header.hasCodes ? 8 * header.dims : 0;
    case "codes":
      return header.hasCodes
        ? count * codeBytes(header.quantization, header.dims).stride
        : 0;
    case "pages":
      return header.hasCodes ? 4 * pageCount(header) : 0;
    case "vectors":
      return count * (storedBytesOf(header) ?? NaN);
    case "calibration":
    case "windows":
    case "duplicates":
      return undefined;
  }
}

/**
 * Reads the header from the first bytes of a segment, all of it or
 * `SEGMENT_HEADER_BYTES_MAX` at least; `source` names them in errors, and
 * `objectBytes` is how long the segment is (default: as `bytes`).
 *
 * @throws {KriyaError} of kind `corrupt` unless the header is valid and says
 * the same length.
 */
export function readSegmentHeader(
  bytes: Uint8Array,
  source: string,
  objectBytes: number = bytes.length,
): SegmentHeader {
  const reader = new ByteReader(bytes, source);
  for (let i = 0; i < MAGIC.length; i++) {
    if (reader.u8() !== MAGIC.charCodeAt(i)) {
      throw reader.corrupt("not a vector segment", 0);
    }
  }
  const version = reader.u16();
  if (version !== VERSION_PLAIN && version !== VERSION_CODED) {
    throw reader.corrupt(`vector segment of version ${version}`, 8);
  }
  const code = reader.u8();
  const kind = metricOfCode(code & FORM_MASK);
  const quantization = QUANTIZATIONS[code >> QUANTIZATION_SHIFT];
  const level = reader.u8();
  const fixed = {
    dims: reader.u32(),
    count: reader.u32(),
    m: reader.u16(),
    efConstruction: reader.u16(),
    entry: reader.u32(),
    upperCount: reader.u32(),
    coveredFrom: reader.u64(),
    coveredTo: reader.u64(),
    entryLevel: level === NO_LEVEL ? -1 : level,
  };
  const partCount = reader.u32();
  const length = reader.u32();
  if (length !== headerBytes(partCount) || length > SEGMENT_HEADER_BYTES_MAX) {
    throw reader.corrupt(`header of ${length} bytes, ${partCount} parts`, 48);
  }
  if (bytes.length < length) {
    throw reader.corrupt(`header of ${length} bytes, ${bytes.length} there`);
  }
  const crc = new ByteReader(bytes, source, length - 4, length).u32();
  if (crc !== crc32c(bytes, 0, length - 4)) {
    throw reader.corrupt("checksum of the header", length - 4);
  }
  if (kind === undefined) throw reader.corrupt("unknown metric", 10);
  if (
    quantization === undefined ||
    quantization !== "none" && !canQuantize(kind.element, kind.metric)
  ) throw reader.corrupt("unknown codes", 10);
  const hasCodes = version === VERSION_CODED;
  if (hasCodes && quantization === "none") {
    throw reader.corrupt("codes of no kind", 10);
  }
  const header = { ...fixed, ...kind, quantization, hasCodes };
  checkFields(reader, header);
  const parts = readParts(reader, header, partCount);
  const last = parts.at(-1) ?? { offset: length, length: 0 };
  const byteLength = last.offset + last.length;
  if (byteLength !== objectBytes) {
    throw reader.corrupt(
      `${objectBytes} bytes, not ${byteLength}`,
      Math.min(objectBytes, byteLength),
    );
  }
  return { ...header, parts, byteLength };
}

function checkFields(
  reader: ByteReader,
  header: FixedHeader,
): void {
  const { dims, m, efConstruction, entry, entryLevel, count } = header;
  const within = (value: number, low: number, high: number): boolean =>
    value >= low && value <= high;
  if (!within(dims, 1, dimsMaxOf(header.element))) {
    throw reader.corrupt(`${dims} dimensions`, 12);
  }
  if (!within(m, M_MIN, M_MAX)) throw reader.corrupt(`m of ${m}`, 20);
  if (!within(efConstruction, EF_CONSTRUCTION_MIN, EF_CONSTRUCTION_MAX)) {
    throw reader.corrupt(`search width of ${efConstruction}`, 22);
  }
  const isEmpty = entry === NONE && entryLevel === -1;
  if (!isEmpty && !(entry < count && within(entryLevel, 0, LEVEL_MAX))) {
    throw reader.corrupt(`entry point ${entry} on layer ${entryLevel}`, 24);
  }
  if (header.coveredFrom > header.coveredTo) {
    throw reader.corrupt("sequences covered from after to", 32);
  }
}

/** Reads the table of parts and checks that it is the only one possible. */
function readParts(
  reader: ByteReader,
  header: FixedHeader,
  partCount: number,
): SegmentPart[] {
  const parts: SegmentPart[] = [];
  const lengths = new Map<PartKind, number>();
  for (let i = 0; i < partCount; i++) {
    const at = reader.offset;
    const code = reader.u32();
    const kind = PART_KINDS.find((each) => PART_CODES[each] === code);
    if (kind === undefined) throw reader.corrupt(`part of kind ${code}`, at);
    const part = {
      kind,
      crc: reader.u32(),
      offset: reader.u64(),
      length: reader.u64(),
    };
    lengths.set(kind, (lengths.get(kind) ?? 0) + part.length);
    parts.push(part);
  }
  for (const kind of PART_KINDS) {
    if (isLength(kind, header, lengths)) continue;
    throw reader.corrupt(`${lengths.get(kind) ?? 0} bytes of ${kind}`, 56);
  }
  const plan = planParts(lengths, storedBytesOf(header) ?? 8);
  parts.forEach((part, i) => {
    const { kind, offset, length } = part;
    const planned = plan[i];
    if (
      planned?.kind === kind && planned.offset === offset &&
      planned.length === length
    ) return;
    const at = FIXED_BYTES + PART_ENTRY_BYTES * i;
    throw reader.corrupt(`${length} bytes of ${kind} at ${offset}`, at);
  });
  return parts;
}

/** Cuts kinds of these lengths into parts; `row` are the bytes of a vector. */
export function planParts(
  lengths: ReadonlyMap<PartKind, number>,
  row: number,
): Omit<SegmentPart, "crc">[] {
  const parts: { kind: PartKind; offset: number; length: number }[] = [];
  for (const kind of PART_KINDS) {
    const unit = kind === "vectors" ? row : 8;
    const most = Math.floor(PART_BYTES_MAX / unit) * unit;
    for (let left = lengths.get(kind) ?? 0; left > 0; left -= most) {
      parts.push({ kind, offset: 0, length: Math.min(most, left) });
    }
  }
  let offset = headerBytes(parts.length);
  for (const part of parts) {
    part.offset = offset;
    offset += part.length;
  }
  return parts;
}

/** Bytes of a header with so many parts. */
export function headerBytes(partCount: number): number {
  return FIXED_BYTES + PART_ENTRY_BYTES * partCount + 4;
}

/**
 * Where the vectors of a segment are, of which `pages` are the bytes of that
 * part. REQUIRES: the header says that there are codes.
 */
export function rowPagesOf(header: SegmentHeader, pages: Uint8Array): RowPages {
  const rowBytes = storedBytesOf(header)!;
  const checksums = new Uint32Array(pages.length / 4);
  const view = new DataView(pages.buffer, pages.byteOffset, pages.length);
  for (let i = 0; i < checksums.length; i++) {
    checksums[i] = view.getUint32(4 * i, true);
  }
  const { count } = header;
  const first = header.parts.find(({ kind }) => kind === "vectors");
  const offset = first?.offset ?? header.byteLength;
  return {
    offset,
    rowBytes,
    count,
    rowsAPage: rowsOfPage(rowBytes),
    checksums,
  };
}
