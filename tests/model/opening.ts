/**
 * How a writer opens, one request a step.
 *
 * | step | request | then |
 * | --- | --- | --- |
 * | `findNewest` | LIST `manifest/`, one key | `readManifest` |
 * | `readManifest` | GET it | gone: `findNewest`; else `claim` |
 * | `claim` | PUT the next number, epoch + 1, if absent | stored: `probeWal`; else `readBackClaim` |
 * | `readBackClaim` | GET it | ours: `probeWal`; another's: `findNewest`; absent: `claim` again, same bytes |
 * | `probeWal` | GET the next WAL id, from the replay point | group: replay; fence: pass, or give up if its epoch is higher; absent: `fence` |
 * | `fence` | PUT a fence there if absent | stored: `checkOpen`; else `readBackFence` |
 * | `readBackFence` | GET it | ours: `checkOpen`; a group: replay it, `fence` at the next; absent: `fence` again |
 * | `checkOpen` | GET `gc/boundary`, and the manifest's tables | our claim's number or higher: give up; else serve |
 *
 * `checkOpen` is the one check of the claim, too: the boundary never goes
 * back, so that a claim below which it still is now was below which it was
 * then. It comes after the fence, because the WAL ids that were probed may
 * have been free only for being collected.
 *
 * @module
 */
import {
  commitsOf,
  type Manifest,
  newestManifest,
  wrongPublish,
} from "./bucket.ts";
import type { Rules } from "./rules.ts";
import {
  type Emit,
  putAllWays,
  replaced,
  spend,
  type State,
  type Writer,
} from "./state.ts";

/** A writer that is not running. */
export function downWriter(name: string, life: number): Writer {
  return {
    name,
    life,
    step: "down",
    epoch: 0,
    base: 0,
    manifest: undefined,
    next: 0,
    history: [],
    commit: 0,
    number: 1,
    flush: { step: "idle", upTo: 0, commits: [] },
  };
}

/** The writer id: in the header of all that it writes. */
export function writerId(writer: Writer): string {
  return writer.name + writer.life;
}

/** The state with another writer in the place of `index`. */
export function withWriter(state: State, index: number, writer: Writer): State {
  return { ...state, writers: replaced(state.writers, index, writer) };
}

/** The steps of an opening. */
export function openingSteps(
  rules: Rules,
  state: State,
  index: number,
  emit: Emit,
): void {
  const writer = state.writers[index]!;
  const to = (label: string, next: Partial<Writer>, from = state): void =>
    emit(
      `${writer.name}.${writer.step} ${label}`,
      withWriter(from, index, { ...writer, ...next }),
    );
  const { bucket } = state;
  switch (writer.step) {
    case "down":
      if (state.budget.opens > 0) {
        const { name, life } = writer;
        const base = newestManifest(bucket);
        const opened = { ...downWriter(name, life + 1), base };
        const step = "readManifest" as const;
        const spent = spend(state, "opens");
        emit(
          `${name}.open at ${base}`,
          withWriter(spent, index, { ...opened, step }),
        );
      }
      return;
    case "findNewest": {
      const base = newestManifest(bucket);
      return to(`${base}`, { base, step: "readManifest" });
    }
    case "readManifest": {
      const manifest = bucket.manifests[writer.base];
      if (manifest === undefined) return to("gone", { step: "findNewest" });
      if (rules.claimEpoch) return to("read", { manifest, step: "claim" });
      const unclaimed = claimOf(writer, manifest);
      return to("read", claimed(writer, unclaimed, writer.base));
    }
    case "claim": {
      const value = claimOf(writer, writer.manifest!);
      const id = writer.base + 1;
      return putAllWays(state, { at: "manifest", id, value }, (from, reply) => {
        if (reply === "stored") {
          to(`${id} stored`, claimed(writer, value, id), from);
        } else to(`${id} ${reply}`, { step: "readBackClaim" }, from);
      });
    }
    case "readBackClaim": {
      const id = writer.base + 1;
      const found = bucket.manifests[id];
      const own = claimOf(writer, writer.manifest!);
      if (found === undefined) return to("absent", { step: "claim" });
      if (found.publisher !== own.publisher) {
        return to("another's", { step: "findNewest", manifest: undefined });
      }
      return to("ours", claimed(writer, found, id));
    }
    case "probeWal":
      return probe(rules, state, index, "probeWal", emit);
    case "fence": {
      const id = writer.next;
      const value = {
        epoch: writer.epoch,
        writer: writerId(writer),
        commit: 0,
      };
      return putAllWays(state, { at: "wal", id, value }, (from, reply) => {
        const step = reply === "stored" ? "checkOpen" : "readBackFence";
        const next = reply === "stored" ? id + 1 : id;
        to(`${id} ${reply}`, { step, next }, from);
      });
    }
    case "readBackFence": {
      const { next } = writer;
      if (bucket.wal[next]?.writer === writerId(writer)) {
        return to("ours", { step: "checkOpen", next: next + 1 });
      }
      return probe(rules, state, index, "fence", emit);
    }
    case "checkOpen":
      return checkOpen(rules, state, index, emit);
    default:
      return;
  }
}

/** The manifest that claims the epoch after that of `manifest`. */
function claimOf(writer: Writer, manifest: Manifest): Manifest {
  return {
    ...manifest,
    epoch: manifest.epoch + 1,
    publisher: writerId(writer),
    byWriter: writer.base + 1,
    settled: 1,
    nextJob: 1,
  };
}

function claimed(
  writer: Writer,
  manifest: Manifest,
  base: number,
): Partial<Writer> {
  return {
    step: "probeWal",
    manifest,
    base,
    epoch: manifest.epoch,
    next: manifest.replayFrom,
    history: writer.history,
  };
}

/** Reads the next WAL id; goes on at `step` behind what is there. */
function probe(
  rules: Rules,
  state: State,
  index: number,
  step: "probeWal" | "fence",
  emit: Emit,
): void {
  const writer = state.writers[index]!;
  const object = state.bucket.wal[writer.next];
  const to = (label: string, next: Partial<Writer>): void =>
    emit(
      `${writer.name}.${writer.step} ${writer.next} ${label}`,
      withWriter(state, index, { ...writer, ...next }),
    );
  if (object === undefined) {
    return to("free", { step: rules.fenceWal ? "fence" : "checkOpen" });
  }
  const next = writer.next + 1;
  if (object.commit !== 0) {
    const skipped = step === "fence" && !rules.replayTakenSlot;
    const history = skipped
      ? writer.history
      : [...writer.history, object.commit];
    return to(`group ${object.commit}`, { step, next, history });
  }
  if (object.epoch > writer.epoch && rules.higherFenceEnds) {
    return to("fenced", downWriter(writer.name, writer.life));
  }
  to("fence", { step, next });
}

function checkOpen(
  rules: Rules,
  state: State,
  index: number,
  emit: Emit,
): void {
  const writer = state.writers[index]!;
  const { name, life, base } = writer;
  const label = `${name}.checkOpen`;
  if (state.bucket.boundary.number >= base && rules.checkAfterFence) {
    const down = downWriter(name, life);
    return emit(`${label} too late`, withWriter(state, index, down));
  }
  const flushed = commitsOf(state.bucket, writer.manifest!);
  if (flushed === undefined) {
    const wrong = `${name} opens manifest ${base} and a table is missing`;
    return emit(label, { ...state, wrong });
  }
  const history = [...flushed, ...writer.history];
  const lost = state.acknowledged.find(({ commit, id }) =>
    id < writer.next && !history.includes(commit)
  );
  const serving: Writer = { ...writer, step: "serving", history };
  const { publisher } = writer.manifest!;
  const next = {
    ...withWriter(state, index, serving),
    ...rules.claimEpoch && wrongPublish(state.bucket, base, publisher),
  };
  emit(
    `${label} serves`,
    lost === undefined ? next : {
      ...next,
      wrong:
        `${name} serves without commit ${lost.commit}, which was acknowledged`,
    },
  );
}
