/**
 * The bytes of `gc/boundary`.
 *
 * | offset | size | field |
 * | -----: | ---: | --- |
 * |      0 |    4 | magic `KGCB` |
 * |      4 |    2 | format version |
 * |      6 |    2 | zero |
 * |      8 |    4 | CRC-32C of bytes 0–8 and of the body |
 * |     12 |   16 | attempt: random, so that no two writes have equal bytes |
 * |     28 |    8 | the highest manifest number that is collected |
 * |     36 |    n | varint number of paths, then each as a string |
 *
 * The paths are the plan: what may be deleted now that the boundary is written.
 * A damaged plan would delete what is needed, so nothing of it is believed
 * unless the checksum holds, and a path that no object of ours can have, or
 * that is never collected, is damage.
 *
 * Versions: 1.
 *
 * @module
 */
import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { crc32c } from "../../base/checksum.ts";
import { invariant } from "../../base/invariant.ts";
import {
  GC_BOUNDARY_PATH,
  parseObjectPath,
} from "../object_store/object_path.ts";

const MAGIC = 0x4243474b;
const FORMAT_VERSION = 1;
const CHECKSUM_OFFSET = 8;
const BODY_OFFSET = 12;

/** Bytes that tell one attempt to write the boundary from another. */
export const ATTEMPT_BYTES = 16;

/** The most paths that a plan has: some 45 kB. More garbage is more rounds. */
export const PLAN_PATHS_MAX = 1000;

/** How far collection has come. */
export interface Boundary {
  /** The highest manifest number that is collected; 0 for none. */
  readonly number: number;
  /** Who wrote it: {@linkcode ATTEMPT_BYTES} random bytes. */
  readonly attempt: Uint8Array;
  /** The paths that may be deleted. */
  readonly plan: readonly string[];
}

/** Writes a boundary. */
export function encodeBoundary(boundary: Boundary): Uint8Array {
  const { number, attempt, plan } = boundary;
  invariant(attempt.length === ATTEMPT_BYTES, "an attempt has 16 bytes");
  invariant(plan.length <= PLAN_PATHS_MAX, "the plan is too long");
  const writer = new ByteWriter(64 + 48 * plan.length);
  writer.u32(MAGIC);
  writer.u16(FORMAT_VERSION);
  writer.u16(0);
  writer.u32(0);
  writer.raw(attempt);
  writer.u64(number);
  writer.varint(plan.length);
  for (const path of plan) writer.string(path);
  writer.setU32(CHECKSUM_OFFSET, checksum(writer.written));
  return writer.toBytes();
}

/**
 * Reads a boundary.
 *
 * @throws {KriyaError} `corrupt`, naming the byte.
 */
export function decodeBoundary(bytes: Uint8Array): Boundary {
  const reader = new ByteReader(bytes, GC_BOUNDARY_PATH);
  if (reader.u32() !== MAGIC) {
    throw reader.corrupt("not a gc boundary: bad magic", 0);
  }
  const version = reader.u16();
  if (version === 0 || version > FORMAT_VERSION) {
    throw reader.corrupt(
      `format version ${version}; this build reads up to ${FORMAT_VERSION}`,
      4,
    );
  }
  if (reader.u16() !== 0) throw reader.corrupt("unknown flags", 6);
  if (reader.u32() !== checksum(bytes)) {
    throw reader.corrupt("checksum does not match", CHECKSUM_OFFSET);
  }
  const attempt = reader.raw(ATTEMPT_BYTES).slice();
  const number = reader.u64();
  const count = reader.varint();
  if (count > PLAN_PATHS_MAX) throw reader.corrupt("the plan is too long");
  const plan: string[] = [];
  for (let i = 0; i < count; i++) {
    const at = reader.offset;
    const path = reader.string();
    const name = parseObjectPath(path);
    if (name === undefined || name.kind === "boundary" || name.kind === "pin") {
      throw reader.corrupt("the plan names what is never collected", at);
    }
    plan.push(path);
  }
  reader.expectEnd();
  return { number, attempt, plan };
}

function checksum(bytes: Uint8Array): number {
  const head = crc32c(bytes, 0, CHECKSUM_OFFSET);
  return (head ^ crc32c(bytes, BODY_OFFSET)) >>> 0;
}
