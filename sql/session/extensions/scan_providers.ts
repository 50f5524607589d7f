/**
 * Who supplies the rows of tables: PostgreSQL's custom scan providers, for
 * applications.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { ScanProvider } from "../../planner/custom_scan.ts";

/** The most providers at once: each is asked for every scan that is planned. */
const PROVIDERS_MAX = 64;

/** The scan providers of an open database. */
export class ScanProviders {
  #all: readonly ScanProvider[] = [];

  /** All of them, in the order they were added. */
  get all(): readonly ScanProvider[] {
    return this.#all;
  }

  /**
   * Adds a provider; calling what it gives takes it away.
   *
   * @throws {SqlError} `42710` when there is one of that name, `53400` when there
   * are as many as there may be.
   */
  add(provider: ScanProvider): () => void {
    if (this.#all.some(({ name }) => name === provider.name)) {
      throw new SqlError(
        "42710",
        `scan provider "${provider.name}" already exists`,
      );
    }
    if (this.#all.length >= PROVIDERS_MAX) {
      throw new SqlError("53400", "too many scan providers", {
        detail: `There are ${PROVIDERS_MAX} at most.`,
      });
    }
    this.#all = [...this.#all, provider];
    return () => {
      this.#all = this.#all.filter((each) => each !== provider);
    };
  }
}
