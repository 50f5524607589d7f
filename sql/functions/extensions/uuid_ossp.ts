/**
 * The extension `uuid-ossp`: universally unique identifiers by the way they are
 * made.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { utf8Encode } from "../../../base/bytes.ts";
import { text } from "../../types/text_types.ts";
import { uuid, uuidOfBytes } from "../../types/uuid_type.ts";
import { define } from "../define.ts";
import type { FunctionContext, FunctionDefinition } from "../definition.ts";
import type { ExtensionParts } from "./extension.ts";

/** The namespaces that RFC 4122 gives names. */
const NAMESPACES: readonly (readonly [name: string, value: string])[] = [
  ["uuid_nil", "00000000-0000-0000-0000-000000000000"],
  ["uuid_ns_dns", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
  ["uuid_ns_url", "6ba7b811-9dad-11d1-80b4-00c04fd430c8"],
  ["uuid_ns_oid", "6ba7b812-9dad-11d1-80b4-00c04fd430c8"],
  ["uuid_ns_x500", "6ba7b814-9dad-11d1-80b4-00c04fd430c8"],
];

/** Seconds from 1582-10-15, where version 1 counts from, to 2000-01-01. */
const GREGORIAN_SECONDS = 13_165_977_600n;

function marked(bytes: Uint8Array, version: number): string {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return uuidOfBytes(bytes);
}

/** Of a namespace and a name: version 3 by MD5, version 5 by SHA-1. */
function named(version: 3 | 5): FunctionDefinition {
  return define(
    `uuid_generate_v${version}`,
    [uuid, text],
    uuid,
    ([namespace, name]) => {
      const hex = (namespace as string).replaceAll("-", "");
      const digest = createHash(version === 3 ? "md5" : "sha1")
        .update(Uint8Array.fromHex(hex))
        .update(utf8Encode(name as string))
        .digest();
      return marked(new Uint8Array(digest).slice(0, 16), version);
    },
  );
}

/** Of the time, with a node that is chance (its multicast bit says so). */
function ofTime(context: FunctionContext): string {
  const bytes = context.randomBytes(new Uint8Array(16));
  const ticks = (BigInt(context.clock()) + GREGORIAN_SECONDS * 1_000_000n) *
    10n;
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Number(ticks & 0xffff_ffffn));
  view.setUint16(4, Number((ticks >> 32n) & 0xffffn));
  view.setUint16(6, Number((ticks >> 48n) & 0x0fffn));
  bytes[10] = bytes[10]! | 1;
  return marked(bytes, 1);
}

const VOLATILE = { volatility: "volatile" } as const;

/** What `uuid-ossp` adds. */
export const uuidOssp: ExtensionParts = {
  functions: [
    ...NAMESPACES.map(([name, value]) => define(name, [], uuid, () => value)),
    define("uuid_generate_v1", [], uuid, (_, context) => ofTime(context), {
      ...VOLATILE,
    }),
    define("uuid_generate_v1mc", [], uuid, (_, context) => ofTime(context), {
      ...VOLATILE,
    }),
    named(3),
    define(
      "uuid_generate_v4",
      [],
      uuid,
      (_, context) => marked(context.randomBytes(new Uint8Array(16)), 4),
      VOLATILE,
    ),
    named(5),
  ],
};
