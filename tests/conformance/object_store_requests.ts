/**
 * Object store suite: ranges, listings, and what is refused.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  ABSENT,
  type ByteRange,
} from "../../storage/object_store/object_store.ts";
import {
  type Cases,
  etagOf,
  failsAs,
  paths,
  patternBytes,
  read,
  text,
  textOf,
} from "./object_store_support.ts";

/** Cases of the suite: see its header. */
export const RANGES: Cases = {
  "ranges are cut at the ends of the object": async ({ store }) => {
    const bytes = patternBytes(1000, 5);
    await store.put("a/r", bytes, ABSENT);
    const cases: [ByteRange, number, number][] = [
      [{ offset: 0, length: 1 }, 0, 1],
      [{ offset: 0, length: 1000 }, 0, 1000],
      [{ offset: 10, length: 20 }, 10, 30],
      [{ offset: 999, length: 1 }, 999, 1000],
      [{ offset: 990, length: 500 }, 990, 1000],
      [{ offset: 0, length: Number.MAX_SAFE_INTEGER }, 0, 1000],
      [{ suffix: 1 }, 999, 1000],
      [{ suffix: 1000 }, 0, 1000],
      [{ suffix: 5000 }, 0, 1000],
    ];
    for (const [range, start, end] of cases) {
      const body = await read(store, "a/r", { range });
      const message = JSON.stringify(range);
      assertEquals(body?.bytes, bytes.subarray(start, end), message);
      assertEquals(body?.size, 1000, message);
      assertEquals(body?.etag, (await store.head("a/r"))?.etag, message);
    }
  },

  "a range of an object that is not there is undefined": async ({ store }) => {
    const range = { offset: 3, length: 3 };
    assertEquals(await read(store, "a/none", { range }), undefined);
    assertEquals(
      await read(store, "a/none", { range: { suffix: 1 } }),
      undefined,
    );
  },

  "ranges past the end, empty and senseless ones are invalid": async (
    { store },
  ) => {
    await store.put("a/r", patternBytes(100, 6), ABSENT);
    await store.put("a/empty", new Uint8Array(0), ABSENT);
    const wrong: [string, ByteRange][] = [
      ["a/r", { offset: 100, length: 1 }],
      ["a/r", { offset: 5000, length: 1 }],
      ["a/empty", { offset: 0, length: 1 }],
      ["a/r", { offset: 0, length: 0 }],
      ["a/r", { offset: -1, length: 5 }],
      ["a/r", { offset: 0, length: -5 }],
      ["a/r", { offset: 0.5, length: 1 }],
      ["a/r", { offset: 0, length: Number.NaN }],
      ["a/r", { offset: 0, length: Number.POSITIVE_INFINITY }],
      ["a/r", { suffix: 0 }],
      ["a/r", { suffix: -1 }],
      ["a/r", { suffix: 1.5 }],
    ];
    for (const [path, range] of wrong) {
      const message = `${path} ${JSON.stringify(range)}`;
      await failsAs("invalid", () => store.get(path, { range }), message);
    }
  },
};

/** Cases of the suite: see its header. */
export const LISTINGS: Cases = {
  "list gives what begins with the prefix, in byte order": async (
    { store, again },
  ) => {
    const all = [
      "A",
      "a-b",
      "a.b/c",
      "a/b",
      "a/b-c/d",
      "a/b.d",
      "a/b0",
      "a/ba/x/y/z",
      "a/c",
      "a0",
      "aa",
      "b/1",
      "b/10",
      "b/2",
      "z",
    ];
    for (const path of all.toReversed()) {
      await store.put(path, text(path), ABSENT);
    }
    const handle = await again();
    const sorted = all.toSorted();
    for (
      const prefix of ["", "a", "a/", "a/b", "a/b-", "a/ba/x/", "b/1", "b", "q"]
    ) {
      const page = await handle.list(prefix);
      const want = sorted.filter((path) => path.startsWith(prefix));
      assertEquals(page.objects.map((o) => o.path), want, prefix);
      assertEquals(page.truncated, false);
      for (const object of page.objects) {
        assertEquals(object, await handle.head(object.path));
      }
    }
  },

  "pages of every size walk the whole listing": async ({ store }) => {
    const all: string[] = [];
    for (let i = 0; i < 12; i++) {
      all.push(`m/${i % 3}/${i}`, `m/${i}`.padEnd(6, "-"), `n${i}`);
    }
    all.sort();
    for (const path of all) await store.put(path, text(path), ABSENT);
    for (const prefix of ["", "m/", "m/1", "n"]) {
      const want = all.filter((path) => path.startsWith(prefix));
      for (const limit of [1, 2, 5, want.length, want.length + 1]) {
        const got: string[] = [];
        for (let truncated = true; truncated;) {
          const startAfter = got.at(-1);
          const page = await store.list(prefix, { limit, startAfter });
          assert(page.objects.length <= limit, "limit");
          got.push(...page.objects.map((object) => object.path));
          truncated = page.truncated;
          assertEquals(truncated, got.length < want.length, "truncated");
        }
        assertEquals(got, want, `${prefix} by ${limit}`);
      }
    }
  },

  "startAfter need not be an object, nor begin with the prefix": async (
    { store },
  ) => {
    for (const path of ["a/1", "a/3/x", "a/5", "b/1"]) {
      await store.put(path, text(path), ABSENT);
    }
    const after = async (startAfter: string): Promise<string[]> =>
      await paths(store, "a/", { startAfter });
    assertEquals(await after("a/2"), ["a/3/x", "a/5"]);
    assertEquals(await after("a/3/"), ["a/3/x", "a/5"]);
    assertEquals(await after("a/3/x"), ["a/5"]);
    assertEquals(await after("a/4"), ["a/5"]);
    assertEquals(await after("A"), ["a/1", "a/3/x", "a/5"]);
    assertEquals(await after("a/5"), []);
    assertEquals(await after("b/0"), []);
  },

  "a page holds 1000 objects at most": async ({ store }) => {
    const names = Array.from(
      { length: 1003 },
      (_, i) => `many/${String(i).padStart(6, "0")}`,
    );
    for (let i = 0; i < names.length; i += 64) {
      await Promise.all(
        names.slice(i, i + 64).map((path) => store.put(path, text(""), ABSENT)),
      );
    }
    for (const options of [{}, { limit: 1000 }, { limit: 5000 }]) {
      const page = await store.list("many/", options);
      assertEquals(page.objects.map((o) => o.path), names.slice(0, 1000));
      assertEquals(page.truncated, true);
    }
    const rest = await store.list("many/", { startAfter: names[999] });
    assertEquals(rest.objects.map((o) => o.path), names.slice(1000));
    assertEquals(rest.truncated, false);
  },

  "wrong limits and prefixes are invalid": async ({ store }) => {
    for (const limit of [0, -1, 1.5, Number.NaN]) {
      await failsAs("invalid", () => store.list("", { limit }), `${limit}`);
    }
    for (const prefix of ["/", "../", "a//", "a/../b", "a\0", "é"]) {
      await failsAs("invalid", () => store.list(prefix), prefix);
      const startAfter = prefix;
      await failsAs("invalid", () => store.list("", { startAfter }), prefix);
    }
  },
};

/** Cases of the suite: see its header. */
export const REFUSALS: Cases = {
  "hostile paths are invalid, whatever is asked of them": async (
    { store },
  ) => {
    const hostile = [
      "",
      "/",
      "/etc/passwd",
      "..",
      "../x",
      "a/../../x",
      "a/./b",
      "a//b",
      "a/",
      "a\\..\\b",
      "a\0b",
      "a b",
      "a~b",
      "~tmp/x",
      "ü",
      "x".repeat(513),
      "x".repeat(201),
    ];
    for (const path of hostile) {
      await failsAs("invalid", () => store.get(path), `get ${path}`);
      await failsAs("invalid", () => store.head(path), `head ${path}`);
      await failsAs("invalid", () => store.delete(path), `delete ${path}`);
      await failsAs(
        "invalid",
        () => store.put(path, text("x"), ABSENT),
        `put ${path}`,
      );
    }
    assertEquals(await paths(store, ""), []);
  },

  "the longest path there may be works": async ({ store, again }) => {
    const path = `${"x".repeat(200)}/${"y".repeat(200)}/${"z".repeat(110)}`;
    assertEquals(path.length, 512);
    const etag = etagOf(await store.put(path, text("1"), ABSENT));
    await store.put(path, text("2"), { kind: "match", etag });
    assertEquals(textOf(await read(await again(), path)), "2");
    assertEquals(await paths(store, "x"), [path]);
  },

  "an aborted signal stops a call before it has an effect": async (
    { store },
  ) => {
    const reason = new DOMException("enough", "AbortError");
    const signal = AbortSignal.abort(reason);
    await store.put("a/b", text("x"), ABSENT);
    const calls: (() => PromiseLike<unknown> | unknown)[] = [
      () => store.get("a/b", { signal }),
      () => store.head("a/b", { signal }),
      () => store.put("a/c", text("x"), ABSENT, { signal }),
      () => store.delete("a/b", { signal }),
      () => store.list("", { signal }),
    ];
    for (const call of calls) {
      const error = await assertRejects(async () => await call());
      assertEquals(error, reason);
    }
    assertEquals(await paths(store, ""), ["a/b"]);
  },

  "a closed store refuses every call, and its objects stay": async (
    { store, again },
  ) => {
    await store.put("a/b", text("x"), ABSENT);
    await store.close();
    await store.close();
    const calls: Record<string, () => PromiseLike<unknown> | unknown> = {
      get: () => store.get("a/b"),
      head: () => store.head("a/b"),
      put: () => store.put("a/c", text("x"), ABSENT),
      delete: () => store.delete("a/b"),
      list: () => store.list(""),
    };
    for (const [name, call] of Object.entries(calls)) {
      await failsAs("closed", call, name);
    }
    assertEquals(textOf(await read(await again(), "a/b")), "x");
  },

  "the address names the store and holds no line break": ({ store }) => {
    assert(/^[a-z0-9+]+:\S*$/.test(store.address), store.address);
    return Promise.resolve();
  },
};
