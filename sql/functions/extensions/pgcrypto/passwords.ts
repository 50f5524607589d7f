/**
 * Passwords of `pgcrypto`: `crypt` and `gen_salt`.
 *
 * | salt | algorithm |
 * | --- | --- |
 * | `$2a$nn$…` | Blowfish, 2^nn rounds |
 * | `$1$…` | MD5 |
 *
 * Those of DES and of SHA are refused.
 *
 * @module
 */
import bcrypt from "bcryptjs";
import { createHash } from "node:crypto";
import { utf8Encode } from "../../../../base/bytes.ts";
import { SqlError } from "../../../errors/sql_error.ts";
import type { FunctionContext } from "../../definition.ts";

const DIGITS =
  "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The rounds that Blowfish can have, as powers of two. */
const BLOWFISH = { least: 4, most: 31, usual: 6 } as const;

function invalid(message: string): SqlError {
  return new SqlError("22023", message);
}

/** A salt: what `crypt` is to do. @throws {SqlError} `22023`. */
export function makeSalt(
  kind: string,
  rounds: number | undefined,
  context: FunctionContext,
): string {
  switch (kind.toLowerCase()) {
    case "bf": {
      const wanted = rounds === undefined || rounds === 0
        ? BLOWFISH.usual
        : rounds;
      if (wanted < BLOWFISH.least || wanted > BLOWFISH.most) {
        throw invalid("gen_salt: Incorrect number of rounds");
      }
      const bytes = context.randomBytes(new Uint8Array(16));
      const salt = bcrypt.encodeBase64(bytes, 16);
      return `$2a$${String(wanted).padStart(2, "0")}$${salt}`;
    }
    case "md5": {
      if (rounds !== undefined && rounds !== 0 && rounds !== 1000) {
        throw invalid("gen_salt: Incorrect number of rounds");
      }
      const bytes = context.randomBytes(new Uint8Array(8));
      return `$1$${Array.from(bytes, (byte) => DIGITS[byte & 63]).join("")}`;
    }
    case "des":
    case "xdes":
    case "sha256crypt":
    case "sha512crypt":
      throw new SqlError(
        "0A000",
        `gen_salt: "${kind}" is not supported`,
        { hint: "Use bf." },
      );
    default:
      throw invalid("gen_salt: Unknown salt algorithm");
  }
}

/** The hash of a password, the salt in front. @throws {SqlError} `22023`. */
export function cryptPassword(password: string, salt: string): string {
  if (/^\$2[axy]\$\d\d\$[./A-Za-z0-9]{22}/.test(salt)) {
    const rounds = Number(salt.slice(4, 6));
    if (rounds < BLOWFISH.least || rounds > BLOWFISH.most) {
      throw invalid("invalid salt");
    }
    const head = salt.slice(0, 4);
    return head +
      bcrypt.hashSync(password, `$2b$${salt.slice(4, 29)}`).slice(4);
  }
  if (salt.startsWith("$2")) throw invalid("invalid salt");
  if (salt.startsWith("$1$")) return md5Crypt(password, salt);
  throw new SqlError("0A000", "crypt: only salts of bf and md5 are supported");
}

function md5(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** Poul-Henning Kamp's algorithm of FreeBSD. */
function md5Crypt(password: string, given: string): string {
  const saltText = given.slice(3).split("$")[0]!.slice(0, 8);
  const key = utf8Encode(password);
  const salt = utf8Encode(saltText);
  const inner = md5(key, salt, key);
  const parts: Uint8Array[] = [key, utf8Encode("$1$"), salt];
  for (let left = key.length; left > 0; left -= 16) {
    parts.push(inner.subarray(0, Math.min(16, left)));
  }
  for (let bits = key.length; bits > 0; bits >>= 1) {
    parts.push(bits & 1 ? Uint8Array.of(0) : key.subarray(0, 1));
  }
  let sum = md5(...parts);
  for (let round = 0; round < 1000; round++) {
    const isOdd = (round & 1) === 1;
    sum = md5(
      isOdd ? key : sum,
      ...round % 3 === 0 ? [] : [salt],
      ...round % 7 === 0 ? [] : [key],
      isOdd ? sum : key,
    );
  }
  return `$1$${saltText}$${md5Digits(sum)}`;
}

/** The digest in digits of 6 bits, the lowest first. */
function md5Digits(sum: Uint8Array): string {
  const groups = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]];
  let text = "";
  const put = (value: number, count: number): void => {
    for (let i = 0; i < count; i++) text += DIGITS[(value >>> 6 * i) & 63];
  };
  for (const [a, b, c] of groups) {
    put(sum[a!]! << 16 | sum[b!]! << 8 | sum[c!]!, 4);
  }
  put(sum[11]!, 2);
  return text;
}
