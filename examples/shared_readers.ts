/**
 * Workers that read one database, through one cache in shared memory: what one
 * has read from the bucket the others need not.
 *
 *     deno run --allow-read --allow-write examples/shared_readers.ts
 *
 * @module
 */
import { open, SharedCache } from "../mod.ts";
import type { Answer, Question } from "./shared_readers/reader.ts";

/** Asks in a Worker of its own. */
export async function askInWorker(question: Question): Promise<Answer> {
  const worker = new Worker(
    new URL("./shared_readers/reader.ts", import.meta.url),
    { type: "module" },
  );
  try {
    const answer = await new Promise<Answer | { readonly error: string }>(
      (resolve, reject) => {
        worker.onmessage = (event) => resolve(event.data);
        worker.onerror = (event) => reject(new Error(event.message));
        worker.postMessage(question);
      },
    );
    if ("error" in answer) throw new Error(answer.error);
    return answer;
  } finally {
    worker.terminate();
  }
}

if (import.meta.main) {
  const folder = await Deno.makeTempDir();
  const address = `file:${folder}`;
  {
    await using db = await open(address);
    await db.exec(`
      CREATE TABLE items (id int PRIMARY KEY, kind int, note text);
      INSERT INTO items
        SELECT n, n % 10, md5(n::text) FROM generate_series(1, 20000) n`);
    await db.query("SELECT lsm_s3_flush()");
  }
  const cache = SharedCache.create({ bytes: 64 * 1024 * 1024 });
  for (let kind = 0; kind < 4; kind++) {
    const { rows, bytesRead } = await askInWorker({
      address,
      cache: cache.handle,
      text: `SELECT max(note) AS last FROM items WHERE kind = ${kind}`,
    });
    console.log(
      `Worker ${kind}:`,
      rows[0]?.["last"],
      `${bytesRead} bytes read`,
    );
  }
  console.log(cache.statistics);
  await Deno.remove(folder, { recursive: true });
}
