/**
 * The store in a bucket under the suite of all stores, over the server of our
 * own: the real SDK, real HTTP, real signatures.
 *
 * @module
 */
import { S3Store } from "../../storage/object_store/s3/s3_store.ts";
import { S3Server } from "../../testing/s3_server/s3_server.ts";
import {
  objectStoreSuite,
  type StoreUnderTest,
} from "../conformance/object_store_suite.ts";

for (const prefix of ["", "/a/prefix"]) {
  objectStoreSuite({
    name: `s3${prefix && ", below a prefix"}`,
    proves: "[K-102] ",
    async open(): Promise<StoreUnderTest> {
      const server = await S3Server.start({ buckets: ["suite"] });
      const { endpoint, credentials } = server;
      const again = (): Promise<S3Store> =>
        S3Store.open(`s3://suite${prefix}`, { endpoint, credentials });
      return {
        store: await again(),
        again,
        dispose: () => server.close(),
      };
    },
  });
}
