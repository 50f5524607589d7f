/**
 * Statements that are given in another dialect, in PostgreSQL's words, as a
 * session's catalog has its tables.
 *
 * @module
 */
import type { CatalogView } from "../catalog/entries.ts";
import { withSearchPath } from "../catalog/search_path.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import type { DialectCatalog } from "../dialect/translation.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { RunOptions } from "./run_options.ts";
import type { Session } from "./session.ts";

/** Whether a text is in another dialect. */
export function isForeign({ dialect }: RunOptions): boolean {
  return dialect !== undefined && dialect !== "postgresql";
}

/**
 * The statements of a text in another dialect.
 *
 * @throws {SqlError} as `translate` does.
 */
export async function statementsOf(
  text: string,
  { dialect }: RunOptions,
  session: Session,
): Promise<readonly string[]> {
  // Loaded by those who need it: it brings a parser for each dialect.
  const { translate } = await import("../dialect/translate.ts");
  const catalog = withSearchPath(session.catalog, session.settings.searchPath);
  return await translate(text, dialect!, dialectCatalog(catalog));
}

/**
 * An error about a translated statement: places in that text mean nothing in
 * the one that was given.
 */
export function inTranslation(error: unknown, text: string): unknown {
  if (!(error instanceof SqlError) || error.position === undefined) {
    return error;
  }
  const { code, message, detail, hint, cause } = error;
  return new SqlError(code, message, {
    ...detail !== undefined && { detail },
    ...hint !== undefined && { hint },
    cause: cause ?? error,
    where: `in PostgreSQL's words: ${text}`,
  });
}

function dialectCatalog(catalog: CatalogView): DialectCatalog {
  return {
    table(schema, name): ReturnType<DialectCatalog["table"]> {
      const found = catalog.relation(schema, name);
      if (found?.kind !== "table") return undefined;
      const keys = catalog.indexesOf(found.id).filter(isKey);
      keys.sort((a, b) => Number(b.primary) - Number(a.primary));
      return {
        columns: found.columns.filter(({ generated }) =>
          generated === undefined
        ).map(({ name }) => name),
        keys: keys.map((key) => columnsOf(key, found)),
      };
    },
  };
}

/** Whether an index is a key of plain columns over all rows. */
function isKey(index: IndexEntry): boolean {
  return index.unique && index.predicate === undefined &&
    index.columns.every(({ columnNumber }) => columnNumber !== 0);
}

function columnsOf(key: IndexEntry, table: TableEntry): string[] {
  return key.columns.map(({ columnNumber }) =>
    table.columns.find(({ number }) => number === columnNumber)!.name
  );
}
