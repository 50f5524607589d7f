/**
 * The HTTP API inside of a server of one's own: notes that are near a vector
 * for everybody, SQL for who has the token.
 *
 *     deno run --allow-net --allow-read examples/http_notes.ts
 *
 * @module
 */
import { open } from "../mod.ts";
import { type HttpHandler, httpHandler } from "../server/mod.ts";

/** Makes the application: what is below `/db` is the database's. */
export async function notesApp(token: string): Promise<
  AsyncDisposable & { readonly fetch: HttpHandler }
> {
  const db = await open("memory:");
  const api = httpHandler(db, { tokens: { [token]: "postgres" } });
  await db.exec(`
    CREATE TABLE notes (
      doc_id text PRIMARY KEY, embedding vector(2) NOT NULL,
      metadata jsonb NOT NULL DEFAULT '{}',
      created_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX ON notes USING lsm_hnsw (embedding lsm_vector_cosine_ops);
  `);
  return {
    async fetch(request): Promise<Response> {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname.startsWith("/db/")) return await api(request);
      if (pathname !== "/near") return new Response(null, { status: 404 });
      const { rows } = await db.query(
        "SELECT doc_id FROM notes ORDER BY embedding <=> $1 LIMIT 3",
        [searchParams.get("v")],
      );
      return Response.json(rows.map(({ doc_id: id }) => id));
    },
    [Symbol.asyncDispose]: () => db.close(),
  };
}

if (import.meta.main) {
  const app = await notesApp("secret");
  Deno.serve({ port: 8080 }, app.fetch);
}
