/**
 * How the storage engine's costs grow with what it holds: `deno run -A
 * bench/kv_scale_bench.ts [--json] [MILLIONS …]` (default 1 2 5 10 20).
 *
 * Entries as in the benchmark `kv`, in random order, into a new folder each;
 * then gets of random keys, and a scan of a million entries, with a cache of
 * 64 MiB, less than the smallest of them: blocks come from the system's cache.
 * One object a line with `--json`, else a table.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { dataFolder, folderBytes } from "./cache.ts";
import { randomNumbers } from "./random.ts";

const MILLION = 1_000_000;
const BATCH = 1000;
const GETS = 200_000;

interface ScaleResult {
  readonly bench: "kv-scale";
  readonly millions: number;
  readonly putMicros: number;
  readonly getMicros: number;
  readonly scanNanos: number;
  readonly writeAmplification: number;
  readonly diskBytesPerEntry: number;
  readonly rssMiB: number;
  readonly levels: string;
}

/** A permutation of 0 to `count` without memory: a number times an odd one. */
function scatter(index: number, count: number): number {
  // The multiplier shares no factor with counts of the form 2^a 5^b.
  return Number(BigInt(index) * 2_654_435_761n % BigInt(count));
}

class Keys {
  readonly #key = new Uint8Array(16).fill(48);
  readonly #pool: Uint8Array;

  constructor() {
    const random = randomNumbers(7);
    this.#pool = Uint8Array.from({ length: 1 << 20 }, () => random() * 256);
  }

  /** Key `index`: the same bytes every time, valid until the next call. */
  key(index: number): Uint8Array {
    let rest = index;
    for (let at = 15; at > 5; at--) {
      this.#key[at] = 48 + rest % 10;
      rest = Math.floor(rest / 10);
    }
    return this.#key;
  }

  value(index: number): Uint8Array {
    const at = (index * 97) % (this.#pool.length - 100);
    return this.#pool.subarray(at, at + 100);
  }
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function measure(millions: number): Promise<ScaleResult> {
  const { FileStore, LsmStore, WriteBatch } = await import("../storage/mod.ts");
  const count = millions * MILLION;
  const folder = await Deno.makeTempDir({ dir: dataFolder(), prefix: "kv-" });
  const objects = await FileStore.open(folder);
  const store = await LsmStore.open(objects, {
    cacheBytesMax: 64 * 1024 * 1024,
  }, { exclusive: true });
  const keys = new Keys();

  let start = cpuMicros();
  for (let i = 0; i < count; i += BATCH) {
    const batch = new WriteBatch();
    for (let at = i; at < i + BATCH; at++) {
      const index = scatter(at, count);
      batch.put(keys.key(index), keys.value(index));
    }
    await store.write(batch, { durability: "periodic" });
  }
  await store.flush();
  await store.compact();
  const putMicros = (cpuMicros() - start) / count;

  const random = randomNumbers(9);
  const getAll = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      const index = Math.floor(random() * count);
      const got = store.get(keys.key(index));
      const value = got instanceof Promise ? await got : got;
      if (value?.length !== 100) throw new Error(`lost ${index}`);
    }
  };
  await getAll(GETS);
  start = cpuMicros();
  await getAll(GETS);
  const getMicros = (cpuMicros() - start) / GETS;

  start = cpuMicros();
  const scan = store.scan();
  let scanned = 0;
  while (scanned < MILLION) {
    const next = scan.next();
    const run = next instanceof Promise ? await next : next;
    if (run === undefined) break;
    scanned += run.count;
  }
  scan.close();
  const scanNanos = (cpuMicros() - start) * 1000 / scanned;
  await store.collectGarbage();
  const status = store.status();
  const rssMiB = Math.round(Deno.memoryUsage().rss / 1024 / 1024);
  await store.close();
  await objects.close();
  const diskBytesPerEntry = await folderBytes(folder) / count;
  await Deno.remove(folder, { recursive: true });
  return {
    bench: "kv-scale",
    millions,
    putMicros,
    getMicros,
    scanNanos,
    writeAmplification: status.compaction!.writeAmplification,
    diskBytesPerEntry,
    rssMiB,
    levels: status.levels.map(({ level, tables }) => `L${level}:${tables}`)
      .join(" "),
  };
}

function row(result: ScaleResult): string {
  const digits = (value: number): string => value.toPrecision(3);
  return [
    ...[result.millions, digits(result.putMicros), digits(result.getMicros)],
    ...[digits(result.scanNanos), digits(result.writeAmplification)],
    ...[digits(result.diskBytesPerEntry), result.rssMiB, result.levels],
  ].join(" | ");
}

const { values: options, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false } },
  allowPositionals: true,
});
const sizes = positionals.length > 0
  ? positionals.map(Number)
  : [1, 2, 5, 10, 20];
if (!options.json) {
  console.log(
    "| millions | put, us | get, us | scan, ns | write amp. | bytes/entry | RSS, MiB | levels |",
  );
  console.log("| --- | --- | --- | --- | --- | --- | --- | --- |");
}
for (const millions of sizes) {
  const result = await measure(millions);
  console.log(options.json ? JSON.stringify(result) : `| ${row(result)} |`);
}
