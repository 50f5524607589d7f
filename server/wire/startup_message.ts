/**
 * The first message of a connection: what the client wants.
 *
 * | code | meaning |
 * | ---: | --- |
 * | 3.x | a session: pairs of names and values, then a zero |
 * | 1234.5678 | cancel: process number, secret |
 * | 1234.5679 | TLS |
 * | 1234.5680 | GSSAPI encryption, which there is not |
 *
 * @module
 */
import type { MessageInput } from "./message_input.ts";
import { ProtocolError } from "./protocol_error.ts";

/** What a client asks for. */
export type StartupMessage =
  | {
    readonly kind: "session";
    /** The minor version of protocol 3 that the client speaks. */
    readonly minor: number;
    /** What it wants to be set, `user` among it. */
    readonly parameters: ReadonlyMap<string, string>;
  }
  | {
    readonly kind: "cancel";
    readonly processId: number;
    readonly secret: number;
  }
  | { readonly kind: "tls" }
  | { readonly kind: "gssapi" };

/** The longest first message, as in PostgreSQL. */
export const STARTUP_BYTES_MAX = 10_000;

const CANCEL = 80_877_102;
const TLS = 80_877_103;
const GSSAPI = 80_877_104;

/** Reads the first message, which was taken. @throws {ProtocolError} */
export function readStartup(input: MessageInput): StartupMessage {
  const code = input.i32();
  switch (code) {
    case CANCEL: {
      const processId = input.i32();
      const secret = input.i32();
      input.finish();
      return { kind: "cancel", processId, secret };
    }
    case TLS:
      input.finish();
      return { kind: "tls" };
    case GSSAPI:
      input.finish();
      return { kind: "gssapi" };
  }
  const major = code >> 16;
  const minor = code & 0xffff;
  if (major !== 3) {
    throw new ProtocolError(
      `unsupported frontend protocol ${major}.${minor}: server supports 3.0 to 3.0`,
      "0A000",
    );
  }
  return { kind: "session", minor, parameters: readParameters(input) };
}

function readParameters(input: MessageInput): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (;;) {
    if (input.left === 0) {
      throw new ProtocolError(
        "invalid startup packet layout: expected terminator as last byte",
      );
    }
    const name = input.string();
    if (name === "") break;
    parameters.set(name, input.string());
  }
  if (input.left > 0) {
    throw new ProtocolError(
      "invalid startup packet layout: expected terminator as last byte",
    );
  }
  return parameters;
}

/** Names that are no settings. */
const NO_SETTINGS: ReadonlySet<string> = new Set([
  "user",
  "database",
  "replication",
  "options",
]);

/**
 * The settings that a client begins with: its parameters, and the `-c name=value`
 * and `--name=value` of its options.
 *
 * @throws {ProtocolError} for options that are none.
 */
export function startupSettings(
  parameters: ReadonlyMap<string, string>,
): Record<string, string> {
  const settings: [string, string][] = [];
  for (const option of optionsOf(parameters.get("options") ?? "")) {
    const [name, value] = option;
    settings.push([name.replaceAll("-", "_"), value]);
  }
  for (const [name, value] of parameters) {
    if (NO_SETTINGS.has(name) || name.startsWith("_pq_.")) continue;
    settings.push([name, value]);
  }
  return Object.fromEntries(settings);
}

function* optionsOf(text: string): Generator<readonly [string, string]> {
  const words = (text.match(/(?:\\.|\S)+/gs) ?? [])
    .map((word) => word.replaceAll(/\\(.)/gs, "$1"));
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const option = word === "-c"
      ? words[++i] ?? ""
      : /^(?:-c|--)(.+)$/s.exec(word)?.[1] ?? "";
    const at = option.indexOf("=");
    if (at <= 0) {
      throw new ProtocolError(
        `invalid command-line argument for server process: ${word}`,
        "42601",
      );
    }
    yield [option.slice(0, at), option.slice(at + 1)];
  }
}
