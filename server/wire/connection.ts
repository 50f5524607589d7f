/**
 * One connection, from its first message to its last.
 *
 * ```text
 * startup ─ [TLS] ─ authentication ─ session ─ requests … ─ Terminate
 * ```
 *
 * Messages that have come are all served before anything is sent: what a client
 * sends together is answered together.
 *
 * @module
 */
import {
  type Database,
  type Environment,
  KriyaError,
  SqlError,
} from "../../mod.ts";
import type { Authentication } from "./authentication.ts";
import { Client } from "./client.ts";
import { writeError } from "./error_response.ts";
import { ExtendedQuery } from "./extended_query.ts";
import { type ByteStream, MessageInput } from "./message_input.ts";
import { MessageOutput } from "./message_output.ts";
import { ProtocolError } from "./protocol_error.ts";
import { randomBytes } from "./scram_secret.ts";
import { simpleQuery } from "./simple_query.ts";
import {
  readStartup,
  STARTUP_BYTES_MAX,
  type StartupMessage,
  startupSettings,
} from "./startup_message.ts";

/** What connections have in common. */
export interface ConnectionHost {
  readonly db: Database;
  readonly environment: Environment;
  readonly authentication: Authentication;
  /** Bytes of a message. */
  readonly messageBytesMax: number;
  /** How long a client may take until it is in. */
  readonly startupTimeoutMs: number;
  /** Whether a further client may come in. */
  hasRoom(): boolean;
  /**
   * Takes the stream over to speak TLS, `begun` being what came of it; absent:
   * there is none.
   */
  readonly secure: ((begun: Uint8Array) => Promise<void>) | undefined;
  /** Stops what another connection does. */
  cancel(processId: number, secret: number): void;
}

/** The first byte of a TLS handshake. */
const HANDSHAKE = 0x16;

/** A connection. */
export class Connection {
  readonly #host: ConnectionHost;
  readonly #stream: ByteStream;
  readonly #input: MessageInput;
  readonly #output: MessageOutput;
  #client: Client | undefined;
  /** Proves that who cancels may. */
  readonly secret: number = new DataView(randomBytes(4).buffer).getInt32(0);
  #goodbye: ProtocolError | undefined;
  /** Whether the stream is another's now. */
  #handedOver = false;

  /** A connection over a stream. */
  constructor(host: ConnectionHost, stream: ByteStream) {
    this.#host = host;
    this.#stream = stream;
    this.#input = new MessageInput(stream, host.messageBytesMax);
    this.#output = new MessageOutput(stream);
  }

  /** The number of its session; `undefined` before it has one. */
  get processId(): number | undefined {
    return this.#client?.session.processId;
  }

  /** Whether it does something, or has a transaction open. */
  get isBusy(): boolean {
    const client = this.#client;
    return client !== undefined &&
      (client.running || client.session.inTransaction);
  }

  /** Stops the statement that runs. */
  cancel(): void {
    this.#client?.cancel();
  }

  /** Whether its stream is another's, who speaks TLS. */
  get isHandedOver(): boolean {
    return this.#handedOver;
  }

  /** Closes the stream, whatever is done. */
  drop(): void {
    this.#stream.close();
  }

  /** Ends it: what runs is stopped, what is open is rolled back. */
  async end(): Promise<void> {
    if (this.#handedOver) return;
    this.#goodbye ??= new ProtocolError(
      "terminating connection due to administrator command",
      "57P01",
    );
    if (this.#client?.running) return this.cancel();
    await this.#sayGoodbye(this.#goodbye);
    this.#stream.close();
  }

  /** Serves the client to the end. Never rejects. */
  async serve(): Promise<void> {
    try {
      const client = await this.#startUp();
      if (client !== undefined) await this.#serveRequests(client);
    } catch (error) {
      await this.#sayGoodbye(error);
    }
    await this.#client?.session.close().catch(() => {});
    if (!this.#handedOver) this.#stream.close();
  }

  /** Tells the client why it has to go, if it can still be told. */
  async #sayGoodbye(error: unknown): Promise<void> {
    const known = error instanceof ProtocolError ||
      error instanceof KriyaError;
    if (!known || this.#handedOver) return;
    const fatal = error instanceof ProtocolError
      ? error
      : new ProtocolError(error.message, error.code);
    writeError(this.#output, fatal);
    await this.#output.flush().catch(() => {});
  }

  async #startUp(): Promise<Client | undefined> {
    const { environment, startupTimeoutMs } = this.#host;
    const timer = environment.setTimer(
      () => this.#stream.close(),
      startupTimeoutMs,
      { background: true },
    );
    try {
      if (await this.#secureAtOnce()) return undefined;
      for (;;) {
        const message = await this.#firstMessage();
        if (message === undefined) return undefined;
        switch (message.kind) {
          case "session":
            return await this.#open(message);
          case "cancel":
            this.#host.cancel(message.processId, message.secret);
            return undefined;
          case "tls":
            if (await this.#secure()) return undefined;
            break;
          case "gssapi":
            await this.#refuse();
        }
      }
    } finally {
      timer.cancel();
    }
  }

  async #firstMessage(): Promise<StartupMessage | undefined> {
    const input = this.#input;
    while (!input.nextUntyped(STARTUP_BYTES_MAX)) {
      if (!await input.fill()) return undefined;
    }
    return readStartup(input);
  }

  /** Answers that there is no such encryption; the client may go on. */
  async #refuse(): Promise<void> {
    this.#output.u8("N".charCodeAt(0));
    await this.#output.flush();
  }

  /** Whether the stream was taken over. */
  async #secure(): Promise<boolean> {
    const { secure } = this.#host;
    if (secure === undefined) {
      await this.#refuse();
      return false;
    }
    // What came before the handshake could be anybody's.
    if (this.#input.hasRest) {
      throw new ProtocolError("received unencrypted data after SSL request");
    }
    this.#output.u8("S".charCodeAt(0));
    await this.#output.flush();
    this.#handedOver = true;
    await secure(new Uint8Array());
    return true;
  }

  /** Whether the client began with TLS at once, and was taken over. */
  async #secureAtOnce(): Promise<boolean> {
    const { secure } = this.#host;
    if (secure === undefined) return false;
    const input = this.#input;
    if (!input.hasRest && !await input.fill()) return false;
    if (input.peek() !== HANDSHAKE) return false;
    this.#handedOver = true;
    await secure(input.takeAll());
    return true;
  }

  async #open(
    message: StartupMessage & { readonly kind: "session" },
  ): Promise<Client> {
    const { db, authentication } = this.#host;
    const { parameters } = message;
    const output = this.#output;
    const user = parameters.get("user");
    if (user === undefined) {
      throw new ProtocolError(
        "no PostgreSQL user name specified in startup packet",
        "28000",
      );
    }
    this.#negotiate(message);
    await authentication.admit(user, this.#input, output);
    if (!this.#host.hasRoom()) {
      throw new ProtocolError("sorry, too many clients already", "53300");
    }
    refuseOther(parameters, user);
    const session = db.protocolSession({
      user,
      settings: startupSettings(parameters),
    });
    const client = new Client(session, this.#input, output);
    this.#client = client;
    session.onStop((kind) => {
      if (kind === "cancel") client.cancel();
      else void this.end();
    });
    client.status.writeAll(output);
    output.begin("K");
    output.i32(session.processId);
    output.i32(this.secret);
    output.end();
    client.ready();
    return client;
  }

  /** Tells of what the client wants and the protocol does not have. */
  #negotiate(
    { minor, parameters }: StartupMessage & { readonly kind: "session" },
  ): void {
    const unknown = [...parameters.keys()].filter((name) =>
      name.startsWith("_pq_.")
    );
    if (minor === 0 && unknown.length === 0) return;
    this.#output.begin("v");
    this.#output.i32(3 << 16);
    this.#output.i32(unknown.length);
    for (const name of unknown) this.#output.zeroEnded(name);
    this.#output.end();
  }

  async #serveRequests(client: Client): Promise<void> {
    const input = this.#input;
    const output = this.#output;
    const extended = new ExtendedQuery(client);
    for (;;) {
      while (input.next()) {
        if (this.#goodbye !== undefined) throw this.#goodbye;
        const type = String.fromCharCode(input.type);
        if (type === "X") return;
        const done = serveMessage(client, extended, type);
        if (done !== undefined) await done;
        if (output.isFull) await output.flush();
      }
      if (this.#goodbye !== undefined) throw this.#goodbye;
      await output.flush();
      if (!await input.fill()) return;
    }
  }
}

/** Does what a message of a session asks for. */
function serveMessage(
  client: Client,
  extended: ExtendedQuery,
  type: string,
): Promise<void> | void {
  switch (type) {
    case "Q":
      return serveQuery(client, extended);
    case "P":
    case "B":
    case "D":
    case "E":
    case "C":
      return extended.handle(type);
    case "S":
      return extended.sync();
    case "H": // Flush: what there is is sent when nothing more is to be done.
    case "d": // Data of a COPY that has failed.
    case "c":
    case "f":
      return;
    case "F":
      extended.fail(
        new SqlError("0A000", "function calls by message are not supported"),
      );
      return extended.sync();
    default:
      throw new ProtocolError(
        `invalid frontend message type ${type.charCodeAt(0)}`,
      );
  }
}

async function serveQuery(
  client: Client,
  extended: ExtendedQuery,
): Promise<void> {
  if (extended.failed) return;
  const { input } = client;
  let text: string;
  try {
    text = input.string();
    input.finish();
  } catch (error) {
    extended.fail(error);
    return await extended.sync();
  }
  await simpleQuery(client, text);
  if (!client.session.inTransaction) await extended.closePortals();
}

/** @throws {ProtocolError} for a database, or a way to speak, that there is not. */
function refuseOther(
  parameters: ReadonlyMap<string, string>,
  user: string,
): void {
  const database = parameters.get("database") || user;
  if (database !== DATABASE) {
    throw new ProtocolError(`database "${database}" does not exist`, "3D000");
  }
  const replication = parameters.get("replication");
  if (replication !== undefined && !/^(false|off|no|0)$/i.test(replication)) {
    throw new ProtocolError(
      "replication connections are not supported",
      "0A000",
    );
  }
}

/** What `current_database()` says. */
const DATABASE = "postgres";
