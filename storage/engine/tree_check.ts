/**
 * Whether an open tree keeps its invariants: for tests and the simulator, after
 * any step.
 *
 * | way | what |
 * | --- | --- |
 * | cheap | the manifest's own invariants; order of level 0; sequences and horizon; the state against the manifest |
 * | full | besides, every table (`table_check.ts`), and the order of versions over all levels |
 *
 * The cheap way reads nothing.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { checkManifest, type Manifest } from "../manifest/manifest.ts";
import { setsumOf } from "../manifest/manifest_setsum.ts";
import { manifestPath } from "../object_store/object_path.ts";
import type { SstableReader } from "../sstable/sstable_reader.ts";
import { type Damage, Findings } from "./damage.ts";
import { checkOrder, checkTable } from "./table_check.ts";
import type { TreeState } from "./tree_state.ts";

/** How a tree is checked. */
export interface TreeCheckOptions {
  /** Whether every block is read (default false). */
  readonly full?: boolean | undefined;
  /** Gives up when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What is wrong with a tree; nothing, if all is well.
 *
 * @throws {KriyaError} `unavailable`.
 */
export async function checkTree(
  state: TreeState,
  manifest: Manifest,
  options: TreeCheckOptions = {},
): Promise<readonly Damage[]> {
  const findings = new Findings();
  checkShape(manifest, findings);
  checkState(state, findings);
  if (!options.full) return findings.damages;
  const levels: SstableReader[][] = [];
  for (const tables of state.levels) {
    const readers: SstableReader[] = [];
    for (const table of tables) {
      const { path } = table.meta;
      const reader = await findings.during(path, () => table.reader());
      if (reader === undefined) continue;
      await checkTable(reader, table.meta, findings, options.signal);
      readers.push(reader);
    }
    levels.push(readers);
  }
  const [level0 = [], ...others] = levels;
  if (findings.count === 0) {
    const sources = [...level0.map((table) => [table]), ...others];
    await checkOrder(sources, findings, options.signal);
  }
  return findings.damages;
}

/** Checks what a manifest says, by itself. */
export function checkShape(manifest: Manifest, findings: Findings): void {
  const object = manifestPath(manifest.number);
  try {
    checkManifest(manifest);
  } catch (error) {
    if (!(error instanceof KriyaError)) throw error;
    findings.add(object, error.message);
  }
  const { setsum, sequence } = manifest;
  if (setsum !== undefined && setsum !== setsumOf(manifest)) {
    findings.add(object, "the setsum is not that of what is named");
  }
  for (const table of manifest.levels.flat()) {
    const { sequenceMin, sequenceMax, commitSequence, path } = table;
    if (
      sequenceMin > sequenceMax || (commitSequence ?? sequenceMax) > sequence
    ) {
      findings.add(path, `sequences beyond ${sequence}, the manifest's`);
    }
  }
  checkLevel0(manifest, findings);
  for (const checkpoint of manifest.checkpoints) {
    const good = checkpoint.manifest <= manifest.number &&
      checkpoint.walFrom <= checkpoint.walEnd &&
      checkpoint.sequence <= Number.MAX_SAFE_INTEGER;
    if (!good) {
      findings.add(object, `the checkpoint "${checkpoint.name}" is none`);
    }
  }
}

/**
 * Level 0 is newest first, and its tables are of different times; but those of
 * one commit, which have no key in common, share its sequence.
 */
function checkLevel0(manifest: Manifest, findings: Findings): void {
  const [level0 = []] = manifest.levels;
  for (let i = 1; i < level0.length; i++) {
    const newer = level0[i - 1]!;
    const older = level0[i]!;
    if (newer.sequenceMin >= older.sequenceMax) continue;
    findings.add(older.path, `not older than "${newer.path}" before it`);
  }
}

/** The memtables are newer than the tables, and in order. */
function checkState(state: TreeState, findings: Findings): void {
  const paths = new Set<string>();
  for (const { meta } of state.levels.flat()) {
    if (paths.has(meta.path)) findings.add(meta.path, "twice in the tree");
    paths.add(meta.path);
  }
}
