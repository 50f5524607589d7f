/**
 * Loads the code of extensions, each when a database has it.
 *
 * @module
 */
import { type ExtensionParts, isLoaded, keepParts } from "./extension.ts";

const LOADERS: ReadonlyMap<string, () => Promise<ExtensionParts>> = new Map([
  ["pgcrypto", async () => (await import("./pgcrypto/pgcrypto.ts")).pgcrypto],
  ["uuid-ossp", async () => (await import("./uuid_ossp.ts")).uuidOssp],
  ["pg_trgm", async () => (await import("./pg_trgm/pg_trgm.ts")).pgTrgm],
  [
    "fuzzystrmatch",
    async () =>
      (await import("./fuzzystrmatch/fuzzystrmatch.ts")).fuzzystrmatch,
  ],
  ["citext", async () => (await import("./citext/citext.ts")).citextExtension],
  ["hstore", async () => (await import("./hstore/hstore.ts")).hstoreExtension],
  ["ltree", async () => (await import("./ltree/ltree.ts")).ltreeExtension],
  [
    "tablefunc",
    async () => (await import("./tablefunc/tablefunc.ts")).tablefunc,
  ],
  ["intarray", async () => (await import("./intarray/intarray.ts")).intarray],
  [
    "unaccent",
    async () => (await import("./unaccent/unaccent.ts")).unaccentExtension,
  ],
]);

const NOTHING: ExtensionParts = {};

/** Loads the code of an extension, once; some have none of their own. */
export async function loadExtension(name: string): Promise<void> {
  if (isLoaded(name)) return;
  const load = LOADERS.get(name);
  keepParts(name, load === undefined ? NOTHING : await load());
}
