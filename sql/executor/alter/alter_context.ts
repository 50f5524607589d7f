/**
 * What ALTER TABLE needs, and the table that it works on.
 *
 * @module
 */
import { NOTHING_NESTED } from "../../analyzer/constraints/table_rules.ts";
import {
  type AnalyzeOptions,
  StatementState,
} from "../../analyzer/statement_state.ts";
import type { ColumnEntry, TableEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { type DefinitionContext, replaceEntry } from "../catalog_change.ts";
import type { ExecutionContext } from "../operator.ts";
import { RunState } from "../run_state.ts";
import { tellRowUsers } from "./row_type_users.ts";

/** What ALTER TABLE is given. */
export interface AlterContext extends DefinitionContext {
  /** To look at rows and compute values. */
  readonly execution: ExecutionContext;
  /** Where names are looked up, as the transaction sees them now. */
  analysis(): AnalyzeOptions;
}

/** The table that is altered, as it is after the actions so far. */
export class AlteredTable {
  readonly context: AlterContext;
  readonly run: RunState;
  #entry: TableEntry;

  /** Works on `entry`. */
  constructor(entry: TableEntry, context: AlterContext) {
    this.#entry = entry;
    this.context = context;
    this.run = new RunState(context.execution);
  }

  /** The table as it is now. */
  get entry(): TableEntry {
    return this.#entry;
  }

  /** Replaces its entry. */
  replace(after: TableEntry): void {
    const { transaction } = this.context;
    replaceEntry(this.#entry, after, transaction);
    tellRowUsers(this.#entry, after, transaction);
    this.#entry = after;
  }

  /** Something else has replaced its entry. */
  replacedBy(after: TableEntry): void {
    this.#entry = after;
  }

  /** Replaces a column. */
  replaceColumn(before: ColumnEntry, after: ColumnEntry): void {
    const { columns } = this.#entry;
    this.replace({
      ...this.#entry,
      columns: columns.map((each) => each === before ? after : each),
    });
  }

  /** To bind expressions with. */
  state(): StatementState {
    return new StatementState(this.context.analysis(), NOTHING_NESTED);
  }

  /**
   * A column by name.
   *
   * @throws {SqlError} `42703`.
   */
  column(name: string): ColumnEntry {
    const column = this.find(name);
    if (column === undefined) throw this.missing(name);
    return column;
  }

  /** A column by name, if it is there. */
  find(name: string): ColumnEntry | undefined {
    return this.#entry.columns.find((column) => column.name === name);
  }

  /** `42703` */
  missing(name: string): SqlError {
    return new SqlError("42703", this.missingText(name));
  }

  /** What is said of a column that is not there. */
  missingText(name: string): string {
    return `column "${name}" of relation "${this.#entry.name}" does not exist`;
  }
}
