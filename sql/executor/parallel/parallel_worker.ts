/**
 * The Worker's side: runs one plan after the other over the rows that it is
 * handed.
 *
 * @module
 */
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import { accessOver } from "../../access/parallel/access_over.ts";
import type { RowRun, RowRuns } from "../../access/parallel/row_runs.ts";
import { readSlot, SLOT_BYTES } from "../../access/parallel/run_slot.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import type { Chunk } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { FunctionContext } from "../../functions/registry.ts";
import type { LogicalPlan } from "../../planner/logical_plan.ts";
import { inputsOf } from "../../planner/plan_tree.ts";
import type { TransactionHandle } from "../../transaction/transaction_handle.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { findNamedZone, UTC } from "../../types/time_zone/time_zone.ts";
import { typesOf } from "../output_types.ts";
import { RunState } from "../run_state.ts";
import { chunkShape, encodeRows } from "../spill/chunk_bytes.ts";
import { compilePart } from "./compile_part.ts";
import { definitionAt } from "./definition_numbers.ts";
import {
  CONTROL,
  CONTROL_BYTES,
  type DateTimeData,
  errorData,
  type FromWorker,
  type PlanMessage,
  slotOffset,
  type ToWorker,
} from "./messages.ts";
import { decodeValues, planOf } from "./plan_data.ts";

/** What of a Worker's global scope is used. */
interface WorkerScope {
  onmessage: ((event: { readonly data: ToWorker }) => void) | null;
  postMessage(message: FromWorker, transfer: readonly ArrayBuffer[]): void;
}

const scope = globalThis as unknown as WorkerScope;

function say(message: FromWorker, transfer: readonly ArrayBuffer[] = []): void {
  scope.postMessage(message, transfer);
}

/** What a function wants to know that only the other thread does. */
class AskedElsewhere extends Error {}

/** The rows that are handed over. */
class HandedRuns implements RowRuns {
  readonly #memory: SharedArrayBuffer;
  readonly #control: Int32Array;
  /** Slots that hold rows, with their bytes. */
  readonly #slots: [number, number][] = [];
  /** Runs of slots that were taken. */
  #runs: RowRun[] = [];
  #isAtEnd = false;
  #waiting: PromiseWithResolvers<RowRun | undefined> | undefined;

  constructor(memory: SharedArrayBuffer) {
    this.#memory = memory;
    this.#control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
  }

  /** A slot holds rows. */
  add(slot: number, bytes: number): void {
    this.#slots.push([slot, bytes]);
    this.#wake();
  }

  /** There are no more. */
  end(): void {
    this.#isAtEnd = true;
    this.#wake();
  }

  next(): MaybePromise<RowRun | undefined> {
    if (this.#runs.length === 0 && this.#slots.length > 0) this.#take();
    const run = this.#runs.shift();
    if (run !== undefined || this.#isAtEnd) return run;
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  close(): void {
    this.#runs = [];
    this.#slots.length = 0;
    this.#isAtEnd = true;
  }

  #take(): void {
    const [slot, length] = this.#slots.shift()!;
    const bytes = new Uint8Array(length);
    bytes.set(
      new Uint8Array(this.#memory, slotOffset(slot), SLOT_BYTES)
        .subarray(0, length),
    );
    Atomics.add(this.#control, CONTROL.taken, 1);
    this.#runs = readSlot(bytes);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return;
    if (this.#slots.length > 0) this.#take();
    waiting.resolve(this.#runs.shift());
  }
}

/** What functions may ask; the rest is asked elsewhere. */
function functionsOf(message: PlanMessage): FunctionContext {
  const elsewhere = (): never => {
    throw new AskedElsewhere();
  };
  const { transactionTimestamp, statementTimestamp, datetime } = message;
  return {
    transactionTimestamp,
    ...statementTimestamp !== undefined && { statementTimestamp },
    datetime: datetime && datetimeOf(datetime),
    clock: elsewhere,
    random: elsewhere,
    randomBytes: elsewhere,
    setting: elsewhere,
    catalog: elsewhere,
    session: elsewhere,
    get sequences(): never {
      return elsewhere();
    },
    get routines(): never {
      return elsewhere();
    },
    host: elsewhere,
  };
}

function datetimeOf(data: DateTimeData): FunctionContext["datetime"] {
  const { zone } = data;
  return {
    ...data,
    zone: typeof zone === "string" ? findNamedZone(zone) ?? UTC : zone,
  };
}

/** The table that a plan scans. */
function tableIn(plan: LogicalPlan): TableEntry {
  return plan.kind === "scan" ? plan.table.table : tableIn(inputsOf(plan)[0]!);
}

/** The values of parameters, at the places where the plan asks for them. */
function parametersOf({ plan, parameters }: PlanMessage): Nullable[] {
  const types = plan.parameters.map(({ type }) =>
    definitionAt(type) as DataType
  );
  const values = decodeValues(types, parameters);
  const all: Nullable[] = [];
  plan.parameters.forEach(({ index }, i) => all[index] = values[i]!);
  return all;
}

/** There is none: what is seen was decided elsewhere. */
const NO_TRANSACTION = {} as TransactionHandle;

function stateOf(
  message: PlanMessage,
  plan: LogicalPlan,
  runs: RowRuns,
): RunState {
  const { id, memory, memoryBytesMax } = message;
  const control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
  return new RunState({
    transaction: NO_TRANSACTION,
    access: accessOver(tableIn(plan), runs),
    parameters: parametersOf(message),
    functions: functionsOf(message),
    signal: {
      throwIfAborted: () => {
        if (Atomics.load(control, CONTROL.stop) === id) {
          throw new SqlError(
            "57014",
            "canceling statement due to user request",
          );
        }
      },
    },
    settings: { memoryBytesMax },
  });
}

async function run(message: PlanMessage, runs: HandedRuns): Promise<void> {
  const { id } = message;
  try {
    const plan = planOf(message.plan);
    const shape = chunkShape(typesOf(plan))!;
    const operator = compilePart(plan).open(stateOf(message, plan, runs));
    for (;;) {
      const next = operator.next();
      const chunk: Chunk | undefined = next instanceof Promise
        ? await next
        : next;
      if (chunk === undefined) break;
      const rows = chunk.selection ??
        Uint32Array.from({ length: chunk.rowCount }, (_, row) => row);
      const bytes = encodeRows(shape, chunk.columns, rows).slice();
      say({ kind: "chunk", id, bytes }, [bytes.buffer]);
    }
    operator.close();
    say({ kind: "done", id });
  } catch (error) {
    runs.close();
    say({
      kind: "failed",
      id,
      error: error instanceof AskedElsewhere ? "stays" : errorData(error),
    });
  }
}

/** The rows of the plan that runs. */
let running: { readonly id: number; readonly runs: HandedRuns } | undefined;

scope.onmessage = ({ data }): void => {
  if (data.kind === "plan") {
    const runs = new HandedRuns(data.memory);
    running = { id: data.id, runs };
    void run(data, runs);
    return;
  }
  // What was meant for a plan that failed is over.
  if (running?.id !== data.id) return;
  if (data.kind === "rows") running.runs.add(data.slot, data.bytes);
  else running.runs.end();
};
// Loading the definitions takes longer than a small plan.
definitionAt(0);
say({ kind: "ready" });
