/**
 * How garbage is collected, one request a step.
 *
 * | step | request | then |
 * | --- | --- | --- |
 * | `idle` | GET `gc/boundary` | a plan that is not done: `listPins`; a writer that knows its manifest: `listObjects`; else `findNewest` |
 * | `findNewest` | LIST `manifest/`, one key | `readManifests` |
 * | `readManifests` | GET those from the writer's own last one to the newest | one is gone: done; else `listObjects` |
 * | `listObjects` | LIST `manifest/`, `wal/`, `sst/`, `vec/` | no garbage: done; else `advance` |
 * | `advance` | PUT `gc/boundary`, number and plan, if it is as it was read | stored: `listPins`; else `readBackAdvance` |
 * | `readBackAdvance` | GET it | ours: `listPins`; else done |
 * | `listPins` | LIST `pins/`; GET the manifests that they name | take from the plan what these need; `delete` |
 * | `delete` | DELETE the next of the plan | until none is left |
 *
 * What checkpoints of these manifests need stays; the manifests that they name
 * are read with the listing, and never change.
 *
 * A writer collects by the manifest that it made last and that counts: nothing
 * is read for it. It may have been overtaken since, or another may have
 * published; then it finds less, or its compare-and-set fails.
 *
 * The plan is part of the boundary object, so that one compare-and-set writes
 * both, and whoever comes next can finish it.
 *
 * @module
 */
import {
  applyDelete,
  type Boundary,
  type Bucket,
  type Checkpoint,
  type Manifest,
  newestManifest,
  type Put,
} from "./bucket.ts";
import type { Rules } from "./rules.ts";
import {
  type Collector,
  type Emit,
  putAllWays,
  replaced,
  spend,
  type State,
} from "./state.ts";

/** A collector that has nothing to do. */
export const IDLE_COLLECTOR: Collector = {
  step: "idle",
  version: 0,
  number: 0,
  newest: 0,
  live: [],
  plan: [],
};

/** The steps of a collector. */
export function collectingSteps(
  rules: Rules,
  state: State,
  index: number,
  emit: Emit,
): void {
  const collector = state.collectors[index]!;
  const { bucket } = state;
  const to = (label: string, change: Partial<Collector>, from = state): void =>
    emit(`gc.${collector.step} ${label}`, {
      ...from,
      collectors: replaced(from.collectors, index, {
        ...collector,
        ...change,
      }),
    });
  const done = (label: string, from = state): void =>
    to(label, IDLE_COLLECTOR, from);
  switch (collector.step) {
    case "idle":
      if (state.budget.collections > 0) {
        const spent = spend(state, "collections");
        const { number, version, plan } = bucket.boundary;
        const read = { number, version };
        if (plan.length > 0) {
          to(`finishes ${plan}`, { ...read, plan, step: "listPins" }, spent);
        }
        to(`reads ${number}`, { ...read, step: "findNewest" }, spent);
        for (const { name, step, base, manifest } of state.writers) {
          // One that it took over from a compactor is not its own.
          if (step !== "serving" || manifest?.byWriter !== base) continue;
          to(`reads ${number} for ${name}`, {
            ...read,
            newest: base,
            live: [manifest],
            step: "listObjects",
          }, spent);
        }
      }
      return;
    case "findNewest": {
      const newest = newestManifest(bucket);
      return to(`${newest}`, { newest, step: "readManifests" });
    }
    case "readManifests": {
      const live = liveManifests(rules, bucket, collector.newest);
      if (live === undefined) return done("one is gone");
      return to("", { live, step: "listObjects" });
    }
    case "listObjects": {
      const change = planOf(rules, bucket, collector);
      if (change === undefined) return done("nothing to do");
      const { number } = change;
      if (!rules.pinsAfterAdvance) {
        const plan = unpinned(bucket, change.plan);
        const step = "advance" as const;
        return to(`to ${number}`, { ...change, plan, step });
      }
      const step = rules.advanceFirst ? "advance" : "delete";
      return to(`to ${number} ${change.plan}`, { ...change, step });
    }
    case "advance": {
      const value = boundaryOf(collector);
      const put: Put = { at: "boundary", value };
      if (!rules.boundaryByMatch) {
        const now = { ...value, version: bucket.boundary.version + 1 };
        const after = { ...state, bucket: { ...bucket, boundary: now } };
        return to(`${value.number} over it`, { step: "listPins" }, after);
      }
      return putAllWays(state, put, (from, reply) => {
        const step = reply === "stored"
          ? afterAdvance(rules)
          : "readBackAdvance";
        to(`${value.number} ${reply}`, { step }, from);
      });
    }
    case "readBackAdvance": {
      const ours = JSON.stringify(bucket.boundary) ===
        JSON.stringify(boundaryOf(collector));
      return ours
        ? to("ours", { step: afterAdvance(rules) })
        : done("another's, or none");
    }
    case "listPins": {
      const plan = unpinned(bucket, collector.plan);
      return to(`${plan}`, { plan, step: "delete" });
    }
    case "delete": {
      const [path, ...plan] = collector.plan;
      if (path === undefined) return done("all");
      const after = { ...state, bucket: applyDelete(bucket, path) };
      return to(path, { plan }, after);
    }
  }
}

function afterAdvance(rules: Rules): "listPins" | "delete" {
  return rules.pinsAfterAdvance ? "listPins" : "delete";
}

function boundaryOf(collector: Collector): Boundary {
  const { number, version, plan } = collector;
  return { number, version: version + 1, plan };
}

/** The manifests from the writer's own last one on; undefined if one is gone. */
function liveManifests(
  rules: Rules,
  bucket: Bucket,
  newest: number,
): Manifest[] | undefined {
  const live: Manifest[] = [];
  let id = newest;
  const last = rules.keepWritersManifest
    ? bucket.manifests[newest]?.byWriter ?? newest
    : newest;
  for (; id >= last; id--) {
    const manifest = bucket.manifests[id];
    if (manifest === undefined) return undefined;
    live.unshift(manifest);
  }
  return live;
}

/** Where the boundary may go, and what is garbage then. */
function planOf(
  rules: Rules,
  bucket: Bucket,
  collector: Collector,
): Partial<Collector> & { readonly plan: string[] } | undefined {
  const { live, newest } = collector;
  const number = newest - live.length;
  if (number < collector.number) return undefined;
  const plan: string[] = [];
  const kept = keptBy(rules, live);
  const named = kept.flatMap(({ manifest }) =>
    bucket.manifests[manifest]?.tables ?? []
  );
  for (const id of Object.keys(bucket.manifests)) {
    const stays = kept.some(({ manifest }) => manifest === Number(id));
    if (Number(id) <= number && !stays) plan.push(`manifests/${id}`);
  }
  const replayFrom = rules.keepReplayedWal
    ? Math.min(...live.map((manifest) => manifest.replayFrom))
    : Number.MAX_SAFE_INTEGER;
  for (const [id, object] of Object.entries(bucket.wal)) {
    const stays = object.commit === 0 && rules.fencesStay ||
      kept.some(({ walFrom, walEnd }) =>
        Number(id) >= walFrom && Number(id) < walEnd
      );
    if (Number(id) < replayFrom && !stays) plan.push(`wal/${id}`);
  }
  for (const name of Object.keys(bucket.tables)) {
    if (named.includes(name)) continue;
    if (isGarbage(rules, name, live)) plan.push(`tables/${name}`);
  }
  return plan.length === 0 ? undefined : { number, plan, live: [], newest: 0 };
}

/** The checkpoints of the live manifests. */
function keptBy(rules: Rules, live: readonly Manifest[]): Checkpoint[] {
  if (!rules.keepCheckpoints) return [];
  return live.flatMap(({ checkpoint }) => checkpoint ?? []);
}

/** Whether no manifest names the table, and none ever will again. */
function isGarbage(
  rules: Rules,
  name: string,
  live: readonly Manifest[],
): boolean {
  if (live.some((manifest) => manifest.tables.includes(name))) return false;
  const [epoch, job, number] = name.split("-").map(Number) as [
    number,
    number,
    number,
  ];
  const newest = live.at(-1)!;
  if (job !== 0) {
    if (!rules.keepJobs) return true;
    // Registered in a manifest after the one that was read.
    if (epoch > newest.epoch) return false;
    if (epoch === newest.epoch && job >= newest.nextJob) return false;
    return !live.some(({ jobs }) => jobs.includes(`${epoch}-${job}`));
  }
  if (epoch !== newest.epoch) return epoch < newest.epoch;
  return number < newest.settled || !rules.keepUnsettled;
}

/** What of a plan no pinned manifest needs. */
function unpinned(bucket: Bucket, plan: readonly string[]): string[] {
  const needed = new Set<string>();
  let replayFrom = Number.MAX_SAFE_INTEGER;
  for (const id of Object.values(bucket.pins)) {
    const manifest = bucket.manifests[id];
    needed.add(`manifests/${id}`);
    for (const name of manifest?.tables ?? []) needed.add(`tables/${name}`);
    replayFrom = Math.min(replayFrom, manifest?.replayFrom ?? replayFrom);
  }
  return plan.filter((path) => {
    const [folder, id] = path.split("/");
    if (folder === "wal" && Number(id) >= replayFrom) return false;
    return !needed.has(path);
  });
}
