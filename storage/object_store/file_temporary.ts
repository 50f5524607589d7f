/**
 * Temporary files of a folder store: `~tmp/<pid>-<random>-<count>`.
 *
 * An object is written here in full and made durable before a hard link gives
 * it its name, so that no reader ever sees part of one. What a dead process
 * left behind is collected when the folder is opened.
 *
 * Why collecting is safe whoever is alive: a temporary file matters only until
 * its link is made. If a live writer's file is collected, its link fails
 * with "no such file" and has had no effect, and the writer writes another
 * (`file_store.ts` and `file_cell.ts` do). Names are random, so none is ever
 * used for other bytes. Age (an hour since the last write to it, by the file
 * system's dates) only keeps that from happening in practice. Asking the
 * system whether the process lives was rejected: it needs a further permission,
 * and the answer is wrong across containers that share the folder.
 *
 * @module
 */
import process from "node:process";
import type { Environment } from "../../base/environment.ts";
import {
  discardFile,
  factsAt,
  type FileFacts,
  namesIn,
  writeNewFile,
} from "./file_io.ts";
import type { FileFolders } from "./file_folders.ts";

/** The folder of temporary files; no object's path holds a `~`. */
export const TEMPORARY_FOLDER = "~tmp";

/** How long a temporary file is left alone, in ms. */
export const TEMPORARY_AGE_MAX_MS = 3_600_000;

/** A file that is durable and has no name yet that counts. */
export interface TemporaryFile {
  /** Where it is. */
  readonly file: string;
  /** What it is; the same under the name that it is given. */
  readonly facts: FileFacts;
}

/** Writes temporary files, and collects those of the dead. */
export class TemporaryFiles {
  readonly #folders: FileFolders;
  readonly #environment: Environment;
  readonly #owner: string;
  #count = 0;
  #mtimeLast = 0;

  /** Temporary files of one store. */
  constructor(folders: FileFolders, environment: Environment) {
    this.#folders = folders;
    this.#environment = environment;
    const random = environment.randomBytes(new Uint8Array(6));
    const hex = [...random].map((byte) => byte.toString(16).padStart(2, "0"));
    this.#owner = `${process.pid}-${hex.join("")}`;
  }

  /**
   * A date for a new file, ms since the epoch: no two files of this process
   * share one, so that etags differ even where the system gives the number of
   * a removed file to the next.
   */
  #mtime(): number {
    const now = Math.floor(this.#environment.now());
    return this.#mtimeLast = Math.max(now, this.#mtimeLast + 1);
  }

  /** Writes `bytes` to a new temporary file and makes them durable. */
  async write(bytes: Uint8Array): Promise<TemporaryFile> {
    const name = `${this.#owner}-${++this.#count}`;
    const file = this.#folders.file(`${TEMPORARY_FOLDER}/${name}`);
    try {
      return { file, facts: await writeNewFile(file, bytes, this.#mtime()) };
    } catch (error) {
      discardFile(file);
      throw error;
    }
  }

  /** Removes temporary files that nobody has written to for an hour. */
  collect(): void {
    const before = this.#environment.now() - TEMPORARY_AGE_MAX_MS;
    const folder = this.#folders.file(TEMPORARY_FOLDER);
    for (const name of namesIn(folder)) {
      const file = `${folder}/${name}`;
      const facts = factsAt(file);
      if (facts?.isFile && facts.mtimeMs < before) discardFile(file);
    }
  }
}
