/**
 * The words of a `jsonpath`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";

/** A word. */
export interface PathToken {
  readonly kind: "symbol" | "word" | "string" | "number" | "variable" | "end";
  /** The word; of a string or a variable what it says. */
  readonly text: string;
}

const TOKEN =
  /\s*(?:(\/\*[\s\S]*?\*\/)|"((?:[^"\\]|\\[\s\S])*)"|\$"((?:[^"\\]|\\[\s\S])*)"|\$([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![A-Za-z_])|(\*\*|&&|\|\||==|!=|<>|<=|>=|[$@.,*[\](){}?!<>+\-/%])|([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*))/y;

/** `42601`, in the words of PostgreSQL. */
export function badPath(token: string | undefined): SqlError {
  return new SqlError(
    "42601",
    token === undefined || token === ""
      ? "syntax error at end of jsonpath input"
      : `syntax error at or near "${token}" of jsonpath input`,
  );
}

/** Resolves the escapes of a string. */
function unescape(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(
    /\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([\s\S]))/g,
    (_all, braced, four, two, other: string | undefined) => {
      const hex = braced ?? four ?? two;
      if (hex !== undefined) {
        const code = parseInt(hex as string, 16);
        if (code > 0x10ffff) throw badPath(`\\u{${hex}}`);
        return String.fromCodePoint(code);
      }
      return ESCAPES[other!] ?? other!;
    },
  );
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** The words of a text, with one of kind `end` behind them. */
export function pathTokens(text: string): PathToken[] {
  const tokens: PathToken[] = [];
  let at = 0;
  while (text.slice(at).trim() !== "") {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) throw badPath(text.slice(at).trim()[0]);
    at = TOKEN.lastIndex;
    const [, comment, string, quoted, name, number, symbol, word] = match;
    if (comment !== undefined) continue;
    if (string !== undefined) {
      tokens.push({ kind: "string", text: unescape(string) });
    } else if (quoted !== undefined || name !== undefined) {
      tokens.push({ kind: "variable", text: unescape(quoted ?? name!) });
    } else if (number !== undefined) {
      tokens.push({ kind: "number", text: number });
    } else if (symbol !== undefined) {
      tokens.push({ kind: "symbol", text: symbol === "<>" ? "!=" : symbol });
    } else {
      tokens.push({ kind: "word", text: word! });
    }
  }
  tokens.push({ kind: "end", text: "" });
  return tokens;
}
