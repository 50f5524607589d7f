/**
 * Several processes on one folder: what no test within one process shows.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { FileStore } from "../../storage/object_store/file_store.ts";
import { patternBytes } from "./object_store_support.ts";

const FILE_STORE = new URL(
  "../../storage/object_store/file_store.ts",
  import.meta.url,
);

const FILE_LOCK = new URL(
  "../../storage/object_store/file_lock.ts",
  import.meta.url,
);

/** Every child has the store, and waits for a line before it begins. */
const PRELUDE = `
import { FileStore } from "${FILE_STORE}";
${patternBytes}
const [folder, id] = Deno.args;
const store = await FileStore.open(folder);
const text = (value) => new TextEncoder().encode(value);
console.log("ready");
await Deno.stdin.read(new Uint8Array(1));
`;

interface Child {
  readonly process: Deno.ChildProcess;
  /** Lets it begin. */
  go(): Promise<void>;
  /** Everything that it says until it ends. */
  output(): Promise<string>;
}

async function startChild(
  folder: string,
  id: number,
  body: string,
): Promise<Child> {
  const script = `${folder}.${id}.ts`;
  await Deno.writeTextFile(script, PRELUDE + body);
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script, folder, String(id)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream())
    .getReader();
  const { value } = await reader.read();
  assertEquals(value?.trim(), "ready");
  return {
    process,
    async go(): Promise<void> {
      const writer = process.stdin.getWriter();
      await writer.write(new Uint8Array([10]));
      await writer.close();
    },
    async output(): Promise<string> {
      let output = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        output += value;
      }
      await process.status;
      await Deno.remove(script);
      return output;
    },
  };
}

async function inFolder(
  run: (folder: string) => Promise<void>,
): Promise<void> {
  const parent = await Deno.makeTempDir({ prefix: "kriya-race-" });
  try {
    await run(`${parent}/data`);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

Deno.test("of processes that race for 200 names, each name has one winner", async () => {
  await inFolder(async (folder) => {
    const body = `
      const won = [];
      for (let i = 0; i < 200; i++) {
        const bytes = text(id + " " + i);
        const put = await store.put("wal/" + i, bytes, { kind: "absent" });
        if (put.kind === "stored") won.push(i);
      }
      console.log(JSON.stringify(won));
    `;
    const children = await Promise.all(
      [0, 1, 2].map((id) => startChild(folder, id, body)),
    );
    await Promise.all(children.map((child) => child.go()));
    const outputs = await Promise.all(children.map((child) => child.output()));
    const won = outputs.map((output) => JSON.parse(output) as number[]);
    assertEquals(
      won.flat().sort((a, b) => a - b),
      Array.from({ length: 200 }, (_, i) => i),
    );
    const store = await FileStore.open(folder);
    for (const [id, names] of won.entries()) {
      for (const i of names) {
        const body = await store.get(`wal/${i}`);
        assertEquals(new TextDecoder().decode(body?.bytes), `${id} ${i}`);
      }
    }
    await store.close();
  });
});

Deno.test("processes that count by compare-and-set lose no count", async () => {
  await inFolder(async (folder) => {
    const store = await FileStore.open(folder);
    const zero = new TextEncoder().encode("0");
    await store.put("gc/count", zero, { kind: "absent" });
    const body = `
      let done = 0, unknown = 0, refused = 0;
      while (done + unknown < 60) {
        const { bytes, etag } = await store.get("gc/count");
        const next = Number(new TextDecoder().decode(bytes)) + 1;
        const condition = { kind: "match", etag };
        try {
          const put = await store.put("gc/count", text(String(next)), condition);
          if (put.kind === "stored") done++;
          else refused++;
        } catch (error) {
          if (error.kind !== "unavailable") throw error;
          unknown++;
        }
      }
      console.log(JSON.stringify({ done, unknown, refused }));
    `;
    const children = await Promise.all(
      [0, 1, 2].map((id) => startChild(folder, id, body)),
    );
    await Promise.all(children.map((child) => child.go()));
    const outputs = await Promise.all(children.map((child) => child.output()));
    const results = outputs.map((output) => JSON.parse(output));
    const sum = (name: string): number =>
      results.reduce((total, result) => total + result[name], 0);
    const counted = await store.get("gc/count");
    const total = Number(new TextDecoder().decode(counted?.bytes));
    assert(total >= sum("done"), `${total} counted, ${sum("done")} stored`);
    assert(total <= sum("done") + sum("unknown"), "no count from nowhere");
    assert(sum("refused") > 0, "they did race");
    await store.close();
  });
});

Deno.test("processes that are killed while they write leave whole objects or none", async () => {
  await inFolder(async (folder) => {
    const body = `
      for (let i = 0; ; i++) {
        const bytes = patternBytes(200_000 + 1000 * i, i);
        await store.put("sst/" + id + "-" + i, bytes, { kind: "absent" });
        console.log(i);
      }
    `;
    const child = async (id: number): Promise<number> => {
      const started = await startChild(folder, id, body);
      await started.go();
      await new Promise((resolve) => setTimeout(resolve, 40 + 15 * id));
      started.process.kill("SIGKILL");
      const output = await started.output();
      return output.trim() === "" ? 0 : output.trim().split("\n").length;
    };
    let acknowledged = 0;
    let found = 0;
    for (let id = 0; id < 4; id++) acknowledged += await child(id);
    const store = await FileStore.open(folder);
    const { objects } = await store.list("sst/");
    for (const { path } of objects) {
      const i = Number(path.split("-")[1]);
      const body = await store.get(path);
      assertEquals(body?.bytes, patternBytes(200_000 + 1000 * i, i), path);
      found++;
    }
    assert(acknowledged > 0, "something was written");
    assert(found >= acknowledged, `${found} of ${acknowledged} are there`);
    await store.close();
  });
});

Deno.test("the folder alone is all that a process has to be permitted", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(folder);
    const script = `${folder}.permitted.ts`;
    await Deno.writeTextFile(
      script,
      `
      import { FileStore } from "${FILE_STORE}";
      import { acquireFolderLock } from "${FILE_LOCK}";
      const store = await FileStore.open(Deno.args[0]);
      const lock = await acquireFolderLock(store.folder);
      const bytes = new Uint8Array([1, 2, 3]);
      const { etag } = await store.put("gc/x", bytes, { kind: "absent" });
      const put = await store.put("gc/x", bytes, { kind: "match", etag });
      const range = { offset: 1, length: 1 };
      const body = await store.get("gc/x", { range });
      const { objects } = await store.list("");
      await store.delete("gc/x");
      console.log(put.kind, body.bytes[0], objects.length, lock.held);
      await lock.release();
      `,
    );
    const run = async (flags: string[]): Promise<Deno.CommandOutput> =>
      await new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-check", "--no-prompt", ...flags, script, folder],
      }).output();
    const allowed = [`--allow-read=${folder}`, `--allow-write=${folder}`];
    const good = await run(allowed);
    assertEquals(new TextDecoder().decode(good.stdout), "stored 2 1 true\n");
    const bad = await run(allowed.slice(0, 1));
    assertEquals(bad.success, false);
    const message = new TextDecoder().decode(bad.stderr);
    assert(message.includes("Cannot open the folder"), message);
  });
});
