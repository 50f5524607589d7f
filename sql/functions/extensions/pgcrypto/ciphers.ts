/**
 * Raw ciphers of `pgcrypto`: `encrypt`, `decrypt` and their `_iv` twins, with
 * AES.
 *
 * | type | means |
 * | --- | --- |
 * | `aes`, `aes-cbc` | CBC; the vector is zero if none is given |
 * | `aes-ecb` | block by block |
 * | `…/pad:pkcs` | any length (the default) |
 * | `…/pad:none` | whole blocks of 16 bytes only |
 *
 * A key is filled up with zeros to 16, 24 or 32 bytes. CBC is chained here: not
 * every runtime has it for all lengths of keys.
 *
 * @module
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { SqlError } from "../../../errors/sql_error.ts";
import { bytea } from "../../../types/bytea_type.ts";
import { text } from "../../../types/text_types.ts";
import { define } from "../../define.ts";
import type { FunctionDefinition } from "../../definition.ts";

const BLOCK_BYTES = 16;
const KEY_BYTES: readonly number[] = [16, 24, 32];

/** How to encrypt. */
interface CipherForm {
  readonly mode: "cbc" | "ecb";
  readonly pads: boolean;
}

function formOf(type: string): CipherForm {
  const match = /^(aes|rijndael)(?:-(cbc|ecb))?(?:\/pad:(pkcs|none))?$/
    .exec(type.toLowerCase());
  if (match === null) {
    throw new SqlError(
      "22023",
      `Cannot use "${type}": No such cipher algorithm`,
    );
  }
  return {
    mode: (match[2] ?? "cbc") as CipherForm["mode"],
    pads: match[3] !== "none",
  };
}

function filled(bytes: Uint8Array, length: number): Uint8Array {
  const result = new Uint8Array(length);
  result.set(bytes.subarray(0, length));
  return result;
}

/** `a` with the bytes of `b` exchanged where they differ. */
function exclusiveOr(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ b[i]!);
}

/** The data filled up to whole blocks: with bytes that say how many they are. */
function padded(data: Uint8Array): Uint8Array {
  const missing = BLOCK_BYTES - data.length % BLOCK_BYTES;
  const result = new Uint8Array(data.length + missing).fill(missing);
  result.set(data);
  return result;
}

function unpadded(data: Uint8Array): Uint8Array {
  const count = data.at(-1) ?? 0;
  const end = data.length - count;
  const isPadding = count > 0 && count <= BLOCK_BYTES &&
    data.subarray(end).every((byte) => byte === count);
  if (!isPadding) throw failed("decrypt");
  return data.slice(0, end);
}

function failed(what: "encrypt" | "decrypt"): SqlError {
  return new SqlError(
    "39000",
    `${what} error: ${what[0]!.toUpperCase()}${what.slice(1)}ion failed`,
  );
}

/** What a call is given. */
interface Given {
  readonly data: Uint8Array;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly type: string;
}

/** The name of the block cipher, and the key as long as it wants it. */
function blockCipher(key: Uint8Array): readonly [string, Uint8Array] {
  const length = KEY_BYTES.find((each) => key.length <= each) ??
    KEY_BYTES.at(-1)!;
  return [`aes-${length * 8}-ecb`, filled(key, length)];
}

function encrypt({ data, key, iv, type }: Given): Uint8Array {
  const { mode, pads } = formOf(type);
  const plain = pads ? padded(data) : data;
  if (plain.length % BLOCK_BYTES !== 0) throw failed("encrypt");
  const [name, fullKey] = blockCipher(key);
  const cipher = createCipheriv(name, fullKey, null);
  cipher.setAutoPadding(false);
  if (mode === "ecb") return new Uint8Array(cipher.update(plain));
  const result = new Uint8Array(plain.length);
  let before = filled(iv, BLOCK_BYTES);
  for (let at = 0; at < plain.length; at += BLOCK_BYTES) {
    const block = exclusiveOr(plain.subarray(at, at + BLOCK_BYTES), before);
    before = new Uint8Array(cipher.update(block));
    result.set(before, at);
  }
  return result;
}

function decrypt({ data, key, iv, type }: Given): Uint8Array {
  const { mode, pads } = formOf(type);
  if (data.length % BLOCK_BYTES !== 0) throw failed("decrypt");
  const [name, fullKey] = blockCipher(key);
  const cipher = createDecipheriv(name, fullKey, null);
  cipher.setAutoPadding(false);
  const result = new Uint8Array(cipher.update(data));
  if (mode === "cbc") {
    let before = filled(iv, BLOCK_BYTES);
    for (let at = 0; at < data.length; at += BLOCK_BYTES) {
      const end = at + BLOCK_BYTES;
      result.set(exclusiveOr(result.subarray(at, end), before), at);
      before = data.slice(at, end);
    }
  }
  return pads ? unpadded(result) : result;
}

const NO_VECTOR = new Uint8Array(0);

/** `encrypt`, `decrypt`, `encrypt_iv`, `decrypt_iv`. */
export const cipherFunctions: readonly FunctionDefinition[] = [
  { name: "encrypt", transform: encrypt },
  { name: "decrypt", transform: decrypt },
].flatMap(({ name, transform }) => [
  define(name, [bytea, bytea, text], bytea, ([data, key, type]) =>
    transform({
      data: data as Uint8Array,
      key: key as Uint8Array,
      iv: NO_VECTOR,
      type: type as string,
    })),
  define(
    `${name}_iv`,
    [bytea, bytea, bytea, text],
    bytea,
    ([data, key, iv, type]) =>
      transform({
        data: data as Uint8Array,
        key: key as Uint8Array,
        iv: iv as Uint8Array,
        type: type as string,
      }),
  ),
]);
