/**
 * The bytes of a manifest.
 *
 * | offset | size | field |
 * | -----: | ---: | --- |
 * |      0 |    4 | magic `KMAN` |
 * |      4 |    2 | format version |
 * |      6 |    2 | codec of the body: 0 none, 1 zstd |
 * |      8 |    4 | length of the body before compression |
 * |     12 |    4 | CRC-32C of bytes 0–12 and of the body |
 * |     16 |    n | body: UTF-8 JSON, keys (bytes) as base64 |
 *
 * The body is JSON because it is small, read by people when something is wrong,
 * and grows fields that older readers pass over. It is trusted no more than
 * other bytes: every field is checked as it is read.
 *
 * Rejected: a binary body (a third of the size before compression, about the
 * same after it, and opaque).
 *
 * Versions: 1.
 *
 * @module
 */
import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { utf8Decode, utf8Encode } from "../../base/bytes.ts";
import { crc32c } from "../../base/checksum.ts";
import { KriyaError } from "../../base/errors.ts";
import { compressBlock, decompressBlock } from "../sstable/codec.ts";
import type { PrefixStatistics } from "../sstable/properties.ts";
import {
  checkManifest,
  type CheckpointMeta,
  type ClockSample,
  type HeldChanges,
  type JobMeta,
  type Json,
  LEVEL_COUNT,
  type Manifest,
  type NamedSnapshot,
  type SegmentMeta,
  type TableMeta,
} from "./manifest.ts";

import { setsumOf } from "./manifest_setsum.ts";

const MAGIC = 0x4e414d4b;
const FORMAT_VERSION = 1;
const HEADER_BYTES = 16;
const BODY_BYTES_MAX = 256 * 1024 * 1024;

/** Writes a manifest. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const body = utf8Encode(JSON.stringify({
    ...manifest,
    levels: manifest.levels.map((tables) => tables.map(tableToJson)),
  }));
  const stored = compressBlock(body, "zstd");
  const writer = new ByteWriter(HEADER_BYTES + stored.bytes.length);
  writer.u32(MAGIC);
  writer.u16(FORMAT_VERSION);
  writer.u16(stored.codec);
  writer.u32(body.length);
  writer.u32(0);
  writer.raw(stored.bytes);
  writer.setU32(12, checksum(writer.written));
  return writer.toBytes();
}

/**
 * Reads the manifest `number`.
 *
 * @throws {KriyaError} `corrupt`, naming `source`.
 */
export function decodeManifest(
  bytes: Uint8Array,
  number: number,
  source: string,
): Manifest {
  const reader = new ByteReader(bytes, source);
  if (reader.u32() !== MAGIC) {
    throw reader.corrupt("not a manifest: bad magic", 0);
  }
  const version = reader.u16();
  if (version === 0 || version > FORMAT_VERSION) {
    throw reader.corrupt(
      `format version ${version}; this build reads up to ${FORMAT_VERSION}`,
      4,
    );
  }
  const codec = reader.u16();
  const length = reader.u32();
  if (reader.u32() !== checksum(bytes)) {
    throw reader.corrupt("checksum does not match", 12);
  }
  if (length > BODY_BYTES_MAX) throw reader.corrupt("body too large", 8);
  const stored = { codec, bytes: reader.raw(reader.remaining) };
  const body = decompressBlock(stored, length, source, HEADER_BYTES);
  let manifest: Manifest;
  try {
    manifest = new BodyReader(JSON.parse(utf8Decode(body))).manifest();
    checkManifest(manifest);
    const { setsum } = manifest;
    if (setsum !== undefined && setsum !== setsumOf(manifest)) {
      throw new Error("the setsum is not that of what is named");
    }
  } catch (cause) {
    throw new KriyaError(
      "corrupt",
      `Cannot read "${source}": ${
        cause instanceof Error ? cause.message : String(cause)
      }`,
      { cause },
    );
  }
  if (manifest.number !== number) {
    throw reader.corrupt(`the manifest says it is number ${manifest.number}`);
  }
  return manifest;
}

function checksum(bytes: Uint8Array): number {
  const head = crc32c(bytes, 0, 12);
  return (head ^ crc32c(bytes, HEADER_BYTES)) >>> 0;
}

function tableToJson(table: TableMeta): Json {
  const { commitSequence, shadowedCount, digest, prefixes, ...rest } = table;
  return {
    ...rest,
    firstKey: table.firstKey.toBase64(),
    lastKey: table.lastKey.toBase64(),
    ...(commitSequence === undefined ? {} : { commitSequence }),
    ...(shadowedCount === undefined ? {} : { shadowedCount }),
    ...(digest === undefined ? {} : { digest }),
    prefixes: prefixes.map((p) => [p.prefix, p.entries, p.deletions, p.bytes]),
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads a body, checking every field. */
class BodyReader {
  readonly #body: Fields;

  constructor(body: unknown) {
    this.#body = fields(body, "the manifest");
  }

  manifest(): Manifest {
    const body = this.#body;
    const levels = list(body, "levels");
    if (levels.length !== LEVEL_COUNT) throw bad("levels");
    return {
      number: count(body, "number"),
      epoch: count(body, "epoch"),
      writerId: text(body, "writerId"),
      writerName: text(body, "writerName"),
      closed: body.closed === true,
      replayFrom: count(body, "replayFrom"),
      sequence: count(body, "sequence"),
      horizon: count(body, "horizon"),
      // Who did not say what is held did not say all that must be kept.
      retainFrom: body.retainFrom === undefined || body.held === undefined
        ? 0
        : count(body, "retainFrom"),
      held: body.held === undefined ? [] : list(body, "held").map(readHeld),
      versionRetentionMs: count(body, "versionRetentionMs", 0),
      snapshots: body.snapshots === undefined
        ? []
        : list(body, "snapshots").map(readSnapshot),
      clock: body.clock === undefined
        ? []
        : list(body, "clock").map(readSample),
      nextJob: count(body, "nextJob"),
      // Before there were other publishers every manifest was its writer's.
      byWriter: count(body, "byWriter", count(body, "number")),
      settled: count(body, "settled", 1),
      levels: levels.map((level) => {
        if (!Array.isArray(level)) throw bad("levels");
        return level.map(readTable);
      }),
      segments: list(body, "segments").map(readSegment),
      jobs: list(body, "jobs").map(readJob),
      checkpoints: list(body, "checkpoints").map(readCheckpoint),
      ...(body.setsum === undefined ? {} : { setsum: text(body, "setsum") }),
    };
  }
}

function readTable(value: unknown): TableMeta {
  const table = fields(value, "a table");
  return {
    path: text(table, "path"),
    size: count(table, "size"),
    metaOffset: count(table, "metaOffset"),
    ...(table.digest === undefined ? {} : { digest: count(table, "digest") }),
    entryCount: count(table, "entryCount"),
    deletionCount: count(table, "deletionCount"),
    ...(table.shadowedCount === undefined
      ? {}
      : { shadowedCount: count(table, "shadowedCount") }),
    tombstoneCount: count(table, "tombstoneCount"),
    firstKey: Uint8Array.fromBase64(text(table, "firstKey")),
    lastKey: Uint8Array.fromBase64(text(table, "lastKey")),
    sequenceMin: count(table, "sequenceMin"),
    sequenceMax: count(table, "sequenceMax"),
    ...(table.commitSequence === undefined
      ? {}
      : { commitSequence: count(table, "commitSequence") }),
    prefixes: list(table, "prefixes").map(readPrefix),
  };
}

function readHeld(value: unknown): HeldChanges {
  const held = fields(value, "held");
  return { prefix: count(held, "prefix"), from: count(held, "from") };
}

function readSample(value: unknown): ClockSample {
  const sample = fields(value, "clock");
  return { sequence: count(sample, "sequence"), ms: count(sample, "ms") };
}

function readPrefix(value: unknown): PrefixStatistics {
  if (!Array.isArray(value) || value.length !== 4) throw bad("prefixes");
  const [prefix, entries, deletions, bytes] = value;
  for (const number of value) {
    if (!Number.isSafeInteger(number) || number < 0) throw bad("prefixes");
  }
  return { prefix, entries, deletions, bytes };
}

function readSegment(value: unknown): SegmentMeta {
  const segment = fields(value, "a segment");
  return {
    path: text(segment, "path"),
    size: count(segment, "size"),
    owner: count(segment, "owner"),
    info: fields(segment.info, "info") as SegmentMeta["info"],
  };
}

function readJob(value: unknown): JobMeta {
  const job = fields(value, "a job");
  return {
    job: count(job, "job"),
    epoch: count(job, "epoch"),
    kind: text(job, "kind"),
    ...(job.token === undefined ? {} : { token: text(job, "token") }),
    ...(job.inputs === undefined ? {} : { inputs: texts(job, "inputs") }),
    ...(job.untilMs === undefined ? {} : { untilMs: count(job, "untilMs") }),
  };
}

function readCheckpoint(value: unknown): CheckpointMeta {
  const checkpoint = fields(value, "a checkpoint");
  return {
    name: text(checkpoint, "name"),
    manifest: count(checkpoint, "manifest"),
    sequence: count(checkpoint, "sequence"),
    walFrom: count(checkpoint, "walFrom"),
    walEnd: count(checkpoint, "walEnd"),
    createdMs: count(checkpoint, "createdMs"),
  };
}

function readSnapshot(value: unknown): NamedSnapshot {
  const snapshot = fields(value, "a snapshot");
  return {
    name: text(snapshot, "name"),
    sequence: count(snapshot, "sequence"),
    createdMs: count(snapshot, "createdMs"),
  };
}

function bad(name: string): Error {
  return new Error(`bad field "${name}"`);
}

function fields(value: unknown, name: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw bad(name);
  }
  return value as Fields;
}

function count(from: Fields, name: string, missing?: number): number {
  const value = from[name] ?? missing;
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw bad(name);
  return value as number;
}

function text(from: Fields, name: string): string {
  const value = from[name];
  if (typeof value !== "string") throw bad(name);
  return value;
}

function texts(from: Fields, name: string): readonly string[] {
  const values = list(from, name);
  for (const value of values) if (typeof value !== "string") throw bad(name);
  return values as readonly string[];
}

function list(from: Fields, name: string): readonly unknown[] {
  const value = from[name];
  if (!Array.isArray(value)) throw bad(name);
  return value;
}
