/**
 * What statements say of the past, which PostgreSQL's grammar does not know:
 *
 * ```text
 * SELECT … AS OF SYSTEM TIME time          before WHERE, or at the end
 * SELECT … AS OF SNAPSHOT name
 * BEGIN | START TRANSACTION | SET TRANSACTION … AS OF …
 * CREATE SNAPSHOT [ IF NOT EXISTS ] name
 * DROP SNAPSHOT [ IF EXISTS ] name
 * ```
 *
 * They are looked for only in a text that the grammar has refused: `AS OF
 * SYSTEM` and `CREATE SNAPSHOT` are the beginning of nothing else. The clause is
 * found among the words of the text, so strings, comments and quoted names are
 * never taken for it, and is replaced by spaces: what is left is PostgreSQL's,
 * and every place in it is where it was.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { isWord, type SourceToken, sourceTokens } from "./source_tokens.ts";
import type { SnapshotSyntax } from "./syntax.ts";

/** Which moment a statement asks for. */
export type AsOfClause =
  /** A time: the text of an expression, whose parameters are `$1`, `$2` …. */
  | {
    readonly kind: "time";
    readonly expression: string;
    /** Which of the statement's parameters these are, from 1. */
    readonly parameters: readonly number[];
    /** Of these, those that nothing else in the statement needs. */
    readonly own: readonly number[];
  }
  /** A snapshot's name. */
  | { readonly kind: "snapshot"; readonly name: string };

/** What was found in one statement of a text. */
export interface HistoryPart {
  /** The clause that was taken out of it. */
  readonly asOf?: AsOfClause | undefined;
  /** What it is, if it is nothing that PostgreSQL knows. */
  readonly snapshot?: SnapshotSyntax | undefined;
}

/** A text without what it says of the past. */
export interface HistoryText {
  /** As long as the text was. */
  readonly text: string;
  /** What each of its statements says; those without a word have no part. */
  readonly parts: readonly HistoryPart[];
}

/**
 * Takes what is said of the past out of `text`; `undefined` if there is none.
 *
 * @throws {SqlError} `42601`, `0A000`.
 */
export function cutHistory(text: string): HistoryText | undefined {
  if (!/\b(of|snapshot)\b/i.test(text)) return undefined;
  const out = text.split("");
  const parts: HistoryPart[] = [];
  let found = false;
  for (const tokens of statementsOf(text)) {
    const snapshot = snapshotStatement(tokens);
    if (snapshot !== undefined) {
      // A statement stands for it, so that others keep their places.
      blank(out, tokens[0]!.start, tokens.at(-1)!.end, "SELECT");
      parts.push({ snapshot });
      found = true;
      continue;
    }
    const asOf = cutClause(text, tokens, out);
    found ||= asOf !== undefined;
    parts.push({ asOf });
  }
  return found ? { text: out.join(""), parts } : undefined;
}

/** The tokens of each statement that has any. */
function statementsOf(text: string): SourceToken[][] {
  const statements: SourceToken[][] = [[]];
  for (const token of sourceTokens(text)) {
    if (token.text === ";" && token.depth === 0) statements.push([]);
    else statements.at(-1)!.push(token);
  }
  return statements.filter((tokens) => tokens.length > 0);
}

/** Writes `words` and spaces over [start, end). */
function blank(out: string[], start: number, end: number, words = ""): void {
  for (let i = start; i < end; i++) out[i] = words[i - start] ?? " ";
}

function wordsAt(
  tokens: readonly SourceToken[],
  at: number,
  ...words: string[]
): boolean {
  return words.every((word, i) => {
    const token = tokens[at + i];
    return token !== undefined && isWord(token, word);
  });
}

/** CREATE SNAPSHOT and DROP SNAPSHOT. */
function snapshotStatement(
  tokens: readonly SourceToken[],
): SnapshotSyntax | undefined {
  const create = wordsAt(tokens, 0, "create", "snapshot");
  if (!create && !wordsAt(tokens, 0, "drop", "snapshot")) return undefined;
  const tests = create ? ["if", "not", "exists"] : ["if", "exists"];
  const tested = wordsAt(tokens, 2, ...tests);
  const at = tested ? 2 + tests.length : 2;
  const name = nameAt(tokens, at);
  const rest = tokens[at + 1];
  if (rest !== undefined) throw syntaxError(rest);
  return create
    ? { kind: "create_snapshot", name, ifNotExists: tested }
    : { kind: "drop_snapshot", name, ifExists: tested };
}

/** The name that a token is. */
function nameAt(tokens: readonly SourceToken[], at: number): string {
  const token = tokens[at];
  if (token?.kind === "word") return token.text.toLowerCase();
  if (token?.kind === "quoted") {
    const name = token.text.slice(1, -1).replaceAll('""', '"');
    if (name !== "") return name;
    throw new SqlError("42601", "zero-length delimited identifier", {
      offset: token.start,
    });
  }
  throw token === undefined ? endError(tokens) : syntaxError(token);
}

/** Words that a clause of the query after the time begins with. */
const AFTER_TIME = new Set([
  "where",
  "group",
  "having",
  "window",
  "union",
  "intersect",
  "except",
  "order",
  "limit",
  "offset",
  "fetch",
  "for",
]);
/** … and a mode of the transaction. */
const AFTER_TIME_OF_BLOCK = new Set(["read", "isolation", "not", "deferrable"]);

/** Takes the clause of a statement out. */
function cutClause(
  text: string,
  tokens: readonly SourceToken[],
  out: string[],
): AsOfClause | undefined {
  const at = findClause(tokens, 0);
  if (at < 0) return undefined;
  const clause = tokens[at]!;
  const isBlock = wordsAt(tokens, 0, "begin") ||
    wordsAt(tokens, 0, "start", "transaction") ||
    wordsAt(tokens, 0, "set", "transaction");
  const isCopy = wordsAt(tokens, 0, "copy");
  if (clause.depth > (isCopy ? 1 : 0)) {
    throw new SqlError(
      "0A000",
      "AS OF must be provided on a top-level statement",
      { offset: clause.start },
    );
  }
  const isTime = wordsAt(tokens, at + 2, "system");
  const from = at + (isTime ? 4 : 3);
  const end = isTime
    ? endOfTime(tokens, from, clause.depth, isBlock)
    : from + 1;
  const again = findClause(tokens, end);
  if (again >= 0) throw syntaxError(tokens[again]!);
  const first = tokens[from];
  if (first === undefined) throw endError(tokens);
  if (end === from) throw syntaxError(first);
  const asOf: AsOfClause = isTime
    ? timeClause(text, tokens, { from, end }, out)
    : { kind: "snapshot", name: nameAt(tokens, from) };
  const words = isBlock ? "READ ONLY" : "";
  blank(out, clause.start, tokens[end - 1]!.end, words);
  return asOf;
}

/** Where `AS OF SYSTEM TIME` or `AS OF SNAPSHOT` stands, from `from` on. */
function findClause(tokens: readonly SourceToken[], from: number): number {
  return tokens.findIndex((_, i) =>
    i >= from && wordsAt(tokens, i, "as", "of") &&
    (wordsAt(tokens, i + 2, "system", "time") ||
      wordsAt(tokens, i + 2, "snapshot"))
  );
}

/** The token after the expression that begins at `from`. */
function endOfTime(
  tokens: readonly SourceToken[],
  from: number,
  depth: number,
  isBlock: boolean,
): number {
  const end = tokens.findIndex((token, i) => {
    if (i < from || token.depth > depth) return false;
    if (token.depth < depth) return true;
    if (isBlock && token.text === ",") return true;
    if (token.kind !== "word") return false;
    const word = token.text.toLowerCase();
    return AFTER_TIME.has(word) || (isBlock && AFTER_TIME_OF_BLOCK.has(word));
  });
  return end < 0 ? tokens.length : end;
}

/** A parameter of a statement: `$`, and a number behind it. */
interface Parameter {
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

function parametersIn(tokens: readonly SourceToken[]): Parameter[] {
  return tokens.flatMap((token, i) => {
    const digits = tokens[i + 1];
    if (
      token.text !== "$" || digits?.start !== token.end ||
      !/^\d+$/.test(digits.text)
    ) return [];
    const { start } = token;
    return [{ number: Number(digits.text), start, end: digits.end }];
  });
}

/**
 * The expression of a time, its parameters numbered from 1. Those that only it
 * has are taken out of the statement's: what is left is numbered anew.
 */
function timeClause(
  text: string,
  tokens: readonly SourceToken[],
  { from, end }: { readonly from: number; readonly end: number },
  out: string[],
): AsOfClause {
  const inside = tokens.slice(from, end);
  const used = parametersIn(inside);
  const parameters = [...new Set(used.map(({ number }) => number))]
    .sort((a, b) => a - b);
  const others = parametersIn([...tokens.slice(0, from), ...tokens.slice(end)]);
  const needed = new Set(others.map(({ number }) => number));
  const own = parameters.filter((number) => !needed.has(number));
  for (const { number, start, end } of others) {
    const before = own.filter((each) => each < number).length;
    if (before > 0) blank(out, start, end, `$${number - before}`);
  }
  const { start } = inside[0]!;
  let expression = "";
  let at = start;
  for (const { number, start, end } of used) {
    expression += text.slice(at, start) + `$${parameters.indexOf(number) + 1}`;
    at = end;
  }
  expression += text.slice(at, inside.at(-1)!.end);
  return { kind: "time", expression, parameters, own };
}

function syntaxError({ text, start }: SourceToken): SqlError {
  return new SqlError("42601", `syntax error at or near "${text}"`, {
    offset: start,
  });
}

function endError(tokens: readonly SourceToken[]): SqlError {
  return new SqlError("42601", "syntax error at end of input", {
    offset: tokens.at(-1)!.end,
  });
}
