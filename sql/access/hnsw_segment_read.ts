/**
 * Reading a segment's object: its header, then its parts in ranges that come at
 * the same time, each put in place as its turn comes.
 *
 * @module
 */
import { crc32c } from "../../base/checksum.ts";
import { KriyaError } from "../../base/errors.ts";
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { SegmentMeta } from "../../storage/manifest/manifest.ts";
import type { SealedSegment } from "../../vector/segments/sealed_segment.ts";
import {
  readSegmentHeader,
  SEGMENT_HEADER_BYTES_MAX,
  type SegmentPart,
} from "../../vector/segments/segment_format.ts";
import { SegmentLoader } from "../../vector/segments/segment_loader.ts";
import { ObjectRows } from "./hnsw_stored_rows.ts";

/** Segments of no more bytes are read at once; of others the header first. */
const WHOLE_BYTES_MAX = 512 * 1024;

/** Bytes of a range, about. */
const RANGE_BYTES = 4 * 1024 * 1024;

/** Ranges that are on their way. */
const RANGES_AT_ONCE = 16;

/** Parts that are read in one range. */
interface PartRange {
  readonly offset: number;
  length: number;
  readonly parts: SegmentPart[];
  /** Where its one part stays. */
  readonly into?: Uint8Array<ArrayBuffer> | undefined;
}

/**
 * Reads a segment; its vectors stay where they are if `leavesRows`, and it has
 * codes to be searched by.
 *
 * @throws {KriyaError} `corrupt` when it is damaged or missing.
 */
export async function readSegment(
  store: LsmStore,
  meta: SegmentMeta,
  { leavesRows }: { readonly leavesRows: boolean },
): Promise<SealedSegment> {
  const { path, size } = meta;
  const isSmall = size <= WHOLE_BYTES_MAX;
  const first = await readRange(store, meta, {
    offset: 0,
    length: isSmall ? WHOLE_BYTES_MAX : SEGMENT_HEADER_BYTES_MAX,
  });
  checkBegin(meta, first);
  const header = readSegmentHeader(first, path, size);
  const loader = new SegmentLoader(header, path, {
    codesLater: true,
    leaveRows: leavesRows
      ? (pages) => new ObjectRows(store, path, pages)
      : undefined,
  });
  const ranges: PartRange[] = [];
  for (const part of loader.parts) {
    const { offset, length } = part;
    if (offset + length <= first.length) {
      loader.load(first.subarray(offset, offset + length));
    } else addTo(ranges, part, loader.targetOf(part));
  }
  const coming: Promise<Uint8Array>[] = [];
  const ask = (range: PartRange | undefined): void => {
    if (range === undefined) return;
    const read = readRange(store, meta, range);
    // Whoever fails first is told of; the others have an owner as well.
    read.catch(() => {});
    coming.push(read);
  };
  ranges.slice(0, RANGES_AT_ONCE).forEach(ask);
  for (const [i, { offset, parts }] of ranges.entries()) {
    const bytes = await coming[i]!;
    ask(ranges[i + RANGES_AT_ONCE]);
    for (const part of parts) {
      const at = part.offset - offset;
      loader.load(bytes.subarray(at, at + part.length));
    }
  }
  return loader.finish();
}

function addTo(
  ranges: PartRange[],
  part: SegmentPart,
  into: Uint8Array<ArrayBuffer> | undefined,
): void {
  const last = ranges.at(-1);
  if (
    last !== undefined && into === undefined && last.into === undefined &&
    last.length + part.length <= RANGE_BYTES
  ) {
    last.length += part.length;
    last.parts.push(part);
    return;
  }
  const { offset, length } = part;
  ranges.push({ offset, length, parts: [part], into });
}

async function readRange(
  store: LsmStore,
  meta: SegmentMeta,
  { offset, length, into }: Pick<PartRange, "offset" | "length" | "into">,
): Promise<Uint8Array> {
  const body = await store.objects.get(meta.path, {
    range: { offset, length },
    into,
  });
  if (body === undefined) {
    throw new KriyaError(
      "corrupt",
      `Cannot read "${meta.path}": the object is missing`,
    );
  }
  const wanted = Math.min(length, meta.size - offset);
  if (body.size !== meta.size || body.bytes.length !== wanted) {
    throw otherObject(meta);
  }
  return body.bytes;
}

/** Checks where an object begins, which tells it from all others. */
export function checkBegin(meta: SegmentMeta, bytes: Uint8Array): void {
  const { begin } = meta.info;
  if (begin === undefined || begin === checksumOfBegin(bytes)) return;
  throw otherObject(meta);
}

/**
 * The checksum of where an object begins: a segment's header has the checksums
 * of its parts, so this one tells its bytes from all others'.
 */
export function checksumOfBegin(bytes: Uint8Array): number {
  return crc32c(bytes, 0, Math.min(bytes.length, SEGMENT_HEADER_BYTES_MAX));
}

/** The error of an object that is not what the manifest says. */
export function otherObject({ path }: SegmentMeta): KriyaError {
  return new KriyaError(
    "corrupt",
    `Cannot read "${path}": it is not the object that was written`,
  );
}
