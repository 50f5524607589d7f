/**
 * What an application adds to an open database besides functions and access methods.
 *
 * @module
 */
import type { Environment } from "../../../base/environment.ts";
import { BackgroundWorkers } from "./background_workers.ts";
import { QueryHookChain } from "./query_hooks.ts";

/** Hooks around statements, and work beside them. */
export class Extensions {
  /** Called around planning and running. */
  readonly hooks: QueryHookChain;
  /** Work that goes on. */
  readonly workers: BackgroundWorkers;

  /** None yet. */
  constructor(environment: Environment) {
    this.hooks = new QueryHookChain(() => environment.monotonicMs());
    this.workers = new BackgroundWorkers(environment);
  }
}
