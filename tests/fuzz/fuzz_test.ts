/**
 * Runs every fuzzer; `deno test -A tests/fuzz -- --seed=7 --samples=1000` runs
 * them from another seed, and longer. A failure says the seed.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ByteReader } from "../../base/bytes.ts";
import { testArgument, testSeed } from "../support/test_seed.ts";
import { fuzz, type Fuzzer, SOURCE } from "./fuzzer.ts";
import { chunkFuzzer, partitionIndexFuzzer } from "./chunk_fuzz.ts";
import { boundaryFuzzer, manifestFuzzer } from "./manifest_fuzz.ts";
import {
  blockFuzzer,
  filterFuzzer,
  footerFuzzer,
  indexFuzzer,
  propertiesFuzzer,
  storedBlockFuzzer,
  tableFuzzer,
  tombstonesFuzzer,
} from "./sstable_fuzz.ts";
import {
  batchFuzzer,
  fenceFuzzer,
  groupFuzzer,
  ingestFuzzer,
  tornFuzzer,
} from "./wal_fuzz.ts";

const seed = testSeed();

/** Every fuzzer, and how many samples it gets. */
const TABLE: readonly (readonly [Fuzzer, number])[] = [
  [groupFuzzer, 6],
  [fenceFuzzer, 3],
  [tornFuzzer, 6],
  [batchFuzzer, 25],
  [ingestFuzzer, 10],
  [tableFuzzer, 6],
  [footerFuzzer, 6],
  [storedBlockFuzzer, 10],
  [blockFuzzer, 20],
  [indexFuzzer, 15],
  [partitionIndexFuzzer, 20],
  [chunkFuzzer, 6],
  [filterFuzzer, 15],
  [propertiesFuzzer, 15],
  [tombstonesFuzzer, 20],
  [manifestFuzzer, 5],
  [boundaryFuzzer, 20],
];

for (const [fuzzer, samples] of TABLE) {
  const id = fuzzer === groupFuzzer ? "[K-083] " : "";
  Deno.test(`${id}${fuzzer.name}: damaged bytes are refused, or are what they were`, async () => {
    const budget = {
      samples: Number(testArgument("samples") ?? samples),
      damages: 300,
    };
    const counts = await fuzz(fuzzer, seed, budget);
    assertEquals(counts.damaged, counts.refused + counts.returned);
    assert(counts.refused > budget.samples * 100, JSON.stringify(counts));
  });
}

/** A length, bytes, and a sum that overlooks some changes. */
const canary: Fuzzer = {
  name: "canary",
  sealed: true,
  sample: (random) => {
    const bytes = random.fill(new Uint8Array(20));
    bytes[0] = 19;
    return {
      bytes,
      decode: (bytes) => {
        const reader = new ByteReader(bytes, SOURCE);
        const rest = reader.bytes();
        reader.expectEnd();
        return rest.toHex();
      },
    };
  },
};

Deno.test("the canary, a format without a checksum that says it is sealed, fails", async () => {
  const budget = { samples: 1, damages: 10 };
  await assertRejects(() => fuzz(canary, seed, budget), Error, "not refused");
});

Deno.test("a decoder that throws another error, names no source or hangs fails", async () => {
  const broken = (decode: (bytes: Uint8Array) => string): Fuzzer => ({
    ...canary,
    sealed: false,
    sample: (random) => ({
      bytes: canary.sample(random).bytes,
      decode: (bytes) =>
        bytes[0] === 19 && bytes.length === 20 ? "" : decode(bytes),
    }),
  });
  const budget = { samples: 1, damages: 10 };
  const cases: [(bytes: Uint8Array) => string, string][] = [
    [(bytes) => bytes[99]!.toFixed(), "undefined"],
    [(bytes) => {
      throw new ByteReader(bytes, "another").corrupt("damaged");
    }, "does not name the source"],
    [() => {
      const began = performance.now();
      while (performance.now() - began < 1050);
      return "";
    }, "it took"],
  ];
  for (const [decode, message] of cases) {
    await assertRejects(
      () => fuzz(broken(decode), seed, budget),
      Error,
      message,
    );
  }
});

Deno.test("a failure says the seed, and the seed gives the failure", async () => {
  const budget = { samples: 1, damages: 10 };
  const first = await assertRejects(() => fuzz(canary, "7", budget), Error);
  const again = await assertRejects(() => fuzz(canary, "7", budget), Error);
  assertEquals(first.message, again.message);
  assert(first.message.includes("--seed=7"));
});
