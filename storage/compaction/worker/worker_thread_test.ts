import { assert, assertEquals, assertRejects } from "@std/assert";
import { systemEnvironment } from "../../../base/environment.ts";
import { KriyaError } from "../../../base/errors.ts";
import { SeededRandom } from "../../../testing/seeded_random.ts";
import {
  CompactedTree,
  TINY_TABLES,
} from "../../../tests/support/compacted_tree.ts";
import type { PlainEntry } from "../../../tests/support/lsm_contents.ts";
import {
  type CompactionTask,
  olderThan,
  runCompaction,
} from "../compaction_job.ts";
import { pickFullCompaction } from "../picker.ts";
import { CompactionThread, NoWorker } from "./worker_thread.ts";

const RETENTION = { horizon: 40, floors: new Map(), expiries: [] };

/** A tree of four overlapping tables. */
async function makeTree(): Promise<CompactedTree> {
  const random = new SeededRandom("worker");
  const tree = new CompactedTree();
  for (let flush = 0; flush < 4; flush++) {
    const entries: PlainEntry[] = Array.from({ length: 300 }, (_, n) => ({
      key: `key ${random.below(500)}`,
      sequence: flush * 300 + n + 1,
      value: random.chance(0.2) ? undefined : `value ${n}`,
    }));
    const tombstones = [{
      start: "key 1",
      end: "key 2",
      sequence: flush * 300,
    }];
    await tree.flush(
      entries,
      flush === 2 ? tombstones : [],
      (flush + 1) * 300,
    );
  }
  return tree;
}

function taskOf(tree: CompactedTree): CompactionTask {
  const { levels } = tree.manifest;
  const plan = pickFullCompaction({ levels, busy: new Set() }, {
    compaction: "leveled",
    l0CompactionTrigger: 3,
    levelSizeRatio: 3,
    levelBaseBytes: 1500,
    tableBytesMax: TINY_TABLES.tableBytesMax,
    droppableTo: () => RETENTION.horizon,
    isExpired: () => false,
  }, tree.manifest.sequence);
  assert(plan !== undefined);
  return {
    plan,
    older: olderThan(levels, plan),
    retention: RETENTION,
    objects: tree.objects,
    store: (bytes) => tree.store(bytes),
    table: TINY_TABLES,
    environment: systemEnvironment,
  };
}

/** Outputs but for where they are. */
function plain(outputs: readonly { path: string }[]): unknown[] {
  return outputs.map((output) => ({ ...output, path: "" }));
}

async function withThread(
  run: (thread: CompactionThread) => Promise<void>,
): Promise<void> {
  const thread = new CompactionThread(systemEnvironment);
  try {
    await run(thread);
  } finally {
    thread.close();
  }
}

Deno.test("a job in the Worker makes what it makes here, and the store keeps its bytes", async () => {
  await withThread(async (thread) => {
    const tree = await makeTree();
    const before = await tree.contents();
    const here = await runCompaction(taskOf(tree));
    const there = await thread.run(taskOf(tree));
    assert(here.outputs.length > 2);
    assertEquals(plain(there.outputs), plain(here.outputs));
    assertEquals({ ...there, outputs: [] }, { ...here, outputs: [] });
    for (const [i, { path }] of there.outputs.entries()) {
      const twin = await tree.objects.get(here.outputs[i]!.path);
      assertEquals((await tree.objects.get(path))?.bytes, twin?.bytes);
    }
    assertEquals(await tree.contents(), before);
    // The thread takes the next job, too.
    const again = await thread.run(taskOf(tree));
    assertEquals(again.entries, here.entries);
  });
});

Deno.test("what the store throws comes through the Worker with its kind and SQLSTATE", async () => {
  await withThread(async (thread) => {
    const tree = await makeTree();
    const task = taskOf(tree);
    const full = new KriyaError("unavailable", "the disk is full", {
      code: "53100",
      hint: "make room",
    });
    const error = await assertRejects(
      () => thread.run({ ...task, store: () => Promise.reject(full) }),
      KriyaError,
      "the disk is full",
    );
    assertEquals([error.kind, error.code, error.hint], [
      "unavailable",
      "53100",
      "make room",
    ]);
    const [first] = task.plan.inputs[0]!.tables;
    await tree.objects.delete(first!.path);
    const missing = await assertRejects(() => thread.run(task), KriyaError);
    assertEquals(missing.kind, "corrupt");
    assert(missing.message.includes(first!.path), missing.message);
  });
});

Deno.test("a job that is given up ends with the reason, once its outputs have settled; the next one runs", async () => {
  await withThread(async (thread) => {
    const tree = await makeTree();
    const task = taskOf(tree);
    const stop = new AbortController();
    let settled = 0;
    const store = async (bytes: Uint8Array): Promise<string> => {
      stop.abort(new Error("enough"));
      await new Promise((resolve) => setTimeout(resolve, 20));
      settled++;
      return await tree.store(bytes);
    };
    await assertRejects(
      () => thread.run({ ...task, store, signal: stop.signal }),
      Error,
      "enough",
    );
    assertEquals(settled, 1);
    await assertRejects(
      () => thread.run({ ...task, signal: stop.signal }),
      Error,
      "enough",
    );
    assert((await thread.run(task)).outputs.length > 0);
  });
});

Deno.test({
  name:
    "without the permission to load a Worker there is none, and nobody is asked",
  permissions: { read: false, import: false },
  fn: async () => {
    const tree = await makeTree();
    await withThread(async (thread) => {
      await assertRejects(() => thread.run(taskOf(tree)), NoWorker);
    });
  },
});
