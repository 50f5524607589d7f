/**
 * A session as a server drives it, message by message: statements by name,
 * texts statement by statement, transactions that no statement began.
 *
 * Whoever drives it gives one statement at a time.
 *
 * @module
 */
import { KriyaError } from "../../../base/errors.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { parse } from "../../parser/parser.ts";
import { roleIdOf } from "../../catalog/roles.ts";
import type { DatabaseCore } from "../database_core.ts";
import { ListeningQueries } from "../notifications/listening_queries.ts";
import type { PlanCache } from "../plan_cache.ts";
import type { Prepared } from "../prepared.ts";
import { type Field, fieldsOf, type QueryResult } from "../result.ts";
import type { RunOptions } from "../run_options.ts";
import { showFields } from "../run_setting.ts";
import { Session } from "../session.ts";
import { Settings } from "../settings.ts";
import type { NamedStatement } from "../statements/named_statements.ts";
import { OverlaidSettings } from "./overlaid_settings.ts";
import { ScriptStatement } from "./script_statement.ts";

/** How a session for a server is opened. */
export interface ProtocolOptions {
  /** The user who asks (default: the database's). */
  readonly user?: string | undefined;
  /** What settings are at first, and are RESET to. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/** Where a session stands: in no transaction, in one, in one that failed. */
export type TransactionStatus = "idle" | "block" | "failed";

/** What can be known of a statement before it runs. */
export interface StatementDescription {
  /** The OIDs of its parameters' types. */
  readonly parameterTypes: readonly number[];
  /** The columns of its rows; absent: it gives none. */
  readonly fields: readonly Field[] | undefined;
  /** What it takes from the client, or gives to it, if it is a COPY. */
  readonly copy: CopyDescription | undefined;
}

/** A COPY from or to the client. */
export interface CopyDescription {
  readonly direction: "from" | "to";
  readonly columnCount: number;
  readonly binary: boolean;
}

/** A description, and what it was made under. */
interface Described {
  readonly catalogVersion: number;
  readonly settingsVersion: number;
  readonly description: StatementDescription;
}

/** Statements whose description follows from text, catalog and settings. */
const REMEMBERED: ReadonlySet<string> = new Set([
  "select",
  "insert",
  "update",
  "delete",
  "merge",
]);

/** READ COMMITTED for clients of a server, unless the database says otherwise. */
const ISOLATION = "default_transaction_isolation";

/** The statement of the extended protocol without a name. */
const UNNAMED = "";

/** A session that a server drives; made by `Database.protocolSession()`. */
export class ProtocolSession extends ListeningQueries
  implements AsyncDisposable {
  readonly #core: DatabaseCore;
  readonly #session: Session;
  readonly #onClose: () => void;
  #unnamed: ScriptStatement | undefined;
  readonly #named = new WeakMap<NamedStatement, ScriptStatement>();
  /** What was said of statements, and under which catalog and settings. */
  readonly #described = new WeakMap<ScriptStatement, Described>();
  #closing: Promise<void> | undefined;

  /** Used by `Database.protocolSession()`. */
  constructor(core: DatabaseCore, session: Session, onClose: () => void) {
    super(session, {});
    this.#core = core;
    this.#session = session;
    this.#onClose = onClose;
  }

  /** Its number: `pg_backend_pid()`. */
  get processId(): number {
    return this.#session.settings.objects.processId;
  }

  /** Where its transaction stands; one that no statement began is none. */
  get status(): TransactionStatus {
    const { block } = this.#session;
    if (block === undefined || block.implicit) return "idle";
    return block.failed ? "failed" : "block";
  }

  /** Whether a transaction is open, whoever began it. */
  get inTransaction(): boolean {
    return this.#session.inBlock;
  }

  /** The value of a setting as SHOW prints it. */
  setting(name: string): string | undefined {
    return this.#session.settings.find(name);
  }

  /** Another number whenever a setting may have changed. */
  get settingsVersion(): number {
    return this.#session.settings.version;
  }

  /**
   * The statements of a text. One that is known is not parsed again.
   *
   * @throws {SqlError} `42601` if it is not SQL: none of it is run.
   */
  script(text: string): readonly ScriptStatement[] {
    const known = knownStatement(this.#core.plans, text);
    if (known !== undefined) return [known];
    try {
      return parse(text).map((parsed) =>
        new ScriptStatement(parsed.text, { parsed })
      );
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  /**
   * Prepares a statement under a name; without one it takes the place of the
   * one before. `declared` are the OIDs of its parameters' types, 0 where they
   * follow from the statement.
   *
   * @throws {SqlError}
   */
  prepareNamed(
    name: string,
    text: string,
    declared: readonly number[],
  ): void {
    const { statements } = this.#session.settings.objects;
    if (name === UNNAMED) this.#unnamed = undefined;
    else this.#guarded(() => statements.requireFree(name));
    const [first, second] = this.script(text);
    if (second !== undefined) {
      throw this.#failed(
        new SqlError(
          "42601",
          "cannot insert multiple commands into a prepared statement",
        ),
      );
    }
    const types = declared.some((oid) => oid !== 0) ? declared : undefined;
    const statement = new ScriptStatement(first?.text ?? "", {
      parsed: first?.parsed,
      declared: types,
      kind: first?.kind,
    });
    const prepared = this.#session.describe(statement);
    if (name === UNNAMED) {
      this.#unnamed = statement;
      return;
    }
    this.#guarded(() =>
      statements.add(namedStatement(name, statement, prepared, this.#core))
    );
  }

  /**
   * The statement of a name.
   *
   * @throws {SqlError} `26000`.
   */
  named(name: string): ScriptStatement {
    if (name !== UNNAMED) {
      const { statements } = this.#session.settings.objects;
      const named = this.#guarded(() => statements.get(name));
      let statement = this.#named.get(named);
      if (statement === undefined) {
        const { text, declared, syntax } = named;
        statement = new ScriptStatement(text, { declared, kind: syntax?.kind });
        this.#named.set(named, statement);
      }
      return statement;
    }
    if (this.#unnamed !== undefined) return this.#unnamed;
    throw this.#failed(
      new SqlError("26000", "unnamed prepared statement does not exist"),
    );
  }

  /** Forgets the statement of a name, if there is one. */
  forget(name: string): void {
    const { statements } = this.#session.settings.objects;
    if (name === UNNAMED) this.#unnamed = undefined;
    else if (statements.has(name)) statements.remove(name);
  }

  /**
   * The columns of a cursor that DECLARE made: to a client it is a portal.
   *
   * @throws {SqlError} `34000` when there is none of the name.
   */
  cursorFields(name: string): readonly Field[] {
    const { cursors } = this.#session.settings.objects;
    if (cursors.has(name)) return fieldsOf(cursors.get(name).definition.fields);
    throw this.#failed(
      new SqlError("34000", `portal "${name}" does not exist`),
    );
  }

  /** Closes a cursor that DECLARE made, if there is one. */
  closeCursor(name: string): void {
    const { cursors } = this.#session.settings.objects;
    if (cursors.has(name)) cursors.close(name);
  }

  /**
   * What a statement takes and gives.
   *
   * @throws {SqlError} what is wrong with it.
   */
  describe(statement: ScriptStatement): StatementDescription {
    const known = this.#described.get(statement);
    if (known === undefined) return this.#describe(statement);
    const { block, currentCatalog } = this.#session;
    const isSame = known.catalogVersion === currentCatalog.version &&
      known.settingsVersion === this.settingsVersion && block?.failed !== true;
    return isSame ? known.description : this.#describe(statement);
  }

  #describe(statement: ScriptStatement): StatementDescription {
    const { bound, ...prepared } = this.#session.describe(statement);
    const resultFields = bound.kind === "show"
      ? showFields(this.#session.settings, bound.syntax.name)
      : prepared.resultFields;
    // A query gives rows, though they may have no columns.
    const gives = resultFields.length > 0 || bound.kind === "select";
    const description: StatementDescription = {
      parameterTypes: bound.parameterTypes.map(({ type }) => type.oid),
      fields: gives ? resultFields : undefined,
      copy: copyOf(bound),
    };
    // What EXECUTE and FETCH give is not their text's.
    if (REMEMBERED.has(bound.kind) && prepared.values === undefined) {
      this.#described.set(statement, {
        catalogVersion: prepared.catalogVersion,
        settingsVersion: this.settingsVersion,
        description,
      });
    }
    return description;
  }

  /**
   * Runs a statement.
   *
   * @throws {SqlError}
   */
  async run(
    statement: ScriptStatement,
    parameters: readonly unknown[],
    options: RunOptions,
  ): Promise<QueryResult<unknown>> {
    return await this.start(statement, parameters, options);
  }

  /**
   * Runs a statement; the result is there at once where nothing has to be
   * waited for.
   *
   * @throws {SqlError}
   */
  start(
    statement: ScriptStatement,
    parameters: readonly unknown[],
    options: RunOptions,
  ): QueryResult<unknown> | Promise<QueryResult<unknown>> {
    const closed = this.closedError();
    if (closed !== undefined) throw closed;
    return this.#session.run(statement, parameters, options);
  }

  /**
   * Runs a query, whose rows are read while other statements run.
   *
   * @throws {SqlError}
   */
  rows(
    { text, declared }: ScriptStatement,
    parameters: readonly unknown[],
    options: RunOptions,
  ): AsyncGenerator<unknown[][]> {
    return this.#session.stream<unknown[]>(
      text,
      parameters,
      options,
      declared,
    ) as AsyncGenerator<unknown[][]>;
  }

  /** Begins a transaction that no statement ends, if there is none. */
  async beginImplicit(): Promise<void> {
    await this.#session.openImplicit();
  }

  /**
   * Ends what `beginImplicit` began, unless a BEGIN has made it the client's:
   * commits it, if nothing failed in it.
   *
   * @throws {SqlError}
   */
  endImplicit(): Promise<void> {
    return this.#session.closeImplicit();
  }

  /** What the client asked for could not be done: its transaction has failed. */
  fail(error: unknown): void {
    this.#session.block?.fail(error);
  }

  /**
   * Calls `stop` where another session cancels what this one does, or wants it
   * to end.
   */
  onStop(stop: (kind: "cancel" | "terminate") => void): void {
    this.#session.onStop = stop;
  }

  /** Rolls back what is open, and takes no more statements. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Closes the session at the end of `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    await this.#session.close();
    this.#onClose();
  }

  #failed(error: SqlError): SqlError {
    this.fail(error);
    return error;
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  protected closedError(): KriyaError | undefined {
    if (this.#closing === undefined) return undefined;
    return new KriyaError("closed", "Cannot use the session: it is closed");
  }
}

/**
 * Opens a session for a server.
 *
 * @throws {SqlError} `28000` for a user that there is not, and what SET throws.
 */
export function openProtocolSession(
  core: DatabaseCore,
  { user = core.user, settings: given = {} }: ProtocolOptions,
  onClose: () => void,
): ProtocolSession {
  const catalog = core.catalog.committed;
  if (roleIdOf(catalog, core.user, user) === undefined) {
    throw new SqlError("28000", `role "${user}" does not exist`);
  }
  const check = new Settings(core.settings);
  const defaults = new OverlaidSettings(core.settings);
  if (!core.settings.has(ISOLATION)) defaults.set(ISOLATION, "read committed");
  for (const [name, text] of Object.entries(given)) {
    defaults.set(name.toLowerCase(), check.setText(name, text, false));
  }
  defaults.set("session_authorization", user);
  defaults.set("transaction_isolation", defaults.get(ISOLATION)!);
  return new ProtocolSession(core, new Session(core, { defaults }), onClose);
}

/** The statement that a text is, if one was planned under it. */
function knownStatement(
  plans: PlanCache<Prepared>,
  text: string,
): ScriptStatement | undefined {
  const plain = withoutEnd(text);
  const bound = plans.peek(plain)?.bound;
  if (bound === undefined) return undefined;
  const kind = bound.kind === "transaction" ? bound.syntax.kind : bound.kind;
  return new ScriptStatement(plain, { kind });
}

/** A text without the spaces and one semicolon at its end. */
function withoutEnd(text: string): string {
  const trimmed = text.trimEnd();
  return trimmed.endsWith(";") ? trimmed.slice(0, -1).trimEnd() : trimmed;
}

function namedStatement(
  name: string,
  { text, declared, parsed }: ScriptStatement,
  { bound, fields, choices }: Prepared,
  core: DatabaseCore,
): NamedStatement {
  const syntax = parsed?.syntax;
  const canExecute = syntax?.kind === "select" || syntax?.kind === "insert" ||
    syntax?.kind === "update" || syntax?.kind === "delete" ||
    syntax?.kind === "merge";
  return {
    name,
    text,
    declared,
    fromSql: false,
    syntax: canExecute ? syntax : undefined,
    parameterTypes: bound.parameterTypes,
    fields,
    choices,
    preparedAt: core.now(),
  };
}

function copyOf(bound: Prepared["bound"]): CopyDescription | undefined {
  if (bound.kind !== "copy" || bound.file !== undefined) return undefined;
  const { direction, columns, format, statement } = bound;
  return {
    direction,
    columnCount: direction === "from"
      ? columns.length
      : statement.fields.length,
    binary: format.form === "binary",
  };
}
