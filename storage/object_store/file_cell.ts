/**
 * An object in a folder that changes by compare-and-set, without a lock.
 *
 * | name | file |
 * | --- | --- |
 * | `P` | version 0: the object as it was first put; the anchor |
 * | `P~/<root>~<version>~<before>` | a later version, 12 digits |
 *
 * `root` is the etag of the anchor, `before` the file number (in base 36) of
 * the version that this one replaced. A version is written to a temporary
 * file, made durable, and given its name by a hard link, which one process at
 * most can do. The object is there while its anchor is; its state is the
 * highest version of the anchor's root, or the anchor.
 *
 * Invariants:
 * 1. Two objects that were put at one path, one after the other was deleted,
 *    have anchors with different roots: versions of the dead one never count.
 * 2. The two highest versions of a live root are never removed, and a version
 *    is removed only after two higher ones are there. So a listing of the
 *    folder always finds one that is at most as old as the listing.
 * 3. The writer of version n writes its temporary file before it looks which
 *    version is current. So its file's number differs from that of any file
 *    that was version n, and "n + 1 replaced me" can be told from "I made
 *    version n again after it was collected".
 *
 * After its link a writer looks again. No higher version: it has won. Version
 * n + 1 names its file: won, and somebody went on from there. Version n + 1
 * names another: it stalled so long that version n was collected, and its file
 * never counted. Neither can be told any more, or the anchor is gone: the
 * outcome is unknown, and it says so.
 *
 * Rejected: rename over the old file (a stalled writer overwrites a newer
 * version); a lock file (a dead holder); versions as siblings of `P` (finding
 * them would list a folder of thousands for every read).
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import {
  discardFile,
  discardFolder,
  exists,
  factsAt,
  type FileFacts,
  namesIn,
} from "./file_io.ts";

/** Follows the path of an object whose versions are in a folder. */
const CELL_SUFFIX = "~";

/** Attempts to read a state that others keep changing. */
const ATTEMPTS_MAX = 100;

const VERSION_DIGITS = 12;

/** The version of an object that is current. */
export interface CellState {
  /** The etag of the anchor. */
  readonly root: string;
  /** Number of the version; 0 is the anchor itself. */
  readonly version: number;
  /** The file with the bytes. */
  readonly file: string;
  /** What that file is. */
  readonly facts: FileFacts;
  /** The object's etag. */
  readonly etag: string;
}

/** The etag of an object that never changed. */
export function anchorTag(facts: FileFacts): string {
  const { ino, mtimeMs, size } = facts;
  return `f${ino.toString(36)}-${mtimeMs.toString(36)}-${size.toString(36)}`;
}

/** The folder of an object's versions. */
export function cellFolder(file: string): string {
  return file + CELL_SUFFIX;
}

/** One version, as its name tells. */
interface VersionName {
  readonly name: string;
  readonly root: string;
  readonly version: number;
  readonly before: string;
}

const VERSION = /^(f[a-z0-9-]+)~([0-9]{12})~([a-z0-9]+)$/;

function parseVersions(names: readonly string[]): VersionName[] {
  const versions: VersionName[] = [];
  for (const name of names) {
    const match = VERSION.exec(name);
    if (match === null) continue;
    const [, root, version, before] = match;
    versions.push({
      name,
      root: root!,
      version: Number(version),
      before: before!,
    });
  }
  return versions;
}

function newestOf(
  versions: readonly VersionName[],
  root: string,
): VersionName | undefined {
  let newest: VersionName | undefined;
  for (const version of versions) {
    if (version.root !== root) continue;
    if (newest === undefined || version.version > newest.version) {
      newest = version;
    }
  }
  return newest;
}

/** The name, in the folder of versions, of what replaces `state`. */
export function nextVersionName(state: CellState): string {
  const version = String(state.version + 1).padStart(VERSION_DIGITS, "0");
  return `${state.root}~${version}~${state.facts.ino.toString(36)}`;
}

/** The etag of what replaces `state`, once it is there. */
export function nextTag(state: CellState, facts: FileFacts): string {
  return versionTag(state.root, state.version + 1, facts);
}

function versionTag(root: string, version: number, facts: FileFacts): string {
  return `${root}.${version}-${facts.ino.toString(36)}`;
}

/**
 * The current version of the object whose anchor is `file`; undefined if the
 * object is not there.
 */
export function readCell(file: string): CellState | undefined {
  const folder = cellFolder(file);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    // Before the anchor: with no versions now, the anchor found below was the
    // state at some moment from here on, even if all is gone again by then.
    const versioned = exists(folder);
    const anchor = factsAt(file);
    if (anchor === undefined || !anchor.isFile) return undefined;
    const root = anchorTag(anchor);
    const first = { root, version: 0, file, facts: anchor, etag: root };
    if (!versioned) return first;
    // A name that is created and one that is removed while the folder is read
    // may both be missed: "none" is believed the second time.
    const newest = newestOf(parseVersions(namesIn(folder)), root) ??
      newestOf(parseVersions(namesIn(folder)), root);
    const versionFile = `${folder}/${newest?.name}`;
    const facts = newest === undefined ? anchor : factsAt(versionFile);
    const after = factsAt(file);
    // Gone meanwhile, or the object was deleted: look again.
    if (facts === undefined || after === undefined) continue;
    if (anchorTag(after) !== root) continue;
    if (newest === undefined) return first;
    const { version } = newest;
    const etag = versionTag(root, version, facts);
    return { root, version, file: versionFile, facts, etag };
  }
  throw new KriyaError(
    "unavailable",
    `Cannot read "${file}": it changes too fast`,
  );
}

/** What a link of the version after `state` has done. */
export type CellOutcome = "won" | "lost" | "unknown";

/** Judges the link of `facts` as the version after `state`; see the header. */
export function judgeCell(
  file: string,
  state: CellState,
  facts: FileFacts,
): CellOutcome {
  const versions = parseVersions(namesIn(cellFolder(file)));
  const anchor = factsAt(file);
  if (anchor === undefined || anchorTag(anchor) !== state.root) {
    return "unknown";
  }
  const own = state.version + 1;
  const newest = newestOf(versions, state.root);
  if (newest === undefined) return "unknown";
  if (newest.version === own) return "won";
  const next = versions.find((version) =>
    version.root === state.root && version.version === own + 1
  );
  if (next === undefined) return "unknown";
  return next.before === facts.ino.toString(36) ? "won" : "lost";
}

/** Removes versions that can no longer count, whoever else is at work. */
export function collectCell(file: string): void {
  const folder = cellFolder(file);
  if (!exists(folder)) return;
  // The order matters: a root that was there before the anchor was looked at,
  // and is not the anchor's, is one of a deleted object.
  const versions = parseVersions(namesIn(folder));
  const anchor = factsAt(file);
  const root = anchor === undefined ? undefined : anchorTag(anchor);
  const newest = root === undefined ? undefined : newestOf(versions, root);
  for (const { name, root: its, version } of versions) {
    if (its !== root || version < newest!.version - 1) {
      discardFile(`${folder}/${name}`);
    }
  }
  if (anchor === undefined) discardFolder(folder);
}
