/**
 * The extended protocol: statements are parsed, bound and executed by messages
 * of their own; Sync ends what belongs together.
 *
 * What stands between two Syncs is one transaction. A statement alone before a
 * Sync, as most are, is one of itself; that is known where the Sync has come
 * with it.
 *
 * After an error everything is ignored up to the next Sync.
 *
 * @module
 */
import { BinaryValue, SqlError, TextValue } from "../../mod.ts";
import type { Client } from "./client.ts";
import { writeError } from "./error_response.ts";
import type { MessageInput } from "./message_input.ts";
import { Portal } from "./portal.ts";
import { ProtocolError } from "./protocol_error.ts";
import { writeRowDescription } from "./row_messages.ts";

const STATEMENT = "S".charCodeAt(0);
const PORTAL = "P".charCodeAt(0);
const SYNC = "S".charCodeAt(0);

/** Portals that a client may have at once. */
const PORTALS_MAX = 10_000;

/** The statements of a client that come in parts. */
export class ExtendedQuery {
  readonly #client: Client;
  readonly #portals = new Map<string, Portal>();
  /** Whether everything is ignored until Sync. */
  #failed = false;
  /** The text that was parsed last, which errors are about. */
  #text = "";

  /** Of a client. */
  constructor(client: Client) {
    this.#client = client;
  }

  /** Whether everything is ignored until Sync. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Does what a message says. @throws {ProtocolError} */
  handle(type: string): Promise<void> | void {
    if (this.#failed) return;
    this.#client.begin();
    try {
      switch (type) {
        case "P":
          return this.#parse();
        case "B":
          return this.#bind();
        case "D":
          return this.#describe();
        case "E":
          return this.#execute();
        case "C":
          return this.#close();
      }
    } catch (error) {
      this.fail(error);
    }
  }

  /** Something could not be done: tells so. @throws {ProtocolError} */
  fail(error: unknown): void {
    if (error instanceof ProtocolError) throw error;
    if (this.#failed) return;
    this.#failed = true;
    this.#client.session.fail(error);
    writeError(this.#client.output, error, this.#text);
  }

  /** Sync: ends what was begun, and tells that all is well again. */
  sync(): Promise<void> | void {
    this.#failed = false;
    if (this.#client.session.inTransaction) return this.#syncTransaction();
    const closing = this.closePortals();
    if (closing !== undefined) return closing.then(() => this.#client.ready());
    this.#client.ready();
  }

  async #syncTransaction(): Promise<void> {
    const { session, output } = this.#client;
    try {
      await session.endImplicit();
    } catch (error) {
      writeError(output, error);
    }
    if (!session.inTransaction) await this.closePortals();
    this.#client.ready();
  }

  /** Forgets all portals: their transaction has ended. */
  closePortals(): Promise<void> | void {
    if (this.#portals.size === 0) return;
    const closing: Promise<void>[] = [];
    for (const portal of this.#portals.values()) {
      const closed = portal.close();
      if (closed !== undefined) closing.push(closed);
    }
    this.#portals.clear();
    if (closing.length > 0) return Promise.all(closing).then(() => {});
  }

  #parse(): void {
    const { input, session, output } = this.#client;
    const name = input.string();
    this.#text = input.string();
    const declared: number[] = [];
    for (let left = input.u16(); left > 0; left--) declared.push(input.u32());
    input.finish();
    session.prepareNamed(name, this.#text, declared);
    output.empty("1");
  }

  #bind(): void {
    const { input, session, output } = this.#client;
    const name = input.string();
    const statement = session.named(input.string());
    const parameters = readParameters(input);
    const formats = readFormats(input);
    input.finish();
    if (name !== "" && this.#portals.has(name)) {
      throw new SqlError("42P03", `portal "${name}" already exists`);
    }
    if (this.#portals.size >= PORTALS_MAX) {
      throw new SqlError("53400", "too many portals");
    }
    void this.#portals.get(name)?.close();
    this.#portals.set(
      name,
      new Portal({ statement, parameters, formats }),
    );
    output.empty("2");
  }

  #portal(name: string): Portal {
    const portal = this.#portals.get(name);
    if (portal !== undefined) return portal;
    throw new SqlError("34000", `portal "${name}" does not exist`);
  }

  #describe(): void {
    const { input, session, output } = this.#client;
    const kind = input.u8();
    const name = input.string();
    input.finish();
    if (kind === PORTAL) {
      const portal = this.#portals.get(name);
      const fields = portal === undefined
        ? session.cursorFields(name)
        : session.describe(portal.statement).fields;
      if (fields === undefined) output.empty("n");
      else writeRowDescription(output, fields, portal?.formats ?? []);
      return;
    }
    refuseSubtype(kind, "DESCRIBE");
    const statement = session.named(name);
    const { parameterTypes, fields } = session.describe(statement);
    output.begin("t");
    output.i16(parameterTypes.length);
    for (const oid of parameterTypes) output.i32(oid);
    output.end();
    if (fields === undefined) output.empty("n");
    else writeRowDescription(output, fields, []);
  }

  /** @throws what `execute` of the portal throws, or promises. */
  #execute(): Promise<void> | void {
    const { input, session } = this.#client;
    const portal = this.#portal(input.string());
    const rowsMax = Math.max(0, input.i32());
    input.finish();
    if (!session.inTransaction && (rowsMax > 0 || input.peek() !== SYNC)) {
      return this.#executeInBlock(portal, rowsMax);
    }
    const within = session.inTransaction;
    const done = portal.execute(this.#client, rowsMax);
    if (done !== undefined) return this.#executed(done, within);
    if (within && !session.inTransaction) return this.closePortals();
  }

  async #executeInBlock(portal: Portal, rowsMax: number): Promise<void> {
    try {
      const { session } = this.#client;
      await session.beginImplicit();
      await portal.execute(this.#client, rowsMax);
      if (!session.inTransaction) await this.closePortals();
    } catch (error) {
      this.fail(error);
    }
  }

  async #executed(done: Promise<void>, within: boolean): Promise<void> {
    try {
      await done;
      if (within && !this.#client.session.inTransaction) {
        await this.closePortals();
      }
    } catch (error) {
      this.fail(error);
    }
  }

  async #close(): Promise<void> {
    const { input, session, output } = this.#client;
    try {
      const kind = input.u8();
      const name = input.string();
      input.finish();
      if (kind === PORTAL) {
        const portal = this.#portals.get(name);
        this.#portals.delete(name);
        if (portal === undefined) session.closeCursor(name);
        await portal?.close();
      } else {
        refuseSubtype(kind, "CLOSE");
        session.forget(name);
      }
      output.empty("3");
    } catch (error) {
      this.fail(error);
    }
  }
}

/** @throws {ProtocolError} */
function refuseSubtype(kind: number, message: string): void {
  if (kind === STATEMENT) return;
  throw new SqlError("08P01", `invalid ${message} message subtype ${kind}`);
}

/** The values of Bind: formats, then each behind its length. */
function readParameters(input: MessageInput): unknown[] {
  const formats = readFormats(input);
  const count = input.u16();
  if (formats.length > 1 && formats.length !== count) {
    throw new SqlError(
      "08P01",
      `bind message has ${formats.length} parameter formats but ${count} parameters`,
    );
  }
  const parameters: unknown[] = [];
  for (let i = 0; i < count; i++) {
    const length = input.i32();
    const format = (formats.length === 1 ? formats[0] : formats[i]) ?? 0;
    parameters.push(
      length === -1
        ? null
        : format === 1
        ? new BinaryValue(input.bytes(length).slice())
        : new TextValue(input.text(length)),
    );
  }
  return parameters;
}

function readFormats(input: MessageInput): number[] {
  const formats: number[] = [];
  for (let left = input.u16(); left > 0; left--) {
    const format = input.i16();
    if (format !== 0 && format !== 1) {
      throw new SqlError("22023", `unsupported format code: ${format}`);
    }
    formats.push(format);
  }
  return formats;
}
