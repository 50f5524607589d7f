/**
 * Digests of `pgcrypto`: `digest`, `hmac`.
 *
 * @module
 */
import { createHash, createHmac } from "node:crypto";
import { utf8Encode } from "../../../../base/bytes.ts";
import { SqlError } from "../../../errors/sql_error.ts";
import { bytea } from "../../../types/bytea_type.ts";
import { text } from "../../../types/text_types.ts";
import { define } from "../../define.ts";
import type { FunctionDefinition } from "../../definition.ts";

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

/** The bytes of a `text` or `bytea`. */
export function bytesOf(value: unknown): Uint8Array {
  return typeof value === "string" ? utf8Encode(value) : value as Uint8Array;
}

/** Digests of `text` and of `bytea`. */
export const digestFunctions: readonly FunctionDefinition[] = [bytea, text]
  .flatMap((type) => [
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
  ]);
