/**
 * The names of a database's own types as SQL text: what stands in messages and
 * in the expressions that the catalog keeps, where it has to be found again.
 *
 * @module
 */
import { quoteIdentifier } from "../parser/quote.ts";

/** Schemas whose types are shown without them. */
const UNNAMED = /^(?:public$|pg_)/;

/**
 * The name of a type in quotes where it needs them, with its schema if that is
 * another than `public`.
 */
export function shownTypeName({ name, schema = "public" }: {
  readonly name: string;
  readonly schema?: string;
}): string {
  const own = quoteIdentifier(name);
  return UNNAMED.test(schema) ? own : `${quoteIdentifier(schema)}.${own}`;
}
