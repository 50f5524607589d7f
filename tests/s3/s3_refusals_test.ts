/**
 * Buckets that cannot be used, and those who may not use them: each refusal
 * says what to do, and none tells a secret.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { open } from "../../mod.ts";
import { delay, systemEnvironment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { StoreStatus } from "../../storage/engine/status.ts";
import { ABSENT } from "../../storage/object_store/object_store.ts";
import type { S3Options } from "../../storage/object_store/s3/s3_options.ts";
import { S3Store } from "../../storage/object_store/s3/s3_store.ts";
import { S3Server } from "../../testing/s3_server/s3_server.ts";
import { text } from "../conformance/object_store_support.ts";

Deno.test("[K-101] a bucket that ignores conditions is refused before a byte of the database is written", async () => {
  await using server = await S3Server.start({
    buckets: ["plain"],
    conditionalWrites: false,
  });
  const { endpoint, credentials } = server;
  // A new bucket, and one with the probe of an earlier attempt.
  for (let attempt = 0; attempt < 2; attempt++) {
    const store = await S3Store.open("s3://plain/db", {
      endpoint,
      credentials,
    });
    const error = await assertRejects(() => LsmStore.open(store), KriyaError);
    assertEquals(error.kind, "invalid");
    assert(error.message.includes("the bucket ignores"), error.message);
    assertEquals((await store.list("")).objects, []);
    await store.close();
  }
});

Deno.test("a bucket is proven with two requests at once, and never by readers", async () => {
  const log: string[] = [];
  await using server = await S3Server.start({
    buckets: ["words"],
    onRequest: ({ method, key }) => log.push(`${method} ${key}`),
  });
  const { endpoint, credentials } = server;
  const probes = (): number =>
    log.filter((line) => line === "PUT db/!probe").length;
  const openStore = (): Promise<S3Store> =>
    S3Store.open("s3://words/db", { endpoint, credentials });
  const first = await openStore();
  assertEquals(log, []);
  await first.get("a");
  await first.list("");
  assertEquals(probes(), 0);
  await first.put("a", text("1"), ABSENT);
  await first.put("b", text("1"), ABSENT);
  assertEquals(probes(), 4);
  const second = await openStore();
  await second.put("c", text("1"), ABSENT);
  assertEquals(probes(), 6);
  await first.close();
  await second.close();
});

Deno.test("a bucket is not proven while it fails, and is when it answers again", async () => {
  await using server = await S3Server.start({ buckets: ["words"] });
  const { endpoint, credentials } = server;
  const store = await S3Store.open("s3://words/db", {
    endpoint,
    credentials,
    backoffMs: 1,
  });
  server.setChances({ error: 1 });
  const error = await assertRejects(
    () => store.put("a", text("1"), ABSENT),
    KriyaError,
  );
  assertEquals(error.kind, "unavailable");
  server.setChances({});
  assertEquals((await store.put("a", text("1"), ABSENT)).kind, "stored");
  await store.close();
});

Deno.test("wrong keys, no bucket, no server: what to do, and no secrets", async () => {
  await using server = await S3Server.start({ buckets: ["words"] });
  const { endpoint, credentials } = server;
  const secret = "a-secret-that-nobody-may-see";
  const cases: [string, S3Options, string, RegExp][] = [
    [
      "s3://words/db",
      { credentials: { accessKeyId: "nobody", secretAccessKey: secret } },
      "invalid",
      /403 InvalidAccessKeyId.*does not know the access key/,
    ],
    [
      "s3://words/db",
      { credentials: { ...credentials, secretAccessKey: secret } },
      "invalid",
      /403 SignatureDoesNotMatch.*secret key/,
    ],
    ["s3://nowhere/db", {}, "invalid", /404 NoSuchBucket.*Make the bucket/],
    [
      "s3://words/db",
      { endpoint: "http://127.0.0.1:2", attemptsMax: 2, backoffMs: 1 },
      "unavailable",
      /Check the endpoint/,
    ],
  ];
  for (const [address, options, kind, pattern] of cases) {
    const error = await assertRejects(
      () => open(address, { s3: { endpoint, credentials, ...options } }),
      KriyaError,
    );
    const said = `${error.message} ${error.detail} ${error.hint}`;
    assertEquals(error.kind, kind, said);
    assert(pattern.test(said), said);
    assertEquals(`${said}${Deno.inspect(error)}`.includes(secret), false);
  }
});

Deno.test("[K-153] the settings say where an s3:// address leads, and SHOW says it back", async () => {
  await using server = await S3Server.start({
    buckets: ["words", "lsm-postgres"],
  });
  const { endpoint, credentials } = server;
  const show = async (
    address: string,
    settings: Record<string, string>,
  ): Promise<
    unknown[]
  > => {
    await using db = await open(address, { s3: { credentials }, settings });
    const names = ["endpoint", "bucket", "region"];
    return await Promise.all(names.map(async (name) => {
      const { rows } = await db.query(`SHOW lsm_s3.${name}`);
      return rows[0]![`lsm_s3.${name}`];
    }));
  };
  const settings = { "lsm_s3.endpoint": endpoint };
  assertEquals(await show("s3:///db", settings), [
    endpoint,
    "lsm-postgres",
    "us-east-1",
  ]);
  assertEquals(
    await show("s3:///db", {
      ...settings,
      "lsm_s3.bucket": "words",
      "lsm_s3.region": "eu-west-1",
    }),
    [endpoint, "words", "eu-west-1"],
  );
  assertEquals(await show("s3://words/other", settings), [
    endpoint,
    "words",
    "us-east-1",
  ]);
});

Deno.test("[L-256] a reader whose key may not write follows unpinned; one that may writes its pin and nothing else", async () => {
  const log: string[] = [];
  await using server = await S3Server.start({
    buckets: ["words"],
    onRequest: ({ method, key }) => {
      if (method !== "GET") log.push(`${method} ${key}`);
    },
  });
  const { endpoint, credentials } = server;
  const s3 = { endpoint, credentials };
  await using db = await open("s3://words/db", { s3 });
  await db.exec("CREATE TABLE t (id int); INSERT INTO t VALUES (1)");
  for (const denied of [true, false]) {
    if (denied) {
      server.inject("denied", { operation: "put", prefix: "db/pins/" });
    }
    const reader = await open("s3://words/db", {
      s3,
      readOnly: true,
      consistency: "strong",
    });
    log.length = 0;
    const pin = (): unknown => {
      const { replica } = reader.status()["store"] as StoreStatus;
      return replica?.pin;
    };
    const count = async (): Promise<unknown> =>
      (await reader.query("SELECT count(*)::int AS n FROM t")).rows[0]?.["n"];
    assertEquals(await count(), denied ? 1 : 2);
    for (let i = 0; i < 400 && pin() === "none"; i++) {
      await delay(systemEnvironment, 5);
    }
    assertEquals(pin(), denied ? "forbidden" : "held");
    for (let i = 0; i < 3; i++) await count();
    await reader.close();
    const name = log[0]?.split(" ")[1];
    assert(name?.startsWith("db/pins/"), name);
    const writes = denied ? [`PUT ${name}`] : [`PUT ${name}`, `DELETE ${name}`];
    assertEquals(log, writes);
    await db.query("INSERT INTO t VALUES (2)");
  }
});
