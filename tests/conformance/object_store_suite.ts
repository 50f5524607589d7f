/**
 * What every object store promises, as one suite: each rule of
 * `storage/object_store/object_store.ts` is a test here, and every store and
 * every decorator runs all of them. A store of your own does so with
 *
 * ```ts ignore
 * objectStoreSuite({ name: "mine", open: () => … });
 * ```
 *
 * @module
 */
import { BASICS, CONDITIONS } from "./object_store_contents.ts";
import { LISTINGS, RANGES, REFUSALS } from "./object_store_requests.ts";
import type { StoreUnderTest } from "./object_store_support.ts";

export type { StoreUnderTest } from "./object_store_support.ts";

/** A store, and what is asked of it. */
export interface SuiteOptions {
  /** Names the store in the tests' names. */
  readonly name: string;
  /** Checklist rows that the whole suite proves of it, as `[K-104] `. */
  readonly proves?: string;
  /** Titles of the cases that it says it does not keep (default: none). */
  readonly except?: readonly string[];
  /** Opens an empty store. */
  open(): Promise<StoreUnderTest>;
}

/** Registers the tests of one store. */
export function objectStoreSuite(options: SuiteOptions): void {
  const { name, proves = "", except = [] } = options;
  const groups = [BASICS, CONDITIONS, RANGES, LISTINGS, REFUSALS];
  const cases = groups.flatMap((group) => Object.entries(group));
  for (const title of except) {
    const known = cases.some(([other]) => other === title);
    if (!known) throw new Error(`no case "${title}"`);
  }
  for (const [title, run] of cases) {
    if (except.includes(title)) continue;
    const row = /^\[[A-Z]-\d+\] /.exec(title)?.[0] ?? "";
    const what = title.slice(row.length);
    Deno.test(`${proves}${row}${name}: ${what}`, async () => {
      const under = await options.open();
      try {
        await run(under);
      } finally {
        await under.store.close();
        await under.dispose();
      }
    });
  }
}
