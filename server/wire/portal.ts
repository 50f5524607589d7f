/**
 * A portal: a statement with the values of its parameters, run as a whole or so
 * many rows at a time.
 *
 * @module
 */
import { type QueryResult, type ScriptStatement, SqlError } from "../../mod.ts";
import type { Client } from "./client.ts";
import { writeRow } from "./row_messages.ts";

/** Rows that are written without looking whether the client takes them. */
const ROWS_AT_ONCE = 16;

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
  execute(client: Client, rowsMax: number): Promise<void> | void {
    if (this.#command !== undefined) return this.#again(client);
    // A COPY is no matter of rows.
    if (this.statement.kind === "copy") return this.#copy(client);
    return rowsMax === 0 && this.#rows === undefined
      ? this.#runWhole(client)
      : this.#runSome(client, rowsMax);
  }

  /** Forgets its rows. */
  close(): Promise<void> | void {
    this.#waiting = [];
    const rows = this.#rows;
    if (rows === undefined) return;
    return rows.return(undefined).then(() => {}, () => {});
  }

  /** A query that is done has no more rows; nothing else runs twice. */
  #again(client: Client): void {
    if (this.#command!.startsWith("SELECT")) return client.complete("SELECT 0");
    throw new SqlError("55000", "portal cannot be run anymore");
  }

  async #copy(client: Client): Promise<void> {
    const copied = client.copy(this.statement);
    if (copied === undefined) return await this.#runWhole(client);
    this.#command = (await copied).command;
    client.complete(this.#command);
  }

  /** Runs it as a whole, at once where nothing has to be waited for. */
  #runWhole(client: Client): Promise<void> | void {
    const { statement, parameters, formats } = this.#request;
    const { session } = client;
    const options = client.options({ formats, describes: false });
    const result = session.start(statement, parameters, options);
    return result instanceof Promise
      ? result.then((result) => this.#give(client, result))
      : this.#give(client, result);
  }

  /** Sends the rows that have not gone on their way yet, and the command. */
  #give(
    client: Client,
    { rows, command }: QueryResult<unknown>,
  ): Promise<void> | void {
    this.#command = command;
    if (client.rows.described) return client.complete(command);
    if (rows.length > ROWS_AT_ONCE) return this.#giveMany(client, rows);
    for (const row of rows) writeRow(client.output, row as unknown[]);
    client.complete(command);
  }

  async #giveMany(client: Client, rows: readonly unknown[]): Promise<void> {
    const { output } = client;
    for (const row of rows) {
      writeRow(output, row as unknown[]);
      if (output.isFull) await output.flush();
    }
    client.complete(this.#command!);
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
