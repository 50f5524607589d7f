/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677), the server's side:
 *
 * ```text
 * client  n,,n=,r=<nonce>
 * server  r=<nonce><more>,s=<salt>,i=<iterations>
 * client  c=<header>,r=<nonce><more>,p=<proof>
 * server  v=<signature>
 * ```
 *
 * The name in the exchange means nothing, as in PostgreSQL: the user is the one
 * of the first message. Channel binding is not offered.
 *
 * @module
 */
import { ProtocolError } from "./protocol_error.ts";
import {
  bytesOf,
  hmac,
  randomBytes,
  type ScramSecret,
  sha256,
} from "./scram_secret.ts";

/** The one mechanism that is offered. */
export const SCRAM = "SCRAM-SHA-256";

const NONCE_BYTES = 18;

/** One exchange. */
export class ScramExchange {
  readonly #secret: ScramSecret;
  #header = "";
  #first = "";
  #challenge = "";
  #nonce = "";

  /** An exchange about a secret. */
  constructor(secret: ScramSecret) {
    this.#secret = secret;
  }

  /** The answer to the client's first message. @throws {ProtocolError} */
  challenge(message: string): string {
    const parts = /^(([nyp])(?:=[^,]*)?,[^,]*,)(.*)$/s.exec(message);
    if (parts === null) throw malformed("Malformed attribute found.");
    const [, header, binding, first] = parts;
    if (binding === "p") {
      throw malformed(
        "The client selected SCRAM-SHA-256 with channel binding.",
      );
    }
    const nonce = /^n=[^,]*,r=([\x21-\x2b\x2d-\x7e]+)(?:,|$)/.exec(first!)?.[1];
    if (nonce === undefined) throw malformed("Malformed attribute found.");
    const { salt, iterations } = this.#secret;
    this.#header = header!;
    this.#first = first!;
    this.#nonce = nonce + randomBytes(NONCE_BYTES).toBase64();
    this.#challenge = `r=${this.#nonce},s=${salt.toBase64()},i=${iterations}`;
    return this.#challenge;
  }

  /**
   * The answer to the client's proof; `undefined` if it does not know the
   * password.
   *
   * @throws {ProtocolError}
   */
  async verify(message: string): Promise<string | undefined> {
    const parts = /^(c=([^,]*),r=([^,]*)(?:,.*)?),p=([^,]*)$/s.exec(message);
    if (parts === null) throw malformed("Malformed attribute found.");
    const [, withoutProof, binding, nonce, encoded] = parts;
    if (binding !== bytesOf(this.#header).toBase64()) {
      throw malformed("Unexpected channel-binding attribute found.");
    }
    if (nonce !== this.#nonce) throw malformed("Nonce does not match.");
    const proof = fromBase64(encoded!);
    const signed = bytesOf(
      `${this.#first},${this.#challenge},${withoutProof}`,
    );
    const { storedKey, serverKey } = this.#secret;
    const signature = await hmac(storedKey, signed);
    if (proof.length !== signature.length) {
      throw malformed("Malformed proof found.");
    }
    const clientKey = proof.map((byte, i) => byte ^ signature[i]!);
    if (!isEqual(await sha256(clientKey), storedKey)) return undefined;
    return `v=${(await hmac(serverKey, signed)).toBase64()}`;
  }
}

function malformed(detail: string): ProtocolError {
  return new ProtocolError(`malformed SCRAM message: ${detail}`);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    throw malformed("Malformed proof found.");
  }
}

/** Takes the same time wherever they differ. */
function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}
