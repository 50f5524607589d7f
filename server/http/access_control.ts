/**
 * Who asks: a token (`Authorization: Bearer …`), or a user of the server with
 * a password (`Authorization: Basic …`). Either is a role of the database.
 *
 * A password costs as much to check as it costs to guess one, so that one that
 * was right is remembered by its hash.
 *
 * @module
 */
import type { Authentication } from "../wire/authentication.ts";
import { bytesOf, sha256 } from "../wire/scram_secret.ts";
import { HttpError } from "./http_error.ts";

/** Passwords that are remembered. */
const REMEMBERED_MAX = 256;

/** Finds out who asks. */
export class AccessControl {
  readonly #authentication: Authentication;
  /** Users by the hash of their token. */
  readonly #tokens: Promise<ReadonlyMap<string, string>> | undefined;
  /** Users by the hash of credentials that were right. */
  readonly #remembered = new Map<string, string>();

  /** `tokens` are users by their token. */
  constructor(
    authentication: Authentication,
    tokens: Readonly<Record<string, string>> | undefined,
  ) {
    this.#authentication = authentication;
    this.#tokens = tokens && hashedKeys(tokens);
  }

  /** Whether anybody has to prove who they are. */
  get asks(): boolean {
    return this.#tokens !== undefined || this.#authentication.asks;
  }

  /**
   * The user who asks; `undefined`: nobody said, and nobody has to.
   *
   * @throws {HttpError} 401.
   */
  async userOf(request: Request): Promise<string | undefined> {
    const header = request.headers.get("authorization") ?? "";
    const [, scheme = "", credentials = ""] = /^(\w+) +(\S+) *$/.exec(header) ??
      [];
    const user = await this.#user(scheme.toLowerCase(), credentials);
    if (user !== undefined || !this.asks) return user;
    throw new HttpError(401, "28P01", "authentication failed", {
      "www-authenticate": this.#tokens === undefined
        ? 'Basic realm="kriya", charset="UTF-8"'
        : 'Bearer realm="kriya"',
    });
  }

  async #user(
    scheme: string,
    credentials: string,
  ): Promise<string | undefined> {
    if (scheme === "bearer") {
      return (await this.#tokens)?.get(await hashOf(credentials));
    }
    const known = scheme === "basic" ? basicOf(credentials) : undefined;
    if (known === undefined) return undefined;
    const { user, password } = known;
    if (!this.asks) return user;
    if (!this.#authentication.asks) return undefined;
    const hash = await hashOf(`${user}:${password}`);
    if (this.#remembered.get(hash) === user) return user;
    if (!await this.#authentication.accepts(user, password)) return undefined;
    if (this.#remembered.size >= REMEMBERED_MAX) this.#remembered.clear();
    this.#remembered.set(hash, user);
    return user;
  }
}

/** What `user:password` in base64 says, if it is that. */
function basicOf(
  credentials: string,
): { readonly user: string; readonly password: string } | undefined {
  try {
    const bytes = Uint8Array.fromBase64(credentials);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const colon = text.indexOf(":");
    if (colon < 1) return undefined;
    return { user: text.slice(0, colon), password: text.slice(colon + 1) };
  } catch {
    return undefined;
  }
}

async function hashedKeys(
  tokens: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, string>> {
  const hashed = new Map<string, string>();
  for (const [token, user] of Object.entries(tokens)) {
    hashed.set(await hashOf(token), user);
  }
  return hashed;
}

async function hashOf(text: string): Promise<string> {
  return (await sha256(bytesOf(text))).toHex();
}
