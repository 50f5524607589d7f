/**
 * Scratch files in a folder: `kriyadb-<pid>-<random>-<count>.tmp`.
 *
 * A file loses its name as soon as it is open, where the system allows that:
 * then nothing is left of it however the process ends. Elsewhere it is removed
 * when it is closed, and what a dead process left behind is removed by the next
 * one that makes a file in the folder, an hour after the last write to it: by
 * then a living one has lost its name, or cannot be removed as it is open.
 *
 * @module
 */
import * as fs from "node:fs";
import process from "node:process";
import type { Environment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { isPermitted } from "../../base/permission.ts";
import { DISK_FULL, errorCode, fileError } from "./file_errors.ts";
import {
  closeFile,
  discardFile,
  factsAt,
  namesIn,
  readNow,
  removeFile,
} from "./file_io.ts";
import {
  noScratch,
  type ScratchFile,
  type ScratchFiles,
} from "./scratch_file.ts";

const NAME = /^kriyadb-[0-9]+-[0-9a-f]{12}-[0-9]+\.tmp$/;

/** How long a file of somebody else is left alone, in ms. */
const AGE_MAX_MS = 3_600_000;

/** Scratch files in a folder. */
export class FolderScratch implements ScratchFiles {
  readonly #folder: string;
  readonly #environment: Environment;
  #owner: string | undefined;
  #count = 0;

  /** Scratch files in `folder`, which is made when it is needed. */
  constructor(folder: string, environment: Environment) {
    this.#folder = folder;
    this.#environment = environment;
  }

  /** A new, empty file. */
  create(): ScratchFile {
    const folder = this.#folder;
    for (const name of ["read", "write"] as const) {
      if (!isPermitted({ name, path: folder })) throw this.#refused(undefined);
    }
    try {
      this.#owner ??= this.#begin();
      const file = `${folder}/kriyadb-${this.#owner}-${++this.#count}.tmp`;
      const descriptor = fs.openSync(file, "wx+", 0o600);
      return new FolderFile(file, descriptor);
    } catch (error) {
      if (mayNot(error)) throw this.#refused(error);
      throw fileError("create a temporary file in", folder, error);
    }
  }

  #refused(cause: unknown): KriyaError {
    const hint =
      `Let the process write to "${this.#folder}" (--allow-read and --allow-write), or open the database with temporaryFiles in another folder`;
    return noScratch({ hint, cause });
  }

  /** Makes the folder, and removes what the dead left in it. */
  #begin(): string {
    const folder = this.#folder;
    fs.mkdirSync(folder, { recursive: true });
    const before = this.#environment.now() - AGE_MAX_MS;
    for (const name of namesIn(folder)) {
      if (!NAME.test(name)) continue;
      const file = `${folder}/${name}`;
      const facts = factsAt(file);
      if (facts?.isFile && facts.mtimeMs < before) discardFile(file);
    }
    const random = this.#environment.randomBytes(new Uint8Array(6));
    const hex = [...random].map((byte) => byte.toString(16).padStart(2, "0"));
    return `${process.pid}-${hex.join("")}`;
  }
}

function mayNot(error: unknown): boolean {
  return ["NotCapable", "PermissionDenied", "EACCES", "EPERM", "EROFS"]
    .includes(errorCode(error));
}

class FolderFile implements ScratchFile {
  readonly #file: string;
  readonly #descriptor: number;
  readonly #hasName: boolean;
  #isOpen = true;

  constructor(file: string, descriptor: number) {
    this.#file = file;
    this.#descriptor = descriptor;
    this.#hasName = !loseName(file);
  }

  write(bytes: Uint8Array, offset: number): void {
    this.#check();
    try {
      for (let done = 0; done < bytes.length;) {
        const rest = bytes.length - done;
        done += fs.writeSync(
          this.#descriptor,
          bytes,
          done,
          rest,
          offset + done,
        );
      }
    } catch (error) {
      throw writeError(this.#file, error);
    }
  }

  read(bytes: Uint8Array, offset: number): number {
    this.#check();
    try {
      return readNow(this.#descriptor, bytes, offset);
    } catch (error) {
      throw fileError("read", this.#file, error);
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeFile(this.#descriptor);
    if (this.#hasName) discardFile(this.#file);
  }

  #check(): void {
    if (this.#isOpen) return;
    throw new KriyaError("closed", `"${this.#file}" is closed`);
  }
}

/** Removes the name of an open file; false where it stays until it is closed. */
function loseName(file: string): boolean {
  try {
    return removeFile(file);
  } catch {
    return false;
  }
}

/** PostgreSQL's words where there is no room. */
function writeError(file: string, error: unknown): KriyaError {
  const known = fileError("write", file, error);
  if (known.code !== DISK_FULL) return known;
  return new KriyaError(
    "unavailable",
    `could not write to file "${file}": No space left on device`,
    { code: DISK_FULL, hint: known.hint ?? "", cause: error },
  );
}
