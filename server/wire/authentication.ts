/**
 * Who may come in: everybody, or those who prove that they know a password.
 *
 * @module
 */
import { SqlError } from "../../mod.ts";
import type { MessageInput } from "./message_input.ts";
import type { MessageOutput } from "./message_output.ts";
import { ProtocolError } from "./protocol_error.ts";
import { SCRAM, ScramExchange } from "./scram.ts";
import {
  isPasswordOf,
  mockSecret,
  randomBytes,
  type ScramSecret,
  scramSecret,
} from "./scram_secret.ts";

/** Codes of authentication messages. */
const OK = 0;
const SASL = 10;
const SASL_CONTINUE = 11;
const SASL_FINAL = 12;

const PASSWORD = "p".charCodeAt(0);

/** The users who may come in. */
export class Authentication {
  readonly #secrets: ReadonlyMap<string, Promise<ScramSecret>> | undefined;
  readonly #mockNonce = randomBytes(32);

  /**
   * Users with their passwords, or their SCRAM secrets; without them everybody
   * is who they say they are.
   */
  constructor(users: Readonly<Record<string, string>> | undefined) {
    if (users === undefined) return;
    this.#secrets = new Map(
      Object.entries(users).map(([user, text]) => [user, scramSecret(text)]),
    );
  }

  /** Whether anybody has to prove who they are. */
  get asks(): boolean {
    return this.#secrets !== undefined;
  }

  /** Whether a password, said in clear, is that of a user. */
  async accepts(user: string, password: string): Promise<boolean> {
    const secret = await this.#secrets?.get(user);
    const checked = secret ?? await mockSecret(user, this.#mockNonce);
    return await isPasswordOf(checked, password) && secret !== undefined;
  }

  /** Rejects if a secret cannot be read. @throws {KriyaError} */
  async check(): Promise<void> {
    await Promise.all(this.#secrets?.values() ?? []);
  }

  /**
   * Lets the user in, or not.
   *
   * @throws {ProtocolError} `28P01`, `08P01`.
   */
  async admit(
    user: string,
    input: MessageInput,
    output: MessageOutput,
  ): Promise<void> {
    if (this.#secrets !== undefined) {
      const secret = await this.#secrets.get(user);
      const exchange = new ScramExchange(
        secret ?? await mockSecret(user, this.#mockNonce),
      );
      const answer = await prove(exchange, input, output);
      if (answer === undefined || secret === undefined) {
        throw new ProtocolError(
          `password authentication failed for user "${user}"`,
          "28P01",
        );
      }
      writeAuthentication(output, SASL_FINAL, answer);
    }
    writeAuthentication(output, OK);
  }
}

async function prove(
  exchange: ScramExchange,
  input: MessageInput,
  output: MessageOutput,
): Promise<string | undefined> {
  writeAuthentication(output, SASL, `${SCRAM}\0\0`);
  await output.flush();
  await nextPassword(input);
  const mechanism = input.string();
  if (mechanism !== SCRAM) {
    throw new ProtocolError(
      "client selected an invalid SASL authentication mechanism",
    );
  }
  const length = input.i32();
  if (length < 0) throw new ProtocolError("malformed SCRAM message");
  writeAuthentication(
    output,
    SASL_CONTINUE,
    exchange.challenge(input.text(length)),
  );
  await output.flush();
  await nextPassword(input);
  return await exchange.verify(input.text(input.left));
}

/** Waits for what a client says to prove who it is. */
async function nextPassword(input: MessageInput): Promise<void> {
  while (!input.next()) {
    if (!await input.fill()) {
      throw new ProtocolError("unexpected EOF within message", "08006");
    }
  }
  if (input.type === PASSWORD) return;
  throw new SqlError(
    "08P01",
    `expected SASL response, got message type ${input.type}`,
  );
}

function writeAuthentication(
  output: MessageOutput,
  code: number,
  text?: string,
): void {
  output.begin("R");
  output.i32(code);
  if (text !== undefined) output.text(text);
  output.end();
}
