/**
 * The sequence that a text means: a name as in SQL, with a schema or without,
 * in quotes or folded to lower case, or the id (PostgreSQL's `regclass` input).
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { CatalogView, RelationEntry } from "./entries.ts";
import type { SequenceEntry } from "./sequence_entry.ts";

/** One part of a name: in quotes, or without. */
const PART = /\s*(?:"((?:[^"]|"")+)"|([^\s."]+))\s*(\.|$)/y;

/**
 * The parts of a qualified name.
 *
 * @throws {SqlError} `42602`.
 */
export function nameParts(text: string): string[] {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    PART.lastIndex = at;
    const match = PART.exec(text);
    if (match === null) throw new SqlError("42602", "invalid name syntax");
    const [, quoted, plain, end] = match;
    parts.push(quoted?.replaceAll('""', '"') ?? plain!.toLowerCase());
    at = PART.lastIndex;
    if (end === "") return parts;
  }
}

/**
 * The sequence that `text` means.
 *
 * @throws {SqlError} `42P01`, `42809`, `42602`.
 */
export function namedSequence(
  catalog: CatalogView,
  text: string,
): SequenceEntry {
  const isId = /^\d{1,10}$/.test(text);
  const parts = isId ? [text] : nameParts(text);
  const entry = isId
    ? catalog.relationById(Number(text))
    : catalog.relation(parts.at(-2), parts.at(-1)!);
  if (entry === undefined) {
    throw new SqlError("42P01", `relation "${parts.join(".")}" does not exist`);
  }
  if (entry.kind === "sequence") return entry;
  throw notSequence(entry);
}

/** `42809`: the name means another kind of relation. */
export function notSequence({ kind, name }: RelationEntry): SqlError {
  return new SqlError("42809", `cannot open relation "${name}"`, {
    detail: `This operation is not supported for ${
      kind === "index" ? "indexes" : `${kind}s`
    }.`,
  });
}
