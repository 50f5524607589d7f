/**
 * Takes a text apart as PostgreSQL's default parser of full text search does.
 *
 * | token | example |
 * | --- | --- |
 * | asciiword, word, numword | `cat`, `chaîne`, `b2` |
 * | asciihword, hword, numhword | `up-to-date`: the whole, then its parts |
 * | hword_asciipart, hword_part, hword_numpart | `up`, `date` |
 * | email, host, url, url_path, protocol | `me@example.com`, `example.com`, `example.com/x`, `/x`, `http://` |
 * | file | `/usr/bin`, `src/main.c` |
 * | version, sfloat, float, int, uint | `8.3.0`, `1e10`, `3.14`, `-7`, `42` |
 * | tag, entity, blank | `<b>`, `&amp;`, everything else |
 *
 * The longest of what may begin at a place is taken, of equally long ones the
 * one that stands first in {@linkcode FORMS}.
 *
 * @module
 */

/** What a token is. */
export type TokenKind =
  | "asciiword"
  | "word"
  | "numword"
  | "email"
  | "url"
  | "host"
  | "sfloat"
  | "version"
  | "hword_numpart"
  | "hword_part"
  | "hword_asciipart"
  | "blank"
  | "tag"
  | "protocol"
  | "numhword"
  | "asciihword"
  | "hword"
  | "url_path"
  | "file"
  | "float"
  | "int"
  | "uint"
  | "entity";

/** A piece of a text. */
export interface TextToken {
  readonly kind: TokenKind;
  readonly text: string;
  /**
   * Whether it is a part of the token before it, which has been given as a
   * whole already.
   */
  readonly isPart: boolean;
}

const HOST = "[\\p{L}\\p{N}](?:[\\p{L}\\p{N}_-]*[\\p{L}\\p{N}])?" +
  "(?:\\.[\\p{L}\\p{N}](?:[\\p{L}\\p{N}_-]*[\\p{L}\\p{N}])?)+(?::\\d+)?";
/** The last part of a host: letters, at least two. */
const DOMAIN = "(?<=\\.[\\p{L}]{2,}(?::\\d+)?)";
/** A character of the name of a file. */
const MARK = "[\\p{L}\\p{N}_-]";
const PATH = "/[^\\s<>\"'|]*";

function form(kind: TokenKind, pattern: string): [TokenKind, RegExp] {
  return [kind, new RegExp(pattern, "uy")];
}

/** What may begin at a place, the first of equally long ones counts. */
const FORMS: readonly (readonly [TokenKind, RegExp])[] = [
  form("entity", "&(?:[A-Za-z][A-Za-z0-9]*|#\\d+|#[xX][0-9A-Fa-f]+);"),
  form(
    "tag",
    "<(?:[A-Za-z_:][\\w:.-]*(?:\\s+[^<>]*|/)?|/[A-Za-z_:][\\w:.-]*\\s*|![^<>]*|\\?[^<>]*\\?)>",
  ),
  form("protocol", "[A-Za-z][A-Za-z0-9+.-]*://(?=[\\p{L}\\p{N}])"),
  form(
    "email",
    `[\\p{L}\\p{N}](?:[\\p{L}\\p{N}._-]*[\\p{L}\\p{N}])?@${HOST}${DOMAIN}`,
  ),
  form("url", `${HOST}${DOMAIN}${PATH}`),
  form("sfloat", "[-+]?\\d+(?:\\.\\d+)?[eE][-+]?\\d+(?![\\p{L}\\p{N}])"),
  form("version", "\\d+(?:\\.\\d+){2,}(?![\\p{L}\\p{N}])"),
  form("float", "[-+]?\\d+\\.\\d+(?![\\p{L}\\p{N}])(?!\\.\\d)"),
  form("int", "[-+]\\d+(?![\\p{L}\\p{N}])"),
  form("uint", "\\d+(?![\\p{L}\\p{N}])"),
  form("host", `${HOST}${DOMAIN}`),
  form(
    "file",
    `(?:[\\p{L}_]${MARK}*[./]|\\d${MARK}*/|/)${MARK}+(?:[./]${MARK}+)*`,
  ),
  form(
    "asciihword",
    "[A-Za-z]+(?:-[A-Za-z]+)+(?![\\p{L}\\p{N}]|-[\\p{L}\\p{N}])",
  ),
  form(
    "hword",
    "\\p{L}[\\p{L}\\p{M}]*(?:-[\\p{L}\\p{M}]+)+(?![\\p{N}]|-[\\p{N}])",
  ),
  form(
    "numhword",
    "\\d*\\p{L}[\\p{L}\\p{N}\\p{M}]*(?:-\\p{L}[\\p{L}\\p{N}\\p{M}]*)+",
  ),
  form("asciiword", "[A-Za-z]+(?![\\p{L}\\p{N}\\p{M}])"),
  form("word", "\\p{L}[\\p{L}\\p{M}]*(?!\\p{N})"),
  form("numword", "[\\p{L}\\p{N}][\\p{L}\\p{N}\\p{M}]*"),
];

/** The tokens of a text, in order; all of its characters are in one of them. */
export function* textTokens(text: string): Generator<TextToken> {
  let at = 0;
  let blank = 0;
  while (at < text.length) {
    const found = longestAt(text, at);
    if (found === undefined) {
      at += text.codePointAt(at)! > 0xffff ? 2 : 1;
      continue;
    }
    if (blank < at) yield plain("blank", text.slice(blank, at));
    const [kind, piece] = found;
    yield plain(kind, piece);
    yield* partsOf(kind, piece);
    at += piece.length;
    blank = at;
  }
  if (blank < at) yield plain("blank", text.slice(blank, at));
}

function plain(kind: TokenKind, text: string): TextToken {
  return { kind, text, isPart: false };
}

function longestAt(text: string, at: number): [TokenKind, string] | undefined {
  let kind: TokenKind | undefined;
  let end = at;
  for (const [candidate, pattern] of FORMS) {
    pattern.lastIndex = at;
    if (pattern.test(text) && pattern.lastIndex > end) {
      kind = candidate;
      end = pattern.lastIndex;
    }
  }
  return kind === undefined ? undefined : [kind, text.slice(at, end)];
}

/** What a token is made of, where its parts are tokens too. */
function* partsOf(kind: TokenKind, text: string): Generator<TextToken> {
  if (kind === "url") {
    const slash = text.indexOf("/");
    yield { kind: "host", text: text.slice(0, slash), isPart: true };
    yield { kind: "url_path", text: text.slice(slash), isPart: true };
  } else if (kind.endsWith("hword")) {
    for (const piece of text.split(/(-)/)) {
      const part = piece === "-"
        ? "blank"
        : /^[A-Za-z]+$/.test(piece)
        ? "hword_asciipart"
        : /\p{N}/u.test(piece)
        ? "hword_numpart"
        : "hword_part";
      yield { kind: part, text: piece, isPart: true };
    }
  }
}
