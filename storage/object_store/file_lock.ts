/**
 * Who may open a folder for writing: admission, never safety.
 *
 * That two writers cannot harm each other is proven by the objects themselves
 * (`docs/decisions/001-protocol-model.md`); the lock only keeps a second process
 * from taking a database over by mistake, and says at once who has it.
 *
 * | file | what it is |
 * | --- | --- |
 * | `~lock` | empty; locked by the process that writes, where the runtime has file locks (Deno) |
 * | `~holder` | JSON `{"pid", "startedMs", "sinceMs", "token"}`: who was admitted last |
 *
 * With file locks the system lets go when the process dies, however it dies.
 * Without (Node, Bun) the holder counts while a process with its id is alive
 * and, where the system tells (`/proc`), began when the holder did: an id that
 * was given to another process is not mistaken for it. Two processes that find
 * a dead holder at the same moment may both be admitted; then the later one
 * fences the other, as a takeover does.
 *
 * Rejected: a lock file that exists while it is held (a killed process leaves
 * it behind); asking for the host's name (a further permission).
 *
 * @module
 */
import * as fs from "node:fs";
import process from "node:process";
import {
  type Environment,
  systemEnvironment,
  type Timer,
} from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { errorCode, fileError } from "./file_errors.ts";
import { discardFile } from "./file_io.ts";

const LOCK_NAME = "~lock";
const HOLDER_NAME = "~holder";

/** How often a process that took over tries to get the lock itself, ms. */
const RETRY_MS = 1000;

/** The longest holder file that is read, bytes. */
const HOLDER_BYTES_MAX = 4096;

/** Who was admitted to a folder. */
export interface LockHolder {
  /** The process. */
  readonly pid: number;
  /** When it began, ms since the system did; 0 if the system does not tell. */
  readonly startedMs: number;
  /** Since when it has the folder, ms since the epoch. */
  readonly sinceMs: number;
  /** Tells one admission from every other. */
  readonly token: string;
}

/** Options of {@linkcode acquireFolderLock}. */
export interface FolderLockOptions {
  /**
   * Is admitted even if another has the lock (default false). The other is not
   * stopped by that: the caller fences it.
   */
  readonly takeover?: boolean | undefined;
  /** Clock, timers and randomness (default: the system's). */
  readonly environment?: Environment | undefined;
  /** Uses file locks if the runtime has them (default true). */
  readonly fileLocks?: boolean | undefined;
}

/** Admission to a folder, until it is released. */
export interface FolderLock {
  /** Whether the lock is held; false only after a takeover of a live holder. */
  readonly held: boolean;
  /** Lets others in. */
  release(): Promise<void>;
}

/**
 * Admits this process to `folder` for writing.
 *
 * @throws {KriyaError} `invalid` with code `55006` when another process, or
 * another opening in this one, has it; `unavailable` when the folder cannot be
 * written.
 */
export async function acquireFolderLock(
  folder: string,
  options: FolderLockOptions = {},
): Promise<FolderLock> {
  const { takeover = false, environment = systemEnvironment } = options;
  const fileLocks = options.fileLocks !== false && hasFileLocks();
  const lock = new AdmissionLock(folder, environment, fileLocks);
  try {
    const free = fileLocks
      ? await lock.openFile()
      : !isAlive(readHolder(folder));
    if (!free && !takeover) throw inUse(folder, readHolder(folder));
    lock.enter(free);
    return lock;
  } catch (error) {
    await lock.release();
    throw fileError("lock the folder", folder, error);
  }
}

function inUse(folder: string, holder: LockHolder | undefined): KriyaError {
  const detail = holder === undefined
    ? "It is held by another process."
    : `It is held by process ${holder.pid} since ${
      new Date(holder.sinceMs).toISOString()
    }.`;
  return new KriyaError(
    "invalid",
    `Cannot open "${folder}" for writing: it is in use`,
    {
      code: "55006",
      detail,
      hint:
        "Close the other one, open with { readOnly: true }, or with { takeover: true } if it is stuck",
    },
  );
}

/** What this needs of `Deno.FsFile`. */
interface LockableFile {
  tryLock(exclusive: boolean): Promise<boolean>;
  close(): void;
}

interface DenoFiles {
  open(
    path: string,
    options: { read: boolean; write: boolean; create: boolean },
  ): Promise<LockableFile>;
  readonly FsFile?: { readonly prototype: object };
}

function denoFiles(): DenoFiles | undefined {
  return (globalThis as { Deno?: DenoFiles }).Deno;
}

function hasFileLocks(): boolean {
  const prototype = denoFiles()?.FsFile?.prototype;
  return prototype !== undefined && "tryLock" in prototype;
}

class AdmissionLock implements FolderLock {
  readonly #folder: string;
  readonly #environment: Environment;
  readonly #holder: LockHolder;
  #file: LockableFile | undefined;
  #retry: Timer | undefined;
  #held = false;
  #released = false;

  constructor(folder: string, environment: Environment, fileLocks: boolean) {
    this.#folder = folder;
    this.#environment = environment;
    const random = environment.randomBytes(new Uint8Array(8));
    this.#holder = {
      pid: process.pid,
      // With file locks nobody asks, and Deno would have to be permitted to.
      startedMs: fileLocks ? 0 : startOf(process.pid) ?? 0,
      sinceMs: environment.now(),
      token: [...random].map((byte) => byte.toString(16)).join("-"),
    };
  }

  get held(): boolean {
    return this.#held;
  }

  /** Opens the lock file; whether the lock was free, and is ours now. */
  async openFile(): Promise<boolean> {
    const path = `${this.#folder}/${LOCK_NAME}`;
    const options = { read: true, write: true, create: true };
    this.#file = await denoFiles()!.open(path, options);
    return await this.#file.tryLock(true);
  }

  /** Admitted: says so, and goes on trying for a lock that is not free. */
  enter(free: boolean): void {
    this.#held = free;
    ownTokens.add(this.#holder.token);
    writeHolder(this.#folder, this.#holder);
    if (!free && this.#file !== undefined) this.#tryLater(this.#file);
  }

  #tryLater(file: LockableFile): void {
    this.#retry = this.#environment.setTimer(
      async () => {
        const free = await file.tryLock(true).catch(() => false);
        if (this.#released) return;
        if (free) this.#held = true;
        else this.#tryLater(file);
      },
      RETRY_MS,
      { background: true },
    );
  }

  release(): Promise<void> {
    if (this.#released) return Promise.resolve();
    this.#released = true;
    this.#retry?.cancel();
    const { token } = this.#holder;
    if (ownTokens.delete(token) && readHolder(this.#folder)?.token === token) {
      discardFile(`${this.#folder}/${HOLDER_NAME}`);
    }
    // Closing the file lets go of its lock.
    this.#file?.close();
    this.#held = false;
    return Promise.resolve();
  }
}

/** The admissions that this process has. */
const ownTokens = new Set<string>();

/** Who was admitted last; undefined if that cannot be told. */
export function readHolder(folder: string): LockHolder | undefined {
  let text: string;
  try {
    const file = `${folder}/${HOLDER_NAME}`;
    if (fs.lstatSync(file).size > HOLDER_BYTES_MAX) return undefined;
    text = fs.readFileSync(file, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { pid, startedMs, sinceMs, token } = JSON.parse(text);
    const numbers = [pid, startedMs, sinceMs].every((value) =>
      Number.isFinite(value) && value >= 0 && value <= 8.64e15
    );
    if (!numbers || typeof token !== "string") return undefined;
    return { pid, startedMs, sinceMs, token };
  } catch {
    // Damaged: as good as none, since it is only admission.
    return undefined;
  }
}

function writeHolder(folder: string, holder: LockHolder): void {
  const file = `${folder}/${HOLDER_NAME}`;
  const temporary = `${file}-${holder.token}`;
  fs.writeFileSync(temporary, JSON.stringify(holder));
  fs.renameSync(temporary, file);
}

/** Whether the holder still is; one that cannot be asked for is not. */
function isAlive(holder: LockHolder | undefined): boolean {
  if (holder === undefined) return false;
  if (ownTokens.has(holder.token)) return true;
  if (!isRunning(holder.pid)) return false;
  const started = startOf(holder.pid);
  if (holder.startedMs !== 0 && started !== undefined) {
    return started === holder.startedMs;
  }
  return holder.pid !== process.pid;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

/** When a process began, ms since the system did; undefined if unknown. */
function startOf(pid: number): number | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field, in parentheses, may hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[19]);
    return Number.isFinite(ticks) ? ticks * 10 : undefined;
  } catch {
    return undefined;
  }
}
