/**
 * Operator: each row once, the first time it comes. Where there are more than memory
 * is for, rows that did not come before go into a file, parted by a hash, and the
 * parts are taken one by one at the end.
 *
 * @module
 */
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import type { SpillFile } from "../access/temporary_files.ts";
import type { Chunk } from "../chunk/chunk.ts";
import type { DistinctNode } from "../planner/logical_plan.ts";
import type { Operator, OperatorUsage } from "./operator.ts";
import { typesOf } from "./output_types.ts";
import { openInput, type PhysicalPlan, pullUntil } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";
import { SeenRows } from "./seen_rows.ts";
import { type ChunkShape, chunkShape } from "./spill/chunk_bytes.ts";
import { HeldMemory } from "./spill/held_memory.ts";
import { LEVEL_MAX, Partitions } from "./spill/partitions.ts";
import type { SpilledRows } from "./spill/spilled_rows.ts";

/** A compiled DISTINCT. */
export class DistinctPlan implements PhysicalPlan {
  readonly node: DistinctNode;
  /** How rows go into files; nothing where they cannot. */
  readonly shape: ChunkShape | undefined;
  readonly #input: PhysicalPlan;

  /** Compiles the node over `input`. */
  constructor(node: DistinctNode, input: PhysicalPlan) {
    this.node = node;
    this.#input = input;
    this.shape = chunkShape(typesOf(node.input));
  }

  /** Opens it. */
  open(run: RunState): Operator {
    return new Distinct(this, openInput(this.#input, run), run);
  }
}

class Distinct implements Operator {
  readonly #plan: DistinctPlan;
  readonly #input: Operator;
  readonly #run: RunState;
  readonly #memory: HeldMemory;
  #seen: SeenRows;
  #file: SpillFile | undefined;
  /** Rows that did not come before, when there was no room to note more. */
  #overflow: Partitions | undefined;
  readonly #later: { readonly rows: SpilledRows; readonly level: number }[] =
    [];
  #rows: Operator;
  #level = 0;
  #batches = 1;

  constructor(plan: DistinctPlan, input: Operator, run: RunState) {
    this.#plan = plan;
    this.#input = input;
    this.#rows = input;
    this.#run = run;
    this.#memory = new HeldMemory(run, plan.shape !== undefined);
    this.#seen = new SeenRows(run, this.#memory);
  }

  next(): MaybePromise<Chunk | undefined> {
    return then(
      pullUntil(
        () => {
          this.#run.checkAborted();
          return this.#rows.next();
        },
        (chunk) => this.#take(chunk),
      ),
      (chunk) => {
        if (chunk !== undefined) return chunk;
        return this.#startLater() ? this.next() : undefined;
      },
    );
  }

  #take(chunk: Chunk): Chunk | undefined {
    const rows = this.#seen.take(chunk);
    if (this.#overflow === undefined && this.#memory.isFull) {
      if (this.#level === LEVEL_MAX) this.#memory.requireRoom();
      this.#file ??= this.#memory.createFile();
      this.#overflow = new Partitions(
        this.#plan.shape!,
        this.#file,
        this.#level,
        this.#memory,
        this.#run,
      );
      this.#seen.overflowInto(this.#overflow);
    }
    return rows;
  }

  /** Goes on with rows that were put off; false if there are none. */
  #startLater(): boolean {
    for (const rows of this.#overflow?.finish() ?? []) {
      if (rows.rowCount > 0) this.#later.push({ rows, level: this.#level + 1 });
    }
    this.#overflow?.release();
    this.#overflow = undefined;
    this.#seen.clear();
    const later = this.#later.pop();
    if (later === undefined) return false;
    this.#level = later.level;
    this.#batches++;
    this.#rows = later.rows.read();
    return true;
  }

  usage(): OperatorUsage {
    return { ...this.#memory.usage, batches: this.#batches };
  }

  close(): void {
    this.#input.close();
    this.#rows = { next: () => undefined, close: () => {} };
    this.#later.length = 0;
    this.#overflow?.release();
    this.#overflow = undefined;
    this.#seen.clear();
    this.#memory.release();
    this.#file?.close();
  }
}
