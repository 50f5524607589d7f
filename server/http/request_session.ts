/**
 * The session that a request runs in: opened for it, and closed with it, so
 * that nothing of a request is seen by the next.
 *
 * @module
 */
import {
  type Database,
  type ProtocolSession,
  type QueryOptions,
  type QueryResult,
  type Row,
  type ScriptStatement,
  SqlError,
} from "../../mod.ts";
import { JSON_FORMS } from "./json_values.ts";

/** What a session is opened with. */
export interface SessionRequest {
  readonly db: Database;
  /** The role that asks; absent: the database's own. */
  readonly user: string | undefined;
  readonly settings: Readonly<Record<string, string>>;
  /** Stops what runs. */
  readonly signal: AbortSignal;
}

/** Statements of one request, whose values come as JSON has them. */
export class RequestSession implements AsyncDisposable {
  readonly #session: ProtocolSession;
  readonly #options: QueryOptions;

  /** Opens it. @throws {SqlError} */
  constructor({ db, user, settings, signal }: SessionRequest) {
    this.#session = db.protocolSession({ user, settings });
    this.#options = { ...JSON_FORMS, signal };
  }

  /** The statement that a text is. @throws {SqlError} */
  statement(text: string): ScriptStatement {
    const [statement, second] = this.#session.script(text);
    if (statement === undefined) {
      throw new SqlError("42601", "there is no statement");
    }
    if (second !== undefined) {
      throw new SqlError("42601", "there are several statements", {
        hint: 'Give them as "statements", one each.',
      });
    }
    if (statement.kind === "copy") this.#refuseCopy(statement);
    return statement;
  }

  #refuseCopy(statement: ScriptStatement): void {
    if (this.#session.describe(statement).copy === undefined) return;
    throw new SqlError("0A000", "COPY from and to the client is not supported");
  }

  /** The columns of a statement. @throws {SqlError} */
  describe(
    statement: ScriptStatement,
  ): ReturnType<ProtocolSession["describe"]> {
    return this.#session.describe(statement);
  }

  /** Runs a statement. @throws {SqlError} */
  run(
    statement: ScriptStatement,
    parameters: readonly unknown[],
    options: QueryOptions = {},
  ): Promise<QueryResult<unknown>> {
    return this.#session.run(statement, parameters, {
      ...this.#options,
      ...options,
    });
  }

  /** Runs a query; its rows come some at a time. @throws {SqlError} */
  rows(
    statement: ScriptStatement,
    parameters: readonly unknown[],
    options: QueryOptions = {},
  ): AsyncGenerator<unknown[]> {
    return this.#session.rows(statement, parameters, {
      ...this.#options,
      ...options,
    });
  }

  /** Runs a statement of our own. @throws {SqlError} */
  async query(text: string, parameters: readonly unknown[]): Promise<Row[]> {
    const result = await this.run(this.statement(text), parameters);
    return result.rows as Row[];
  }

  /** Rolls back what is open. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.close();
  }
}
