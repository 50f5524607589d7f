/**
 * WAL objects and the payloads of their records.
 *
 * 1. A group or a fence is refused, or is what it was: writer, id, records.
 * 2. Where torn objects are let pass, a cut one gives records of the original,
 *    from the first on, and is told to be torn.
 * 3. A payload of a batch that is let pass has its keys in order, of 1 to
 *    65,535 bytes, its positions inside the payload, its ranges not empty.
 * 4. A payload that names ingested tables has keys in order and counts that
 *    fit each other.
 */
import { compareBytes, equalBytes } from "../../base/bytes.ts";
import {
  decodeIngest,
  encodeIngest,
} from "../../storage/engine/ingest_record.ts";
import { decodeBatch, WriteBatch } from "../../storage/engine/write_batch.ts";
import {
  decodeWal,
  encodeFence,
  WalEncoder,
  type WalObject,
} from "../../storage/wal/wal_format.ts";
import type { SeededRandom } from "../../testing/seeded_random.ts";
import { type Fuzzer, randomBytes, SOURCE } from "./fuzzer.ts";

const ID = 77;

function randomWriter(
  random: SeededRandom,
): { epoch: number; writerId: string } {
  const writerId = random.fill(new Uint8Array(16)).toHex();
  return { epoch: random.below(2 ** 40), writerId };
}

function randomBatch(random: SeededRandom): Uint8Array {
  const batch = new WriteBatch();
  for (let i = random.below(6); i >= 0; i--) {
    const key = randomBytes(random, 40);
    switch (random.below(4)) {
      case 0:
        batch.delete(key);
        break;
      case 1:
        batch.deleteRange(key, randomBytes(random, 40));
        break;
      default:
        batch.put(key, randomBytes(random, 60));
    }
  }
  return batch.seal().payload.slice();
}

function randomGroup(random: SeededRandom): Uint8Array {
  const encoder = new WalEncoder("zstd");
  let sequence = random.below(2 ** 45);
  for (let i = random.below(4); i >= 0; i--) {
    sequence += 1 + random.below(3);
    const kind = random.chance(0.8) ? "batch" : "ingest";
    encoder.add(sequence, kind, randomBatch(random));
  }
  if (random.chance(0.3)) {
    const repeated = new Uint8Array(5000).fill(random.below(256));
    encoder.add(sequence + 1, "batch", repeated);
  }
  return encoder.finish(randomWriter(random), ID).slice();
}

function described(object: WalObject): string {
  const records = object.records.map(({ sequence, kind, payload }) =>
    `${sequence} ${kind} ${payload.toHex()}`
  );
  const { writer, id, fence, torn } = object;
  return JSON.stringify({ writer, id, fence, torn, records });
}

const decodeStrictly = (bytes: Uint8Array): string =>
  described(decodeWal(bytes, ID, SOURCE));

/** Groups, decoded strictly. */
export const groupFuzzer: Fuzzer = {
  name: "WAL group",
  sealed: true,
  sample: (random) => ({ bytes: randomGroup(random), decode: decodeStrictly }),
};

/** Fences. */
export const fenceFuzzer: Fuzzer = {
  name: "WAL fence",
  sealed: true,
  sample: (random) => ({
    bytes: encodeFence(randomWriter(random), ID).slice(),
    decode: decodeStrictly,
  }),
};

/** Groups that may be torn. */
export const tornFuzzer: Fuzzer = {
  name: "WAL group, torn",
  sealed: false,
  sample: (random) => {
    const whole = randomGroup(random);
    const { records } = decodeWal(whole, ID, SOURCE);
    return {
      bytes: whole,
      decode: (bytes) => {
        const object = decodeWal(bytes, ID, SOURCE, { allowTornTail: true });
        const cut = bytes.every((byte, i) => byte === whole[i]);
        if (cut) {
          const kept = records.slice(0, object.records.length);
          const same = object.records.every(({ sequence, payload }, i) =>
            sequence === kept[i]!.sequence &&
            equalBytes(payload, kept[i]!.payload)
          );
          if (!same) throw new Error("a cut object gives other records");
          if (object.torn !== bytes.length < whole.length) {
            throw new Error("a cut object does not say so");
          }
        } else if (!object.torn) {
          if (described(object) !== decodeStrictly(bytes)) {
            throw new Error("a whole object is another where torn ones may be");
          }
        }
        return described(object);
      },
    };
  },
};

/** Payloads of batches. */
export const batchFuzzer: Fuzzer = {
  name: "batch payload",
  sealed: false,
  sample: (random) => ({ bytes: randomBatch(random), decode: checkedBatch }),
};

function checkedBatch(bytes: Uint8Array): string {
  const batch = decodeBatch(bytes, SOURCE);
  const rows: string[] = [];
  let before: Uint8Array | undefined;
  for (let row = 0; row < batch.count; row++) {
    const key = bytes.subarray(batch.keyStarts[row], batch.keyEnds[row]);
    if (key.length === 0) throw new Error("an empty key");
    if (before !== undefined && compareBytes(before, key) >= 0) {
      throw new Error("keys out of order");
    }
    before = key;
    const [start, end] = [batch.valueStarts[row]!, batch.valueEnds[row]!];
    if (start > end || end > bytes.length) throw new Error("a value outside");
    rows.push(`${batch.kinds[row]} ${key.toHex()} ${start} ${end}`);
  }
  for (const { start, end } of batch.ranges) {
    if (compareBytes(start, end) >= 0) throw new Error("an empty range");
    rows.push(`${start.toHex()} to ${end.toHex()}`);
  }
  return rows.join();
}

/** Payloads that name ingested tables. */
export const ingestFuzzer: Fuzzer = {
  name: "ingest payload",
  sealed: false,
  sample: (random) => {
    const tables = Array.from({ length: 1 + random.below(3) }, (_, i) => {
      const firstKey = randomBytes(random, 20);
      const size = 1 + random.below(2 ** 40);
      const entryCount = 1 + random.below(2 ** 30);
      return {
        path: `sst/${i}`,
        size,
        metaOffset: random.below(size),
        entryCount,
        deletionCount: random.below(entryCount),
        tombstoneCount: random.below(5),
        firstKey,
        lastKey: new Uint8Array([...firstKey, 1]),
        prefixes: Array.from({ length: random.below(3) }, () => ({
          prefix: random.uint32(),
          entries: 2,
          deletions: 1,
          bytes: random.below(1000),
        })),
      };
    });
    return { bytes: encodeIngest(tables), decode: checkedIngest };
  },
};

function checkedIngest(bytes: Uint8Array): string {
  const tables = decodeIngest(bytes, SOURCE);
  for (const { metaOffset, size, firstKey, lastKey } of tables) {
    if (metaOffset > size || compareBytes(firstKey, lastKey) > 0) {
      throw new Error("a table that cannot be");
    }
  }
  return JSON.stringify(tables);
}
