/**
 * What the routines that a statement calls run in: its session, its transaction,
 * what stops it; and how deep they call one another.
 *
 * @module
 */
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import type { AnalyzeOptions } from "../../analyzer/analyzer.ts";
import type { RoutineEntry } from "../../catalog/routine_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { ExecutionContext } from "../../executor/operator.ts";
import type { PlanFacts } from "../../optimizer/facts.ts";
import { stackDepthError } from "../../parser/grammar.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import type { TriggerFiring } from "../../executor/triggers/trigger_firing.ts";
import type { InputContext, Nullable } from "../../types/data_type.ts";
import { inputContextOf } from "../../functions/input_context.ts";
import { analyzeOptions } from "../analyze_options.ts";
import { Cursors } from "../cursors/cursors.ts";
import type { DatabaseCore } from "../database_core.ts";
import type { QueryResult } from "../result.ts";
import type { Notice, RunRequest } from "../run_options.ts";
import type { Settings } from "../settings.ts";

/** How deep routines may call one another. */
const DEPTH_MAX = 500;

/** How deep the routines of a statement are. */
interface Depth {
  depth: number;
  /** How many of them, and of settings of theirs, keep a transaction open. */
  atomic: number;
  /** How many blocks with EXCEPTION are open. */
  guarded: number;
  /** The triggers that fire, the innermost last. */
  readonly firings: TriggerFiring[];
}

/** Makes the context of a routine that has settings of its own. */
export type ContextUnder = (
  settings: Settings,
  session: RoutineSession,
) => ExecutionContext;

/** What a session is made of. */
export interface RoutineSessionParts {
  readonly core: DatabaseCore;
  readonly settings: Settings;
  readonly request: RunRequest;
  readonly context: ExecutionContext;
  readonly contextUnder: ContextUnder;
  /** Absent: those of the session, or of the statement if it stands alone. */
  readonly cursors?: Cursors | undefined;
}

/** Functions that call the routines of a session. */
interface JoinsRoutines {
  join(session: RoutineSession): void;
}

/** What routines run in. */
export class RoutineSession {
  readonly core: DatabaseCore;
  readonly settings: Settings;
  readonly request: RunRequest;
  readonly context: ExecutionContext;
  readonly #contextUnder: ContextUnder;
  #cursors: Cursors | undefined;
  readonly #depth: Depth;
  #options: { readonly version: number; options: AnalyzeOptions } | undefined;
  #path: readonly string[] | undefined;

  /** For the statement that runs in `context`. */
  constructor(
    parts: RoutineSessionParts,
    depth: Depth = { depth: 0, atomic: 0, guarded: 0, firings: [] },
  ) {
    this.core = parts.core;
    this.settings = parts.settings;
    this.request = parts.request;
    this.context = parts.context;
    this.#contextUnder = parts.contextUnder;
    this.#cursors = parts.cursors;
    this.#depth = depth;
  }

  /** The session of a routine with settings of its own. */
  forRoutine(config: RoutineEntry["config"]): RoutineSession {
    if (config.length === 0) return this;
    const settings = this.settings.copy(this.settings.objects);
    for (const [name, value] of config) settings.set(name, [value], false);
    const context = this.#contextUnder(settings, this);
    const { core, request, cursors } = this;
    const contextUnder = this.#contextUnder;
    const own = new RoutineSession(
      { core, settings, request, context, contextUnder, cursors },
      this.#depth,
    );
    const { functions } = context;
    if ("join" in functions) {
      (functions as JoinsRoutines).join(own);
    }
    return own;
  }

  /** The cursors that the transaction has open. */
  get cursors(): Cursors {
    if (this.#cursors !== undefined) return this.#cursors;
    if (this.settings.inTransaction) {
      return this.#cursors = this.settings.objects.cursors;
    }
    // Other statements of the session may run beside this one.
    const own = new Cursors();
    this.transaction.onEnd(() => {
      own.closeAll();
      this.#cursors = undefined;
    });
    return this.#cursors = own;
  }

  /** Runs a statement that is no query. */
  runOther(text: string): MaybePromise<QueryResult<unknown>> {
    const control = this.#isOpen ? this.request.control : undefined;
    const request = { ...this.request, control, parameters: [] };
    return this.core.runNested(this.settings, request, text);
  }

  /** The transaction. */
  get transaction(): Transaction {
    return this.request.transaction;
  }

  /** Changes whenever what statements were prepared for does. */
  get catalogVersion(): string {
    return `${this.analyzeOptions.catalog.version} ${this.settings.planKey}`;
  }

  /** Where names are looked up now. */
  get analyzeOptions(): AnalyzeOptions {
    const { catalog } = this.transaction;
    const path = this.settings.searchPath;
    const known = this.#options;
    const firing = this.#depth.firings.at(-1);
    if (firing !== undefined) {
      const tables = transitionTables(firing);
      if (tables !== undefined) {
        const options = analyzeOptions(this.core, this.settings, catalog);
        return { ...options, transitionTables: tables };
      }
    }
    if (known?.version === catalog.version && this.#path === path) {
      return known.options;
    }
    this.#path = path;
    const options = analyzeOptions(this.core, this.settings, catalog);
    this.#options = { version: catalog.version, options };
    return options;
  }

  /** A trigger fires, whose rows can be read until it is over. */
  reading(firing: TriggerFiring): () => void {
    const { firings } = this.#depth;
    firings.push(firing);
    return () => void firings.pop();
  }

  /** How many triggers fire, one within another. */
  get triggerDepth(): number {
    return this.#depth.firings.length;
  }

  /** The rows that a transition table has. */
  transition(name: string): readonly (readonly Nullable[])[] {
    const firing = this.#depth.firings.at(-1);
    const { transition, trigger } = firing ?? {};
    if (trigger?.newTable === name) return transition?.after ?? [];
    return transition?.before ?? [];
  }

  /** What plans are made with. */
  get planFacts(): PlanFacts {
    const { core } = this;
    return {
      transaction: core.planningHandle(this.transaction.catalog),
      access: core.access,
    };
  }

  /** What input of types may ask. */
  get inputContext(): InputContext {
    return inputContextOf(this.context.functions);
  }

  /** Tells the user something. */
  notice(notice: Notice): void {
    this.request.options.onNotice?.(notice);
  }

  /**
   * Enters a routine; `leave` comes back from it. `isAtomic`: it cannot end the
   * transaction.
   *
   * @throws {SqlError} `54001` when it is too deep.
   */
  enter(isAtomic = true): void {
    this.context.signal?.throwIfAborted();
    if (this.#depth.depth >= DEPTH_MAX) throw tooDeep();
    this.#depth.depth++;
    if (isAtomic) this.#depth.atomic++;
  }

  /** Comes back from {@linkcode RoutineSession.enter}. */
  leave(isAtomic = true): void {
    this.#depth.depth--;
    if (isAtomic) this.#depth.atomic--;
  }

  /** What cannot end the transaction begins; the result ends it. */
  keepOpen(): () => void {
    this.#depth.atomic++;
    return () => void this.#depth.atomic--;
  }

  /** A block with EXCEPTION begins; the result ends it. */
  guard(): () => void {
    this.#depth.guarded++;
    return () => void this.#depth.guarded--;
  }

  /** Whether nothing around keeps the transaction from ending. */
  get #isOpen(): boolean {
    return this.#depth.atomic === 0 && this.#depth.guarded === 0;
  }

  /**
   * COMMIT or ROLLBACK.
   *
   * @throws {SqlError} `2D000` where something else ends the transaction.
   */
  endTransaction(command: "commit" | "rollback"): Promise<void> {
    const { control } = this.request;
    if (control !== undefined && this.#isOpen) return control.end(command);
    const words = command === "commit" ? "commit" : "roll back";
    throw new SqlError(
      "2D000",
      control === undefined || this.#depth.atomic > 0
        ? "invalid transaction termination"
        : `cannot ${words} while a subtransaction is active`,
    );
  }
}

function tooDeep(): SqlError {
  return new SqlError("54001", "stack depth limit exceeded", {
    hint: "Routines call one another at most 500 deep.",
  });
}

/** An error that came of too deep a recursion of ours. */
export function asStackDepth(error: unknown): unknown {
  return error instanceof RangeError ? stackDepthError() : error;
}

const tables = new WeakMap<TriggerFiring, ReadonlyMap<string, TableEntry>>();

/** The transition tables of a trigger, by name. */
function transitionTables(
  firing: TriggerFiring,
): ReadonlyMap<string, TableEntry> | undefined {
  const { trigger: { oldTable, newTable }, table } = firing;
  if (oldTable === undefined && newTable === undefined) return undefined;
  let found = tables.get(firing);
  if (found === undefined) {
    found = new Map(
      [oldTable, newTable].filter((name) => name !== undefined)
        .map((name) => [name, table]),
    );
    tables.set(firing, found);
  }
  return found;
}
