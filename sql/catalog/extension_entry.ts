/**
 * Extensions that were created: what they add is known while they are there.
 *
 * @module
 */
import type { EntryCommon } from "./entry_common.ts";
import { type Fields, textAt } from "./stored_fields.ts";

/** An extension. */
export interface ExtensionEntry extends EntryCommon {
  /** Tells it from others. */
  readonly kind: "extension";
  /** The schema that its objects are in. */
  readonly schema: string;
  /** The version that was created. */
  readonly version: string;
}

/** Reads the fields of an extension's row. */
export function decodeExtension(
  fields: Fields,
): Omit<ExtensionEntry, keyof EntryCommon> {
  return {
    kind: "extension",
    schema: textAt(fields, "schema"),
    version: textAt(fields, "extensionVersion"),
  };
}

/** The fields of an extension's row. */
export function extensionFields(
  { version, ...rest }: ExtensionEntry,
): Record<string, unknown> {
  return { ...rest, extensionVersion: version };
}
