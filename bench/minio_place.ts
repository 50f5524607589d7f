/**
 * A MinIO of a benchmark's own.
 *
 * @module
 */

/** A MinIO for one side of a benchmark. */
export interface MinioPlace {
  /** How it is reached. */
  readonly s3: {
    readonly endpoint: string;
    readonly credentials: {
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
    };
  };
  /** Stops it. */
  stop(): Promise<void>;
}

/** A MinIO of its own, with the bucket `bench`. */
export async function minioPlace(): Promise<MinioPlace> {
  const { findMinio, MINIO_HOW, startMinio } = await import(
    "../tasks/minio.ts"
  );
  const program = findMinio();
  if (program === undefined) throw new Error(MINIO_HOW);
  const minio = await startMinio(program);
  const { endpoint, credentials } = minio;
  const script = new URL("./minio_bucket.ts", import.meta.url);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", "--no-check", script.href, endpoint],
      ...[credentials.accessKeyId, credentials.secretAccessKey],
    ],
    stdout: "null",
  }).output();
  if (!success) throw new Error("no bucket could be made");
  const s3 = { endpoint, credentials };
  return { s3, stop: async () => await minio[Symbol.asyncDispose]() };
}
