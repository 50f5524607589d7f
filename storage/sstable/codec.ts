/**
 * Compression of blocks, by a number that is written beside each one.
 *
 * | codec | number |
 * | --- | ---: |
 * | none | 0 |
 * | zstd (RFC 8878) | 1 |
 *
 * `node:zlib` compresses and decompresses zstd where it has it (Deno, Node 22
 * and up).
 *
 * @module
 */
import zlib from "node:zlib";
import { KriyaError } from "../../base/errors.ts";

/** How blocks are compressed. */
export type BlockCodec = "none" | "zstd";

/** The number of no compression. */
export const CODEC_NONE = 0;
/** The number of zstd. */
export const CODEC_ZSTD = 1;

/** Blocks that shrink by less than an eighth are kept as they are. */
const WORTHWHILE = 7 / 8;
const LEVEL = 1;

const options = {
  params: { [zlib.constants.ZSTD_c_compressionLevel]: LEVEL },
};

/** A block as it is stored. */
export interface StoredBlock {
  /** The codec's number. */
  readonly codec: number;
  /** The bytes. */
  readonly bytes: Uint8Array;
}

/** Compresses `bytes` with `codec`, unless it is not worth it. */
export function compressBlock(
  bytes: Uint8Array,
  codec: BlockCodec,
): StoredBlock {
  if (codec === "zstd") {
    const compressed = plainBytes(zlib.zstdCompressSync(bytes, options));
    if (compressed.length < bytes.length * WORTHWHILE) {
      return { codec: CODEC_ZSTD, bytes: compressed };
    }
  }
  return { codec: CODEC_NONE, bytes };
}

/** The most that is set aside before a block was decompressed. */
const CHUNK_BYTES_MAX = 1024 * 1024;

/** Blocks at most that are kept as they are between two tries. */
const SKIPPED_MAX = 31;

/**
 * Compresses blocks one after the other, and tries less and less often while it
 * does not pay: vectors and what was compressed before do not shrink.
 */
export class BlockCompressor {
  readonly #codec: BlockCodec;
  #skip = 0;
  #skipNext = 1;

  /** Compresses with `codec`. */
  constructor(codec: BlockCodec) {
    this.#codec = codec;
  }

  /** As {@linkcode compressBlock}. */
  compress(bytes: Uint8Array): StoredBlock {
    if (this.#skip > 0) {
      this.#skip--;
      return { codec: CODEC_NONE, bytes };
    }
    const stored = compressBlock(bytes, this.#codec);
    if (stored.codec !== CODEC_NONE) this.#skipNext = 1;
    else {
      this.#skip = this.#skipNext;
      this.#skipNext = Math.min(SKIPPED_MAX, 2 * this.#skipNext + 1);
    }
    return stored;
  }
}

/**
 * The bytes of a stored block, which must come out as `rawLength` bytes; it
 * lies at `offset` of `source`.
 *
 * @throws {KriyaError} `corrupt`, naming `source` and `offset`.
 */
export function decompressBlock(
  stored: StoredBlock,
  rawLength: number,
  source: string,
  offset: number = 0,
): Uint8Array {
  const fail = (what: string, cause?: unknown): KriyaError =>
    new KriyaError(
      "corrupt",
      `Cannot read "${source}" at byte ${offset}: ${what}`,
      { cause },
    );
  if (stored.codec === CODEC_NONE) {
    if (stored.bytes.length !== rawLength) throw fail("wrong length");
    return stored.bytes;
  }
  if (stored.codec !== CODEC_ZSTD) throw fail(`unknown codec ${stored.codec}`);
  let bytes: Uint8Array;
  try {
    bytes = plainBytes(zlib.zstdDecompressSync(stored.bytes, {
      maxOutputLength: Math.max(1, rawLength),
      // All of it in one piece. What an absurd length says is not believed.
      chunkSize: Math.min(rawLength, CHUNK_BYTES_MAX) + 64,
    }));
  } catch (cause) {
    throw fail("block does not decompress", cause);
  }
  if (bytes.length !== rawLength) throw fail("wrong length");
  return bytes;
}

/** A `Buffer` as what it stands on: its `slice` would not copy. */
function plainBytes(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
