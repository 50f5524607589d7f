/**
 * Tables on their way into the store: from a builder's bytes to what a manifest
 * says of them.
 *
 * @module
 */
import { crc32c } from "../../base/checksum.ts";
import {
  delay,
  type Environment,
  nextTurn,
  systemEnvironment,
} from "../../base/environment.ts";
import { invariant } from "../../base/invariant.ts";
import { createOnce, type CreateOnceOptions } from "../../fence/create_once.ts";
import type { TableMeta } from "../manifest/manifest.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import type { BuiltSstable } from "../sstable/sstable_builder.ts";

/**
 * How long a slice of background work may hold the thread, in ms. A durable
 * commit goes through several turns and may meet a slice in each.
 */
export const SLICE_MS = 1;

/**
 * Lets everything else run that is ready. A timer of 0 ms would take one: as
 * long as the slice.
 */
export function pause(environment: Environment): Promise<void> {
  return environment === systemEnvironment ? nextTurn() : delay(environment, 0);
}

/** Stores a built table at `path`; resolves with what the manifest says of it. */
export async function storeTable(
  store: ObjectStore,
  path: string,
  built: BuiltSstable,
  options: CreateOnceOptions,
): Promise<TableMeta> {
  const described = describeTable(built);
  return {
    path: await storeAt(store, path, built.bytes, options),
    ...described,
  };
}

/**
 * Stores the bytes of a table at `path`, and resolves with it.
 *
 * @throws {KriyaError} `internal` when another object is at the path, which is
 * this writer's alone; `unavailable`.
 */
export async function storeAt(
  store: ObjectStore,
  path: string,
  bytes: Uint8Array,
  options: CreateOnceOptions,
): Promise<string> {
  const outcome = await createOnce(store, path, bytes, options);
  invariant(outcome.kind === "created", `another object is at "${path}"`);
  return path;
}

/** What the manifest says of a built table, but for where it is. */
export function describeTable(built: BuiltSstable): Omit<TableMeta, "path"> {
  const { properties, shadowedCount } = built;
  return {
    size: built.bytes.length,
    metaOffset: built.metaOffset,
    digest: crc32c(built.bytes, built.metaOffset),
    entryCount: built.entryCount,
    deletionCount: properties.deletionCount,
    ...(shadowedCount === 0 ? {} : { shadowedCount }),
    tombstoneCount: built.tombstoneCount,
    firstKey: properties.firstKey,
    lastKey: properties.lastKey,
    sequenceMin: properties.sequenceMin,
    sequenceMax: properties.sequenceMax,
    prefixes: properties.prefixes,
  };
}
