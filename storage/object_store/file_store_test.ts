import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { systemEnvironment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { isPromise } from "../../base/maybe_promise.ts";
import { errorCode, fileError } from "./file_errors.ts";
import { FileStore, type FileStoreOptions } from "./file_store.ts";
import { TEMPORARY_AGE_MAX_MS } from "./file_temporary.ts";
import { sstPath } from "./object_path.ts";
import { ABSENT } from "./object_store.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

async function inFolder(
  run: (store: FileStore, folder: string) => Promise<void>,
  options: FileStoreOptions = {},
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "kriya-file-" });
  const store = await FileStore.open(folder, options);
  try {
    await run(store, store.folder);
  } finally {
    await store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Every file below a folder, by its path there. */
function filesIn(folder: string, below = ""): string[] {
  return [...Deno.readDirSync(`${folder}/${below}`)].flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory ? filesIn(folder, path) : [path];
  }).sort();
}

Deno.test("an object is the file of its name, byte for byte, and nothing else", async () => {
  await inFolder(async (store, folder) => {
    await store.put("sst/a", text("one"), ABSENT);
    await store.put("wal/1", text("two"), ABSENT);
    assertEquals(filesIn(folder), ["sst/a", "wal/1"]);
    assertEquals(await Deno.readTextFile(`${folder}/sst/a`), "one");
    const refused = await store.put("wal/1", text("three"), ABSENT);
    assertEquals(refused.kind, "precondition");
    await store.delete("sst/a");
    assertEquals(filesIn(folder), ["wal/1"]);
  });
});

Deno.test("versions of a changed object go when newer ones are there", async () => {
  await inFolder(async (store, folder) => {
    const first = await store.put("gc/b", text("0"), ABSENT);
    let etag = first.kind === "stored" ? first.etag : "";
    for (let i = 1; i <= 20; i++) {
      const condition = { kind: "match", etag } as const;
      const put = await store.put("gc/b", text(String(i)), condition);
      assert(put.kind === "stored");
      etag = put.etag;
    }
    assert(filesIn(folder).length <= 3, filesIn(folder).join(" "));
    await store.delete("gc/b");
    assertEquals(filesIn(folder), []);
  });
});

Deno.test("a writer that stalled over a compare-and-set has lost it", async () => {
  // The stall is between its look at the current version and its link: other
  // changes come in between, and the version that it makes was collected.
  for (const changes of [1, 2, 3, 5]) {
    await inFolder(async (store, folder) => {
      const first = await store.put("gc/b", text("0"), ABSENT);
      assert(first.kind === "stored");
      let etag = first.etag;
      const names: string[] = [];
      for (let i = 1; i <= changes; i++) {
        const put = await store.put("gc/b", text(`${i}`), {
          kind: "match",
          etag,
        });
        assert(put.kind === "stored");
        etag = put.etag;
        names.push(...filesIn(folder, "gc/b~"));
      }
      // What the stalled writer links now, under the name of version 1.
      const name = names.find((name) => name.includes("~000000000001~"))!;
      try {
        await Deno.writeTextFile(`${folder}/${name}`, "stale", {
          createNew: true,
        });
      } catch (error) {
        assert(error instanceof Deno.errors.AlreadyExists);
      }
      const body = await store.get("gc/b");
      assertEquals(new TextDecoder().decode(body?.bytes), `${changes}`);
      assertEquals(body?.etag, etag);
      const condition = { kind: "match", etag } as const;
      const next = await store.put("gc/b", text("next"), condition);
      assertEquals(next.kind, "stored");
      assertEquals(
        new TextDecoder().decode((await store.get("gc/b"))?.bytes),
        "next",
      );
    });
  }
});

Deno.test("versions of a deleted object never count for its successor", async () => {
  await inFolder(async (store, folder) => {
    const first = await store.put("pins/p", text("0"), ABSENT);
    assert(first.kind === "stored");
    const condition = { kind: "match", etag: first.etag } as const;
    await store.put("pins/p", text("1"), condition);
    const [version] = filesIn(folder, "pins/p~");
    await store.delete("pins/p");
    await store.put("pins/p", text("new"), ABSENT);
    // Linked late by a process that had stalled.
    await Deno.mkdir(`${folder}/pins/p~`, { recursive: true });
    await Deno.writeTextFile(`${folder}/${version}`, "late");
    const body = await store.get("pins/p");
    assertEquals(new TextDecoder().decode(body?.bytes), "new");
    assert((await store.head("pins/p"))?.etag === body?.etag);
  });
});

Deno.test("a read goes to where it is wanted, if that is as long", async () => {
  await inFolder(async (store) => {
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    const whole = new Uint8Array([...bytes, ...bytes]);
    await store.put("sst/a", whole, ABSENT);
    for (const length of [10, 100_000]) {
      const into = new Uint8Array(length);
      const range = { offset: 7, length };
      const body = await store.get("sst/a", { range, into });
      assertEquals(body!.bytes === into, true);
      assertEquals(into, whole.slice(7, 7 + length));
      const other = await store.get("sst/a", {
        range: { offset: 8, length },
        into: new Uint8Array(length + 1),
      });
      assertEquals(other!.bytes, whole.slice(8, 8 + length));
    }
  });
});

Deno.test("small reads come at once, large ones as promises", async () => {
  await inFolder(async (store) => {
    await store.put("sst/x", new Uint8Array(5000).fill(7), ABSENT);
    const small = store.get("sst/x", { range: { offset: 10, length: 1000 } });
    assert(!isPromise(small));
    assertEquals(small?.bytes.length, 1000);
    const large = store.get("sst/x");
    assert(isPromise(large));
    assertEquals((await large)?.bytes, new Uint8Array(5000).fill(7));
    assert(!isPromise(store.get("sst/none")));
  }, { syncReadBytesMax: 1000 });
});

Deno.test("no more descriptors stay open than openFilesMax, and none after close", async () => {
  const open = (folder: string): number => {
    const links = [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => {
      try {
        return Deno.readLinkSync(`/proc/self/fd/${name}`);
      } catch {
        return "";
      }
    });
    return links.filter((link) => link.startsWith(folder)).length;
  };
  if (Deno.build.os !== "linux") return;
  await inFolder(async (store, folder) => {
    const paths = Array.from(
      { length: 20 },
      (_, i) => sstPath({ epoch: 1, job: 1, number: i }),
    );
    for (const path of paths) {
      await store.put(path, new Uint8Array(100_000).fill(1), ABSENT);
    }
    const read = (path: string, length: number): unknown =>
      store.get(path, { range: { offset: 0, length } });
    for (const path of paths) await read(path, 10);
    assertEquals(open(folder), 4);
    // Reads under way on files that fall out of the cache meanwhile.
    await Promise.all(paths.map((path) => read(path, 90_000)));
    assertEquals(open(folder), 4);
    await store.delete(paths.at(-1)!);
    assertEquals(open(folder), 3);
    await store.close();
    assertEquals(open(folder), 0);
  }, { openFilesMax: 4 });
});

Deno.test("temporary files of the dead go at opening, those of the living stay", async () => {
  await inFolder(async (_, folder) => {
    const old = `${folder}/~tmp/1-00-1`;
    const young = `${folder}/~tmp/1-00-2`;
    for (const file of [old, young]) await Deno.writeTextFile(file, "x");
    const nowMs = Date.now();
    const past = new Date(nowMs - TEMPORARY_AGE_MAX_MS - 60_000);
    await Deno.utime(old, past, past);
    const again = await FileStore.open(folder);
    assertEquals(filesIn(folder), ["~tmp/1-00-2"]);
    await again.close();
  });
});

Deno.test("a put whose temporary file or folder is taken away tries again", async () => {
  await inFolder(async (store, folder) => {
    await store.put("a/1", text("x"), ABSENT);
    await Deno.remove(`${folder}/a`, { recursive: true });
    await Deno.remove(`${folder}/~tmp`, { recursive: true });
    assertEquals((await store.put("a/2", text("y"), ABSENT)).kind, "stored");
    assertEquals(filesIn(folder), ["a/2"]);
  });
});

Deno.test("symbolic links lead nowhere", async () => {
  await inFolder(async (store, folder) => {
    const outside = await Deno.makeTempDir({ prefix: "kriya-outside-" });
    await Deno.writeTextFile(`${outside}/secret`, "secret");
    await Deno.symlink(outside, `${folder}/dir`);
    await Deno.symlink(`${outside}/secret`, `${folder}/file`);
    for (const path of ["dir/secret", "file"]) {
      const error = assertThrows(() => store.get(path), KriyaError);
      assertEquals(error.kind, "unavailable", path);
      assert(error.hint?.includes("symbolic links"), error.hint);
    }
    await assertRejects(() => store.put("dir/new", text("x"), ABSENT));
    await assertRejects(() => store.delete("dir/secret"));
    assertEquals((await store.list("")).objects, []);
    assertEquals(filesIn(outside), ["secret"]);
    await Deno.remove(outside, { recursive: true });
  });
});

Deno.test("what is no object is not listed", async () => {
  await inFolder(async (store, folder) => {
    await store.put("a/1", text("x"), ABSENT);
    for (const name of ["~junk", "a/with space", "a/ü", "a/x~"]) {
      await Deno.writeTextFile(`${folder}/${name}`, "x");
    }
    const { objects } = await store.list("");
    assertEquals(objects.map(({ path }) => path), ["a/1"]);
  });
});

Deno.test("an object where a folder is needed is invalid, not lost", async () => {
  await inFolder(async (store) => {
    await store.put("a/b", text("x"), ABSENT);
    for (const path of ["a", "a/b/c"]) {
      const error = await assertRejects(
        () => store.put(path, text("y"), ABSENT),
        KriyaError,
      );
      assertEquals(error.kind, "invalid", path);
    }
    assertEquals((await store.list("")).objects.length, 1);
  });
});

Deno.test("a read-only store reads, makes nothing and refuses to write", async () => {
  await inFolder(async (store, folder) => {
    await store.put("a/b", text("x"), ABSENT);
    const reader = await FileStore.open(folder, { readOnly: true });
    assertEquals((await reader.head("a/b"))?.size, 1);
    for (
      const call of [
        () => reader.put("a/c", text("x"), ABSENT),
        () => reader.delete("a/b"),
      ]
    ) {
      const error = await assertRejects<KriyaError>(call, KriyaError);
      assertEquals(error.kind, "invalid");
    }
    await reader.close();
    const nowhere = `${folder}/nowhere`;
    const error = await assertRejects(
      () => FileStore.open(nowhere, { readOnly: true }),
      KriyaError,
    );
    assertEquals(error.kind, "unavailable");
    assertEquals(filesIn(folder), ["a/b"]);
  });
});

Deno.test("FileStore.open takes paths and addresses, and refuses a file", async () => {
  await inFolder(async (store, folder) => {
    await store.put("a", text("x"), ABSENT);
    for (const way of [folder, `file:${folder}`, new URL(store.address)]) {
      const again = await FileStore.open(way);
      assertEquals(again.address, store.address);
      assertEquals((await again.head("a"))?.size, 1);
      await again.close();
    }
    const error = await assertRejects(
      () => FileStore.open(`${folder}/a`),
      KriyaError,
    );
    assert(["invalid", "unavailable"].includes(error.kind));
  });
});

Deno.test("errors of the disk say what to do", () => {
  const cases: [string, string, RegExp | undefined][] = [
    ["ENOSPC", "unavailable", /^Free space/],
    ["EDQUOT", "unavailable", /^Free space/],
    ["EACCES", "unavailable", /right to read and write/],
    ["EPERM", "unavailable", /right to read and write/],
    ["EROFS", "unavailable", /mounted read-only/],
    ["EMFILE", "unavailable", /openFilesMax/],
    ["EIO", "unavailable", /^The disk/],
    ["ELOOP", "unavailable", /symbolic links/],
    ["EXDEV", "unavailable", /one file system/],
    ["ENOTSUP", "unavailable", /hard links/],
    ["ENOTDIR", "invalid", undefined],
    ["ENAMETOOLONG", "invalid", undefined],
    ["EWHATEVER", "unavailable", undefined],
  ];
  for (const [code, kind, hint] of cases) {
    const cause = Object.assign(new Error(`${code}: from the system`), {
      code,
    });
    const error = fileError("store", "wal/1", cause);
    assertEquals(error.kind, kind, code);
    assert(error.message.startsWith('Cannot store "wal/1": '), error.message);
    assert(error.message.includes(code), error.message);
    assertEquals(error.cause, cause);
    if (hint === undefined) assertEquals(error.hint, undefined);
    else assert(hint.test(error.hint ?? ""), `${code}: ${error.hint}`);
  }
  const denied = new Deno.errors.NotCapable("Requires write access");
  assertEquals(errorCode(denied), "NotCapable");
  assert(fileError("store", "a", denied).hint?.includes("--allow-write"));
  const own = new KriyaError("closed", "Store is closed");
  assertEquals(fileError("store", "a", own), own);
});

Deno.test("dates are those of the environment's clock, each of them once", async () => {
  const environment = { ...systemEnvironment, now: () => 1_700_000_000_000 };
  await inFolder(async (store) => {
    const dates = new Set<number>();
    for (let i = 0; i < 20; i++) {
      await store.put(`a/${i}`, text("x"), ABSENT);
      dates.add((await store.head(`a/${i}`))!.lastModifiedMs);
    }
    assertEquals(dates.size, 20);
    assertEquals(Math.min(...dates), 1_700_000_000_000);
  }, { environment });
});
