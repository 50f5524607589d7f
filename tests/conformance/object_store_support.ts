/**
 * What the cases of the object store suite share.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type ErrorKind, KriyaError } from "../../base/errors.ts";
import type {
  GetOptions,
  ListOptions,
  ObjectBody,
  ObjectStore,
  PutResult,
} from "../../storage/object_store/object_store.ts";

/** One store under test, with a way to open the same objects again. */
export interface StoreUnderTest {
  /** A store without objects. */
  readonly store: ObjectStore;
  /** Another handle on the same objects, as another process would have. */
  again(): Promise<ObjectStore>;
  /** Removes everything. */
  dispose(): Promise<void>;
}

/** One test of the suite. */
export type Case = (under: StoreUnderTest) => Promise<void>;

/** Tests by what they show; a checklist row may stand before it. */
export type Cases = Readonly<Record<string, Case>>;

/** Bytes that differ everywhere, and by seed. */
export function patternBytes(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed * 2654435761 >>> 0;
  for (let i = 0; i < length; i++) {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** The bytes of a text. */
export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/** The text of an object. */
export function textOf(body: ObjectBody | undefined): string | undefined {
  return body && new TextDecoder().decode(body.bytes);
}

/** A `get` whose errors are always rejections. */
export async function read(
  store: ObjectStore,
  path: string,
  options?: GetOptions,
): Promise<ObjectBody | undefined> {
  return await store.get(path, options);
}

/** Fails unless `call` fails with `kind`. */
export async function failsAs(
  kind: ErrorKind,
  call: () => PromiseLike<unknown> | unknown,
  message: string,
): Promise<void> {
  const error = await assertRejects(
    async () => await call(),
    KriyaError,
  );
  assertEquals(error.kind, kind, message);
}

/** The tag of what was stored. */
export function etagOf(result: PutResult): string {
  assert(result.kind === "stored", "stored");
  return result.etag;
}

/** The paths of one page. */
export async function paths(
  store: ObjectStore,
  prefix: string,
  options?: ListOptions,
): Promise<string[]> {
  const page = await store.list(prefix, options);
  return page.objects.map((object) => object.path);
}
