import { assertEquals } from "@std/assert";
import { tableMeta } from "../../tests/support/manifests.ts";
import { emptyManifest, type Manifest } from "../manifest/manifest.ts";
import {
  GC_BOUNDARY_PATH,
  manifestPath,
  pinPath,
  sstPath,
  vecPath,
  walPath,
} from "../object_store/object_path.ts";
import { WAL_HEADER_BYTES } from "../wal/wal_format.ts";
import { GarbageJudge } from "./garbage.ts";

function manifest(facts: Partial<Manifest>, ...tables: string[]): Manifest {
  const [, ...others] = emptyManifest().levels;
  const level0 = tables.map((path) => tableMeta(path, "a", "b"));
  return { ...emptyManifest(), ...facts, levels: [level0, ...others] };
}

const sst = (epoch: number, job: number, number: number): string =>
  sstPath({ epoch, job, number });

const root = manifest({
  number: 10,
  byWriter: 10,
  epoch: 4,
  replayFrom: 20,
  nextJob: 3,
  settled: 7,
  jobs: [
    { epoch: 4, job: 1, kind: "compaction" },
    { epoch: 3, job: 2, kind: "compaction" },
  ],
}, sst(2, 0, 1));

/** Which of `paths` the judge calls garbage; all are larger than a fence. */
function garbage(judge: GarbageJudge, ...paths: string[]): string[] {
  const size = WAL_HEADER_BYTES + 1;
  return paths.filter((path) => judge.isGarbage({ path, size }));
}

Deno.test("tables go when no manifest can come to name them", () => {
  const judge = new GarbageJudge({ live: [root], checkpoints: [] });
  const gone = [
    sst(2, 0, 2), // Of an older epoch's writer.
    sst(4, 0, 6), // Of the writer, settled.
    sst(4, 2, 1), // Of a job that is over.
    sst(3, 9, 1), // Of a job of an older epoch.
    vecPath({ epoch: 4, job: 0, number: 6 }),
  ];
  const stay = [
    sst(2, 0, 1), // Named.
    sst(4, 0, 7), // Not settled.
    sst(4, 1, 1), // Of a registered job.
    sst(3, 2, 1), // … registered by an older epoch.
    sst(4, 3, 1), // Of a job that the root does not know yet.
    sst(5, 0, 1), // Of a later epoch.
    sst(5, 1, 1),
  ];
  assertEquals(garbage(judge, ...gone, ...stay), gone);
});

Deno.test("the log goes below the replay point, fences never", () => {
  const judge = new GarbageJudge({ live: [root], checkpoints: [] });
  assertEquals(garbage(judge, walPath(19), walPath(20)), [walPath(19)]);
  const size = WAL_HEADER_BYTES;
  assertEquals(judge.isGarbage({ path: walPath(19), size }), false);
  // What its writer knows to be a group needs no size.
  const known = { path: walPath(19), size: undefined };
  assertEquals(judge.isGarbage(known), true);
});

Deno.test("manifests go below the root; what is nobody's stays", () => {
  const judge = new GarbageJudge({ live: [root], checkpoints: [] });
  assertEquals(judge.boundary, 9);
  const paths = [9, 10, 11].map(manifestPath);
  const others = [GC_BOUNDARY_PATH, pinPath("a"), "sst/notes.txt", "README"];
  assertEquals(garbage(judge, ...paths, ...others), [manifestPath(9)]);
});

Deno.test("everything from the writer's own last manifest on is needed", () => {
  const later = manifest(
    { ...root, number: 11, byWriter: 10, settled: 9, jobs: [] },
    sst(4, 1, 1),
  );
  const judge = new GarbageJudge({ live: [root, later], checkpoints: [] });
  assertEquals(judge.boundary, 9);
  // Named by the first of them only, or its job is registered there.
  assertEquals(garbage(judge, sst(2, 0, 1), sst(3, 2, 1)), []);
  assertEquals(garbage(judge, sst(4, 0, 8)), [sst(4, 0, 8)]);
});

Deno.test("a checkpoint keeps its manifest, its tables and its part of the log", () => {
  // Its log may name tables that were uploaded before their commit.
  const jobs = [{ epoch: 1, job: 4, kind: "ingest" }];
  const pinned = manifest({ number: 5, replayFrom: 8, jobs }, sst(1, 0, 1));
  const checkpoint = {
    name: "before",
    manifest: 5,
    sequence: 50,
    walFrom: 8,
    walEnd: 11,
    createdMs: 0,
  };
  const judge = new GarbageJudge({
    live: [root],
    checkpoints: [{ checkpoint, manifest: pinned }],
  });
  assertEquals(
    garbage(judge, sst(1, 0, 1), manifestPath(5), walPath(8), walPath(10)),
    [],
  );
  assertEquals(garbage(judge, sst(1, 4, 1), sst(1, 5, 1)), [sst(1, 5, 1)]);
  const around = [manifestPath(4), manifestPath(6), walPath(7), walPath(11)];
  assertEquals(garbage(judge, ...around), around);
});
