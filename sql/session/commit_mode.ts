/**
 * What `synchronous_commit` asks of the store.
 *
 * | value | COMMIT returns |
 * | --- | --- |
 * | `on`, `remote_write`, `remote_apply` | once it is durable |
 * | `local` | the same: there is no log on the local disk of a bucket's writer |
 * | `off` | once it is visible; durable soon after |
 *
 * With `off`, a store that was opened in mode `async` stays in it; every other
 * one writes its log periodically.
 *
 * @module
 */
import type { WalMode } from "../../storage/engine/options.ts";
import type { DatabaseCore } from "./database_core.ts";
import type { Settings } from "./settings.ts";

/** The name of the setting. */
export const COMMIT_MODE_SETTING = "synchronous_commit";

/** How the transaction that ends now is to commit. */
export function commitMode(core: DatabaseCore, settings: Settings): WalMode {
  if (settings.show(COMMIT_MODE_SETTING) !== "off") return "sync";
  return core.store.config.walMode === "async" ? "async" : "periodic";
}
