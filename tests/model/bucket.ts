/**
 * The bucket of the protocol model: the objects of §3 of the architecture with
 * what matters of them, and requests whose effect may come late.
 *
 * | here | object | what is kept of it |
 * | --- | --- | --- |
 * | `wal[id]` | `wal/<id>` | a fence, or a group of one commit; who wrote it |
 * | `manifests[n]` | `manifest/<n>` | epoch, publisher, tables, replay point, horizon, jobs, a checkpoint |
 * | `tables[name]` | `sst/<epoch>-<job>-<number>` | the commits it covers, the versions it keeps |
 * | `boundary` | `gc/boundary` | the highest dead manifest, the plan, a version for its etag |
 * | `pins[id]` | `pins/<id>` | the manifest that the reader uses |
 *
 * The database is one row; every commit writes its own number to it. The
 * commits of a state, in order, are its history; a sequence number is a place
 * in it. So a lost commit, a commit in two places and a version that is gone
 * are all seen.
 *
 * @module
 */

/** A WAL object. */
export interface WalObject {
  /** The epoch of its writer. */
  readonly epoch: number;
  /** Its writer: name and life, for example `A1`. */
  readonly writer: string;
  /** The commit of a group; 0 for a fence. */
  readonly commit: number;
}

/** A checkpoint, or a branch's beginning: a manifest that is kept. */
export interface Checkpoint {
  /** The manifest whose tables it keeps. */
  readonly manifest: number;
  /** The first WAL id that is not in these tables … */
  readonly walFrom: number;
  /** … and the first that it does not need. */
  readonly walEnd: number;
  /** The commits that it stands for. */
  readonly history: readonly number[];
}

/** A manifest. */
export interface Manifest {
  /** The epoch of the writer it belongs to. */
  readonly epoch: number;
  /** Who published it, and as what: tells one attempt from every other. */
  readonly publisher: string;
  /** The newest manifest, this one included, that the epoch's writer made. */
  readonly byWriter: number;
  /** The first WAL id that the tables do not cover. */
  readonly replayFrom: number;
  /** How many commits the tables cover. */
  readonly flushed: number;
  /** The tables, oldest commits first. */
  readonly tables: readonly string[];
  /** The lowest sequence number that is answered exactly. */
  readonly horizon: number;
  /** Jobs that may upload: `<epoch>-<number>`. */
  readonly jobs: readonly string[];
  /** The number of the next job of this epoch. */
  readonly nextJob: number;
  /**
   * The writer's own tables below this number are in a manifest or abandoned;
   * none is on its way.
   */
  readonly settled: number;
  /** The checkpoint, if there is one. */
  readonly checkpoint?: Checkpoint | undefined;
}

/** An sstable. */
export interface Table {
  /** Sequence number of its first commit. */
  readonly first: number;
  /** The commits it covers, in order. */
  readonly commits: readonly number[];
  /** Sequence numbers whose versions it still has. */
  readonly kept: readonly number[];
}

/** The gc boundary. */
export interface Boundary {
  /** The highest dead manifest. */
  readonly number: number;
  /** Stands for the etag. */
  readonly version: number;
  /** What may be deleted. */
  readonly plan: readonly string[];
}

/** Everything that is stored. */
export interface Bucket {
  readonly wal: Readonly<Record<number, WalObject>>;
  readonly manifests: Readonly<Record<number, Manifest>>;
  readonly tables: Readonly<Record<string, Table>>;
  readonly boundary: Boundary;
  readonly pins: Readonly<Record<string, number>>;
  /**
   * Who published each manifest that followed the newest one when it was
   * created: what a later manifest may build on. Not an object, and never
   * deleted: the explorer's own memory.
   */
  readonly chain: Readonly<Record<number, string>>;
}

/** A conditional PUT: `absent` everywhere, `match` for the boundary. */
export type Put =
  | { readonly at: "wal"; readonly id: number; readonly value: WalObject }
  | { readonly at: "manifest"; readonly id: number; readonly value: Manifest }
  | { readonly at: "table"; readonly id: string; readonly value: Table }
  | { readonly at: "boundary"; readonly value: Boundary }
  | { readonly at: "pin"; readonly id: string; readonly value: number };

/** The bucket after a PUT; the same bucket if the condition does not hold. */
export function applyPut(bucket: Bucket, put: Put): Bucket {
  switch (put.at) {
    case "wal":
      if (bucket.wal[put.id] !== undefined) return bucket;
      return { ...bucket, wal: { ...bucket.wal, [put.id]: put.value } };
    case "manifest": {
      const { manifests } = bucket;
      if (manifests[put.id] !== undefined) return bucket;
      const follows = newestManifest(bucket) === put.id - 1;
      const chain = follows
        ? { ...bucket.chain, [put.id]: put.value.publisher }
        : bucket.chain;
      return {
        ...bucket,
        manifests: { ...manifests, [put.id]: put.value },
        chain,
      };
    }
    case "table": {
      const { tables } = bucket;
      if (tables[put.id] !== undefined) return bucket;
      // In one order, so that equal buckets have equal keys.
      const entries = Object.entries({ ...tables, [put.id]: put.value });
      entries.sort(([a], [b]) => a < b ? -1 : 1);
      return { ...bucket, tables: Object.fromEntries(entries) };
    }
    case "boundary":
      if (bucket.boundary.version !== put.value.version - 1) return bucket;
      return { ...bucket, boundary: put.value };
    case "pin":
      if (bucket.pins[put.id] !== undefined) return bucket;
      return { ...bucket, pins: { ...bucket.pins, [put.id]: put.value } };
  }
}

/** The bucket after the object of a plan's entry was deleted. */
export function applyDelete(bucket: Bucket, path: string): Bucket {
  const [folder, id] = path.split("/") as ["wal" | "manifests", string];
  const objects: Record<string, unknown> = { ...bucket[folder] };
  delete objects[id];
  return { ...bucket, [folder]: objects };
}

/** The number of the newest manifest: what a LIST of one key gives. */
export function newestManifest(bucket: Bucket): number {
  return Object.keys(bucket.manifests).reduce(
    (newest, id) => Math.max(newest, Number(id)),
    0,
  );
}

/** The commits of a manifest's tables; undefined if a table is missing. */
export function commitsOf(
  bucket: Bucket,
  manifest: Manifest,
): number[] | undefined {
  const commits: number[] = [];
  for (const name of manifest.tables) {
    const table = bucket.tables[name];
    if (table === undefined) return undefined;
    commits.push(...table.commits);
  }
  return commits;
}

/** What is wrong with the publisher of a manifest believing in it, if so. */
export function wrongPublish(
  bucket: Bucket,
  id: number,
  publisher: string,
): { readonly wrong: string } | undefined {
  if (bucket.chain[id] === publisher) return undefined;
  return {
    wrong:
      `${publisher} believes in its manifest ${id}, which nobody builds on`,
  };
}

/**
 * What is found behind a checkpoint: the commits of its manifest's tables, then
 * those of its part of the WAL. Undefined if an object that it needs is missing.
 */
export function checkpointOf(
  bucket: Bucket,
  { manifest: number, walFrom, walEnd }: Checkpoint,
): readonly number[] | undefined {
  const manifest = bucket.manifests[number];
  const history = manifest && commitsOf(bucket, manifest);
  if (history === undefined) return undefined;
  for (let id = walFrom; id < walEnd; id++) {
    const object = bucket.wal[id];
    if (object === undefined) return undefined;
    if (object.commit !== 0) history.push(object.commit);
  }
  return history;
}

const histories = new WeakMap<Bucket, readonly number[] | undefined>();

/**
 * What an opening would recover from the bucket as it is: the commits of the
 * newest manifest's tables, then those of the WAL from its replay point up to
 * the first free id. Undefined if an object that it needs is missing.
 */
export function historyOf(bucket: Bucket): readonly number[] | undefined {
  if (histories.has(bucket)) return histories.get(bucket);
  const manifest = bucket.manifests[newestManifest(bucket)]!;
  const history = commitsOf(bucket, manifest);
  if (history !== undefined) {
    for (let id = manifest.replayFrom;; id++) {
      const object = bucket.wal[id];
      if (object === undefined) break;
      if (object.commit !== 0) history.push(object.commit);
    }
  }
  histories.set(bucket, history);
  return history;
}
