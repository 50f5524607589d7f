/**
 * Makes the bucket `bench` on a MinIO: `minio_bucket.ts ENDPOINT KEY SECRET`. A
 * process of its own, as a peer's process knows no packages but its own.
 *
 * @module
 */
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";

const [endpoint, accessKeyId, secretAccessKey] = Deno.args as [
  string,
  string,
  string,
];
const client = new S3Client({
  endpoint,
  credentials: { accessKeyId, secretAccessKey },
  region: "us-east-1",
  forcePathStyle: true,
});
await client.send(new CreateBucketCommand({ Bucket: "bench" }));
client.destroy();
