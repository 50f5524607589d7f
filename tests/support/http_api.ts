/**
 * The HTTP API of a database in memory, asked without a network.
 *
 * @module
 */
import { type Database, open } from "../../mod.ts";
import { httpHandler, type HttpOptions } from "../../server/mod.ts";

/** What came back. */
export interface Asked {
  readonly status: number;
  // deno-lint-ignore no-explicit-any -- what JSON has
  readonly body: any;
  readonly headers: Headers;
}

/** Asks with POST. */
export type Post = (
  path: string,
  body: unknown,
  headers?: Record<string, string>,
) => Promise<Asked>;

/** Runs `work` with the API of a new database. */
export async function withApi(
  work: (post: Post, db: Database) => Promise<void>,
  options: HttpOptions = {},
): Promise<void> {
  await using db = await open("memory:");
  const handler = httpHandler(db, options);
  await work(async (path, body, headers = {}) => {
    const response = await handler(
      new Request(`http://localhost${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    );
    const text = await response.text();
    const { status } = response;
    return {
      status,
      body: text === "" ? undefined : JSON.parse(text),
      headers: response.headers,
    };
  }, db);
}
