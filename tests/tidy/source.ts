/**
 * What the tidy rules know of one TypeScript file: its text, the same text
 * with comments and the insides of strings blanked out, and the modules that
 * it names.
 *
 * A hand-written scanner instead of a compiler: the whole tree is read on
 * every run, and has to take well under a second. It knows comments, the three
 * kinds of quotes (templates with their nested expressions) and regular
 * expressions; a `/` begins one where a value may begin.
 *
 * Invariants:
 * 1. `code` has the length and the line breaks of `text`, so that an offset in
 *    one is the same place in the other.
 * 2. What is blanked in `code` is a space; the quotes themselves stay.
 *
 * @module
 */

/** One import, export-from, dynamic import or worker URL of a file. */
export interface Reference {
  /** The specifier as written. */
  readonly specifier: string;
  /** The line it stands on, from 1. */
  readonly line: number;
  /** Whether it is only the address of a worker or a child. */
  readonly isAddress: boolean;
}

/** A file of the tree, read once. */
export interface SourceFile {
  /** Its path from the root of the tree, with `/`. */
  readonly path: string;
  /** Its text. */
  readonly text: string;
  /** Its text, comments and the insides of literals blanked. */
  readonly code: string;
  /** The modules that it names, in order. */
  readonly references: readonly Reference[];
}

/** Reads one file's text. */
export function parseSource(path: string, text: string): SourceFile {
  const code = blank(text);
  return { path, text, code, references: findReferences(text, code) };
}

/** The line, from 1, of an offset. */
export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let i = text.indexOf("\n"); i >= 0 && i < offset;) {
    line++;
    i = text.indexOf("\n", i + 1);
  }
  return line;
}

const REFERENCE = new RegExp(
  [
    // import … from "x", export … from "x"; `code` has the quotes only
    /\bfrom\s*(?=["'])/,
    // import "x", import("x")
    /\bimport\s*\(?\s*(?=["'])/,
    // new URL("x", import.meta.url), the address of a worker or a child
    /\bnew\s+URL\s*\(\s*(?=["'][^"']*["']\s*,\s*import\.meta)/,
    /\bimport\.meta\.resolve\s*\(\s*(?=["'])/,
  ].map((part) => part.source).join("|"),
  "g",
);

function findReferences(text: string, code: string): Reference[] {
  const references: Reference[] = [];
  for (const match of code.matchAll(REFERENCE)) {
    const open = match.index + match[0].length;
    const close = text.indexOf(text[open]!, open + 1);
    if (close < 0) continue;
    references.push({
      specifier: text.slice(open + 1, close),
      line: lineOf(text, open),
      isAddress: /^(?:new|import\.meta)\b/.test(match[0]),
    });
  }
  return references;
}

/** Blanks comments and the insides of strings, templates and regexes. */
function blank(text: string): string {
  return new Blanker(text).run();
}

/** After one of these words a `/` begins a regular expression. */
const VALUE_WORD =
  /(?:^|[^\w$.])(?:return|case|typeof|in|of|do|else|void|await|yield|delete|throw|new)$/;

class Blanker {
  readonly #text: string;
  readonly #out: string[] = [];
  #at = 0;
  /** Code copied since the start of the line or literal: what precedes `/`. */
  #before = "";

  constructor(text: string) {
    this.#text = text;
  }

  run(): string {
    this.#code(false);
    return this.#out.join("");
  }

  #keep(count: number): void {
    const piece = this.#text.slice(this.#at, this.#at + count);
    this.#out.push(piece);
    this.#before = (this.#before + piece).slice(-40);
    this.#at += count;
  }

  #hide(end: number): void {
    const piece = this.#text.slice(this.#at, end);
    this.#out.push(piece.replace(/[^\n]/g, " "));
    this.#at = end;
  }

  /** Copies code; inside a template, until the `}` that closes `${`. */
  #code(nested: boolean): void {
    const text = this.#text;
    let depth = 0;
    while (this.#at < text.length) {
      const char = text[this.#at]!;
      const next = text[this.#at + 1];
      if (char === "/" && next === "/") {
        this.#hide(endOf(text, "\n", this.#at));
      } else if (char === "/" && next === "*") {
        const end = text.indexOf("*/", this.#at + 2);
        this.#hide(end < 0 ? text.length : end + 2);
      } else if (char === '"' || char === "'") {
        this.#quoted(char);
      } else if (char === "`") {
        this.#template();
      } else if (char === "/" && this.#valueMayBegin()) {
        this.#regularExpression();
      } else {
        if (char === "{") depth++;
        if (char === "}" && depth-- === 0 && nested) return;
        this.#keep(1);
      }
    }
  }

  #valueMayBegin(): boolean {
    const before = this.#before.trimEnd();
    return before === "" || /[(,=:[!&|?{};+\-*%<>~^]$/.test(before) ||
      VALUE_WORD.test(before);
  }

  #quoted(quote: string): void {
    this.#keep(1);
    let end = this.#at;
    while (end < this.#text.length && this.#text[end] !== quote) {
      if (this.#text[end] === "\n") break;
      end += this.#text[end] === "\\" ? 2 : 1;
    }
    this.#hide(Math.min(end, this.#text.length));
    this.#keep(1);
  }

  #template(): void {
    const text = this.#text;
    this.#keep(1);
    while (this.#at < text.length) {
      let end = this.#at;
      while (end < text.length && text[end] !== "`") {
        if (text[end] === "$" && text[end + 1] === "{") break;
        end += text[end] === "\\" ? 2 : 1;
      }
      this.#hide(Math.min(end, text.length));
      if (text[this.#at] !== "$") return this.#keep(1);
      this.#keep(2);
      this.#code(true);
      this.#keep(1);
    }
  }

  #regularExpression(): void {
    const text = this.#text;
    let end = this.#at + 1;
    let inClass = false;
    while (end < text.length && text[end] !== "\n") {
      const char = text[end]!;
      if (char === "/" && !inClass) break;
      if (char === "[") inClass = true;
      if (char === "]") inClass = false;
      end += char === "\\" ? 2 : 1;
    }
    this.#keep(1);
    this.#hide(Math.min(end, text.length));
    this.#keep(1);
  }
}

function endOf(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from);
  return at < 0 ? text.length : at;
}
