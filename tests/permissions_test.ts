/**
 * The least permissions: what the README says is enough, and nothing more is
 * asked for.
 *
 * @module
 */
import { assert } from "@std/assert";
import { fileURLToPath } from "node:url";
import type { S3Options } from "../mod.ts";
import { S3Server } from "../testing/s3_server/s3_server.ts";

const SCRIPT = fileURLToPath(
  new URL("./support/permissions_script.ts", import.meta.url),
);

async function run(
  flags: string[],
  address: string,
  options: { s3?: S3Options; env?: Record<string, string> } = {},
): Promise<void> {
  const { s3 = {}, env = {} } = options;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", ...flags, SCRIPT, address]
      .concat(
        JSON.stringify(s3),
      ),
    stdin: "null",
    env: { NO_COLOR: "1", ...env },
  }).output();
  assert(success, new TextDecoder().decode(stderr));
}

Deno.test("memory: needs no permission at all", async () => {
  await run([], "memory:");
});

Deno.test("file: needs to read and write its folder, and nothing else", async () => {
  const folder = await Deno.makeTempDir({ prefix: "kriyadb-permissions-" });
  try {
    const flags = [`--allow-read=${folder}`, `--allow-write=${folder}`];
    await run(flags, `file://${folder}/db`);
    await run(flags, `file://${folder}/db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("s3: with its options needs the net, sees no environment, no file, no system", async () => {
  await using server = await S3Server.start({ buckets: ["words"] });
  const { endpoint, credentials } = server;
  const flags = [`--allow-net=${new URL(endpoint).host}`, "--ignore-env"];
  await run(flags, "s3://words/db", { s3: { endpoint, credentials } });
});

Deno.test("s3: with keys in the environment needs the net and the environment", async () => {
  await using server = await S3Server.start({ buckets: ["words"] });
  const { endpoint, credentials } = server;
  const flags = [`--allow-net=${new URL(endpoint).host}`, "--allow-env"];
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  await run(flags, "s3://words/db", { env });
});
