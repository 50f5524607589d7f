/**
 * Reading a sealed segment: part by part, straight into its own memory.
 *
 * A segment of a gigabyte need not be in memory twice: read the header, make
 * a {@linkcode SegmentLoader}, fetch its parts by range and hand each over.
 * Bytes are hostile: each part's checksum is compared, lengths were checked
 * with the header, and the graph is walked once before it is used, so that no
 * search can leave it.
 *
 * @module
 */
import { ByteReader } from "../../base/bytes.ts";
import { crc32c } from "../../base/checksum.ts";
import { invariant } from "../../base/invariant.ts";
import { graphProblem } from "../hnsw/graph_check.ts";
import { efMaxFor, type GraphPlace } from "../hnsw/segment_layout.ts";
import { SPARSE_ROW_MAX, strideOfElements } from "../hnsw/row_form.ts";
import { WINDOW_ROWS } from "../hnsw/leave_rows.ts";
import { SegmentMemory } from "../hnsw/segment_memory.ts";
import { type KernelVariant, LEVEL_MAX } from "../kernels/kernels.ts";
import type { CalibrationPoint } from "./calibration.ts";
import { SealedSegment } from "./sealed_segment.ts";
import {
  type PartKind,
  readSegmentHeader,
  rowPagesOf,
  type SegmentHeader,
  type SegmentPart,
} from "./segment_format.ts";
import type { RowPages, StoredRows } from "./stored_rows.ts";
import { VersionTable } from "./version_table.ts";

/** How a segment is loaded. */
export interface LoadOptions {
  /** Who computes (default: the best that runs here). */
  readonly variant?: KernelVariant | undefined;
  /**
   * Gives what reads vectors that are left where they are; absent: vectors are
   * loaded, too. Asked only where there are codes.
   */
  readonly leaveRows?: ((pages: RowPages) => StoredRows) | undefined;
  /**
   * Whether codes that are to be made again are made by whoever asks the segment
   * to (`SealedSegment.makeCodes`), and not before it is given (default false).
   */
  readonly codesLater?: boolean | undefined;
}

/**
 * Reads a segment whose bytes are all there; `source` names them in errors.
 *
 * @throws {KriyaError} of kind `corrupt` if they are not a valid segment.
 */
export function decodeSegment(
  bytes: Uint8Array,
  source: string,
  options: LoadOptions = {},
): SealedSegment {
  const header = readSegmentHeader(bytes, source);
  const loader = new SegmentLoader(header, source, options);
  for (const { offset, length } of loader.parts) {
    loader.load(bytes.subarray(offset, offset + length));
  }
  return loader.finish();
}

/** Takes the parts of a segment in order, then gives the segment. */
export class SegmentLoader {
  readonly #header: SegmentHeader;
  readonly #source: string;
  readonly #memory: SegmentMemory;
  /** Where the graph will be, if parts can be read to where they stay. */
  readonly #place: GraphPlace | undefined;
  readonly #locatorBytes: Uint8Array<ArrayBuffer>;
  readonly #begins: Float64Array<ArrayBuffer>;
  readonly #levels: Uint8Array<ArrayBuffer>;
  /** Elements of each row, if rows are sparse. */
  readonly #lengths: Uint16Array<ArrayBuffer>;
  /** Sparse rows that have all their elements, and how many the next has. */
  #filledRows = 0;
  #filledElements = 0;
  readonly #calibration: CalibrationPoint[] = [];
  readonly #mean: Float64Array<ArrayBuffer>;
  readonly #pages: Uint8Array<ArrayBuffer>;
  readonly #leaveRows: LoadOptions["leaveRows"];
  readonly #codesLater: boolean;
  /** The parts that are loaded. */
  readonly #parts: readonly SegmentPart[];
  #next = 0;
  /** Bytes of each kind that were loaded. */
  readonly #loaded = new Map<PartKind, number>();

  /** Makes room for a segment with this header, read from `source`. */
  constructor(
    header: SegmentHeader,
    source: string,
    options: LoadOptions = {},
  ) {
    this.#header = header;
    this.#source = source;
    const { dims, metric, element, m, count, hasCodes } = header;
    this.#leaveRows = hasCodes ? options.leaveRows : undefined;
    this.#codesLater = options.codesLater ?? false;
    const isLeft = this.#leaveRows !== undefined;
    this.#parts = isLeft
      ? header.parts.filter(({ kind }) => kind !== "vectors")
      : header.parts;
    this.#memory = new SegmentMemory({
      dims,
      metric,
      element,
      m,
      variant: options.variant,
      efMax: efMaxFor(count),
      rowsMax: isLeft ? WINDOW_ROWS : undefined,
    });
    this.#memory.reserveRows(count);
    // Rows that are sparse get wider, codes are laid behind: both move memory.
    this.#place = element === "sparse" || hasCodes
      ? undefined
      : this.#memory.reserveGraph(header);
    this.#locatorBytes = new Uint8Array(6 * count);
    this.#begins = new Float64Array(count);
    this.#levels = new Uint8Array(count);
    this.#lengths = new Uint16Array(element === "sparse" ? count : 0);
    this.#mean = new Float64Array(hasCodes ? dims : 0);
    this.#pages = new Uint8Array(bytesOf(header, "pages"));
  }

  /** The parts that are loaded, in order. */
  get parts(): readonly SegmentPart[] {
    return this.#parts;
  }

  /** The part that `load` wants next; `undefined` once all are loaded. */
  get nextPart(): SegmentPart | undefined {
    return this.#parts[this.#next];
  }

  /**
   * Where the bytes of a part stay, for who can read them to there: `load` then
   * need not copy them. `undefined` where they have to be looked at first.
   */
  targetOf(part: SegmentPart): Uint8Array<ArrayBuffer> | undefined {
    const at = this.#targetOffset(part.kind);
    if (at === undefined) return undefined;
    const first = this.#header.parts.find(({ kind }) => kind === part.kind)!;
    const begin = at + part.offset - first.offset;
    return this.#memory.bytes.subarray(begin, begin + part.length);
  }

  #targetOffset(kind: PartKind): number | undefined {
    const place = this.#place;
    if (place === undefined) return undefined;
    if (kind === "level0" || kind === "upper") return place[kind];
    const { form, stride } = this.#memory;
    return kind === "vectors" && form.storedBytes === stride
      ? this.#memory.rowOffset(0)
      : undefined;
  }

  /**
   * Takes the bytes of the next part.
   *
   * @throws {KriyaError} of kind `corrupt` if they are not that part's.
   */
  load(bytes: Uint8Array): void {
    const part = this.nextPart;
    invariant(part !== undefined, "more parts than the segment has");
    if (bytes.length !== part.length) {
      throw this.#corrupt(part.offset, `${bytes.length} of ${part.length}`);
    }
    if (crc32c(bytes) !== part.crc) {
      throw this.#corrupt(part.offset, `checksum of ${part.kind}`);
    }
    const start = this.#loaded.get(part.kind) ?? 0;
    this.#put(part, bytes, start);
    this.#loaded.set(part.kind, start + bytes.length);
    this.#next++;
  }

  #corrupt(offset: number, what: string): Error {
    const reader = new ByteReader(new Uint8Array(0), this.#source);
    return reader.corrupt(what, offset);
  }

  #put(part: SegmentPart, bytes: Uint8Array, start: number): void {
    const view = new DataView(
      bytes.buffer,
      bytes.byteOffset,
      bytes.byteLength,
    );
    switch (part.kind) {
      case "calibration":
        return this.#placeCalibration(part, view);
      case "locators":
        this.#locatorBytes.set(bytes, start);
        return;
      case "begins":
        return this.#placeBegins(part, view, start);
      case "levels":
        this.#levels.set(bytes, start);
        return;
      case "lengths":
        return this.#placeLengths(part, view, start);
      case "level0":
      case "upper":
      case "duplicates": {
        // The offset first: laying out the graph may move the memory.
        const offset = this.#graphOffset(part.kind);
        this.#copy(bytes, offset + start);
        return;
      }
      case "mean":
        return this.#placeMean(part, view, start);
      case "windows":
        return this.#placeWindows(part, view);
      case "codes": {
        const offset = this.#codesAt();
        this.#memory.bytes.set(bytes, offset + start);
        return;
      }
      case "pages":
        this.#pages.set(bytes, start);
        return;
      case "vectors":
        return this.#placeVectors(part, bytes, start);
    }
  }

  #placeCalibration(part: SegmentPart, view: DataView): void {
    for (let at = 0; at < view.byteLength; at += 12) {
      const point = {
        ef: view.getUint32(at, true),
        recall10: view.getFloat32(at + 4, true),
        recall100: view.getFloat32(at + 8, true),
      };
      const before = this.#calibration.at(-1)?.ef ?? 0;
      const isShare = (value: number): boolean => value >= 0 && value <= 1;
      if (
        point.ef <= before || !isShare(point.recall10) ||
        !isShare(point.recall100)
      ) throw this.#corrupt(part.offset + at, "calibration");
      this.#calibration.push(point);
    }
  }

  #placeMean(part: SegmentPart, view: DataView, start: number): void {
    for (let at = 0; at < view.byteLength; at += 8) {
      const component = view.getFloat64(at, true);
      if (!Number.isFinite(component)) {
        throw this.#corrupt(part.offset + at, "mean that is not finite");
      }
      this.#mean[(start + at) / 8] = component;
    }
  }

  #placeWindows(part: SegmentPart, view: DataView): void {
    this.#calibration.forEach((point, i) => {
      const window10 = view.getUint32(8 * i, true);
      const window100 = view.getUint32(8 * i + 4, true);
      if (window10 < 10 || window100 < 100) {
        throw this.#corrupt(part.offset + 8 * i, "rows that are looked at");
      }
      this.#calibration[i] = { ...point, window10, window100 };
    });
  }

  /** Where codes lie; lays them out when first asked. */
  #codesAt(): number {
    const memory = this.#memory;
    const { quantization } = this.#header;
    if (memory.quantization === "none" && quantization !== "none") {
      return memory.layCodes(quantization, this.#mean);
    }
    return memory.codeRows.byteOffset;
  }

  /** Copies bytes to `at`, unless they are there. */
  #copy(bytes: Uint8Array, at: number): void {
    const to = this.#memory.bytes;
    if (bytes.buffer === to.buffer && bytes.byteOffset === at) return;
    to.set(bytes, at);
  }

  /** Parts are cut at multiples of 8 bytes: a locator may lie in two. */
  #locators(): Float64Array<ArrayBuffer> {
    const bytes = this.#locatorBytes;
    const locators = new Float64Array(bytes.length / 6);
    for (let i = 0; i < locators.length; i++) {
      const at = 6 * i;
      const low = bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16;
      const high = bytes[at + 3]! | bytes[at + 4]! << 8 | bytes[at + 5]! << 16;
      locators[i] = low + high * 0x100_0000;
    }
    return locators;
  }

  #placeBegins(part: SegmentPart, view: DataView, start: number): void {
    const { coveredFrom, coveredTo } = this.#header;
    const begins = this.#begins;
    for (let at = 0; at < view.byteLength; at += 8) {
      const begin = view.getUint32(at, true) +
        view.getUint32(at + 4, true) * 0x1_0000_0000;
      if (!(begin >= coveredFrom && begin <= coveredTo)) {
        throw this.#corrupt(part.offset + at, "sequence that is not covered");
      }
      begins[(start + at) / 8] = begin;
    }
  }

  #placeLengths(part: SegmentPart, view: DataView, start: number): void {
    let most = 0;
    for (let at = 0; at < view.byteLength; at += 2) {
      const length = view.getUint16(at, true);
      if (length > SPARSE_ROW_MAX) {
        throw this.#corrupt(part.offset + at, `${length} elements`);
      }
      this.#lengths[(start + at) / 2] = length;
      most = Math.max(most, length);
    }
    this.#memory.widenRows(strideOfElements(most));
  }

  /** Elements of sparse rows, one row after the other. */
  #placeElements(part: SegmentPart, bytes: Uint8Array): void {
    const memory = this.#memory;
    for (let at = 0; at < bytes.length;) {
      const length = this.#lengths[this.#filledRows];
      if (length === undefined) {
        throw this.#corrupt(part.offset + at, "elements of no row");
      }
      const taken = Math.min(
        length - this.#filledElements,
        (bytes.length - at) / 8,
      );
      const row = memory.rowOffset(this.#filledRows);
      memory.numbers[row / 4] = length;
      memory.bytes.set(
        bytes.subarray(at, at + 8 * taken),
        row + 16 + 8 * this.#filledElements,
      );
      at += 8 * taken;
      this.#filledElements += taken;
      if (this.#filledElements === length) {
        this.#filledRows++;
        this.#filledElements = 0;
      }
    }
  }

  #placeVectors(part: SegmentPart, bytes: Uint8Array, start: number): void {
    const memory = this.#memory;
    const row = memory.form.storedBytes;
    if (row === undefined) return this.#placeElements(part, bytes);
    const first = memory.rowOffset(start / row);
    if (row === memory.stride) return this.#copy(bytes, first);
    for (let i = 0; i * row < bytes.length; i++) {
      const vector = bytes.subarray(i * row, i * row + row);
      memory.bytes.set(vector, first + i * memory.stride);
    }
  }

  /** Where a part of the graph lies; lays the graph out when first asked. */
  #graphOffset(kind: "level0" | "upper" | "duplicates"): number {
    if ((this.#loaded.get("level0") ?? 0) === 0 && kind === "level0") {
      this.#layOut();
    }
    return this.#memory.graph[kind];
  }

  #layOut(): void {
    const { m, upperCount } = this.#header;
    let numbers = 0;
    let isWithin = true;
    for (let i = 0; i < this.#levels.length; i++) {
      numbers += this.#levels[i]! * m;
      if (this.#levels[i]! > LEVEL_MAX) isWithin = false;
    }
    if (!isWithin || numbers !== upperCount) {
      throw this.#corrupt(this.#offsetOf("levels"), "layers");
    }
    this.#memory.addGraph(this.#levels, m);
  }

  #offsetOf(kind: PartKind): number {
    return this.#header.parts.find((part) => part.kind === kind)?.offset ?? 0;
  }

  /**
   * The segment, with all versions open.
   *
   * @throws {KriyaError} of kind `corrupt` if its graph breaks a rule.
   */
  finish(): SealedSegment {
    invariant(this.nextPart === undefined, "segment with parts not loaded");
    const { count, entry, entryLevel, efConstruction } = this.#header;
    const memory = this.#memory;
    if (count === 0) memory.addGraph(this.#levels, this.#header.m);
    const stored = this.#leaveRows?.(rowPagesOf(this.#header, this.#pages));
    if (stored === undefined && memory.form.isMore) {
      for (let i = 0; i < count; i++) memory.completeRow(i);
    }
    memory.kernels.setEntry(entry, entryLevel);
    const problem = graphProblem(memory, this.#levels);
    if (problem !== undefined) {
      throw this.#corrupt(this.#offsetOf("level0"), problem);
    }
    const versions = VersionTable.of({
      locators: this.#locators(),
      begins: this.#begins,
    });
    const { hasCodes, quantization } = this.#header;
    const segment = new SealedSegment({
      memory,
      codesToMake: hasCodes ? "none" : quantization,
      stored,
      levels: this.#levels,
      versions,
      calibration: this.#calibration,
      efConstruction,
      coveredFrom: this.#header.coveredFrom,
      coveredTo: this.#header.coveredTo,
    });
    if (!this.#codesLater) {
      const coding = segment.makeCodes();
      while (coding.next().done !== true) continue;
    }
    return segment;
  }
}

/** Bytes of a kind. */
function bytesOf({ parts }: SegmentHeader, kind: PartKind): number {
  return parts.reduce(
    (sum, part) => part.kind === kind ? sum + part.length : sum,
    0,
  );
}
