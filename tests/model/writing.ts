/**
 * How a writer commits and flushes, one request a step. Commits and flushes run
 * beside each other; there is one WAL PUT in flight at most.
 *
 * | step | request | then |
 * | --- | --- | --- |
 * | `commit` | PUT the next WAL id if absent | stored: acknowledge; else `readBackCommit` |
 * | `readBackCommit` | GET it | our bytes: acknowledge; another's: fenced; absent: `commit` again, same id, same bytes |
 * | `upload` | PUT a table of the durable commits | stored, or there already (the name is ours alone): `publish` |
 * | `publish` | PUT the manifest after the one we know, if absent | stored: `checkPublish`; else `readBackPublish` |
 * | `readBackPublish` | GET it | ours: `checkPublish`; a higher epoch: fenced; our epoch, by a compactor: take it for the base, `publish` again; absent: `publish` again, same bytes |
 * | `checkPublish` | GET `gc/boundary` | that number or higher: fenced; else the manifest is the one we know |
 *
 * A checkpoint is made and dropped by a `publish` that covers no commits: it names
 * the manifest that it makes, and the WAL up to the last durable commit.
 *
 * @module
 */
import {
  type Checkpoint,
  historyOf,
  type Manifest,
  wrongPublish,
} from "./bucket.ts";
import { downWriter, withWriter, writerId } from "./opening.ts";
import type { Rules } from "./rules.ts";
import {
  type Emit,
  type Flush,
  putAllWays,
  spend,
  type State,
  type Writer,
} from "./state.ts";

const IDLE: Flush = { step: "idle", upTo: 0, commits: [] };

/** The steps of a writer that serves. */
export function writingSteps(
  rules: Rules,
  state: State,
  index: number,
  emit: Emit,
): void {
  const { step } = state.writers[index]!;
  if (step !== "serving" && step !== "commit" && step !== "readBackCommit") {
    return;
  }
  commitSteps(rules, state, index, emit);
  flushSteps(rules, state, index, emit);
}

function commitSteps(
  rules: Rules,
  state: State,
  index: number,
  emit: Emit,
): void {
  const writer = state.writers[index]!;
  const { name, step, next, commit } = writer;
  const to = (label: string, change: Partial<Writer>, from = state): void =>
    emit(
      `${name}.${step} ${label}`,
      withWriter(from, index, { ...writer, ...change }),
    );
  const fenced = (): void => to("fenced", downWriter(name, writer.life));
  switch (step) {
    case "serving": {
      // The PUT comes with the beginning of the commit.
      if (state.budget.commits > 0) {
        const started: Writer = {
          ...writer,
          step: "commit",
          commit: state.budget.commits,
        };
        const from = withWriter(spend(state, "commits"), index, started);
        commitSteps(rules, from, index, emit);
      }
      return;
    }
    case "commit": {
      const id = next;
      const value = { epoch: writer.epoch, writer: writerId(writer), commit };
      return putAllWays(state, { at: "wal", id, value }, (from, reply) => {
        const label = `${name}.commit ${commit} at ${id} ${reply}`;
        const sure = reply === "stored" ||
          (!rules.ackAfterAnswer && reply === "unknown") ||
          (!rules.readBack && reply === "precondition");
        if (sure) {
          emit(label, acknowledge(from, index, commit));
        } else if (reply === "unknown" && !rules.sameId) {
          emit(label, withWriter(from, index, skipId(writer)));
        } else {
          const step = "readBackCommit" as const;
          emit(label, withWriter(from, index, { ...writer, step }));
        }
      });
    }
    case "readBackCommit": {
      const found = state.bucket.wal[next];
      if (found === undefined) {
        to("absent", { step: "commit" });
        if (!rules.sameBytes && state.budget.commits > 0) {
          // The commit is reported as failed, and its id used for another.
          const other = state.budget.commits;
          const spent = spend(state, "commits");
          to("another commit", { step: "commit", commit: other }, spent);
        }
        return;
      }
      const ours = found.writer === writerId(writer) &&
        (found.commit === commit || !rules.sameBytes);
      if (!ours) return fenced();
      return emit(
        `${name}.readBackCommit ours`,
        acknowledge(state, index, commit),
      );
    }
    default:
      return;
  }
}

/** Gives the id up and serves on: what rule 9 forbids. */
function skipId(writer: Writer): Writer {
  return { ...writer, step: "serving", commit: 0, next: writer.next + 1 };
}

/** The caller is told that its commit is durable. */
function acknowledge(state: State, index: number, commit: number): State {
  const writer = state.writers[index]!;
  const { next: id } = writer;
  const acknowledged = [...state.acknowledged, { commit, id }];
  const after: State = {
    ...withWriter(state, index, {
      ...writer,
      step: "serving",
      commit: 0,
      next: writer.next + 1,
      history: [...writer.history, commit],
    }),
    acknowledged,
  };
  const wrong = wrongAcknowledgement(after, writer, commit);
  return wrong === undefined ? after : { ...after, wrong };
}

function wrongAcknowledgement(
  state: State,
  writer: Writer,
  commit: number,
): string | undefined {
  const { name } = writer;
  if (!historyOf(state.bucket)?.includes(commit)) {
    return `${name} acknowledges commit ${commit}, which an opening does not find`;
  }
  for (const other of state.writers) {
    const serves = ["serving", "commit", "readBackCommit"].includes(other.step);
    if (!serves || other.epoch <= writer.epoch) continue;
    if (other.history.includes(commit)) continue;
    return `${name} acknowledges commit ${commit} while ${other.name} of a later epoch serves without it`;
  }
  return undefined;
}

function flushSteps(
  rules: Rules,
  state: State,
  index: number,
  emit: Emit,
): void {
  const writer = state.writers[index]!;
  const { name, flush, base } = writer;
  const to = (label: string, change: Partial<Writer>, from = state): void =>
    emit(
      `${name}.${flush.step} ${label}`,
      withWriter(from, index, { ...writer, ...change }),
    );
  const fenced = (): void => to("fenced", downWriter(name, writer.life));
  switch (flush.step) {
    case "idle":
      startFlush(rules, state, index, emit);
      return startCheckpoint(rules, state, index, emit);
    case "upload": {
      const { flushed } = writer.manifest!;
      const id = tableOf(writer);
      const { commits } = flush;
      const kept = commits.map((_, i) => flushed + 1 + i);
      const value = { first: flushed + 1, commits, kept };
      return putAllWays(state, { at: "table", id, value }, (from, reply) => {
        const step = reply === "unknown" ? "upload" : "publish";
        to(`${id} ${reply}`, { flush: { ...flush, step } }, from);
      });
    }
    case "publish": {
      const id = base + 1;
      const value = publishOf(rules, writer);
      return putAllWays(state, { at: "manifest", id, value }, (from, reply) => {
        const step = reply === "stored" ? "checkPublish" : "readBackPublish";
        to(`${id} ${reply}`, { flush: { ...flush, step } }, from);
      });
    }
    case "readBackPublish": {
      const found = state.bucket.manifests[base + 1];
      if (found === undefined) {
        return to("absent", { flush: { ...flush, step: "publish" } });
      }
      if (found.publisher === publishOf(rules, writer).publisher) {
        return to("ours", { flush: { ...flush, step: "checkPublish" } });
      }
      if (!rules.rebase) {
        return to("blindly on", {
          base: base + 1,
          flush: { ...flush, step: "publish" },
        });
      }
      if (found.epoch !== writer.epoch) return fenced();
      const rebased: Partial<Writer> = {
        base: base + 1,
        flush: { ...flush, step: "publish" },
      };
      to("rebase", { ...rebased, manifest: found });
      if (found.jobs.length > 0 && state.budget.cancels > 0) {
        const manifest = { ...found, jobs: [] };
        to("cancel", { ...rebased, manifest }, spend(state, "cancels"));
      }
      return;
    }
    case "checkPublish": {
      const id = base + 1;
      if (state.bucket.boundary.number >= id && rules.checkAfterPublish) {
        return fenced();
      }
      const manifest = publishOf(rules, writer);
      const { number } = writer;
      return to(`${id} counts`, {
        base: id,
        manifest,
        number: number + 1,
        flush: IDLE,
      }, {
        ...state,
        ...wrongPublish(state.bucket, id, manifest.publisher),
      });
    }
  }
}

function startFlush(
  rules: Rules,
  state: State,
  index: number,
  emit: Emit,
): void {
  const writer = state.writers[index]!;
  const commits = writer.history.slice(writer.manifest!.flushed);
  if (state.budget.flushes === 0) return;
  // Without commits it is the publish of a checkpoint, or of a segment.
  const step = rules.uploadFirst && commits.length > 0 ? "upload" : "publish";
  const flush: Flush = { step, upTo: writer.next, commits };
  const spent = spend(state, "flushes");
  const from = withWriter(spent, index, { ...writer, flush });
  flushSteps(rules, from, index, emit);
}

/** A publish that makes a checkpoint, or drops the one there is. */
function startCheckpoint(
  rules: Rules,
  state: State,
  index: number,
  emit: Emit,
): void {
  const writer = state.writers[index]!;
  if (state.budget.checkpoints === 0) return;
  const checkpoint = writer.manifest!.checkpoint === undefined
    ? checkpointBy(rules, state, writer)
    : "none";
  if (checkpoint === undefined) return;
  const flush: Flush = { ...IDLE, step: "publish", checkpoint };
  const from = withWriter(spend(state, "checkpoints"), index, {
    ...writer,
    flush,
  });
  flushSteps(rules, from, index, emit);
}

function checkpointBy(
  rules: Rules,
  { bucket }: State,
  { base, manifest, next, history }: Writer,
): Checkpoint | undefined {
  if (rules.checkpointOfItself) {
    const { replayFrom: walFrom } = manifest!;
    return { manifest: base + 1, walFrom, walEnd: next, history };
  }
  // One of the past, as it is still found.
  const past = bucket.manifests[base - 1];
  return past && {
    manifest: base - 1,
    walFrom: past.replayFrom,
    walEnd: past.replayFrom,
    history: history.slice(0, past.flushed),
  };
}

/** The name of the table that a flush writes: epoch, job 0, number. */
function tableOf(writer: Writer): string {
  return `${writer.epoch}-0-${writer.number}`;
}

/** The manifest that a flush publishes. */
function publishOf(rules: Rules, writer: Writer): Manifest {
  const { flush, number } = writer;
  const base = writer.manifest!;
  const made = {
    ...base,
    epoch: writer.epoch,
    publisher: `${writerId(writer)}/${number}`,
    byWriter: writer.base + 1,
    settled: number + 1,
  };
  const { checkpoint } = flush;
  if (checkpoint === "none") return { ...made, checkpoint: undefined };
  if (checkpoint !== undefined) return { ...made, checkpoint };
  return {
    ...made,
    replayFrom: rules.replayPointCovered ? flush.upTo : flush.upTo + 1,
    flushed: base.flushed + flush.commits.length,
    tables: flush.commits.length === 0
      ? base.tables
      : [...base.tables, tableOf(writer)],
  };
}
