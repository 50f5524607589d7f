/**
 * `tsquery`: words joined by `!`, `<->`, `&` and `|`, in this order of
 * precedence. A value is kept as the text that PostgreSQL prints:
 * `'fat' & ( 'cat' | 'rat':*A )`; the empty query is the empty text.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { checkWord, isSpace, quoteWord, WordReader } from "./ts_vector.ts";

/** The greatest distance of a phrase. */
export const DISTANCE_MAX = 16_384;

/** How deep queries may be nested. */
const DEPTH_MAX = 1000;

/** A word that is looked for. */
export interface QueryWord {
  readonly kind: "word";
  readonly word: string;
  /** Whether words that begin so are meant too. */
  readonly prefix: boolean;
  /** The weights that count, a bit each (D is the lowest); 0: all. */
  readonly weights: number;
}

/** Two parts. */
export interface QueryPair {
  readonly kind: "and" | "or" | "phrase";
  readonly left: QueryNode;
  readonly right: QueryNode;
  /** How far the right part stands behind the left one, in a phrase. */
  readonly distance: number;
}

/** A part of a query. */
export type QueryNode =
  | QueryWord
  | QueryPair
  | { readonly kind: "not"; readonly operand: QueryNode };

const PRIORITY = { or: 1, and: 2, phrase: 3, not: 4, word: 5 } as const;

function weightLetters({ prefix, weights }: QueryWord): string {
  const letters = ["A", "B", "C", "D"]
    .filter((_, i) => (weights & 8 >> i) !== 0).join("");
  const marks = (prefix ? "*" : "") + letters;
  return marks === "" ? "" : `:${marks}`;
}

/** The text of a query; `undefined`: the empty one. */
export function formatTsQuery(node: QueryNode | undefined): string {
  return node === undefined ? "" : infix(node, 0, false);
}

function infix(
  node: QueryNode,
  parent: number,
  rightOfPhrase: boolean,
): string {
  if (node.kind === "word") return quoteWord(node.word) + weightLetters(node);
  const priority = PRIORITY[node.kind];
  if (node.kind === "not") {
    const text = `!${infix(node.operand, priority, false)}`;
    return priority < parent ? `( ${text} )` : text;
  }
  const isPhrase = node.kind === "phrase";
  const left = infix(node.left, priority, false);
  const right = infix(node.right, priority, isPhrase);
  const operator = node.kind === "and"
    ? "&"
    : node.kind === "or"
    ? "|"
    : node.distance === 1
    ? "<->"
    : `<${node.distance}>`;
  const text = `${left} ${operator} ${right}`;
  return priority < parent || (rightOfPhrase && isPhrase)
    ? `( ${text} )`
    : text;
}

/** An operator on its way to its operands. */
interface Operator {
  readonly kind: "and" | "or" | "phrase" | "not";
  readonly distance: number;
}

/**
 * A place in a query that a stop word left: it takes part in the distances of
 * phrases until {@linkcode withoutStops} takes it out.
 */
export type OpenNode =
  | QueryWord
  | { readonly kind: "stop" }
  | { readonly kind: "not"; readonly operand: OpenNode }
  | {
    readonly kind: QueryPair["kind"];
    readonly left: OpenNode;
    readonly right: OpenNode;
    readonly distance: number;
  };

/** What makes a part of a query of the text of an operand. */
export type MakeOperand = (
  text: string,
  weights: number,
  prefix: boolean,
) => OpenNode;

/** Puts operands and operators together by precedence. */
class TreeBuilder {
  readonly #operands: OpenNode[] = [];
  readonly #operators: Operator[] = [];

  operand(node: OpenNode): void {
    this.#operands.push(node);
  }

  operator(operator: Operator): void {
    while (this.#operators.length > 0) {
      const top = this.#operators.at(-1)!;
      const own = PRIORITY[operator.kind];
      const other = PRIORITY[top.kind];
      if (own > other || (operator.kind === "not" && own >= other)) break;
      this.#reduce();
    }
    this.#operators.push(operator);
  }

  /** The whole; `undefined` where an operand is missing. */
  finish(): OpenNode | undefined {
    while (this.#operators.length > 0) this.#reduce();
    return this.#operands.pop();
  }

  #reduce(): void {
    const { kind, distance } = this.#operators.pop()!;
    const right = this.#operands.pop()!;
    if (kind === "not") {
      this.#operands.push({ kind, operand: right });
      return;
    }
    const left = this.#operands.pop()!;
    this.#operands.push({ kind, left, right, distance });
  }
}

/** Reads the text form of a query, as `tsquery` and `to_tsquery` have it. */
class QueryReader {
  readonly #text: string;
  readonly #make: MakeOperand;
  #at = 0;

  constructor(text: string, make: MakeOperand) {
    this.#text = text;
    this.#make = make;
  }

  #syntax(): SqlError {
    return new SqlError("42601", `syntax error in tsquery: "${this.#text}"`);
  }

  #skip(): string | undefined {
    while (isSpace(this.#text[this.#at])) this.#at++;
    return this.#text[this.#at];
  }

  read(): OpenNode | undefined {
    if (this.#skip() === undefined) return undefined;
    return this.#expression(0);
  }

  #expression(depth: number): OpenNode {
    if (depth > DEPTH_MAX) {
      throw new SqlError("54001", "stack depth limit exceeded");
    }
    const tree = new TreeBuilder();
    for (;;) {
      this.#operand(tree, depth);
      const mark = this.#skip();
      if (mark === undefined) {
        if (depth > 0) throw this.#syntax();
        return tree.finish()!;
      }
      if (mark === ")") {
        if (depth === 0) throw this.#syntax();
        this.#at++;
        return tree.finish()!;
      }
      tree.operator(this.#operator(mark));
    }
  }

  #operand(tree: TreeBuilder, depth: number): void {
    for (;;) {
      const mark = this.#skip();
      if (mark === undefined) {
        throw new SqlError(
          "42601",
          `no operand in tsquery: "${this.#text}"`,
        );
      }
      if (mark === ":") throw this.#syntax();
      if (mark === "!") {
        tree.operator({ kind: "not", distance: 0 });
        this.#at++;
        continue;
      }
      if (mark === "(") {
        this.#at++;
        tree.operand(this.#expression(depth + 1));
        return;
      }
      const reader = new WordReader(this.#text, this.#at, "query");
      const word = reader.word()!;
      this.#at = reader.at;
      tree.operand(this.#make(word, ...this.#modifiers()));
      return;
    }
  }

  /** `:*AB` */
  #modifiers(): [weights: number, prefix: boolean] {
    let weights = 0;
    let prefix = false;
    if (this.#text[this.#at] !== ":") return [weights, prefix];
    for (;;) {
      const mark = (this.#text[++this.#at] ?? "").toLowerCase();
      const weight = mark === "" ? -1 : "dcba".indexOf(mark);
      if (mark === "*") prefix = true;
      else if (weight >= 0) weights |= 1 << weight;
      else return [weights, prefix];
    }
  }

  #operator(mark: string): Operator {
    if (mark === "&" || mark === "|") {
      this.#at++;
      return { kind: mark === "&" ? "and" : "or", distance: 0 };
    }
    const match = /^<(?:-|(\d+))>/.exec(
      this.#text.slice(this.#at, this.#at + 30),
    );
    if (match === null) throw this.#syntax();
    this.#at += match[0].length;
    const distance = Number(match[1] ?? 1);
    checkDistance(distance);
    return { kind: "phrase", distance };
  }
}

/** `22023`: a distance that no phrase has. */
export function checkDistance(distance: number): void {
  if (distance >= 0 && distance <= DISTANCE_MAX) return;
  throw new SqlError(
    "22023",
    `distance in phrase operator must be an integer value between zero and ${DISTANCE_MAX} inclusive`,
  );
}

/** The tree of a text, each operand made by `make`; `undefined`: empty. */
export function readQuery(
  text: string,
  make: MakeOperand,
): OpenNode | undefined {
  return new QueryReader(text, make).read();
}

/** The tree of a query as one types it into a search engine. */
export function readWebQuery(
  text: string,
  make: MakeOperand,
): OpenNode | undefined {
  const tree = new TreeBuilder();
  let at = 0;
  let wants = true;
  let isFirst = true;
  while (at < text.length) {
    const mark = text[at]!;
    if (isSpace(mark)) at++;
    else if (!wants) {
      const isOr = /^or(?![\p{L}\p{N}_-])\s*\S/iu.test(text.slice(at));
      tree.operator({ kind: isOr ? "or" : "and", distance: 0 });
      if (isOr) at += 2;
      wants = true;
    } else if (mark === "-") {
      tree.operator({ kind: "not", distance: 0 });
      at++;
      isFirst = false;
    } else if (mark === '"') {
      const end = text.indexOf('"', at + 1);
      const stop = end < 0 ? text.length : end;
      tree.operand(make(text.slice(at + 1, stop), 0, false));
      at = stop + 1;
      wants = isFirst = false;
    } else if ("!&|()<".includes(mark)) {
      at++;
      isFirst = false;
    } else {
      const reader = new WordReader(text, at, "web");
      tree.operand(make(reader.word()!, 0, false));
      at = reader.at;
      wants = isFirst = false;
    }
  }
  if (wants && isFirst) return undefined;
  if (wants) tree.operand({ kind: "stop" });
  return tree.finish();
}

/** What is left of a part without its stop words, and what they held open. */
interface Cleaned {
  readonly node: QueryNode | undefined;
  readonly before: number;
  readonly after: number;
}

/** The query without its stop words; phrases keep the distances they made. */
export function withoutStops(node: OpenNode): QueryNode | undefined {
  return clean(node).node;
}

function clean(node: OpenNode): Cleaned {
  if (node.kind === "word") return { node, before: 0, after: 0 };
  if (node.kind === "stop") return { node: undefined, before: 0, after: 0 };
  if (node.kind === "not") {
    const inner = clean(node.operand);
    return inner.node === undefined
      ? inner
      : { ...inner, node: { kind: "not", operand: inner.node } };
  }
  return cleanPair(node.kind, node.distance, node.left, node.right);
}

function cleanPair(
  kind: QueryPair["kind"],
  distance: number,
  leftNode: OpenNode,
  rightNode: OpenNode,
): Cleaned {
  const left = clean(leftNode);
  const right = clean(rightNode);
  const isPhrase = kind === "phrase";
  if (left.node === undefined && right.node === undefined) {
    const width = isPhrase
      ? left.before + distance + right.before
      : Math.max(left.before, right.before);
    return { node: undefined, before: width, after: width };
  }
  if (left.node === undefined) {
    return {
      node: right.node,
      before: isPhrase ? left.before + distance + right.before : right.before,
      after: right.after,
    };
  }
  if (right.node === undefined) {
    return {
      node: left.node,
      before: left.before,
      after: isPhrase ? left.after + distance + right.after : left.after,
    };
  }
  const pair: QueryPair = {
    kind,
    left: left.node,
    right: right.node,
    distance: isPhrase ? distance + left.after + right.before : 0,
  };
  return isPhrase
    ? { node: pair, before: left.before, after: right.after }
    : { node: pair, before: 0, after: 0 };
}

const plainOperand: MakeOperand = (word, weights, prefix) => {
  checkWord(word);
  return { kind: "word", word, weights, prefix };
};

const CACHED_MAX = 64;
const cache = new Map<string, QueryNode | undefined>();

/** The tree of a text as `tsquery` reads it; those asked for last are kept. */
export function parseTsQuery(text: string): QueryNode | undefined {
  if (cache.has(text)) return cache.get(text);
  const node = readQuery(text, plainOperand) as QueryNode | undefined;
  if (cache.size >= CACHED_MAX) cache.clear();
  cache.set(text, node);
  return node;
}

/** All words of a query. */
export function wordsOf(node: QueryNode | undefined): QueryWord[] {
  if (node === undefined) return [];
  if (node.kind === "word") return [node];
  if (node.kind === "not") return wordsOf(node.operand);
  return [...wordsOf(node.left), ...wordsOf(node.right)];
}

/** How many words and operators there are. */
export function nodeCount(node: QueryNode | undefined): number {
  if (node === undefined) return 0;
  if (node.kind === "word") return 1;
  if (node.kind === "not") return 1 + nodeCount(node.operand);
  return 1 + nodeCount(node.left) + nodeCount(node.right);
}
