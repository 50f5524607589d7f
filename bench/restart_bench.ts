/**
 * How long a database with vectors is away when its process is killed: `deno
 * run -A bench/restart_bench.ts [--json] [--dimensions 32] [THOUSANDS …]`
 * (default 50 100 200).
 *
 * A process loads so many vectors into a table in a folder, indexes them, and
 * goes on inserting, each row a durable commit, until it is killed (SIGKILL).
 * Another process opens the database at once. In ms of its CPU time, which a
 * machine that others use leaves alone:
 *
 * | phase | until | grows with |
 * | --- | --- | --- |
 * | code | the library is loaded | nothing |
 * | open | `open()` has resolved: the log is replayed | the log since the last flush, which is bounded |
 * | row | the first row by its key has come | the depth of the tree |
 * | nearest | the first nearest neighbours have come: the index is in memory | the vectors |
 * | write | the first row is durable, and in the index | nothing |
 *
 * `downtime` is the time by the clock from its start to the end of the last
 * phase. The system's cache has the files.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { dataFolder, folderBytes } from "./cache.ts";
import { randomNumbers } from "./random.ts";

const THOUSAND = 1000;
/** Rows that the log holds when the process is killed. */
const TAIL = 400;
const READY = "ready\n";

interface Phases {
  readonly code: number;
  readonly open: number;
  readonly row: number;
  readonly nearest: number;
  readonly write: number;
  readonly downtime: number;
  readonly walObjects: number;
  readonly rssMiB: number;
}

/** A vector in SQL's text; those of one cluster are near each other. */
function vectors(dimensions: number): () => number[] {
  const random = randomNumbers(11);
  const centres = Array.from(
    { length: 100 },
    () => Array.from({ length: dimensions }, () => random()),
  );
  return () => {
    const centre = centres[Math.floor(random() * centres.length)]!;
    return centre.map((value) => value + random() * 0.3);
  };
}

/** Loads, says so, and goes on writing until it is killed. */
async function fill(
  folder: string,
  count: number,
  dimensions: number,
): Promise<void> {
  const { open } = await import("../mod.ts");
  const db = await open(`file:${folder}`);
  const next = vectors(dimensions);
  await db.exec(`CREATE TABLE v (id int PRIMARY KEY, e vector(${dimensions}))`);
  function* lines(): Generator<Uint8Array> {
    const encoder = new TextEncoder();
    for (let id = 0; id < count; id++) {
      yield encoder.encode(`${id}\t[${next().map((n) => n.toFixed(4))}]\n`);
    }
  }
  await db.copyFrom("COPY v FROM STDIN", ReadableStream.from(lines()));
  await db.exec("CREATE INDEX ON v USING lsm_hnsw (e lsm_vector_cosine_ops)");
  await db.settle();
  for (let id = count;; id++) {
    await db.query("INSERT INTO v VALUES ($1, $2)", [id, next()]);
    if (id === count + TAIL) {
      await Deno.stdout.write(new TextEncoder().encode(READY));
    }
  }
}

/** Opens what was left, and times the phases. */
async function restart(
  folder: string,
  count: number,
  dimensions: number,
): Promise<Phases> {
  const next = vectors(dimensions);
  let last = 0;
  const lap = (): number => {
    const { user, system } = process.cpuUsage();
    const now = (user + system) / 1000;
    const spent = now - last;
    last = now;
    return spent;
  };
  const { open } = await import("../mod.ts");
  const code = lap();
  const db = await open(`file:${folder}`);
  const opened = lap();
  const { walObjects } = db.status().store as { walObjects: number };
  const expect = async (text: string, values: unknown[]): Promise<void> => {
    const { rows } = await db.query(text, values);
    if (rows.length === 0) throw new Error(`no row: ${text}`);
  };
  lap();
  // The last row that was acknowledged, at least.
  await expect("SELECT id FROM v WHERE id = $1", [count + TAIL]);
  const row = lap();
  const text = "SELECT id FROM v ORDER BY e <=> $1 LIMIT 10";
  await expect(text, [next()]);
  const nearest = lap();
  await expect("INSERT INTO v VALUES (-1, $1) RETURNING id", [next()]);
  const write = lap();
  const downtime = performance.now();
  const rssMiB = Math.round(Deno.memoryUsage().rss / 1024 / 1024);
  await db.close();
  const phases = { code, open: opened, row, nearest, write, downtime };
  return { ...phases, walObjects, rssMiB };
}

/** A process of this file with other arguments. */
function child(role: string, values: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--v8-flags=--max-old-space-size=6000",
      import.meta.filename!,
      `--role=${role}`,
      ...values,
    ],
    stdout: "piped",
  }).spawn();
}

async function measure(
  thousands: number,
  dimensions: number,
): Promise<Record<string, number>> {
  const count = thousands * THOUSAND;
  const folder = await Deno.makeTempDir({ dir: dataFolder(), prefix: "re-" });
  const values = [folder, `${count}`, `${dimensions}`];
  const filling = child("fill", values);
  const reader = filling.stdout.pipeThrough(new TextDecoderStream())
    .getReader();
  const { value: said } = await reader.read();
  if (said !== READY) throw new Error(`loading failed: ${said}`);
  filling.kill("SIGKILL");
  await filling.status;
  await reader.cancel();
  const { stdout, success } = await child("restart", values).output();
  if (!success) throw new Error("the database did not come back");
  const phases: Phases = JSON.parse(new TextDecoder().decode(stdout));
  const mib = Math.round(await folderBytes(folder) / 1024 / 1024);
  await Deno.remove(folder, { recursive: true });
  return { thousands, dimensions, ...phases, mib };
}

const { values: options, positionals } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    dimensions: { type: "string", default: "32" },
    role: { type: "string", default: "" },
  },
  allowPositionals: true,
});
const [folder, count, dimensions] = positionals;
if (options.role === "fill") {
  await fill(folder!, Number(count), Number(dimensions));
} else if (options.role === "restart") {
  const phases = await restart(folder!, Number(count), Number(dimensions));
  console.log(JSON.stringify(phases));
} else {
  const sizes = positionals.length > 0 ? positionals : ["50", "100", "200"];
  let isFirst = true;
  for (const size of sizes) {
    const result = await measure(Number(size), Number(options.dimensions));
    const shown = Object.entries(result).map(([name, value]) =>
      [name, Math.round(value)] as const
    );
    if (options.json) console.log(JSON.stringify(Object.fromEntries(shown)));
    else {
      if (isFirst) {
        console.log(`| ${shown.map(([name]) => name).join(" | ")} |`);
        console.log(`|${" ---: |".repeat(shown.length)}`);
      }
      console.log(`| ${shown.map(([, value]) => value).join(" | ")} |`);
    }
    isFirst = false;
  }
}
