/**
 * What the runtime lets the process do. Elsewhere than in Deno everything is
 * permitted, until the system says no.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** A permission of Deno. */
export type Permission =
  /** Reading what is at a path, or writing there. */
  | { readonly name: "read" | "write"; readonly path: string }
  /** Seeing a variable of the environment. */
  | { readonly name: "env"; readonly variable: string }
  /** Loading code from a host. */
  | { readonly name: "import"; readonly host: string };

/**
 * Whether the process has a permission already. Using one that it has not
 * would stop it and ask its user.
 *
 * @example
 * ```ts
 * import { isPermitted } from "./permission.ts";
 *
 * const mayRead: boolean = isPermitted({ name: "read", path: "/etc" });
 * ```
 */
export function isPermitted(permission: Permission): boolean {
  const { permissions } = (globalThis as unknown as Runtime).Deno ?? {};
  if (permissions === undefined) return true;
  return permissions.querySync(permission).state === "granted";
}

/**
 * Whether a Worker can be started from the module at `url`, with nobody being
 * asked.
 *
 * @example
 * ```ts
 * import { mayStartWorker } from "./permission.ts";
 *
 * const may: boolean = mayStartWorker(new URL("./bytes.ts", import.meta.url));
 * ```
 */
export function mayStartWorker(url: URL): boolean {
  if (typeof Worker !== "function") return false;
  const { protocol, host } = url;
  return isPermitted(
    protocol === "file:"
      ? { name: "read", path: fileURLToPath(url) }
      : { name: "import", host },
  );
}

interface Runtime {
  readonly Deno?: {
    readonly permissions?: {
      querySync(permission: Permission): { readonly state: string };
    };
  };
}
