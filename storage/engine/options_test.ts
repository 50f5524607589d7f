import { assert, assertEquals, assertThrows } from "@std/assert";
import { systemEnvironment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { LSM_DEFAULTS, lsmConfig } from "./options.ts";

Deno.test("the defaults are those of the documents", () => {
  const MIB = 1024 * 1024;
  assertEquals(lsmConfig({}), LSM_DEFAULTS);
  assertEquals(LSM_DEFAULTS, {
    readOnly: false,
    consistency: { boundedMs: 1000 },
    pin: "auto",
    pinLeaseMs: 600_000,
    checkpoint: "",
    takeover: false,
    memtableBytesMax: 64 * MIB,
    walObjectsMax: 512,
    walGroupBytesMax: 16 * MIB,
    ingestBytesMin: 16 * MIB,
    walMode: "sync",
    walCompression: "none",
    walPeriodMs: 200,
    walBufferBytesMax: 64 * 1024 * 1024,
    stalledCommitsMax: 10_000,
    stallTimeoutMs: 60_000,
    walBreakerFailures: 8,
    walBreakerSharePercent: 80,
    walBreakerWindowMs: 60_000,
    walProbeMs: 1000,
    walProbeMsMax: 30_000,
    flushIntervalMs: 5000,
    flushBytesMin: MIB,
    flushWalObjectsMin: 64,
    memoryBytesMax: 2048 * MIB,
    cacheBytesMax: 256 * MIB,
    cachePolicy: "arc",
    pinMetadata: true,
    readAheadBytes: MIB,
    blockBytes: 16 * 1024,
    compression: "zstd",
    filterBitsPerKey: 10,
    compaction: "leveled",
    compactionWorker: true,
    l0CompactionTrigger: 4,
    l0StopTrigger: 24,
    levelSizeRatio: 10,
    levelBaseBytes: 256 * 1024 * 1024,
    tableBytesMax: 64 * 1024 * 1024,
    versionRetentionMs: 0,
    ttl: [],
    leaseMs: 10_000,
    gcIntervalMs: 60_000,
    gcObjectsMin: 64,
    attemptsMax: 8,
    allowTornTail: false,
    writerName: "",
    environment: systemEnvironment,
  });
});

Deno.test("[K-011] what is given counts, undefined does not", () => {
  const config = lsmConfig({ leaseMs: 5, memtableBytesMax: undefined });
  assertEquals(config, { ...LSM_DEFAULTS, leaseMs: 5 });
});

Deno.test("where requests are free garbage goes sooner, unless options say", () => {
  assertEquals(lsmConfig({}, "s3://bucket/app").gcIntervalMs, 60_000);
  for (const address of ["memory:", "file:///data"]) {
    assertEquals(lsmConfig({}, address).gcIntervalMs, 1000);
    assertEquals(lsmConfig({ gcIntervalMs: 7 }, address).gcIntervalMs, 7);
  }
});

Deno.test("a number that is no count is refused by its name", () => {
  for (const value of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
    const error = assertThrows(
      () => lsmConfig({ cacheBytesMax: value }),
      KriyaError,
      `option cacheBytesMax is ${value}`,
    );
    assertEquals(error.kind, "invalid");
  }
});

Deno.test("a mode that is none is refused", () => {
  assertThrows(
    () => lsmConfig({ walMode: "sometimes" as "sync" }),
    KriyaError,
    "option walMode is sometimes",
  );
});

/** The sources of the engine, but for the options themselves. */
function* sources(folder: URL): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const { name } = entry;
    const url = new URL(entry.isDirectory ? `${name}/` : name, folder);
    if (entry.isDirectory) yield* sources(url);
    else if (name.endsWith(".ts") && !/^options|_test\.ts$/.test(name)) {
      yield Deno.readTextFileSync(url);
    }
  }
}

Deno.test("[K-010] every knob is in one place, with its default, and something reads it", () => {
  const text = Deno.readTextFileSync(new URL("./options.ts", import.meta.url));
  const all = [...sources(new URL("../", import.meta.url))].join("\n");
  for (const name of Object.keys(LSM_DEFAULTS)) {
    const documented = new RegExp(`\\*/\\s+readonly ${name}\\?:`).test(text);
    assert(documented, `option ${name} has no comment`);
    assert(new RegExp(`\\b${name}\\b`).test(all), `nothing reads ${name}`);
  }
});
