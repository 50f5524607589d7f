/**
 * The protocol of §3 of the architecture as a system that can be explored:
 * writers, collectors, an external compactor and a reader over one bucket.
 *
 * What may happen at any moment:
 * - Any process takes its next step; a process that takes none is stalled.
 * - A writer or the compactor dies, and a writer is started anew. A clean
 *   close is a death with nothing on its way, and admission (who may open
 *   when) is left out: everyone may open always, which is the worst case.
 * - The answer of a PUT is lost; its effect comes at any later step, the next
 *   one included, or never.
 *
 * What must hold, after every step:
 * 1. What an opening would recover (`historyOf`) only ever grows at its end,
 *    and needs no object that is not there.
 * 2. A commit that is acknowledged is in it, and in what every writer of a later
 *    epoch that already serves has recovered.
 * 3. A writer that begins to serve has every commit that was acknowledged with a
 *    WAL id before its own first one. (One that was overtaken while it opened
 *    serves what was there before: its reads are of the past, as those of any
 *    writer that has not noticed yet, and its next commit fails.)
 * 4. The tables of the manifest that the current writer uses are there.
 * 5. A strong read gives every commit that was acknowledged before it began,
 *    and nothing that is not in the history; a read at a snapshot gives the
 *    version of that snapshot, or is refused.
 * 6. A reader with a valid pin misses nothing.
 * 7. What a checkpoint of the newest manifest needs is there, and gives the
 *    commits that it was made of.
 * 8. A manifest in which its publisher believes was made from the newest one.
 *
 * | here | code |
 * | --- | --- |
 * | `opening.ts` | `fence/epoch.ts`, `storage/engine/recovery.ts` |
 * | `writing.ts` | `storage/wal/wal_writer.ts`, `storage/manifest/manifest_store.ts` |
 * | `collecting.ts` | `storage/gc/collection.ts`, `storage/gc/roots.ts`, `storage/engine/collector.ts` |
 * | `compacting.ts` | `storage/compaction/compaction_job.ts` |
 * | `reading.ts` | the engine opened with `readOnly`: `storage/engine/replica.ts` |
 * | checkpoints in `writing.ts` | `storage/engine/checkpoints.ts`; a branch begins at one |
 *
 * @module
 */
import { applyPut, checkpointOf, historyOf, newestManifest } from "./bucket.ts";
import { collectingSteps } from "./collecting.ts";
import { compactingSteps, IDLE_COMPACTOR } from "./compacting.ts";
import type { System } from "./explore.ts";
import { downWriter, openingSteps, withWriter } from "./opening.ts";
import { readingSteps } from "./reading.ts";
import type { Rules } from "./rules.ts";
import { type Budget, type Emit, spend, type State } from "./state.ts";
import { writingSteps } from "./writing.ts";

/** Where an exploration begins, and what it may use. */
export interface Scenario {
  /** The state it begins in, its budget included. */
  readonly initial: State;
  /** Whether the reader pins its manifest. */
  readonly pins?: boolean;
}

/** The system of a scenario under `rules`. */
export function protocol(scenario: Scenario, rules: Rules): System<State> {
  const { initial, pins = false } = scenario;
  return {
    initial,
    parts: partsOf,
    wrong: wrongStep,
    next(state: State, emit: Emit): void {
      for (let i = 0; i < state.writers.length; i++) {
        openingSteps(rules, state, i, emit);
        writingSteps(rules, state, i, emit);
      }
      for (let i = 0; i < state.collectors.length; i++) {
        collectingSteps(rules, state, i, emit);
      }
      compactingSteps(rules, state, emit);
      readingSteps(rules, pins, state, emit);
      landings(state, emit);
      crashes(state, emit);
    },
  };
}

function partsOf(state: State): readonly unknown[] {
  const { bucket, writers, collectors, compactor, reader, late } = state;
  const { wal, manifests, tables, boundary, pins, chain } = bucket;
  const stored = [wal, manifests, tables, boundary, pins, chain, late];
  const actors = [...writers, ...collectors, compactor, reader];
  return [...stored, ...actors, budgetNumber(state.budget), state.acknowledged];
}

/** A budget as one number: each use counts less than eight. */
function budgetNumber(budget: Budget): number {
  let number = 0;
  for (const left of Object.values(budget)) {
    if (left > 7) throw new RangeError(`A budget of ${left} uses`);
    number = number * 8 + left;
  }
  return number;
}

/** PUTs that were given up take effect. */
function landings(state: State, emit: Emit): void {
  state.late.forEach((put, i) => {
    const bucket = applyPut(state.bucket, put);
    if (bucket === state.bucket) return;
    const late = state.late.filter((_, j) => j !== i);
    const id = put.at === "boundary" ? "" : put.id;
    emit(`lands ${put.at} ${id}`, { ...state, bucket, late });
  });
}

/** Processes die and forget everything. */
function crashes(state: State, emit: Emit): void {
  if (state.budget.crashes === 0) return;
  const spent = spend(state, "crashes");
  state.writers.forEach((writer, i) => {
    if (writer.step === "down") return;
    const down = downWriter(writer.name, writer.life);
    emit(`${writer.name}.crash`, withWriter(spent, i, down));
  });
  const { step } = state.compactor;
  if (step !== "idle" && step !== "done") {
    emit("compactor.crash", { ...spent, compactor: IDLE_COMPACTOR });
  }
}

function wrongStep(before: State, after: State): string | undefined {
  if (after.wrong !== undefined) return after.wrong;
  if (after.bucket === before.bucket) return undefined;
  const was = historyOf(before.bucket) ?? [];
  const is = historyOf(after.bucket);
  if (is === undefined) return "The newest manifest names a table that is gone";
  if (was.some((commit, i) => is[i] !== commit)) {
    return `The history was ${was} and is ${is}`;
  }
  const { bucket } = after;
  const { epoch, checkpoint } = bucket.manifests[newestManifest(bucket)]!;
  if (checkpoint !== undefined) {
    const found = checkpointOf(bucket, checkpoint);
    if (`${found}` !== `${checkpoint.history}`) {
      return `A checkpoint of ${checkpoint.history} gives ${found}`;
    }
  }
  for (const writer of after.writers) {
    const serves = ["serving", "commit", "readBackCommit"].includes(
      writer.step,
    );
    if (!serves || writer.epoch !== epoch) continue;
    for (const name of writer.manifest!.tables) {
      if (bucket.tables[name] === undefined) {
        return `${writer.name} serves from table ${name}, which is gone`;
      }
    }
  }
  return undefined;
}
