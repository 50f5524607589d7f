/**
 * The names in a query's text that a search path or a later column could give
 * another meaning, and the text without them: what a view keeps.
 *
 * | name | becomes |
 * | --- | --- |
 * | `t` in FROM | `s.t` |
 * | `*`, `t.*` | `t.a, t.b` |
 * | `s.t.a` | `t.a` |
 * | a type of a schema | with its schema |
 *
 * Everything else stays as it was written.
 *
 * @module
 */
import type { RelationEntry } from "../catalog/entries.ts";
import { sourceTokens } from "../parser/source_tokens.ts";
import { quoteIdentifier } from "../parser/quote.ts";

/** A column that a star stands for. */
export interface StarColumn {
  /** The name that its relation goes by; absent: the column's is enough. */
  readonly qualifier: string | undefined;
  readonly name: string;
}

/** A relation that is named at an offset. */
export interface RelationReference {
  readonly offset: number;
  readonly entry: RelationEntry;
  /** Whether it goes by another name than its own. */
  readonly aliased: boolean;
}

/** A type that is named at an offset. */
export interface TypeReference {
  readonly offset: number;
  readonly id: number;
  readonly schema: string;
  readonly name: string;
}

/** What names were found to mean while a query was bound. */
export class NameReferences {
  /** By offset: what is bound twice is named once. */
  readonly relations = new Map<number, RelationReference>();
  readonly stars = new Map<number, readonly StarColumn[]>();
  readonly types = new Map<number, TypeReference>();
  /** Ids of operators and casts: a text does not name them by words. */
  readonly needed = new Set<number>();

  /** Notes a relation of FROM. */
  relation(offset: number, entry: RelationEntry, aliased: boolean): void {
    if (offset >= 0) this.relations.set(offset, { offset, entry, aliased });
  }

  /** Notes a star. */
  star(offset: number, columns: readonly StarColumn[]): void {
    if (offset >= 0) this.stars.set(offset, columns);
  }

  /** Notes a type that is no system's. */
  type(reference: TypeReference): void {
    if (reference.offset >= 0) this.types.set(reference.offset, reference);
  }
}

/** A part of a text that another takes the place of. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with its parts replaced; they do not overlap. */
export function spliced(text: string, splices: readonly Splice[]): string {
  let result = "";
  let at = 0;
  for (const each of [...splices].sort((a, b) => a.start - b.start)) {
    result += text.slice(at, each.start) + each.text;
    at = each.end;
  }
  return result + text.slice(at);
}

/** Where a name with dots ends that starts at `start`, and its parts' starts. */
export function dottedName(
  text: string,
  start: number,
): { readonly end: number; readonly starts: readonly number[] } {
  let end = start;
  const starts: number[] = [];
  let wantsName = true;
  for (const token of sourceTokens(text, start)) {
    const isDot = token.text === ".";
    const isStar = token.text === "*";
    if (wantsName === isDot) break;
    if (wantsName) {
      if (token.kind !== "word" && token.kind !== "quoted" && !isStar) break;
      starts.push(token.start);
      end = token.end;
      if (isStar) break;
    }
    wantsName = !wantsName;
  }
  return { end, starts };
}

/** `schema.name` as SQL. */
export function qualifiedName(
  { schema, name }: { readonly schema: string; readonly name: string },
): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** What resolves the names of a text that starts at `offset` of the text bound. */
export function resolvingSplices(
  text: string,
  offset: number,
  references: NameReferences,
  longColumns: readonly number[],
): Splice[] {
  const place = (at: number, replacement: string): Splice => {
    const start = at - offset;
    return { start, end: dottedName(text, start).end, text: replacement };
  };
  const { relations, stars, types } = references;
  return [
    ...[...relations.values()].map(({ offset: at, entry }) =>
      place(at, qualifiedName(entry))
    ),
    ...[...types.values()].map((type) =>
      place(type.offset, qualifiedName(type))
    ),
    ...[...stars].map(([at, columns]) =>
      place(at, columns.map(starText).join(", "))
    ),
    ...longColumns.map((at) => {
      const start = at - offset;
      const { starts } = dottedName(text, start);
      return { start, end: starts.at(-2) ?? start, text: "" };
    }),
  ];
}

function starText({ qualifier, name }: StarColumn): string {
  return qualifier === undefined
    ? quoteIdentifier(name)
    : `${quoteIdentifier(qualifier)}.${quoteIdentifier(name)}`;
}
