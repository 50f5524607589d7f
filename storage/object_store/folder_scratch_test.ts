/** @module Scratch files: every place, and what is left of those in a folder. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { systemEnvironment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { FolderScratch } from "./folder_scratch.ts";
import { MemoryScratch } from "./memory_scratch.ts";
import type { ScratchFiles } from "./scratch_file.ts";

const ENVIRONMENT = systemEnvironment;

async function withFolder(
  work: (folder: string) => void | Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "kriyadb-scratch-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function exercise(places: ScratchFiles): void {
  const file = places.create();
  const other = places.create();
  const bytes = new Uint8Array(200_000).map((_, i) => i * 7);
  file.write(bytes, 0);
  file.write(new Uint8Array([1, 2, 3]), 200_000);
  other.write(new Uint8Array([9]), 0);
  file.write(new Uint8Array([255]), 5);
  const read = new Uint8Array(10);
  assertEquals(file.read(read, 0), 10);
  assertEquals([...read], [0, 7, 14, 21, 28, 255, 42, 49, 56, 63]);
  assertEquals(file.read(read, 199_999), 4);
  assertEquals([...read.subarray(1, 4)], [1, 2, 3]);
  assertEquals(file.read(read, 300_000), 0);
  assertEquals(other.read(read, 0), 1);
  assertEquals(read[0], 9);
  file.close();
  file.close();
  for (
    const use of [
      () => file.read(read, 0),
      () => file.write(read, 0),
    ]
  ) {
    assertEquals(
      (assertThrows(use, KriyaError) as KriyaError).kind,
      "closed",
    );
  }
  other.close();
}

Deno.test("a scratch file is read where it was written", async () => {
  const memory = new MemoryScratch();
  exercise(memory);
  assertEquals([memory.openCount, memory.createdCount, memory.bytes], [
    0,
    2,
    0,
  ]);
  await withFolder((folder) => {
    exercise(new FolderScratch(`${folder}/made/here`, ENVIRONMENT));
  });
});

Deno.test("a scratch file has no name, so that nothing is left of it after a crash", async () => {
  if (Deno.build.os === "windows") return;
  await withFolder((folder) => {
    const file = new FolderScratch(folder, ENVIRONMENT).create();
    file.write(new Uint8Array(10), 0);
    assertEquals([...Deno.readDirSync(folder)], []);
    file.close();
  });
});

Deno.test("the first scratch file removes what the dead have left, and nothing else", async () => {
  await withFolder((folder) => {
    const hours = (count: number) => Date.now() / 1000 - count * 3600;
    const files = {
      "kriyadb-1-0123456789ab-1.tmp": 2,
      "kriyadb-1-0123456789ab-2.tmp": 0.5,
      "kriyadb-of-somebody.tmp": 2,
    };
    for (const [name, age] of Object.entries(files)) {
      Deno.writeTextFileSync(`${folder}/${name}`, name);
      Deno.utimeSync(`${folder}/${name}`, hours(age), hours(age));
    }
    new FolderScratch(folder, ENVIRONMENT).create().close();
    const left = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assertEquals(left, [
      "kriyadb-1-0123456789ab-2.tmp",
      "kriyadb-of-somebody.tmp",
    ]);
  });
});

Deno.test({
  name: "who may not write has no scratch files, and is told what to allow",
  permissions: { read: true, write: false },
  fn(): void {
    const places = new FolderScratch("/tmp/kriyadb-refused", ENVIRONMENT);
    const error = assertThrows(
      () => places.create(),
      KriyaError,
    ) as KriyaError;
    assertEquals([error.code, error.message], ["53200", "out of memory"]);
    assert(error.hint!.includes("/tmp/kriyadb-refused"), error.hint);
    assert(error.hint!.includes("--allow-write"), error.hint);
  },
});

Deno.test("a place without room is a full disk", () => {
  const file = new MemoryScratch({ bytesMax: 10 }).create();
  file.write(new Uint8Array(10), 0);
  const error = assertThrows(
    () => file.write(new Uint8Array(1), 10),
    KriyaError,
  ) as KriyaError;
  assertEquals(error.code, "53100");
});
