/**
 * Run by tests: takes a database over again and again, commits until somebody
 * else takes it over in turn, and says what it was told:
 * `ack EPOCH KEY SEQUENCE`, `fenced EPOCH`, at last `done`.
 *
 * Arguments: the address, options of the bucket as JSON, a name, how many lives.
 *
 * @module
 */
import { delay, systemEnvironment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import { S3Store } from "../../storage/object_store/s3/s3_store.ts";
import { put } from "./lsm_contents.ts";

const COMMITS_MAX = 40;

const [address, s3, name, lives] = Deno.args;

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

function isOvertaken(error: unknown): boolean {
  return error instanceof KriyaError &&
    (error.kind === "fenced" || error.kind === "unavailable");
}

for (let life = 0; life < Number(lives); life++) {
  const objects = await S3Store.open(address!, JSON.parse(s3!));
  let store: LsmStore | undefined;
  try {
    store = await LsmStore.open(objects, {
      takeover: true,
      flushIntervalMs: 0,
      walObjectsMax: 10,
      gcIntervalMs: 1,
      gcObjectsMin: 1,
    });
    const { epoch } = store.manifest;
    try {
      for (let i = 0; i < COMMITS_MAX; i++) {
        const key = `${name}-${life}-${i}`;
        const sequence = await put(store, { [key]: key, shared: key });
        say(`ack ${epoch} ${key} ${sequence}`);
      }
    } catch (error) {
      if (!isOvertaken(error)) throw error;
      say(`fenced ${epoch}`);
    }
  } catch (error) {
    if (!isOvertaken(error)) throw error;
  }
  await store?.close().catch(() => {});
  await objects.close();
  await delay(systemEnvironment, 30);
}
say("done");
