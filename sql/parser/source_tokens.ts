/**
 * The words of a text, with where they stand: as much of PostgreSQL's scanner
 * as it takes to find a clause again in the text of a statement that the
 * grammar has taken already.
 *
 * @module
 */

/** A word, a name in quotes, or a single other character. */
export interface SourceToken {
  readonly kind: "word" | "quoted" | "text" | "other";
  /** As it stands there. */
  readonly text: string;
  /** Where it starts and ends. */
  readonly start: number;
  readonly end: number;
  /** How many parentheses and brackets are open around it. */
  readonly depth: number;
}

const TOKEN =
  /(?<space>\s+|--[^\n\r]*)|(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(?<quoted>"(?:[^"]|"")*")|(?<number>\d[\w.]*)|(?<text>'(?:[^']|'')*')|(?<other>[^])/yu;

/** The tokens of `text` from `from` on; comments are left out. */
export function* sourceTokens(
  text: string,
  from = 0,
): Generator<SourceToken> {
  let at = from;
  let depth = 0;
  while (at < text.length) {
    const next = endOfComment(text, at);
    if (next > at) {
      at = next;
      continue;
    }
    const end = endOfString(text, at) ?? endOfDollar(text, at);
    if (end !== undefined) {
      yield { kind: "text", text: text.slice(at, end), start: at, end, depth };
      at = end;
      continue;
    }
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text)!;
    const [shown] = match;
    const groups = match.groups!;
    const start = at;
    at += shown.length;
    if (groups["space"] !== undefined) continue;
    if (shown === ")" || shown === "]") depth--;
    yield {
      kind: groups["word"] !== undefined
        ? "word"
        : groups["quoted"] !== undefined
        ? "quoted"
        : groups["text"] !== undefined
        ? "text"
        : "other",
      text: shown,
      start,
      end: at,
      depth,
    };
    if (shown === "(" || shown === "[") depth++;
  }
}

/** The end of the block comment at `at`; they nest. */
function endOfComment(text: string, at: number): number {
  if (!text.startsWith("/*", at)) return at;
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

/** The end of `E'…'`, in which a backslash hides a quote. */
function endOfString(text: string, at: number): number | undefined {
  const match = /[eE]'(?:[^'\\]|''|\\[^])*'/y;
  match.lastIndex = at;
  return match.test(text) ? match.lastIndex : undefined;
}

/** The end of `$tag$…$tag$`. */
function endOfDollar(text: string, at: number): number | undefined {
  const match = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
  match.lastIndex = at;
  const tag = match.exec(text)?.[0];
  if (tag === undefined) return undefined;
  const end = text.indexOf(tag, match.lastIndex);
  return end < 0 ? text.length : end + tag.length;
}

/** Whether a token is the keyword. */
export function isWord(token: SourceToken, word: string): boolean {
  return token.kind === "word" && token.text.toLowerCase() === word;
}
