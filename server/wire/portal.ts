/**
 * A portal: a statement with the values of its parameters, run as a whole or so
 * many rows at a time.
 *
 * @module
 */
import { type ScriptStatement, SqlError } from "../../mod.ts";
import type { Client } from "./client.ts";
import { writeRow } from "./row_messages.ts";

/** What Bind makes. */
export interface PortalRequest {
  readonly statement: ScriptStatement;
  readonly parameters: readonly unknown[];
  /** The form of each column, one for all, or none: text. */
  readonly formats: readonly number[];
}

/** Rows a few at a time; at the end the command, unless they tell it. */
type Rows = AsyncGenerator<unknown[][], string | undefined>;

/** A portal. */
export class Portal {
  readonly #request: PortalRequest;
  /** Its rows, if they are asked for a few at a time. */
  #rows: Rows | undefined;
  #waiting: unknown[][] = [];
  #next = 0;
  /** What it was, once it has run. */
  #command: string | undefined;

  /** A portal that has not run. */
  constructor(request: PortalRequest) {
    this.#request = request;
  }

  /** The statement. */
  get statement(): ScriptStatement {
    return this.#request.statement;
  }

  /** The form of each column, one for all, or none: text. */
  get formats(): readonly number[] {
    return this.#request.formats;
  }

  /**
   * Runs it, or goes on: at most `rowsMax` rows, 0: all. Tells the client what
   * there was.
   *
   * @throws {SqlError}
   */
  async execute(client: Client, rowsMax: number): Promise<void> {
    if (this.#command !== undefined) return this.#again(client);
    const isWhole = rowsMax === 0 && this.#rows === undefined;
    // A COPY is no matter of rows.
    if (isWhole || this.statement.kind === "copy") {
      return await this.#runWhole(client);
    }
    await this.#runSome(client, rowsMax);
  }

  /** Forgets its rows. */
  async close(): Promise<void> {
    this.#waiting = [];
    await this.#rows?.return(undefined).catch(() => {});
  }

  /** A query that is done has no more rows; nothing else runs twice. */
  #again(client: Client): void {
    if (this.#command!.startsWith("SELECT")) return client.complete("SELECT 0");
    throw new SqlError("55000", "portal cannot be run anymore");
  }

  async #runWhole(client: Client): Promise<void> {
    const { statement, parameters, formats } = this.#request;
    const copied = statement.kind === "copy"
      ? client.copy(statement)
      : undefined;
    if (copied !== undefined) {
      this.#command = (await copied).command;
      return client.complete(this.#command);
    }
    const { session, output, rows } = client;
    const options = client.options({ formats, describes: false });
    const result = await session.run(statement, parameters, options);
    this.#command = result.command;
    if (!rows.described) {
      for (const row of result.rows) {
        writeRow(output, row as unknown[]);
        if (output.isFull) await output.flush();
      }
    }
    client.complete(result.command);
  }

  async #runSome(client: Client, rowsMax: number): Promise<void> {
    const { output } = client;
    this.#rows ??= this.#open(client);
    for (let given = 0;;) {
      if (this.#next === this.#waiting.length) {
        const { done, value } = await this.#rows.next();
        if (done) {
          this.#command = value ?? `SELECT ${given}`;
          return client.complete(this.#command);
        }
        this.#waiting = value;
        this.#next = 0;
      } else if (rowsMax > 0 && given === rowsMax) {
        return output.empty("s");
      } else {
        writeRow(output, this.#waiting[this.#next++]!);
        given++;
        if (output.isFull) await output.flush();
      }
    }
  }

  /** The rows, for a query as they are read; what else gives some runs first. */
  async *#open(client: Client): Rows {
    const { session } = client;
    const { statement, parameters, formats } = this.#request;
    const options = client.heldOptions(formats);
    if (statement.kind === "select") {
      yield* session.rows(statement, parameters, options);
      return undefined;
    }
    const result = await session.run(statement, parameters, options);
    if (result.rows.length > 0) yield result.rows as unknown[][];
    return result.command;
  }
}
