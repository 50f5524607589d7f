import { assertEquals } from "@std/assert";
import { notesApp } from "./http_notes.ts";

Deno.test("HTTP notes: who has the token writes, everybody finds", async () => {
  await using app = await notesApp("secret");
  const insert = (token: string): Promise<Response> =>
    app.fetch(
      new Request("http://localhost/db/v1/insert", {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${token}`,
        },
        body: JSON.stringify({
          collection: "notes",
          documents: [
            { doc_id: "sea", embedding: [1, 0] },
            { doc_id: "land", embedding: [0, 1] },
          ],
        }),
      }),
    );
  assertEquals((await insert("guess")).status, 401);
  assertEquals(await (await insert("secret")).json(), {
    status: "ok",
    doc_ids: ["sea", "land"],
  });
  const near = await app.fetch(new Request("http://localhost/near?v=[0,2]"));
  assertEquals(await near.json(), ["land", "sea"]);
});
