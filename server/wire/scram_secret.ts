/**
 * What a server keeps of a password, so that it can check one without knowing
 * it (RFC 5802): `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`, in
 * base64, as PostgreSQL's `pg_authid` has it.
 *
 * @module
 */
import { KriyaError, systemEnvironment } from "../../mod.ts";

/** A secret of a password. */
export interface ScramSecret {
  readonly iterations: number;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly storedKey: Uint8Array<ArrayBuffer>;
  readonly serverKey: Uint8Array<ArrayBuffer>;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** PostgreSQL's default; more only makes connecting slower. */
const ITERATIONS = 4096;
const SALT_BYTES = 16;

const encoder = new TextEncoder();

/** The bytes of a text. */
export function bytesOf(text: string): Bytes {
  return encoder.encode(text);
}

/** Bytes by chance. */
export function randomBytes(count: number): Bytes {
  return systemEnvironment.randomBytes(new Uint8Array(count)) as Bytes;
}

/** HMAC-SHA-256. */
export async function hmac(key: Bytes, message: Bytes): Promise<Bytes> {
  const imported = await crypto.subtle.importKey(
    "raw",
    key,
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}

/** SHA-256. */
export async function sha256(message: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", message));
}

/** The secret of a password, or the one that `text` is already. */
export async function scramSecret(text: string): Promise<ScramSecret> {
  if (text.startsWith("SCRAM-SHA-256$")) return parseSecret(text);
  const salt = randomBytes(SALT_BYTES);
  const salted = await saltedPassword(text, salt, ITERATIONS);
  const clientKey = await hmac(salted, bytesOf("Client Key"));
  return {
    iterations: ITERATIONS,
    salt,
    storedKey: await sha256(clientKey),
    serverKey: await hmac(salted, bytesOf("Server Key")),
  };
}

/** The secret of nobody: to ask a user who is not there like any other. */
export async function mockSecret(user: string, nonce: Bytes): Promise<
  ScramSecret
> {
  const salt = (await hmac(nonce, bytesOf(user))).slice(0, SALT_BYTES);
  const storedKey = randomBytes(32);
  return { iterations: ITERATIONS, salt, storedKey, serverKey: storedKey };
}

/** Whether a secret is that of a password. */
export async function isPasswordOf(
  secret: ScramSecret,
  text: string,
): Promise<boolean> {
  const { salt, iterations, storedKey } = secret;
  const salted = await saltedPassword(text, salt, iterations);
  const key = await sha256(await hmac(salted, bytesOf("Client Key")));
  let difference = key.length ^ storedKey.length;
  for (let i = 0; i < key.length; i++) difference |= key[i]! ^ storedKey[i]!;
  return difference === 0;
}

async function saltedPassword(
  password: string,
  salt: Bytes,
  iterations: number,
): Promise<Bytes> {
  const key = await crypto.subtle.importKey(
    "raw",
    bytesOf(password.normalize("NFKC")),
    "PBKDF2",
    false,
    ["deriveBits"],
  );
  const parameters = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, 256));
}

/** @throws {KriyaError} `invalid`. */
function parseSecret(text: string): ScramSecret {
  const parts = /^SCRAM-SHA-256\$(\d+):([^$:]+)\$([^$:]+):([^$:]+)$/.exec(text);
  if (parts === null) {
    throw new KriyaError("invalid", "Cannot read a SCRAM-SHA-256 secret");
  }
  const [, iterations, salt, storedKey, serverKey] = parts;
  return {
    iterations: Number(iterations),
    salt: Uint8Array.fromBase64(salt!),
    storedKey: Uint8Array.fromBase64(storedKey!),
    serverKey: Uint8Array.fromBase64(serverKey!),
  };
}
