import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { FileFolders, folderOf } from "./file_folders.ts";

Deno.test("folderOf cuts the last segment", () => {
  assertEquals(folderOf("a/b/c"), "a/b");
  assertEquals(folderOf("a"), "");
  assertEquals(folderOf("a/"), "a");
});

Deno.test("ensure makes folders below each other, again when they are gone", async () => {
  const root = await Deno.makeTempDir({ prefix: "kriya-folders-" });
  const folders = new FileFolders(root);
  assertEquals(folders.isPlain("a/b/c"), false);
  await folders.ensure("a/b/c");
  assertEquals(folders.isPlain("a/b/c"), true);
  await Deno.remove(`${root}/a`, { recursive: true });
  folders.forget();
  assertEquals(folders.isPlain("a"), false);
  await folders.ensure("a/b/c");
  assertEquals((await Deno.stat(`${root}/a/b/c`)).isDirectory, true);
  await Deno.remove(root, { recursive: true });
});

Deno.test("a folder that cannot be made durable ends all writing", {
  // Entries of /proc are nobody's to make durable: fsync refuses.
  ignore: Deno.build.os !== "linux",
}, async () => {
  const folders = new FileFolders("/proc");
  const first = await assertRejects(() => folders.sync(""), KriyaError);
  assertEquals(first.kind, "unavailable");
  assertEquals(first.hint, "Check the disk, then open the database again");
  assertEquals(assertThrows(() => folders.checkDurable()), first);
  assertEquals(await assertRejects(() => folders.sync("self")), first);
});

Deno.test("a folder that is gone is no reason to end all writing", async () => {
  const root = await Deno.makeTempDir({ prefix: "kriya-folders-" });
  const folders = new FileFolders(root);
  await assertRejects(() => folders.sync("gone"), KriyaError);
  folders.checkDurable();
  await folders.sync("");
  await Deno.remove(root, { recursive: true });
});
