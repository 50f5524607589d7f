/**
 * What an application adds to an open database besides functions and access methods.
 *
 * @module
 */
import type { Environment } from "../../../base/environment.ts";
import { BackgroundWorkers } from "./background_workers.ts";
import { QueryHookChain } from "./query_hooks.ts";
import { ScanProviders } from "./scan_providers.ts";

/** Hooks around statements, scans in place of ours, and work beside them. */
export class Extensions {
  /** Called around planning and running. */
  readonly hooks: QueryHookChain;
  /** Work that goes on. */
  readonly workers: BackgroundWorkers;
  /** Who supplies rows of tables. */
  readonly scanProviders: ScanProviders = new ScanProviders();

  /** None yet. */
  constructor(environment: Environment) {
    this.hooks = new QueryHookChain(() => environment.monotonicMs());
    this.workers = new BackgroundWorkers(environment);
  }
}
