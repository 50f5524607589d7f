/**
 * Functions of the extensions `pgcrypto` and `uuid-ossp` that need no key of
 * their own: digests, random bytes, random uuids.
 *
 * @module
 */
import { createHash, createHmac } from "node:crypto";
import { utf8Encode } from "../../../base/bytes.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { bytea } from "../../types/bytea_type.ts";
import { int4 } from "../../types/int_types.ts";
import { text } from "../../types/text_types.ts";
import { uuid, uuidOfBytes } from "../../types/uuid_type.ts";
import { define } from "../define.ts";
import type { FunctionDefinition } from "../registry.ts";

/** The digests that PostgreSQL has built in. */
const ALGORITHMS: ReadonlySet<string> = new Set([
  "md5",
  "sha1",
  "sha224",
  "sha256",
  "sha384",
  "sha512",
]);

function algorithmOf(name: string): string {
  const folded = name.toLowerCase();
  if (ALGORITHMS.has(folded)) return folded;
  throw new SqlError("22023", `Cannot use "${name}": No such hash algorithm`);
}

function bytesOf(value: unknown): Uint8Array {
  return typeof value === "string" ? utf8Encode(value) : value as Uint8Array;
}

/** Functions of `pgcrypto` and `uuid-ossp`. */
export const cryptoFunctions: readonly FunctionDefinition[] = [
  ...[bytea, text].flatMap((type) => [
    define(
      "digest",
      [type, text],
      bytea,
      ([value, name]) =>
        new Uint8Array(
          createHash(algorithmOf(name as string)).update(bytesOf(value))
            .digest(),
        ),
    ),
    define(
      "hmac",
      [type, type, text],
      bytea,
      ([value, key, name]) =>
        new Uint8Array(
          createHmac(algorithmOf(name as string), bytesOf(key))
            .update(bytesOf(value)).digest(),
        ),
    ),
  ]),
  define("gen_random_bytes", [int4], bytea, ([count], context) => {
    if ((count as number) < 1 || (count as number) > 1024) {
      throw new SqlError("39000", "Length not in range");
    }
    return context.randomBytes(new Uint8Array(count as number));
  }, { volatility: "volatile" }),
  define("uuid_generate_v4", [], uuid, (_args, context) => {
    const bytes = context.randomBytes(new Uint8Array(16));
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    return uuidOfBytes(bytes);
  }, { volatility: "volatile" }),
  define(
    "uuid_nil",
    [],
    uuid,
    () => "00000000-0000-0000-0000-000000000000",
  ),
];
