/**
 * The server of `testing/` answers as MinIO does: the same requests, the same
 * status, code and content. What MinIO answered is in `protocol.golden`;
 * `minio_test.ts` holds that file to the real one.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { S3Server } from "../../testing/s3_server/s3_server.ts";
import { runProtocolScript } from "./protocol_script.ts";

const GOLDEN = new URL("./protocol.golden", import.meta.url);

Deno.test("S3Server: answers as MinIO does", async () => {
  await using server = await S3Server.start();
  const lines = await runProtocolScript(server, "protocol");
  assertEquals(lines.join("\n") + "\n", await Deno.readTextFile(GOLDEN));
});

Deno.test("S3Server: takes bodies in signed chunks, and refuses broken ones", async () => {
  const { decodeChunks } = await import(
    "../../testing/s3_server/s3_message.ts"
  );
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const signature = `chunk-signature=${"0".repeat(64)}`;
  const framed = bytes(
    `5;${signature}\r\nhello\r\n1\r\n!\r\n0;${signature}\r\nx-amz-checksum-crc32:AA==\r\n\r\n`,
  );
  assertEquals(decodeChunks(framed), bytes("hello!"));
  for (const broken of ["", "5\r\nhel", "5\r\nhello\r\n", "x\r\n", "5hello"]) {
    let code = "";
    try {
      decodeChunks(bytes(broken));
    } catch (error) {
      code = (error as { code: string }).code;
    }
    assertEquals(code, "IncompleteBody", broken);
  }
});

Deno.test("S3Server: refuses a body that is not what was signed, and an old signature", async () => {
  const { checkSignature } = await import(
    "../../testing/s3_server/s3_signature.ts"
  );
  const seen: { code: string }[] = [];
  await using server = await S3Server.start({ buckets: ["words"] });
  const { S3Client, PutObjectCommand } = await import("@aws-sdk/client-s3");
  const client = new S3Client({
    endpoint: server.endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: server.credentials,
  });
  let sent: { headers: Record<string, string>; path: string } | undefined;
  client.middlewareStack.add((next) => (args) => {
    sent = args.request as typeof sent;
    return next(args);
  }, { step: "finalizeRequest", priority: "low" });
  await client.send(
    new PutObjectCommand({ Bucket: "words", Key: "a", Body: "hello" }),
  );
  client.destroy();
  assert(sent !== undefined);
  const headers = new Map(
    Object.entries(sent.headers).map(([name, value]) => [
      name.toLowerCase(),
      value,
    ]),
  );
  headers.set("host", server.endpoint.slice("http://".length));
  const check = (body: string, laterMs: number): string => {
    const call = {
      method: "PUT",
      rawPath: "/words/a",
      rawQuery: "x-id=PutObject",
      bucket: "words",
      key: "a",
      query: new URLSearchParams(),
      headers,
      body: new TextEncoder().encode(body),
    };
    try {
      checkSignature(call, server.credentials, Date.now() + laterMs);
      return "taken";
    } catch (error) {
      seen.push(error as { code: string });
      return (error as { code: string }).code;
    }
  };
  assertEquals(check("hello", 0), "taken");
  assertEquals(check("hellO", 0), "XAmzContentSHA256Mismatch");
  assertEquals(check("hello", 16 * 60_000), "RequestTimeTooSkewed");
  assertEquals(check("hello", -16 * 60_000), "RequestTimeTooSkewed");
});
