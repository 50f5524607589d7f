/**
 * Raw nodes of what a query is kept under a name by (CREATE VIEW, CREATE TABLE
 * AS, SELECT INTO, materialized views) to `syntax.ts`; `0A000` for the rest.
 *
 * A view keeps the text of its query, which the tree does not have: it is found
 * again in the statement's.
 *
 * @module
 */
import { narrowExecute } from "./narrow_session.ts";
import { narrowRelation } from "./narrow_from.ts";
import { narrowOptions, onCommitOf } from "./narrow_definition.ts";
import {
  flagOf,
  listOf,
  nodeOf,
  type RawFields,
  type RawNode,
  type RawReader,
  stringOf,
  textOf,
} from "./raw_node.ts";
import { isWord, sourceTokens } from "./source_tokens.ts";
import type {
  CreateTableAsSyntax,
  CreateViewSyntax,
  QueryText,
  RefreshSyntax,
} from "./syntax.ts";

const VIEW_FIELDS: ReadonlySet<string> = new Set([
  "view",
  "aliases",
  "query",
  "replace",
  "options",
  "withCheckOption",
]);

const CHECK_OPTIONS: Readonly<Record<string, "local" | "cascaded">> = {
  LOCAL_CHECK_OPTION: "local",
  CASCADED_CHECK_OPTION: "cascaded",
};

/** A `ViewStmt`. */
export function narrowCreateView(
  reader: RawReader,
  node: RawNode,
): CreateViewSyntax {
  reader.expectFields(node, VIEW_FIELDS);
  const { fields } = node;
  const checkOption = CHECK_OPTIONS[fields["withCheckOption"] as string];
  return {
    kind: "create_view",
    relation: narrowRelation(reader, fields["view"] as RawFields),
    columns: listOf(fields["aliases"]).map(stringOf),
    query: reader.query(fields["query"]),
    source: queryText(reader, checkOption !== undefined),
    recursive: isRecursive(reader),
    replace: flagOf(fields["replace"]),
    options: narrowOptions(reader, fields["options"]),
    checkOption,
  };
}

/** Whether it was written CREATE RECURSIVE VIEW. */
function isRecursive({ source }: RawReader): boolean {
  for (const token of sourceTokens(source.text)) {
    if (isWord(token, "recursive")) return true;
    if (isWord(token, "view")) return false;
  }
  return false;
}

/** The words that may stand after the query, in the order they are given. */
const ENDINGS: readonly (readonly string[])[] = [
  ["with", "check", "option"],
  ["with", "local", "check", "option"],
  ["with", "cascaded", "check", "option"],
  ["with", "data"],
  ["with", "no", "data"],
];

/**
 * The text after the first AS outside of parentheses; `hasEnding`: up to the
 * WITH … at the end.
 */
function queryText(
  { source: { text, offset } }: RawReader,
  hasEnding: boolean,
): QueryText {
  const tokens = [...sourceTokens(text)];
  const first = tokens.findIndex((token) =>
    token.depth === 0 && isWord(token, "as")
  );
  const ending = ENDINGS.find((words) =>
    words.every((word, i) =>
      isWord(tokens[tokens.length - words.length + i]!, word)
    )
  );
  const last = hasEnding && ending !== undefined
    ? tokens.length - ending.length
    : tokens.length;
  const start = tokens[first + 1]?.start ?? text.length;
  const end = tokens[last - 1]?.end ?? start;
  return { text: text.slice(start, end), offset: offset + start };
}

const TABLE_AS_FIELDS: ReadonlySet<string> = new Set([
  "query",
  "into",
  "objtype",
  "if_not_exists",
]);

/** A `CreateTableAsStmt`: CREATE TABLE AS, CREATE MATERIALIZED VIEW. */
export function narrowCreateTableAs(
  reader: RawReader,
  node: RawNode,
): CreateTableAsSyntax {
  reader.expectFields(node, TABLE_AS_FIELDS);
  const { fields } = node;
  const query = nodeOf(fields["query"]);
  return {
    ...narrowInto(reader, fields["into"] as RawFields),
    query: query.type === "ExecuteStmt"
      ? narrowExecute(reader, query)
      : reader.query(fields["query"]),
    ifNotExists: flagOf(fields["if_not_exists"]),
    materialized: fields["objtype"] === "OBJECT_MATVIEW"
      ? queryText(reader, true)
      : undefined,
  };
}

const INTO_FIELDS: ReadonlySet<string> = new Set([
  "rel",
  "colNames",
  "accessMethod",
  "options",
  "onCommit",
  "skipData",
]);

function narrowInto(
  reader: RawReader,
  fields: RawFields,
): Omit<CreateTableAsSyntax, "query" | "ifNotExists" | "materialized"> {
  reader.expectFields({ type: "IntoClause", fields }, INTO_FIELDS);
  return {
    kind: "create_table_as",
    relation: narrowRelation(reader, fields["rel"] as RawFields),
    columns: listOf(fields["colNames"]).map(stringOf),
    accessMethod: textOf(fields["accessMethod"]),
    options: narrowOptions(reader, fields["options"]),
    withData: !flagOf(fields["skipData"]),
    onCommit: onCommitOf(fields["onCommit"]),
  };
}

/** SELECT INTO: the `SelectStmt` without INTO; `undefined` if it has none. */
export function narrowSelectInto(
  reader: RawReader,
  { fields }: RawNode,
): CreateTableAsSyntax | undefined {
  const found = takeInto(fields);
  if (found === undefined) return undefined;
  return {
    ...narrowInto(reader, found.into),
    query: reader.query({ SelectStmt: found.rest }),
    ifNotExists: false,
    materialized: undefined,
  };
}

/** INTO of the first SELECT of a set operation, and the query without it. */
function takeInto(
  fields: RawFields,
): { readonly into: RawFields; readonly rest: RawFields } | undefined {
  const { intoClause, ...rest } = fields;
  if (intoClause !== undefined) return { into: intoClause as RawFields, rest };
  const first = fields["larg"] as RawFields | undefined;
  const found = first && takeInto(first);
  return found && { into: found.into, rest: { ...fields, larg: found.rest } };
}

/** A `RefreshMatViewStmt`. */
export function narrowRefresh(
  reader: RawReader,
  { fields }: RawNode,
): RefreshSyntax {
  return {
    kind: "refresh",
    relation: narrowRelation(reader, fields["relation"] as RawFields),
    concurrently: flagOf(fields["concurrent"]),
    withData: !flagOf(fields["skipData"]),
  };
}
