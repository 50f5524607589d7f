/**
 * Answers that no bucket should give: the store believes none of them, and
 * neither hangs nor repeats itself without end.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { ABSENT } from "../../storage/object_store/object_store.ts";
import { S3Store } from "../../storage/object_store/s3/s3_store.ts";

type Answer = (request: Request) => Response;

/** Runs `body` with a store whose server gives one answer to everything. */
async function withServer(
  answer: Answer,
  body: (store: S3Store, requests: Request[]) => Promise<void>,
): Promise<void> {
  const requests: Request[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      requests.push(request);
      // The probe of a bucket that is in order.
      if (request.url.includes("probe")) return code(412, "PreconditionFailed");
      return answer(request);
    },
  );
  const store = await S3Store.open("s3://hostile/db", {
    endpoint: `http://127.0.0.1:${server.addr.port}`,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    attemptsMax: 3,
    backoffMs: 1,
  });
  try {
    await body(store, requests);
  } finally {
    await store.close();
    await server.shutdown();
  }
}

function code(status: number, name: string): Response {
  const xml = `<?xml version="1.0"?><Error><Code>${name}</Code></Error>`;
  return new Response(xml, { status });
}

function xml(content: string): Response {
  return new Response(
    `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>${content}</ListBucketResult>`,
    { headers: { "content-type": "application/xml" } },
  );
}

const DATE = "2026-01-02T03:04:05.678Z";

function entry(key: string, more = "<Size>1</Size>"): string {
  return `<Contents><Key>${key}</Key><LastModified>${DATE}</LastModified><ETag>"x"</ETag>${more}</Contents>`;
}

const END = "<IsTruncated>false</IsTruncated>";
const MORE = "<IsTruncated>true</IsTruncated>";

async function fails(
  call: () => PromiseLike<unknown> | unknown,
): Promise<KriyaError> {
  return await assertRejects(async () => await call(), KriyaError);
}

Deno.test("listings that cannot be are not believed", async () => {
  const pages: Record<string, string> = {
    "out of order": entry("db/b") + entry("db/a") + END,
    "twice the same": entry("db/a") + entry("db/a") + END,
    "another prefix": entry("other/a") + END,
    "no size": entry("db/a", "") + END,
    "a negative size": entry("db/a", "<Size>-1</Size>") + END,
    "a size past all": entry("db/a", "<Size>99999999999999999</Size>") + END,
    "more, and none": MORE,
    "nothing at all": "",
    "a page for people": "<html><body>Sign in</body></html>",
    "too many": entry("db/a") + entry("db/b") + entry("db/c") + END,
    "not XML": "<Contents><Key>",
  };
  for (const [what, page] of Object.entries(pages)) {
    await withServer(() => xml(page), async (store, requests) => {
      const error = await fails(() => store.list("", { limit: 2 }));
      assertEquals(error.kind, "unavailable", what);
      assertEquals(requests.length, 3, what);
    });
  }
});

Deno.test("keys that are no paths are passed over, and dates are whole seconds", async () => {
  const pages = [
    entry("db/!probe") + entry("db/a b") + MORE,
    entry("db/a//b") + entry("db/a/b") + entry("db/é") + END,
  ];
  let at = 0;
  await withServer(() => xml(pages[at++]!), async (store, requests) => {
    const page = await store.list("");
    assertEquals(page, {
      objects: [{
        path: "a/b",
        size: 1,
        etag: '"x"',
        lastModifiedMs: Date.parse("2026-01-02T03:04:05Z"),
      }],
      truncated: false,
    });
    const { searchParams } = new URL(requests[1]!.url);
    assertEquals(searchParams.get("start-after"), "db/a b");
  });
});

Deno.test("objects without tag or date, and ranges that are none, are not believed", async () => {
  const good = {
    etag: '"x"',
    "last-modified": "Fri, 02 Jan 2026 03:04:05 GMT",
  };
  const answers: Record<string, [number, Record<string, string>]> = {
    "no tag": [200, { "last-modified": good["last-modified"] }],
    "no date": [200, { etag: good.etag }],
    "a broken date": [200, { ...good, "last-modified": "yesterday" }],
    "a broken range": [206, { ...good, "content-range": "bytes */5" }],
    "a range of more": [206, { ...good, "content-range": "bytes 0-9/10" }],
    "a range of less": [206, { ...good, "content-range": "bytes 0-3/5" }],
    "a range elsewhere": [206, { ...good, "content-range": "bytes 1-5/6" }],
    "a range backwards": [206, { ...good, "content-range": "bytes 5-0/5" }],
  };
  for (const [what, [status, headers]] of Object.entries(answers)) {
    const answer = (): Response => new Response("hello", { status, headers });
    await withServer(answer, async (store, requests) => {
      const range = { offset: 0, length: 5 };
      const error = await fails(() => store.get("a", { range }));
      assertEquals(error.kind, "unavailable", `${what}: ${error.message}`);
      assertEquals(requests.length, 3, what);
    });
  }
  // A server that does not know ranges.
  const whole = (): Response => new Response("hello", { headers: good });
  await withServer(whole, async (store) => {
    const range = { offset: 1, length: 3 };
    const body = await store.get("a", { range });
    assertEquals(new TextDecoder().decode(body?.bytes), "ell");
    assertEquals(body?.size, 5);
    const error = await fails(() =>
      store.get("a", { range: { offset: 5, length: 1 } })
    );
    assertEquals(error.kind, "invalid");
  });
});

Deno.test("a 404 that is not the bucket's own does not make objects absent", async () => {
  const page = (): Response =>
    new Response("<html><body><h1>404 Not Found</h1></body></html>", {
      status: 404,
      headers: { "content-type": "text/html" },
    });
  for (const answer of [page, (): Response => code(404, "NoSuchBucket")]) {
    await withServer(answer, async (store) => {
      assertEquals((await fails(() => store.get("a"))).kind, "invalid");
      assertEquals((await fails(() => store.list(""))).kind, "invalid");
      const match = { kind: "match", etag: '"x"' } as const;
      const put = (): Promise<unknown> =>
        store.put("a", new Uint8Array(1), match);
      assertEquals((await fails(put)).kind, "invalid");
    });
  }
});

Deno.test("a write without a plain answer is never taken for done", async () => {
  const cases: Record<string, [Answer, string]> = {
    "no tag": [() => new Response(null), "unavailable"],
    "a page": [() => new Response("<html>", { status: 502 }), "unavailable"],
    "too many requests": [() => code(429, "TooManyRequests"), "unavailable"],
    "a conflict": [() => code(409, "OperationAborted"), "unavailable"],
    "not known": [() => code(501, "NotImplemented"), "invalid"],
    "no right": [() => code(403, "AccessDenied"), "invalid"],
    "too large": [() => code(400, "EntityTooLarge"), "invalid"],
    "another region": [() => code(301, "PermanentRedirect"), "invalid"],
  };
  for (const [what, [answer, kind]] of Object.entries(cases)) {
    await withServer(answer, async (store, requests) => {
      const put = (): Promise<unknown> =>
        store.put("wal/1", new Uint8Array(3), ABSENT);
      const error = await fails(put);
      assertEquals(error.kind, kind, `${what}: ${error.message}`);
      const sent = requests.filter(({ url }) => url.includes("wal/1"));
      assertEquals(sent.length, 1, what);
    });
  }
});

Deno.test("requests do not follow where an answer points", async () => {
  let followed = false;
  const other = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => {
      followed = true;
      return new Response("hello");
    },
  );
  const location = `http://127.0.0.1:${other.addr.port}/`;
  const answer = (): Response =>
    new Response(null, { status: 307, headers: { location } });
  await withServer(answer, async (store) => {
    const error = await fails(() => store.get("a"));
    assertEquals(error.kind, "invalid", error.message);
    assert(error.hint?.includes("elsewhere"), error.hint);
  });
  await other.shutdown();
  assertEquals(followed, false);
});
