/**
 * Threads of one's own, where the platform gives them without a question.
 *
 * @module
 */

/**
 * Whether a Worker of the module at `url` can be started: there are Workers,
 * and the process may load the module. Asks nobody for a permission.
 *
 * @example
 * ```ts
 * import { canStartWorker } from "./worker.ts";
 *
 * const canStart: boolean = canStartWorker(new URL(import.meta.url));
 * ```
 */
export function canStartWorker(url: URL): boolean {
  if (typeof Worker !== "function") return false;
  const { Deno: runtime } = globalThis as unknown as Runtime;
  if (runtime?.permissions === undefined) return true;
  const needed = url.protocol === "file:"
    ? { name: "read", path: url }
    : { name: "import", host: url.host };
  return runtime.permissions.querySync(needed).state === "granted";
}

/** The part of Deno that asks nobody; elsewhere there is none. */
interface Runtime {
  readonly Deno?: {
    readonly permissions?: {
      querySync(needed: Record<string, unknown>): { readonly state: string };
    };
  };
}
