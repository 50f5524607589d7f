/**
 * Text to statements: PostgreSQL's grammar, then our syntax.
 *
 * ```text
 * text --values_rows.ts: long VALUES lists cut out--> text
 *      --grammar.ts--> JSON of the raw tree --narrow.ts--> Statement
 * ```
 *
 * A syntax error anywhere in a text refuses all of it, as PostgreSQL does. What
 * parses but is not supported is found when the statement is looked at, so that
 * the statements before it can have run.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import {
  type GrammarError,
  loadGrammar,
  runGrammar,
  stackDepthError,
} from "./grammar.ts";
import {
  type AsOfClause,
  cutHistory,
  type HistoryPart,
} from "./history_clause.ts";
import { narrowChange, narrowStatement } from "./narrow.ts";
import { narrowSelect } from "./narrow_query.ts";
import { type Gap, Positions } from "./positions.ts";
import { nodeOf, type RawFields, RawReader } from "./raw_node.ts";
import type { Statement } from "./syntax.ts";
import type { TokenizedRows } from "./tokenized_rows.ts";
import { cutValuesRows, takesRows } from "./values_rows.ts";

/** A statement of a text. */
export class ParsedStatement {
  /** The statement's own text, without what stands around it. */
  readonly text: string;
  /** Where its text starts in the text that was parsed. */
  readonly offset: number;
  readonly #raw: unknown;
  readonly #positions: Positions;
  readonly #more: TokenizedRows | undefined;
  #syntax: Statement | undefined;
  #asOf: AsOfClause | undefined;

  /** Used by {@linkcode parse}. */
  constructor(
    text: string,
    offset: number,
    raw: unknown,
    positions: Positions,
    more: TokenizedRows | undefined,
  ) {
    this.text = text;
    this.offset = offset;
    this.#raw = raw;
    this.#positions = positions;
    this.#more = more;
  }

  /** Which moment of the past it asks for. */
  get asOf(): AsOfClause | undefined {
    return this.#asOf;
  }

  /** The statement with what the grammar does not know of it. */
  with({ asOf, snapshot }: HistoryPart): this {
    this.#asOf = asOf;
    this.#syntax = snapshot;
    return this;
  }

  /**
   * What the statement says.
   *
   * @throws {SqlError} `0A000` when it is not supported.
   */
  get syntax(): Statement {
    if (this.#syntax === undefined) {
      const reader = new RawReader(
        this.#positions,
        this,
        narrowSelect,
        narrowChange,
      );
      const node = nodeOf(this.#raw);
      this.#syntax = narrowStatement(reader, node, this.#more);
    }
    return this.#syntax;
  }
}

/** Loads the grammar; must have resolved once before {@linkcode parse}. */
export function loadParser(): Promise<void> {
  return loadGrammar();
}

/**
 * The statements of `text`; none where it has only spaces and comments.
 *
 * REQUIRES: {@linkcode loadParser} has resolved.
 *
 * @throws {SqlError} `42601` with PostgreSQL's message and position when the
 * text is not SQL; `54001` when it nests too deep.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { loadParser, parse } from "./parser.ts";
 *
 * await loadParser();
 * const [begin, select] = parse("BEGIN; SELECT 1");
 * assertEquals(begin?.syntax.kind, "begin");
 * assertEquals(select?.text, "SELECT 1");
 * ```
 */
export function parse(text: string): ParsedStatement[] {
  refuseUnencodable(text);
  const cut = cutValuesRows(text);
  if (cut !== undefined) {
    const statements = parseWith(cut.text, text, cut.gaps, cut.rows);
    // Any error is better told about the whole text.
    if (Array.isArray(statements)) return statements;
  }
  const statements = parseWith(text, text, [], []);
  if (Array.isArray(statements)) return statements;
  return parseHistory(text) ?? refuse(statements, text);
}

/** Parses a text that says something of the past, as `history_clause.ts` has it. */
function parseHistory(text: string): ParsedStatement[] | undefined {
  const history = cutHistory(text);
  if (history === undefined) return undefined;
  const statements = parseWith(history.text, text, [], []);
  if (!Array.isArray(statements)) return refuse(statements, text);
  return statements.map((statement, i) => statement.with(history.parts[i]!));
}

function refuse(error: GrammarError, text: string): never {
  throw grammarError(error, new Positions(text));
}

/** Parses `seen`, which is `text` without the gaps. */
function parseWith(
  seen: string,
  text: string,
  gaps: readonly Gap[],
  rows: readonly (TokenizedRows | undefined)[],
): ParsedStatement[] | GrammarError {
  const { json, error } = runGrammar(seen);
  if (error !== undefined) return error;
  const positions = new Positions(seen, gaps);
  const stmts = parseJson(json!).stmts ?? [];
  const misled = rows.some((cut, index) =>
    cut !== undefined && !takesRows(stmts[index]?.["stmt"])
  );
  if (misled) {
    return { message: "the rows are not VALUES of an INSERT", position: -1 };
  }
  return stmts.map((raw, index) => {
    const start = raw["stmt_location"] as number ?? 0;
    const length = raw["stmt_len"] as number ?? 0;
    const from = positions.ofByte(start);
    const to = length === 0 ? text.length : positions.ofByte(start + length);
    const slice = text.slice(from, to);
    const leading = leadingSpace(slice);
    return new ParsedStatement(
      slice.slice(leading).trimEnd(),
      from + leading,
      raw["stmt"],
      positions,
      rows[index],
    );
  });
}

function parseJson(json: string): { readonly stmts?: readonly RawFields[] } {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof RangeError) throw stackDepthError();
    throw error;
  }
}

/** How many characters of spaces and comments `text` begins with. */
function leadingSpace(text: string): number {
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 32 || (code >= 9 && code <= 13)) {
      at++;
    } else if (text.startsWith("--", at)) {
      const end = text.slice(at).search(/[\n\r]/);
      at = end < 0 ? text.length : at + end;
    } else if (text.startsWith("/*", at)) {
      at = endOfComment(text, at);
    } else {
      break;
    }
  }
  return at;
}

/** The end of the block comment at `at`; they nest. */
function endOfComment(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    if (text.startsWith("/*", i)) {
      depth++;
      i++;
    } else if (text.startsWith("*/", i)) {
      i++;
      if (--depth === 0) return i + 1;
    }
  }
  return text.length;
}

/** Refuses what UTF-8 or C strings cannot hold. */
function refuseUnencodable(text: string): void {
  const nul = text.indexOf("\0");
  if (nul >= 0) {
    throw new SqlError(
      "22021",
      'invalid byte sequence for encoding "UTF8": 0x00',
      { offset: nul },
    );
  }
  if (!text.isWellFormed()) {
    const at = text.search(
      /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/,
    );
    const code = text.charCodeAt(at);
    const bytes = [0xe0 | code >> 12, 0x80 | code >> 6 & 63, 0x80 | code & 63];
    const shown = bytes.map((byte) => `0x${byte.toString(16)}`).join(" ");
    throw new SqlError(
      "22021",
      `invalid byte sequence for encoding "UTF8": ${shown}`,
      { offset: at },
    );
  }
}

/** The grammar's error with its code, which the grammar does not tell. */
function grammarError(error: GrammarError, positions: Positions): SqlError {
  const code = ERROR_CODES.find(([pattern]) => pattern.test(error.message));
  const offset = positions.ofPoint(error.position);
  return new SqlError(code?.[1] ?? "42601", error.message, {
    offset: offset < 0 ? undefined : offset,
  });
}

/** Errors of PostgreSQL's scanner and grammar that are not 42601. */
const ERROR_CODES: readonly (readonly [RegExp, string])[] = [
  [/^stack depth limit exceeded/, "54001"],
  [/^only string constants are supported in JSON_TABLE/, "0A000"],
  [/^out of memory/, "53200"],
  [/not (yet )?(implemented|supported)/, "0A000"],
  [/cannot be (deferrable|marked|altered to be)/, "0A000"],
  [/^invalid byte sequence/, "22021"],
  [/^(unsafe use of string constant|nonstandard use of)/, "0A000"],
  [/^invalid Unicode (escape$|surrogate|escape value)/, "42601"],
  [/^(INTERVAL|TIME).*precision/, "22023"],
  [/^precision for type float/, "22023"],
  [/^column number must be in range/, "22023"],
  [/^improper (relation|qualified) name/, "42601"],
  [/^role name ".*" is reserved/, "42939"],
  [/^frame (start|end) cannot be |^frame starting from /, "42P20"],
];
