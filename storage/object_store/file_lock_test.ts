import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Environment,
  systemEnvironment,
  type Timer,
} from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { acquireFolderLock, readHolder } from "./file_lock.ts";

/** Takes the lock of a folder in another process and says so. */
const CHILD = `
import { acquireFolderLock } from "${new URL(
  "./file_lock.ts",
  import.meta.url,
)}";
const [folder, fileLocks] = Deno.args;
await acquireFolderLock(folder, { fileLocks: fileLocks === "true" });
console.log("locked");
await new Promise(() => setInterval(() => {}, 1000));
`;

async function inFolder(
  run: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "kriya-lock-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Another process that has the lock, until it is killed. */
async function otherProcess(
  folder: string,
  fileLocks: boolean,
): Promise<{ pid: number; kill(): Promise<void> }> {
  const script = `${folder}/child.ts`;
  await Deno.writeTextFile(script, CHILD);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script, folder, String(fileLocks)],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  assertEquals(new TextDecoder().decode(value).trim(), "locked");
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
  };
  return { pid: child.pid, kill };
}

async function assertInUse(
  folder: string,
  fileLocks: boolean,
  pid: number,
): Promise<void> {
  const error = await assertRejects(
    () => acquireFolderLock(folder, { fileLocks }),
    KriyaError,
  );
  assertEquals(error.code, "55006");
  const detail = new RegExp(`^It is held by process ${pid} since 2\\d{3}-`);
  assert(detail.test(error.detail ?? ""), error.detail);
}

for (const fileLocks of [true, false]) {
  const how = fileLocks ? "with file locks" : "without file locks";

  Deno.test(`a folder has one holder at a time, ${how}`, async () => {
    await inFolder(async (folder) => {
      const lock = await acquireFolderLock(folder, { fileLocks });
      assertEquals(lock.held, true);
      await assertInUse(folder, fileLocks, Deno.pid);
      await lock.release();
      await lock.release();
      assertEquals(readHolder(folder), undefined);
      const next = await acquireFolderLock(folder, { fileLocks });
      await next.release();
    });
  });

  Deno.test(`a killed process leaves no lock behind, ${how}`, async () => {
    await inFolder(async (folder) => {
      const other = await otherProcess(folder, fileLocks);
      await assertInUse(folder, fileLocks, other.pid);
      await other.kill();
      const lock = await acquireFolderLock(folder, { fileLocks });
      assertEquals(lock.held, true);
      assertEquals(readHolder(folder)?.pid, Deno.pid);
      await lock.release();
    });
  });
}

Deno.test("a takeover is admitted at once, and gets the lock when it is free", async () => {
  await inFolder(async (folder) => {
    const timers: (() => void)[] = [];
    const environment: Environment = {
      ...systemEnvironment,
      setTimer(callback: () => void): Timer {
        timers.push(callback);
        return { cancel: () => {} };
      },
    };
    const first = await acquireFolderLock(folder);
    const second = await acquireFolderLock(folder, {
      takeover: true,
      environment,
    });
    assertEquals(second.held, false);
    const tryAgain = async (): Promise<void> => {
      timers.shift()!();
      for (let i = 0; i < 100 && !second.held && timers.length === 0; i++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await tryAgain();
    assertEquals(second.held, false);
    await first.release();
    assert(readHolder(folder) !== undefined, "the second still says it has it");
    await tryAgain();
    assertEquals(second.held, true);
    await assertInUse(folder, true, Deno.pid);
    await second.release();
  });
});

Deno.test("a damaged holder file keeps nobody out, nor does one of a dead process", async () => {
  await inFolder(async (folder) => {
    const dead = {
      pid: 2 ** 30,
      startedMs: 1,
      sinceMs: Date.now(),
      token: "x",
    };
    // This process's id, but not its beginning: the id was used again.
    const reused = { ...dead, pid: Deno.pid };
    for (
      const text of [
        "",
        "{",
        "null",
        '{"pid":"1"}',
        '{"pid":-1,"startedMs":0,"sinceMs":1e300,"token":"x"}',
        "x".repeat(10_000),
        JSON.stringify(dead),
        JSON.stringify(reused),
      ]
    ) {
      await Deno.writeTextFile(`${folder}/~holder`, text);
      const lock = await acquireFolderLock(folder, { fileLocks: false });
      assertEquals(lock.held, true, text);
      await lock.release();
    }
  });
});

Deno.test("a folder that cannot be written is unavailable, with a hint", async () => {
  const folder = await Deno.makeTempDir({ prefix: "kriya-lock-" });
  await Deno.remove(folder);
  for (const fileLocks of [true, false]) {
    const error = await assertRejects(
      () => acquireFolderLock(folder, { fileLocks }),
      KriyaError,
    );
    assertEquals(error.kind, "unavailable");
  }
});
