/**
 * Object store suite: what is stored, and under which condition.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { equalBytes } from "../../base/bytes.ts";
import { ABSENT } from "../../storage/object_store/object_store.ts";
import {
  type Cases,
  etagOf,
  paths,
  patternBytes,
  read,
  text,
  textOf,
} from "./object_store_support.ts";

/** Cases of the suite: see its header. */
export const BASICS: Cases = {
  "get and head give what put stored": async ({ store, again }) => {
    const bytes = patternBytes(1000, 1);
    const before = Date.now();
    const result = await store.put("a/b-1.x_y", bytes, ABSENT);
    for (const handle of [store, await again()]) {
      const body = await read(handle, "a/b-1.x_y");
      const head = await handle.head("a/b-1.x_y");
      assert(body !== undefined && head !== undefined);
      assertEquals(body.bytes, bytes);
      const { bytes: _, ...meta } = body;
      assertEquals(meta, head);
      assertEquals(meta.path, "a/b-1.x_y");
      assertEquals(meta.size, 1000);
      assertEquals(meta.etag, etagOf(result));
      assert(Math.abs(meta.lastModifiedMs - before) < 300_000, "date");
    }
  },

  "what is not there is undefined, and deleting it is fine": async (
    { store },
  ) => {
    await store.put("a/b", text("x"), ABSENT);
    for (const path of ["a", "a/c", "b", "a/b/c", "c/d/e"]) {
      assertEquals(await read(store, path), undefined, path);
      assertEquals(await store.head(path), undefined, path);
    }
    await store.delete("a/c");
    await store.delete("x/y/z");
  },

  "an empty object is an object": async ({ store, again }) => {
    await store.put("empty", new Uint8Array(0), ABSENT);
    const handle = await again();
    const body = await read(handle, "empty");
    assertEquals(body?.bytes.length, 0);
    assertEquals((await handle.head("empty"))?.size, 0);
    assertEquals(await paths(handle, ""), ["empty"]);
    const second = await store.put("empty", text("x"), ABSENT);
    assertEquals(second.kind, "precondition");
    const suffix = await read(handle, "empty", { range: { suffix: 5 } });
    assertEquals(suffix?.bytes.length, 0);
  },

  "an object of 8 MiB comes back whole, and in ranges": async ({ store }) => {
    const bytes = patternBytes(8 * 1024 * 1024, 2);
    await store.put("sst/big", bytes, ABSENT);
    const body = await read(store, "sst/big");
    assertEquals(body?.size, bytes.length);
    assert(equalBytes(body!.bytes, bytes), "all bytes");
    const offset = 3_000_001;
    const length = 4_000_000;
    const range = { offset, length };
    const part = await read(store, "sst/big", { range });
    assert(
      equalBytes(part!.bytes, bytes.subarray(offset, offset + length)),
      "range",
    );
  },

  "the caller may reuse its bytes once put has settled": async ({ store }) => {
    const bytes = patternBytes(5000, 3);
    const copy = bytes.slice();
    const view = bytes.subarray(100, 4900);
    await store.put("whole", bytes, ABSENT);
    await store.put("view", view, ABSENT);
    bytes.fill(0);
    assertEquals((await read(store, "whole"))?.bytes, copy);
    assertEquals((await read(store, "view"))?.bytes, copy.subarray(100, 4900));
  },

  "delete removes, for every handle, and the name is free again": async (
    { store, again },
  ) => {
    const other = await again();
    const first = etagOf(await store.put("a/x", text("one"), ABSENT));
    assertEquals(textOf(await read(other, "a/x")), "one");
    await store.delete("a/x");
    assertEquals(await read(other, "a/x"), undefined);
    assertEquals(await other.head("a/x"), undefined);
    assertEquals(await paths(other, ""), []);
    const second = etagOf(await other.put("a/x", text("two"), ABSENT));
    assert(first !== second, "etag changes with the bytes");
    assertEquals(textOf(await read(store, "a/x")), "two");
  },

  "a deleted table is gone for a handle that was reading it": async (
    { store, again },
  ) => {
    const path = "sst/000000000001-000000000002-000000000003";
    const other = await again();
    await store.put(path, patternBytes(10_000, 4), ABSENT);
    const range = { offset: 5, length: 10 };
    assertEquals((await read(other, path, { range }))?.bytes.length, 10);
    assertEquals((await read(other, path, { range }))?.bytes.length, 10);
    await store.delete(path);
    assertEquals(await read(other, path, { range }), undefined);
    assertEquals(await read(other, path), undefined);
  },
};

/** Cases of the suite: see its header. */
export const CONDITIONS: Cases = {
  "[K-060] an object that is there is never overwritten": async (
    { store, again },
  ) => {
    const other = await again();
    await store.put("sst/1", text("first"), ABSENT);
    for (const handle of [store, other]) {
      const result = await handle.put("sst/1", text("second"), ABSENT);
      assertEquals(result, { kind: "precondition" });
    }
    assertEquals(textOf(await read(other, "sst/1")), "first");
  },

  "of puts that race for a name exactly one wins": async (
    { store, again },
  ) => {
    const handles = [store, await again(), await again()];
    for (let round = 0; round < 10; round++) {
      const path = `wal/race-${round}`;
      const results = await Promise.all(
        [0, 1, 2, 3, 4, 5].map((i) =>
          handles[i % 3]!.put(path, text(`writer ${i}`), ABSENT)
        ),
      );
      const winners = results.flatMap(({ kind }, i) =>
        kind === "stored" ? [i] : []
      );
      assertEquals(winners.length, 1);
      const body = await read(await again(), path);
      assertEquals(textOf(body), `writer ${winners[0]}`);
    }
  },

  "put with a tag replaces only what has that tag": async (
    { store, again },
  ) => {
    const other = await again();
    const e1 = etagOf(await store.put("gc/boundary", text("1"), ABSENT));
    const match = (etag: string) => ({ kind: "match", etag }) as const;
    const e2 = etagOf(await other.put("gc/boundary", text("22"), match(e1)));
    assert(e1 !== e2, "etag changes");
    assertEquals(textOf(await read(store, "gc/boundary")), "22");
    assertEquals((await store.head("gc/boundary"))?.etag, e2);
    for (const handle of [store, other]) {
      const stale = await handle.put("gc/boundary", text("x"), match(e1));
      assertEquals(stale, { kind: "precondition" });
    }
    const absent = await store.put("gc/boundary", text("x"), ABSENT);
    assertEquals(absent, { kind: "precondition" });
    const none = await store.put("gc/none", text("x"), match(e1));
    assertEquals(none, { kind: "precondition" });
    const e3 = etagOf(await store.put("gc/boundary", text("33"), match(e2)));
    assertEquals(new Set([e1, e2, e3]).size, 3);
    const listed = await other.list("gc/");
    assertEquals(listed.objects.length, 1);
    assertEquals(listed.objects[0]?.etag, e3);
    assertEquals(listed.objects[0]?.path, "gc/boundary");
    const body = await read(other, "gc/boundary", { range: { suffix: 1 } });
    assertEquals(textOf(body), "3");
    assertEquals(body?.etag, e3);
  },

  "a replaced object can be deleted and made anew": async (
    { store, again },
  ) => {
    const other = await again();
    const e1 = etagOf(await store.put("pins/a", text("1"), ABSENT));
    const match = { kind: "match", etag: e1 } as const;
    const e2 = etagOf(await store.put("pins/a", text("2"), match));
    await other.delete("pins/a");
    assertEquals(await read(store, "pins/a"), undefined);
    assertEquals(await paths(store, "pins/"), []);
    await other.put("pins/a", text("3"), ABSENT);
    assertEquals(textOf(await read(store, "pins/a")), "3");
    for (const etag of [e1, e2]) {
      const result = await store.put("pins/a", text("x"), {
        kind: "match",
        etag,
      });
      assertEquals(result.kind, "precondition");
    }
    assertEquals(textOf(await read(other, "pins/a")), "3");
  },

  "a counter raced by compare-and-set counts every success": async (
    { store, again },
  ) => {
    const handles = [store, await again(), await again(), await again()];
    await store.put("gc/count", text("0"), ABSENT);
    const increments = 8;
    await Promise.all(handles.map(async (handle) => {
      for (let done = 0; done < increments;) {
        const body = await read(handle, "gc/count");
        const next = text(String(Number(textOf(body)) + 1));
        const condition = { kind: "match", etag: body!.etag } as const;
        const result = await handle.put("gc/count", next, condition);
        if (result.kind === "stored") done++;
      }
    }));
    const total = textOf(await read(await again(), "gc/count"));
    assertEquals(total, String(handles.length * increments));
  },

  "tags differ whenever the bytes do, however fast the changes": async (
    { store },
  ) => {
    const tags = new Set<string>();
    for (let i = 0; i < 20; i++) {
      tags.add(etagOf(await store.put("a/t", text(`value ${i % 2}`), ABSENT)));
      tags.add((await store.head("a/t"))!.etag);
      await store.delete("a/t");
      tags.add(etagOf(await store.put("a/t", text(`other ${i % 2}`), ABSENT)));
      await store.delete("a/t");
    }
    // Stores may tag by content (4 values) or by writing (40); never fewer.
    assert(tags.size >= 4, `${tags.size} tags`);
    const seen = new Map<string, string>();
    for (let i = 0; i < 40; i++) {
      const value = `value ${i}`;
      const etag = etagOf(await store.put("a/t", text(value), ABSENT));
      assertEquals(seen.get(etag), undefined, "one tag for two values");
      seen.set(etag, value);
      await store.delete("a/t");
    }
  },
};
