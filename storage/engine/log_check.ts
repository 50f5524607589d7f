/**
 * Whether the log is whole: from the newest manifest's replay point to its end,
 * and the parts that checkpoints keep.
 *
 * 1. No id is missing.
 * 2. Every object and every record decodes; one that is cut short does not.
 *    The tables that records name are whole.
 * 3. Sequences rise strictly, from the manifest's on; epochs never fall.
 * 4. A checkpoint's part ends with its sequence.
 *
 * @module
 */
import type {
  CheckpointMeta,
  Manifest,
  TableMeta,
} from "../manifest/manifest.ts";
import { parseWalPath, walPath } from "../object_store/object_path.ts";
import type { ObjectMeta } from "../object_store/object_store.ts";
import { decodeWal, type WalObject } from "../wal/wal_format.ts";
import type { Findings } from "./damage.ts";
import { decodeIngest, ingestedMeta } from "./ingest_record.ts";
import { decodeBatch } from "./write_batch.ts";

/** What is known of the log so far, going up. */
interface LogPosition {
  sequence: number;
  epoch: number;
}

/** How a log's objects are read. */
export interface LogCheckHost {
  /** The object at `path`, `undefined` if there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Checks a table that a record names. */
  checkTable(meta: TableMeta): Promise<void>;
}

/** Checks a log. */
export class LogCheck {
  readonly #host: LogCheckHost;
  readonly #there: ReadonlyMap<string, ObjectMeta>;
  readonly #needed: Set<string>;
  readonly #findings: Findings;

  /** Adds to `needed` and `findings`. */
  constructor(
    host: LogCheckHost,
    there: ReadonlyMap<string, ObjectMeta>,
    needed: Set<string>,
    findings: Findings,
  ) {
    this.#host = host;
    this.#there = there;
    this.#needed = needed;
    this.#findings = findings;
  }

  /** What an opening would replay. */
  async tail(manifest: Manifest): Promise<void> {
    let end = manifest.replayFrom;
    for (const path of this.#there.keys()) {
      end = Math.max(end, (parseWalPath(path) ?? 0) + 1);
    }
    await this.#range(manifest.replayFrom, end, manifest.sequence);
  }

  /** What a checkpoint keeps. */
  async checkpoint(
    { name, walFrom, walEnd, sequence }: CheckpointMeta,
    manifest: Manifest | undefined,
  ): Promise<void> {
    if (manifest === undefined) return;
    const before = this.#findings.count;
    const last = await this.#range(walFrom, walEnd, manifest.sequence);
    if (last === sequence || this.#findings.count > before) return;
    this.#findings.add(
      walPath(Math.max(walFrom, walEnd - 1)),
      `the checkpoint "${name}" ends at sequence ${sequence}, its log at ${last}`,
    );
  }

  /** Checks ids [from, end); gives the last sequence. */
  async #range(from: number, end: number, sequence: number): Promise<number> {
    const position: LogPosition = { sequence, epoch: 0 };
    for (let id = from; id < end; id++) {
      const path = walPath(id);
      this.#needed.add(path);
      const bytes = await this.#host.read(path);
      if (bytes === undefined) {
        this.#findings.add(path, "the object is missing");
        continue;
      }
      const object = await this.#findings.during(
        path,
        () => decodeWal(bytes, id, path),
      );
      if (object !== undefined) await this.#object(object, position);
    }
    return position.sequence;
  }

  async #object(object: WalObject, position: LogPosition): Promise<void> {
    const findings = this.#findings;
    const path = walPath(object.id);
    const { epoch } = object.writer ?? position;
    if (epoch < position.epoch) {
      findings.add(path, `epoch ${epoch} after epoch ${position.epoch}`, 8);
    }
    position.epoch = Math.max(position.epoch, epoch);
    for (const { sequence, kind, payload } of object.records) {
      if (sequence <= position.sequence) {
        findings.add(path, `sequence ${sequence} after ${position.sequence}`);
      }
      position.sequence = Math.max(position.sequence, sequence);
      if (kind === "batch") {
        await findings.during(path, () => void decodeBatch(payload, path));
        continue;
      }
      const tables = await findings.during(
        path,
        () => decodeIngest(payload, path),
      );
      for (const table of tables ?? []) {
        await this.#host.checkTable(ingestedMeta(table, sequence));
      }
    }
  }
}
