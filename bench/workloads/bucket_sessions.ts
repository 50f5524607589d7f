/**
 * Durable commits of 100 sessions at once in a bucket on MinIO: ours through
 * SQL, SlateDB's as single puts with its default settings.
 *
 * @module
 */
import { installPeer } from "../cache.ts";
import type { Side, Workload } from "../harness.ts";
import { type KvEngine, KvEntries, openSlateAt } from "../kv_engines.ts";
import { type MinioPlace, minioPlace } from "../minio_place.ts";

const SESSIONS = 100;
const COMMITS = 2000;

/** Calls `commit` with 0 … COMMITS - 1, 100 of them waiting at any time. */
async function inSessions(
  first: number,
  commit: (id: number) => unknown,
): Promise<number> {
  let id = first;
  const session = async (): Promise<void> => {
    while (id < first + COMMITS) await commit(id++);
  };
  await Promise.all(Array.from({ length: SESSIONS }, session));
  return COMMITS;
}

class OurSessions implements Side {
  #place: MinioPlace | undefined;
  #db: import("../../mod.ts").Database | undefined;
  #next = 0;

  async setup(): Promise<string> {
    const { open } = await import("../../mod.ts");
    this.#place = await minioPlace();
    this.#db = await open("s3://bench/sessions", { s3: this.#place.s3 });
    await this.#db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
    return `INSERT of a row by ${SESSIONS} sessions, durable, on MinIO`;
  }

  async round(): Promise<number> {
    const count = await inSessions(
      this.#next,
      (id) => this.#db!.query("INSERT INTO t VALUES ($1, 'x')", [id]),
    );
    this.#next += count;
    return count;
  }

  async close(): Promise<void> {
    await this.#db?.close();
    await this.#place?.stop();
  }
}

class SlateSessions implements Side {
  #place: MinioPlace | undefined;
  #db: KvEngine | undefined;

  async setup(): Promise<string> {
    this.#place = await minioPlace();
    const { endpoint, credentials } = this.#place.s3;
    const options = {
      ["AWS_ENDPOINT"]: endpoint,
      ["AWS_ACCESS_KEY_ID"]: credentials.accessKeyId,
      ["AWS_SECRET_ACCESS_KEY"]: credentials.secretAccessKey,
      ["AWS_REGION"]: "us-east-1",
      ["AWS_ALLOW_HTTP"]: "true",
    };
    for (const [name, value] of Object.entries(options)) {
      Deno.env.set(name, value);
    }
    const entries = new KvEntries(COMMITS);
    this.#db = await openSlateAt("s3://bench/slate", entries);
    return `put() by ${SESSIONS} callers, durable, defaults, on MinIO`;
  }

  round(): Promise<number> {
    return inSessions(0, (id) => this.#db!.putDurable(id));
  }

  async close(): Promise<void> {
    await this.#db?.close();
    await this.#place?.stop();
  }
}

/** Durable commits of many sessions, beside SlateDB. */
export const bucketSessions: Workload = {
  name: "bucket-sessions",
  unit: "commits/s",
  clock: "wall",
  peers: { slatedb: { name: "slatedb", target: 8, ownModules: true } },
  sides: { ours: () => new OurSessions(), slatedb: () => new SlateSessions() },
  async prepare(): Promise<void> {
    await installPeer("@slatedb/uniffi", "0.12.1");
  },
};
