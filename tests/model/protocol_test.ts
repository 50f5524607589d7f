/**
 * The protocol keeps its promises in every state of every wide scenario. The
 * numbers of states are asserted, so that an exploration that has become hollow
 * fails: when the model changes on purpose, change them with it.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { explore, formatViolation } from "./explore.ts";
import { protocol } from "./protocol.ts";
import { ALL_RULES } from "./rules.ts";
import { WIDE } from "./scenarios.ts";

/** How many states each scenario has. */
const STATES: Readonly<Record<string, number>> = {
  takeover: 403_421,
  collection: 179_223,
  successions: 131_079,
  compaction: 220_669,
  handover: 84_140,
  reading: 64_708,
  readingOn: 247_451,
  following: 193_500,
  checkpoints: 152_904,
  keptOn: 59_398,
  pinning: 215_584,
};

/** Every step of the tables in the headers; `A` and `B` are the writers. */
const STEPS = `
  A.open A.readManifest A.claim A.readBackClaim A.findNewest A.probeWal A.fence
  A.readBackFence A.checkOpen A.commit A.readBackCommit A.upload A.publish
  A.readBackPublish A.checkPublish A.crash B.open B.checkOpen B.commit
  B.checkPublish
  gc.idle gc.findNewest gc.readManifests gc.listObjects gc.advance
  gc.readBackAdvance gc.listPins gc.delete
  compactor.idle compactor.readManifest compactor.findNewest compactor.register
  compactor.readBackRegister compactor.checkRegister compactor.upload
  compactor.findNewestAgain compactor.readManifestAgain compactor.publish
  compactor.readBackPublish compactor.checkPublish compactor.crash
  reader.findNewest reader.readManifest reader.loadTables reader.poll
  reader.checkPoll reader.follow reader.checkFollow reader.pin reader.checkPin reader.snapshotTables
  reader.snapshotNewest reader.snapshotManifest
  lands
`.trim().split(/\s+/);

const reached = new Set<string>();

for (const [name, scenario] of Object.entries(WIDE)) {
  const want = STATES[name]!;
  Deno.test(`the protocol keeps its promises: ${name}, ${want} states`, () => {
    const found = explore(protocol(scenario, ALL_RULES), 2 * want + 1);
    const { violation } = found;
    assert(violation === undefined, violation && formatViolation(violation));
    assertEquals(found.states, want);
    for (const label of found.labels) reached.add(label);
  });
}

Deno.test("the explorations reach every step of the protocol", () => {
  assertEquals(STEPS.filter((step) => !reached.has(step)), []);
});
