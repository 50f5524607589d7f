/**
 * Requests to an S3 server, and what it answered, as lines of text: the script
 * that holds the server of `testing/` to what MinIO does.
 *
 * A line is what was asked and the status, the code of a refusal, or what of
 * the answer matters. Tags are made of the same bytes everywhere, so they are
 * compared too; dates, ids and words are not.
 *
 * @module
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { S3ServerCredentials } from "../../testing/s3_server/s3_signature.ts";
import { patternBytes } from "../conformance/object_store_support.ts";

/** A server to talk to. */
export interface ProtocolServer {
  /** Its address. */
  readonly endpoint: string;
  /** Whose requests it takes. */
  readonly credentials: S3ServerCredentials;
}

interface Answer {
  readonly $metadata: { readonly httpStatusCode?: number };
}

const PART = 5 * 1024 * 1024;

function clientOf(
  { endpoint, credentials }: ProtocolServer,
  other: Partial<S3ServerCredentials> = {},
): S3Client {
  return new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { ...credentials, ...other },
  });
}

class Script {
  readonly lines: string[] = [];

  async ask<T extends Answer>(
    what: string,
    call: () => Promise<T>,
    show: (answer: T) => unknown = () => "",
  ): Promise<T | undefined> {
    try {
      const answer = await call();
      const shown = await show(answer);
      const status = answer.$metadata.httpStatusCode;
      this.lines.push(`${what}: ${status} ${shown}`.trimEnd());
      return answer;
    } catch (error) {
      const { name, $metadata } = error as Error & Partial<Answer>;
      const status = $metadata?.httpStatusCode;
      if (status === undefined) throw error;
      this.lines.push(`${what}: ${status} ${name}`);
      return undefined;
    }
  }
}

/** Runs the script in a bucket that is not there yet; the lines. */
export async function runProtocolScript(
  server: ProtocolServer,
  Bucket: string,
): Promise<readonly string[]> {
  const script = new Script();
  const client = clientOf(server);
  await buckets(script, client, Bucket);
  await signatures(script, server, Bucket);
  await objects(script, client, Bucket);
  await conditions(script, client, Bucket);
  await listings(script, client, Bucket);
  await uploads(script, client, Bucket);
  client.destroy();
  return script.lines;
}

async function buckets(
  script: Script,
  client: S3Client,
  Bucket: string,
): Promise<void> {
  const { ask } = { ask: script.ask.bind(script) };
  const none = { Bucket: `${Bucket}-none` };
  await ask("make", () => client.send(new CreateBucketCommand({ Bucket })));
  await ask(
    "make again",
    () => client.send(new CreateBucketCommand({ Bucket })),
  );
  await ask("look", () => client.send(new HeadBucketCommand({ Bucket })));
  await ask("look at none", () => client.send(new HeadBucketCommand(none)));
  await ask("remove none", () => client.send(new DeleteBucketCommand(none)));
  const object = { ...none, Key: "a" };
  await ask(
    "get from none",
    () => client.send(new GetObjectCommand(object)),
  );
  await ask(
    "put to none",
    () => client.send(new PutObjectCommand({ ...object, Body: "x" })),
  );
  await ask("list none", () => client.send(new ListObjectsV2Command(none)));
}

async function signatures(
  script: Script,
  server: ProtocolServer,
  Bucket: string,
): Promise<void> {
  const wrong = { secretAccessKey: "another-secret" };
  for (
    const [what, other] of Object.entries({
      "an unknown key": { accessKeyId: "nobody-at-all" },
      "a wrong secret": wrong,
    })
  ) {
    const client = clientOf(server, other);
    await script.ask(
      what,
      () => client.send(new GetObjectCommand({ Bucket, Key: "a" })),
    );
    client.destroy();
  }
  const response = await fetch(`${server.endpoint}/${Bucket}/a`);
  const code = /<Code>(\w+)<\/Code>/.exec(await response.text())?.[1];
  script.lines.push(`no signature: ${response.status} ${code}`);
}

async function objects(
  script: Script,
  client: S3Client,
  Bucket: string,
): Promise<void> {
  const put = (Key: string, Body: Uint8Array): Promise<Answer> =>
    script.ask(
      `put ${Key}`,
      () => client.send(new PutObjectCommand({ Bucket, Key, Body })),
      ({ ETag }) => ETag,
    ) as Promise<Answer>;
  await put("o/bytes", patternBytes(100, 1));
  await put("o/empty", new Uint8Array(0));
  await put("o/odd !+='()*name", patternBytes(5, 2));
  const get = async (Key: string, Range?: string): Promise<void> => {
    await script.ask(
      `get ${Key} ${Range ?? ""}`.trim(),
      () => client.send(new GetObjectCommand({ Bucket, Key, Range })),
      async ({ Body, ContentRange, ContentLength, ETag }) => {
        const bytes = await Body!.transformToByteArray();
        return `${ContentLength} ${ContentRange} ${bytes.slice(0, 3)} ${ETag}`;
      },
    );
  };
  await get("o/bytes");
  for (
    const range of [
      "bytes=0-0",
      "bytes=10-19",
      "bytes=90-500",
      "bytes=99-",
      "bytes=-7",
      "bytes=-700",
      "bytes=100-",
      "bytes=100-200",
    ]
  ) await get("o/bytes", range);
  await get("o/empty");
  await get("o/empty", "bytes=0-0");
  await get("o/odd !+='()*name");
  await get("o/none");
  await get("o/none", "bytes=0-0");
  for (const Key of ["o/bytes", "o/none"]) {
    await script.ask(
      `head ${Key}`,
      () => client.send(new HeadObjectCommand({ Bucket, Key })),
      ({ ContentLength, ETag }) => `${ContentLength} ${ETag}`,
    );
    for (const time of ["once", "twice"]) {
      await script.ask(
        `delete ${Key} ${time}`,
        () => client.send(new DeleteObjectCommand({ Bucket, Key })),
      );
    }
  }
  const Objects = ["o/empty", "o/none", "o/odd !+='()*name"].map((Key) => ({
    Key,
  }));
  await script.ask(
    "delete several",
    () =>
      client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } })),
    ({ Deleted = [], Errors = [] }) => `${Deleted.length} ${Errors.length}`,
  );
}

async function conditions(
  script: Script,
  client: S3Client,
  Bucket: string,
): Promise<void> {
  const put = async (
    what: string,
    Key: string,
    Body: string,
    condition: { IfNoneMatch?: string; IfMatch?: string },
  ): Promise<string | undefined> => {
    const answer = await script.ask(
      what,
      () =>
        client.send(new PutObjectCommand({ Bucket, Key, Body, ...condition })),
      ({ ETag }) => ETag,
    );
    return answer?.ETag;
  };
  const first = await put("create", "c/a", "1", { IfNoneMatch: "*" });
  await put("create again", "c/a", "2", { IfNoneMatch: "*" });
  const other = '"00000000000000000000000000000000"';
  await put("replace another tag", "c/a", "2", { IfMatch: other });
  const second = await put("replace", "c/a", "2", { IfMatch: first! });
  await put("replace the old tag", "c/a", "3", { IfMatch: first! });
  await put("replace, bare tag", "c/a", "3", {
    IfMatch: second!.replaceAll('"', ""),
  });
  await put("replace none", "c/none", "1", { IfMatch: other });
  for (const condition of [{ IfMatch: other }, { IfNoneMatch: "*" }]) {
    await script.ask(
      `get with ${JSON.stringify(condition)}`,
      () =>
        client.send(
          new GetObjectCommand({ Bucket, Key: "c/a", ...condition }),
        ),
    );
  }
}

async function listings(
  script: Script,
  client: S3Client,
  Bucket: string,
): Promise<void> {
  for (const Key of ["l/a", "l/b/1", "l/b/2", "l/c", "l/d", "m"]) {
    await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  }
  const list = async (
    input: Partial<ConstructorParameters<typeof ListObjectsV2Command>[0]>,
  ): Promise<string | undefined> => {
    const shown = Object.entries(input).map(([name, value]) =>
      name === "ContinuationToken" ? "onward" : `${name}=${value}`
    );
    const answer = await script.ask(
      `list ${shown.join(" ")}`,
      () => client.send(new ListObjectsV2Command({ Bucket, ...input })),
      ({ Contents = [], CommonPrefixes = [], IsTruncated, KeyCount }) => {
        const keys = Contents.map(({ Key, Size }) => `${Key}:${Size}`);
        const common = CommonPrefixes.map(({ Prefix }) => `[${Prefix}]`);
        return `${KeyCount} ${IsTruncated} ${[...keys, ...common].join(" ")}`;
      },
    );
    return answer?.NextContinuationToken;
  };
  await list({ Prefix: "l/" });
  await list({ Prefix: "l/b" });
  await list({ Prefix: "none/" });
  await list({ Prefix: "l/", StartAfter: "l/b/1" });
  await list({ Prefix: "l/", StartAfter: "l/b/" });
  await list({ Prefix: "l/", StartAfter: "a" });
  await list({ Prefix: "l/", StartAfter: "z" });
  await list({ Prefix: "l/", Delimiter: "/" });
  await list({ Prefix: "l/", MaxKeys: 0 });
  for (const Delimiter of [undefined, "/"]) {
    const input = { Prefix: "l/", MaxKeys: 2, Delimiter };
    let ContinuationToken = await list(input);
    while (ContinuationToken !== undefined) {
      ContinuationToken = await list({ ...input, ContinuationToken });
    }
  }
}

async function uploads(
  script: Script,
  client: S3Client,
  Bucket: string,
): Promise<void> {
  const begin = async (Key: string): Promise<string> => {
    const answer = await script.ask(
      `begin ${Key}`,
      () => client.send(new CreateMultipartUploadCommand({ Bucket, Key })),
    );
    return answer!.UploadId!;
  };
  const part = async (
    Key: string,
    UploadId: string,
    PartNumber: number,
    size: number,
  ): Promise<string> => {
    const answer = await script.ask(
      `part ${PartNumber} of ${Key}`,
      () =>
        client.send(
          new UploadPartCommand({
            Bucket,
            Key,
            UploadId,
            PartNumber,
            Body: patternBytes(size, PartNumber),
          }),
        ),
      ({ ETag }) => ETag,
    );
    return answer?.ETag ?? "";
  };
  const complete = async (
    what: string,
    Key: string,
    UploadId: string,
    tags: readonly [number, string][],
    condition: { IfNoneMatch?: string } = {},
  ): Promise<void> => {
    const Parts = tags.map(([PartNumber, ETag]) => ({ PartNumber, ETag }));
    await script.ask(
      what,
      () =>
        client.send(
          new CompleteMultipartUploadCommand({
            Bucket,
            Key,
            UploadId,
            MultipartUpload: { Parts },
            ...condition,
          }),
        ),
      ({ ETag }) => ETag,
    );
  };
  const abort = async (Key: string, UploadId: string): Promise<void> => {
    await script.ask(`abort ${Key}`, () =>
      client.send(
        new AbortMultipartUploadCommand({ Bucket, Key, UploadId }),
      ));
  };
  const a = await begin("u/a");
  const one = await part("u/a", a, 1, PART);
  const two = await part("u/a", a, 2, 10);
  await complete("wrong order", "u/a", a, [[2, two], [1, one]]);
  await complete("a part that is not there", "u/a", a, [[1, one], [3, two]]);
  await complete("a wrong tag", "u/a", a, [[1, two]]);
  await complete("complete", "u/a", a, [[1, one], [2, two]], {
    IfNoneMatch: "*",
  });
  await complete("complete again", "u/a", a, [[1, one], [2, two]]);
  await part("u/a", a, 3, 10);
  const b = await begin("u/a");
  const again = await part("u/a", b, 1, 10);
  await complete("create over it", "u/a", b, [[1, again]], {
    IfNoneMatch: "*",
  });
  await abort("u/a", b);
  await abort("u/a", b);
  const c = await begin("u/c");
  const small = await part("u/c", c, 1, 10);
  const last = await part("u/c", c, 2, 10);
  await complete("small parts", "u/c", c, [[1, small], [2, last]]);
  await abort("u/c", c);
  await script.ask(
    "head u/a",
    () => client.send(new HeadObjectCommand({ Bucket, Key: "u/a" })),
    ({ ContentLength, ETag }) => `${ContentLength} ${ETag}`,
  );
  await script.ask(
    "remove a bucket with objects",
    () => client.send(new DeleteBucketCommand({ Bucket })),
  );
}
