/**
 * Fencing: one writer at a time, over conditional PUT alone.
 *
 * Here belongs what proves that a writer is the newest: identities, the
 * creation of an object with a trusted answer, and chains of numbered objects
 * on which epochs are claimed. What the objects mean (WAL, manifest) does not.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { NumberedChain } from "./mod.ts";
 * import { systemEnvironment } from "../base/environment.ts";
 * import { MemoryStore } from "../storage/object_store/memory_store.ts";
 *
 * const chain = new NumberedChain(new MemoryStore(), {
 *   prefix: "leader/",
 *   pathOf: (number) => `leader/${String(1e6 - number).padStart(7, "0")}`,
 *   numberOf: (path) => 1e6 - Number(path.slice(7)),
 * }, { environment: systemEnvironment });
 * const text = new TextEncoder();
 * assertEquals((await chain.create(1, text.encode("me"))).kind, "created");
 * assertEquals((await chain.create(1, text.encode("you"))).kind, "taken");
 * assertEquals((await chain.newest())?.number, 1);
 * ```
 *
 * @module
 */
export {
  createOnce,
  type CreateOnceOptions,
  type CreateOutcome,
} from "./create_once.ts";
export { fencedError } from "./fenced_error.ts";
export {
  type ChainNames,
  type ChainObject,
  NumberedChain,
} from "./numbered_chain.ts";
export {
  newWriterId,
  WRITER_ID_BYTES,
  writerIdBytes,
  type WriterIdentity,
} from "./writer_id.ts";
