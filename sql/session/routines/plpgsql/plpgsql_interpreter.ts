/**
 * PL/pgSQL run: blocks, branches, assignments, statements. Loops are in
 * `plpgsql_loops.ts`, errors in `raise.ts`.
 *
 * A statement ends with a signal where control goes elsewhere: RETURN, EXIT,
 * CONTINUE. A block with EXCEPTION is a subtransaction: what it did is taken back
 * before a handler runs.
 *
 * @module
 */
import { SqlError } from "../../../errors/sql_error.ts";
import { parse } from "../../../parser/parser.ts";
import type {
  CodeText,
  IntoClause,
  PlpgsqlBlock,
  PlpgsqlHandler,
  PlpgsqlStatement,
} from "../../../parser/plpgsql/plpgsql_syntax.ts";
import type { Nullable } from "../../../types/data_type.ts";
import { int8 } from "../../../types/int_types.ts";
import { record } from "../../../types/row/row_type.ts";
import { text } from "../../../types/text_types.ts";
import type { PreparedBody } from "../body_statement.ts";
import { wait, type Work } from "../drive.ts";
import type { PlpgsqlFrame, QueryRows, TypedValue } from "./plpgsql_frame.ts";
import type { Slot } from "./plpgsql_names.ts";
import { runLoop, type Signal } from "./plpgsql_loops.ts";
import { dynamicStatement, storeRow } from "./plpgsql_rows.ts";
import { closeCursor, fetchCursor, openCursor } from "./plpgsql_cursors.ts";
import { caught, diagnosticOf, handles, runRaise } from "./raise.ts";

/** What a routine gives back. */
export interface PlpgsqlResult {
  /** RETURN with a value, or without one. */
  done(value: TypedValue | undefined): void;
  /** RETURN NEXT. */
  next(value: TypedValue | undefined): void;
  /** RETURN QUERY. */
  rows(rows: QueryRows): void;
}

/** Runs a call of a routine. */
export class PlpgsqlInterpreter {
  readonly frame: PlpgsqlFrame;
  readonly #result: PlpgsqlResult;
  /** The error that a handler handles. */
  #current: SqlError | undefined;

  /** Runs over the variables of `frame`. */
  constructor(frame: PlpgsqlFrame, result: PlpgsqlResult) {
    this.frame = frame;
    this.#result = result;
  }

  /** A block. */
  *block(block: PlpgsqlBlock): Work<Signal | undefined> {
    const { frame } = this;
    const outer = frame.scope;
    frame.scope = frame.names.scopeOf(block);
    try {
      for (const slot of new Set(frame.scope.slots.values())) {
        yield* this.#initialize(slot);
      }
      const signal = block.handlers.length === 0
        ? yield* this.statements(block.body)
        : yield* this.#guarded(block);
      return signal?.kind === "exit" && signal.label !== undefined &&
          signal.label === block.label
        ? undefined
        : signal;
    } finally {
      frame.scope = outer;
    }
  }

  *#initialize(slot: Slot): Work<void> {
    const { frame } = this;
    // Aliases are initialized where they are declared.
    if (frame.names.root.slots.get(slot.name) === slot) return;
    frame.values[slot.index] = null;
    if (slot.type.type === record) frame.setShape(slot, undefined);
    if (slot.cursor !== undefined) return;
    if (slot.default === undefined) return;
    frame.assign(slot, yield* frame.evaluate(slot.default));
  }

  /** A block with EXCEPTION. */
  *#guarded(block: PlpgsqlBlock): Work<Signal | undefined> {
    const { frame } = this;
    const { transaction, settings } = frame.session;
    const mark = transaction.savepoint();
    const kept = settings.mark();
    const opened = frame.session.cursors.mark();
    const scope = frame.scope;
    let leave: (() => void) | undefined = frame.session.guard();
    try {
      return yield* this.statements(block.body);
    } catch (error) {
      leave();
      leave = undefined;
      const known = caught(error);
      const handler = known &&
        block.handlers.find((each) => handles(each, known));
      if (handler === undefined) throw error;
      transaction.rollbackTo(mark);
      settings.returnTo(kept);
      frame.session.cursors.returnTo(opened);
      frame.scope = scope;
      return yield* this.#handle(handler, known!);
    } finally {
      leave?.();
    }
  }

  *#handle(
    handler: PlpgsqlHandler,
    error: SqlError,
  ): Work<Signal | undefined> {
    const { frame } = this;
    const outer = { scope: frame.scope, current: this.#current };
    frame.scope = frame.names.scopeOf(handler);
    this.#current = error;
    const { slots } = frame.scope;
    frame.values[slots.get("sqlstate")!.index] = error.code;
    frame.values[slots.get("sqlerrm")!.index] = error.message;
    try {
      return yield* this.statements(handler.body);
    } finally {
      frame.scope = outer.scope;
      this.#current = outer.current;
    }
  }

  /** Statements, one after the other. */
  *statements(
    statements: readonly PlpgsqlStatement[],
  ): Work<Signal | undefined> {
    for (const each of statements) {
      const signal = yield* this.#statement(each);
      if (signal !== undefined) return signal;
    }
    return undefined;
  }

  *#statement(statement: PlpgsqlStatement): Work<Signal | undefined> {
    const { frame } = this;
    switch (statement.kind) {
      case "block":
        return yield* this.block(statement);
      case "assign":
        yield* frame.store(
          statement.target,
          yield* frame.evaluate(statement.value),
        );
        return undefined;
      case "if":
        for (const { condition, body } of statement.branches) {
          if (yield* frame.holds(condition)) {
            return yield* this.statements(body);
          }
        }
        return yield* this.statements(statement.otherwise);
      case "case":
        return yield* this.#case(statement);
      case "exit": {
        const { condition, isExit, label } = statement;
        const goes = condition === undefined || (yield* frame.holds(condition));
        return goes ? { kind: isExit ? "exit" : "continue", label } : undefined;
      }
      case "return": {
        const { value } = statement;
        this.#result.done(value && (yield* frame.evaluate(value)));
        return { kind: "return", label: undefined };
      }
      case "loop":
      case "while":
      case "for_integer":
      case "for_query":
      case "for_execute":
      case "foreach":
        return yield* runLoop(this, statement);
      default:
        yield* this.#command(statement);
        return undefined;
    }
  }

  *#case(
    { operand, branches, otherwise }: PlpgsqlStatement & {
      readonly kind: "case";
    },
  ): Work<Signal | undefined> {
    const { frame } = this;
    for (const { condition, body } of branches) {
      const test = operand === undefined
        ? condition
        : this.#caseTest(operand, condition);
      if (yield* frame.holds(test)) return yield* this.statements(body);
    }
    if (otherwise !== undefined) return yield* this.statements(otherwise);
    throw new SqlError("20000", "case not found", {
      hint: "CASE statement is missing ELSE part.",
    });
  }

  readonly #caseTests = new WeakMap<CodeText, CodeText>();

  /** `operand IN (values)` */
  #caseTest(operand: CodeText, values: CodeText): CodeText {
    let test = this.#caseTests.get(values);
    if (test === undefined) {
      test = { text: `(${operand.text}) IN (${values.text})` };
      this.#caseTests.set(values, test);
    }
    return test;
  }

  /** A statement after which the next one follows. */
  *#command(statement: PlpgsqlStatement): Work<void> {
    const { frame } = this;
    switch (statement.kind) {
      case "raise":
        return yield* runRaise(frame, statement, this.#current);
      case "return_next": {
        const { value } = statement;
        return this.#result.next(value && (yield* frame.evaluate(value)));
      }
      case "return_query": {
        const prepared = frame.prepare(statement.query, "statement");
        const rows = yield* frame.query(prepared);
        this.#note(rows.count);
        return this.#result.rows(rows);
      }
      case "return_execute": {
        const { query, using } = statement;
        const rows = yield* this.#dynamic(query, using);
        this.#note(rows.count);
        return this.#result.rows(rows);
      }
      case "perform": {
        const prepared = frame.prepare(statement.query, "statement");
        return this.#note((yield* frame.query(prepared)).count);
      }
      case "sql":
        return yield* this.#sql(statement.statement, statement.into);
      case "execute":
        return yield* this.#execute(statement);
      case "get_diagnostics":
        return yield* this.#diagnostics(statement);
      case "assert":
        return yield* this.#assert(statement);
      case "open":
        return yield* openCursor(frame, statement);
      case "fetch":
        return this.#note(yield* fetchCursor(frame, statement));
      case "close":
        return closeCursor(frame, statement);
      case "end_transaction":
        return void (yield* wait(
          frame.session.endTransaction(statement.command),
        ));
    }
  }

  /** What FOUND and ROW_COUNT say. */
  #note(count: number): void {
    const { frame } = this;
    frame.rowCount = count;
    frame.values[frame.names.root.slots.get("found")!.index] = count > 0;
  }

  /** A statement of SQL. */
  *#sql(code: CodeText, into: IntoClause | undefined): Work<void> {
    const { frame } = this;
    const prepared = frame.prepare(code, "statement");
    const { bound, plan, simple, fields } = prepared;
    if (plan === undefined && simple === undefined) {
      if (bound.kind === "transaction") {
        throw new SqlError(
          "0A000",
          "unsupported transaction command in PL/pgSQL",
        );
      }
      return void (yield* wait(frame.session.runOther(code.text)));
    }
    const rows = yield* frame.query(prepared, into === undefined ? 1 : 2);
    if (bound.kind === "call_procedure") {
      return yield* this.#storeOutputs(prepared, code, rows);
    }
    this.#note(
      into === undefined || bound.kind !== "select"
        ? rows.count
        : Math.min(rows.count, 1),
    );
    if (into !== undefined) return yield* this.#into(into, rows);
    if (fields.length === 0) return;
    throw new SqlError(
      "42601",
      "query has no destination for result data",
      bound.kind === "select"
        ? {
          hint:
            "If you want to discard the results of a SELECT, use PERFORM instead.",
        }
        : {},
    );
  }

  /** What CALL gives goes to the variables that were its arguments. */
  *#storeOutputs(
    { fields }: PreparedBody,
    code: CodeText,
    { rows }: QueryRows,
  ): Work<void> {
    const syntax = parse(code.text)[0]?.syntax;
    if (syntax?.kind !== "call_procedure" || rows[0] === undefined) return;
    const targets = syntax.call.args.flatMap((arg) =>
      arg.kind === "column" && this.frame.scope.resolve(arg.path) !== undefined
        ? [{ path: arg.path, subscripts: "" }]
        : []
    );
    const last = targets.slice(-fields.length);
    for (const [i, target] of last.entries()) {
      yield* this.frame.store(target, {
        value: rows[0][i] ?? null,
        type: fields[i]!.type,
      });
    }
  }

  *#into({ targets, strict }: IntoClause, rows: QueryRows): Work<void> {
    if (strict && rows.rows.length === 0) {
      throw new SqlError("P0002", "query returned no rows");
    }
    if (strict && rows.rows.length > 1) {
      throw new SqlError("P0003", "query returned more than one row", {
        hint: "Make sure the query returns a single row, or use LIMIT 1.",
      });
    }
    yield* storeRow(this.frame, targets, rows.fields, rows.rows[0]);
  }

  *#execute(
    { query, using, into }: PlpgsqlStatement & { readonly kind: "execute" },
  ): Work<void> {
    const rows = yield* this.#dynamic(query, using, into === undefined ? 0 : 2);
    this.frame.rowCount = rows.count;
    if (into !== undefined) yield* this.#into(into, rows);
  }

  /** The rows of a statement that is a text. */
  *#dynamic(
    query: CodeText,
    using: readonly CodeText[],
    limit = Infinity,
  ): Work<QueryRows> {
    const { frame } = this;
    const words = yield* frame.textOf(query);
    if (words === null) {
      throw new SqlError(
        "22004",
        "query string argument of EXECUTE is null",
      );
    }
    const leave = frame.session.keepOpen();
    try {
      return yield* dynamicStatement(frame, words, using, limit);
    } finally {
      leave();
    }
  }

  *#diagnostics(
    { stacked, items }: PlpgsqlStatement & {
      readonly kind: "get_diagnostics";
    },
  ): Work<void> {
    if (stacked && this.#current === undefined) {
      throw new SqlError(
        "0Z002",
        "GET STACKED DIAGNOSTICS cannot be used outside an exception handler",
      );
    }
    for (const { target, item } of items) {
      yield* this.frame.store(target, this.#diagnostic(stacked, item));
    }
  }

  #diagnostic(stacked: boolean, item: string): TypedValue {
    if (stacked) {
      const value = diagnosticOf(this.#current!, item);
      return { value, type: { type: text, typmod: -1 } };
    }
    if (item === "row_count") {
      const value: Nullable = BigInt(this.frame.rowCount);
      return {
        value: int8.input(String(value), -1),
        type: { type: int8, typmod: -1 },
      };
    }
    if (item === "pg_context") {
      return { value: "", type: { type: text, typmod: -1 } };
    }
    throw new SqlError(
      "42601",
      `unrecognized GET DIAGNOSTICS item at or near "${item}"`,
    );
  }

  *#assert(
    { condition, message }: PlpgsqlStatement & { readonly kind: "assert" },
  ): Work<void> {
    const { frame } = this;
    if (yield* frame.holds(condition)) return;
    const words = message === undefined ? null : yield* frame.textOf(message);
    throw new SqlError("P0004", words ?? "assertion failed");
  }
}
