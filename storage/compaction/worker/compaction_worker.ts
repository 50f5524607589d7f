/**
 * The Worker's side: runs one job after the other, and asks the store for what
 * it reads and writes.
 *
 * A Worker has a thread to itself, so its slices are long; between them it
 * only says how far it is.
 *
 * @module
 */
import {
  type Environment,
  systemEnvironment,
} from "../../../base/environment.ts";
import type {
  ObjectBody,
  ObjectSource,
} from "../../object_store/object_store.ts";
import { runCompaction } from "../compaction_job.ts";
import {
  type Answer,
  errorOf,
  type FromWorker,
  plainError,
  type TaskData,
  type ToWorker,
} from "./messages.ts";

/** Ms between two reports. */
const SLICE_MS = 50;

/** What of a Worker's global scope is used. */
interface WorkerScope {
  onmessage: ((event: { readonly data: ToWorker }) => void) | null;
  postMessage(message: FromWorker, transfer: readonly ArrayBuffer[]): void;
}

const scope = globalThis as unknown as WorkerScope;

/** Not the system's own: `setImmediate` does not wake a Worker that waits. */
const environment: Environment = { ...systemEnvironment };

/** Requests without an answer. */
const asked = new Map<number, PromiseWithResolvers<Answer>>();
let lastId = 0;

function say(message: FromWorker, transfer: readonly ArrayBuffer[] = []): void {
  scope.postMessage(message, transfer);
}

async function ask(
  send: (id: number) => void,
): Promise<ObjectBody | string | undefined> {
  const id = ++lastId;
  const waiting = Promise.withResolvers<Answer>();
  asked.set(id, waiting);
  send(id);
  const answer = await waiting.promise;
  if (answer.kind === "error") throw errorOf(answer.error);
  return answer.value;
}

const objects: ObjectSource = {
  get: async (path, { range } = {}) =>
    await ask((id) => say({ kind: "get", id, path, range })) as
      | ObjectBody
      | undefined,
};

async function store(bytes: Uint8Array): Promise<string> {
  const stored = ask((id) =>
    say({ kind: "store", id, bytes }, [bytes.buffer as ArrayBuffer])
  );
  return await stored as string;
}

async function run(task: TaskData): Promise<void> {
  try {
    const result = await runCompaction({
      ...task,
      objects,
      store,
      environment,
      sliceMs: SLICE_MS,
      onProgress: (progress) => say({ kind: "progress", progress }),
    });
    say({ kind: "done", result });
  } catch (error) {
    say({ kind: "failed", error: plainError(error) });
  }
}

scope.onmessage = ({ data }): void => {
  if (data.kind === "run") {
    void run(data.task);
    return;
  }
  asked.get(data.id)?.resolve(data.answer);
  asked.delete(data.id);
};
say({ kind: "ready" });
