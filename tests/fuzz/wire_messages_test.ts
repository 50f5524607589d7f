/**
 * Damaged streams of the protocol's messages, each over a connection of its
 * own. Whatever comes:
 *
 * 1. The server answers with errors, or ends that connection; it never hangs.
 * 2. What it answers are whole messages.
 * 3. Other clients are served as before, and no session is left.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { withServed } from "../support/served_database.ts";
import { testSeed } from "../support/test_seed.ts";
import {
  message,
  parseBindExecute,
  query,
  startup,
  SYNC,
  WireClient,
} from "../support/wire_client.ts";

/** How many streams; a whole run takes a few seconds. */
const STREAMS = 150;

/** How long a stream may take, in ms. */
const STREAM_MS_MAX = 20_000;

/** Messages that streams are made of. */
const MESSAGES: readonly Uint8Array[] = [
  SYNC,
  SYNC,
  query("SELECT 1; SELECT 'a', 2"),
  query("BEGIN; INSERT INTO t VALUES (1)"),
  query("ROLLBACK"),
  query("COPY t FROM STDIN"),
  query("COPY t TO STDOUT"),
  ...parseBindExecute("SELECT * FROM generate_series(1, 5)", { rowsMax: 2 }),
  ...parseBindExecute("SELECT $1::int", { name: "p" }),
  message("D", (body) => body.raw(new TextEncoder().encode("Sp\0"))),
  message("D", (body) => body.raw(new TextEncoder().encode("P\0"))),
  message("C", (body) => body.raw(new TextEncoder().encode("Sp\0"))),
  message("d", (body) => body.text("1\n")),
  message("c"),
  message("f", (body) => body.zeroEnded("no")),
  message("H"),
  message("F"),
];

/** A stream of messages, some of its bytes changed, lost or doubled. */
function damagedStream(random: SeededRandom): Uint8Array {
  const parts: Uint8Array[] = [];
  if (random.below(10) > 0) parts.push(startup());
  for (let left = random.below(20); left > 0; left--) {
    parts.push(MESSAGES[random.below(MESSAGES.length)]!);
  }
  const bytes = parts.flatMap((part) => [...part]);
  for (let left = random.below(6); left > 0 && bytes.length > 0; left--) {
    const at = random.below(bytes.length);
    switch (random.below(3)) {
      case 0:
        bytes[at] = random.below(256);
        break;
      case 1:
        bytes.splice(at, random.below(5));
        break;
      default:
        bytes.splice(at, 0, ...bytes.slice(at, at + random.below(9)));
    }
  }
  return Uint8Array.from(bytes);
}

/** Sends a stream, and reads what is answered until the server is done. */
async function sendStream(port: number, bytes: Uint8Array): Promise<void> {
  using client = await WireClient.connect(port);
  await client.send(bytes).catch(() => {});
  await client.endOfRequests();
  for (;;) {
    const next = await client.next();
    if (next === undefined) break;
    assert(/^[1-3ACDEGHIKNRSTZcdnstv]$/.test(next.type), next.type);
  }
  assertEquals(client.left, 0, "half a message was sent");
}

Deno.test("the server survives damaged streams of messages, and serves others", async () => {
  const seed = testSeed();
  const random = new SeededRandom(seed);
  await withServed(async ({ port, db, server }) => {
    await db.exec("CREATE TABLE t (n int)");
    using witness = await WireClient.open(port);
    for (let i = 0; i < STREAMS; i++) {
      const bytes = damagedStream(random);
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Error(`stream ${i} of seed ${seed} hangs`)),
          STREAM_MS_MAX,
        );
      });
      await Promise.race([sendStream(port, bytes), late]);
      clearTimeout(timer);
      if (i % 10 === 0) {
        assertEquals((await witness.ask(query("SELECT 1"))).at(-1), "Z I");
      }
    }
    while (server.connectionCount > 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assertEquals((await witness.ask(query("SELECT 1")))[1], "D 1");
  });
});
