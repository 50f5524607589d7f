/**
 * For tests, the library's and yours: a store that behaves as a bad bucket
 * does, an S3 server with faults, and a clock, timers and randomness that
 * replay from a seed.
 *
 * Here belongs what a test of code that uses the library can use. What only
 * tests of the library need is in `tests/`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryStore } from "@kriyadb/kriyadb/storage";
 * import { FaultyStore, SimulatedEnvironment } from "@kriyadb/kriyadb/testing";
 *
 * const environment = new SimulatedEnvironment({ seed: 42 });
 * const store = new FaultyStore(new MemoryStore({ environment }), {
 *   environment,
 *   latencyMs: "s3",
 *   chances: { lostReply: 0.01 },
 * });
 * const result = await environment.run(() =>
 *   store.put("greeting", new TextEncoder().encode("hello"), {
 *     kind: "absent",
 *   })
 * );
 * assertEquals(result.kind, "stored");
 * ```
 *
 * @module
 */
export type {
  Fault,
  FaultChances,
  Operation,
  RandomFault,
  RequestPattern,
} from "./fault_script.ts";
export {
  FaultyStore,
  type FaultyStoreOptions,
  type MsRange,
  type Pause,
  type RequestEvent,
} from "./faulty_store.ts";
export {
  HTTP_FAULTS,
  type HttpFault,
  type HttpFaultChances,
} from "./s3_server/http_fault.ts";
export {
  type HttpEvent,
  S3Server,
  type S3ServerOptions,
} from "./s3_server/s3_server.ts";
export type { S3ServerCredentials } from "./s3_server/s3_signature.ts";
export { type LatencyShape, S3_LATENCY } from "./s3_latency.ts";
export { SeededRandom } from "./seeded_random.ts";
export {
  SimulatedEnvironment,
  type SimulatedEnvironmentOptions,
} from "./simulated_environment.ts";
