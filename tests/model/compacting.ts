/**
 * How a compactor on another machine does one job, one request a step.
 *
 * | step | request | then |
 * | --- | --- | --- |
 * | `findNewest`, `readManifest` | LIST, GET | two tables to merge: `register`; else done |
 * | `register` | PUT the next manifest, with the job, if absent | stored: `checkRegister`; else `readBackRegister` |
 * | `readBackRegister` | GET it | ours: `checkRegister`; another's: `findNewest`; absent: `register` again |
 * | `checkRegister` | GET `gc/boundary` | that number or higher: done; else `upload` |
 * | `upload` | GET the inputs; PUT the output, named by the job | inputs gone: done; else `findNewestAgain` |
 * | `findNewestAgain`, `readManifestAgain` | LIST, GET | job or inputs not in it: done; else `publish` |
 * | `publish` | PUT the next manifest, with the edit, if absent | stored: `checkPublish`; else `readBackPublish` |
 * | `readBackPublish` | GET it | ours: `checkPublish`; another's: `findNewestAgain`; absent: `publish` again |
 * | `checkPublish` | GET `gc/boundary` | done: the edit counts, or came too late |
 *
 * The output keeps only the newest version of a row, so that the horizon rises
 * to its last sequence number. Everything else of the manifest is carried over
 * as it is, the epoch and the writer's own last manifest among it.
 *
 * @module
 */
import {
  type Manifest,
  newestManifest,
  type Put,
  type Table,
  wrongPublish,
} from "./bucket.ts";
import type { Rules } from "./rules.ts";
import {
  type Compactor,
  type Emit,
  putAllWays,
  spend,
  type State,
} from "./state.ts";

/** A compactor that has not begun. */
export const IDLE_COMPACTOR: Compactor = {
  step: "idle",
  base: 0,
  manifest: undefined,
  job: "",
  inputs: [],
  last: 0,
};

const DONE: Compactor = { ...IDLE_COMPACTOR, step: "done" };

/** The steps of the compactor. */
export function compactingSteps(rules: Rules, state: State, emit: Emit): void {
  const compactor = state.compactor;
  const { step, base, manifest } = compactor;
  const { bucket } = state;
  const to = (label: string, change: Partial<Compactor>, from = state): void =>
    emit(`compactor.${step} ${label}`, {
      ...from,
      compactor: { ...compactor, ...change },
    });
  const found = bucket.manifests[base + 1];
  switch (step) {
    case "idle":
      if (state.budget.compactions > 0) {
        const spent = spend(state, "compactions");
        const base = newestManifest(bucket);
        to(`at ${base}`, { base, step: "readManifest" }, spent);
      }
      return;
    case "findNewest":
    case "findNewestAgain": {
      const again = step === "findNewestAgain";
      return to("", {
        base: newestManifest(bucket),
        step: again ? "readManifestAgain" : "readManifest",
      });
    }
    case "readManifest": {
      const read = bucket.manifests[base];
      if (read === undefined) return to("gone", { step: "findNewest" });
      const inputs = read.tables.slice(0, 2);
      if (inputs.length < 2) return to("nothing to do", DONE);
      const job = `${read.epoch}-${read.nextJob}`;
      const start = { manifest: read, inputs, job };
      return to(`${inputs}`, { ...start, step: "register" });
    }
    case "register":
      return publish(state, registerOf(rules, compactor), to);
    case "readBackRegister":
      if (found === undefined) return to("absent", { step: "register" });
      return found.publisher === registerOf(rules, compactor).publisher
        ? to("ours", { step: "checkRegister" })
        : to("another's", { step: "findNewest", manifest: undefined });
    case "checkRegister":
      if (bucket.boundary.number >= base + 1 && rules.checkAfterPublish) {
        return to("too late", DONE);
      }
      return to("counts", { step: "upload" }, {
        ...state,
        ...wrongPublish(
          bucket,
          base + 1,
          registerOf(rules, compactor).publisher,
        ),
      });
    case "upload":
      return upload(state, to);
    case "readManifestAgain": {
      const read = bucket.manifests[base];
      if (read === undefined) return to("gone", { step: "findNewestAgain" });
      const registered = read.jobs.includes(compactor.job) ||
        !rules.publishWhileRegistered || !rules.registerFirst;
      const there = compactor.inputs.every((name) =>
        read.tables.includes(name)
      );
      if (!registered || !there) return to("job is gone", DONE);
      return to("read", { manifest: read, step: "publish" });
    }
    case "publish":
      return publish(state, editOf(compactor), to);
    case "readBackPublish":
      if (found === undefined) return to("absent", { step: "publish" });
      return found.publisher === editOf(compactor).publisher
        ? to("ours", { step: "checkPublish" })
        : to("another's", { step: "findNewestAgain", manifest: undefined });
    case "checkPublish":
      if (bucket.boundary.number >= base + 1 && rules.checkAfterPublish) {
        return to("too late", DONE);
      }
      return to("counts", DONE, {
        ...state,
        ...wrongPublish(bucket, base + 1, editOf(compactor).publisher),
      });
    case "done":
      return;
  }

  function publish(
    from: State,
    value: Manifest,
    to: (label: string, change: Partial<Compactor>, from: State) => void,
  ): void {
    const registering = step === "register";
    const put: Put = { at: "manifest", id: base + 1, value };
    putAllWays(from, put, (after, reply) => {
      const next = reply === "stored"
        ? registering ? "checkRegister" : "checkPublish"
        : registering
        ? "readBackRegister"
        : "readBackPublish";
      to(`${base + 1} ${reply}`, { step: next }, after);
    });
  }

  function upload(
    from: State,
    to: (label: string, change: Partial<Compactor>, from: State) => void,
  ): void {
    const inputs = compactor.inputs.map((name) => from.bucket.tables[name]);
    if (inputs.includes(undefined)) return to("inputs gone", DONE, from);
    const value = merged(inputs as Table[]);
    const put: Put = { at: "table", id: outputOf(compactor), value };
    putAllWays(from, put, (after, reply) => {
      const next = reply === "unknown" ? "upload" : "findNewestAgain";
      to(`${outputOf(compactor)} ${reply}`, {
        step: next,
        last: value.kept[0]!,
        manifest: next === "upload" ? manifest : undefined,
      }, after);
    });
  }
}

/** The name of the output: the registering epoch, the job, its number. */
function outputOf(compactor: Compactor): string {
  return `${compactor.job}-1`;
}

function merged(inputs: readonly Table[]): Table {
  const commits = inputs.flatMap((table) => table.commits);
  const { first } = inputs[0]!;
  return { first, commits, kept: [first + commits.length - 1] };
}

function registerOf(rules: Rules, compactor: Compactor): Manifest {
  const base = compactor.manifest!;
  return {
    ...base,
    publisher: `compactor/register/${compactor.job}`,
    jobs: rules.registerFirst ? [...base.jobs, compactor.job] : base.jobs,
    nextJob: base.nextJob + 1,
  };
}

function editOf(compactor: Compactor): Manifest {
  const base = compactor.manifest!;
  const { job, inputs } = compactor;
  const at = base.tables.indexOf(inputs[0]!);
  const tables = base.tables.filter((name) => !inputs.includes(name));
  tables.splice(at, 0, outputOf(compactor));
  return {
    ...base,
    publisher: `compactor/edit/${job}`,
    tables,
    jobs: base.jobs.filter((other) => other !== job),
    horizon: Math.max(base.horizon, compactor.last),
  };
}
