/**
 * Whether a query holds, as PostgreSQL decides it (`TS_execute`).
 *
 * A part of a phrase matches at positions; negated, at all others. The width of
 * a part is how far its last word stands behind its first. Where a vector has no
 * positions, a phrase does not hold.
 *
 * @module
 */
import type {
  QueryNode,
  QueryPair,
  QueryWord,
} from "../../types/text_search/ts_query.ts";
import {
  type Lexeme,
  positionOf,
  weightOf,
} from "../../types/text_search/ts_vector.ts";
import { compareText } from "../../types/text_order.ts";

/** Where a word stands: positions in order, `"unknown"`, or nowhere. */
export type WordPositions = readonly number[] | "unknown" | undefined;

/** Finds a word of a query. */
export type FindWord = (word: QueryWord) => WordPositions;

/** Positions at which a part matches; negated, at which it does not. */
export interface Matches {
  readonly positions: readonly number[];
  readonly negated: boolean;
  readonly width: number;
}

const NOWHERE: Matches = { positions: [], negated: false, width: 0 };

/** Whether the query holds; `undefined`: it may. */
function holds(node: QueryNode, find: FindWord): boolean | undefined {
  switch (node.kind) {
    case "word": {
      const found = find(node);
      return found !== undefined;
    }
    case "not": {
      const inner = holds(node.operand, find);
      return inner === undefined ? undefined : !inner;
    }
    case "and": {
      const left = holds(node.left, find);
      if (left === false) return false;
      const right = holds(node.right, find);
      return right === true ? left : right;
    }
    case "or": {
      const left = holds(node.left, find);
      if (left === true) return true;
      const right = holds(node.right, find);
      return right === false ? left : right;
    }
    case "phrase": {
      const matches = matchesOf(node, find);
      if (matches === undefined) return false;
      return matches.negated || matches.positions.length > 0;
    }
  }
}

/** Whether a query holds where `find` finds its words. */
export function queryHolds(
  node: QueryNode | undefined,
  find: FindWord,
): boolean {
  return node !== undefined && holds(node, find) !== false;
}

/** Where a part of a phrase matches; `undefined`: positions are not known. */
export function matchesOf(
  node: QueryNode,
  find: FindWord,
): Matches | undefined {
  if (node.kind === "word") {
    const found = find(node);
    if (found === "unknown") return undefined;
    return { positions: found ?? [], negated: false, width: 0 };
  }
  if (node.kind === "not") {
    const inner = matchesOf(node.operand, find);
    return inner && { ...inner, negated: !inner.negated };
  }
  const left = matchesOf(node.left, find);
  if (left === undefined && node.kind !== "or") {
    const other = matchesOf(node.right, find);
    return other !== undefined && isNowhere(other) ? NOWHERE : undefined;
  }
  if (left !== undefined && node.kind !== "or" && isNowhere(left)) {
    return NOWHERE;
  }
  const right = matchesOf(node.right, find);
  if (left === undefined || right === undefined) return undefined;
  return node.kind === "or" ? either(left, right) : both(node, left, right);
}

function isNowhere({ positions, negated }: Matches): boolean {
  return !negated && positions.length === 0;
}

function both(node: QueryPair, left: Matches, right: Matches): Matches {
  if (isNowhere(right)) return NOWHERE;
  const isPhrase = node.kind === "phrase";
  const widest = Math.max(left.width, right.width);
  const width = isPhrase ? node.distance + left.width + right.width : widest;
  const leftShift = isPhrase
    ? node.distance + right.width
    : widest - left.width;
  const rightShift = isPhrase ? 0 : widest - right.width;
  const merge = (keep: Keep): readonly number[] =>
    merged(left.positions, right.positions, leftShift, rightShift, keep);
  if (left.negated && right.negated) {
    return { positions: merge(ALL), negated: true, width };
  }
  const keep = left.negated ? RIGHT : right.negated ? LEFT : COMMON;
  return { positions: merge(keep), negated: false, width };
}

function either(left: Matches, right: Matches): Matches {
  const leftWidth = isNowhere(left) ? 0 : left.width;
  const rightWidth = isNowhere(right) ? 0 : right.width;
  const width = Math.max(leftWidth, rightWidth);
  const merge = (keep: Keep): readonly number[] =>
    merged(
      left.positions,
      right.positions,
      width - leftWidth,
      width - rightWidth,
      keep,
    );
  if (left.negated && right.negated) {
    return { positions: merge(COMMON), negated: true, width };
  }
  if (left.negated) return { positions: merge(LEFT), negated: true, width };
  if (right.negated) return { positions: merge(RIGHT), negated: true, width };
  return { positions: merge(ALL), negated: false, width };
}

/** Which positions a merge keeps: those of one side alone, those of both. */
interface Keep {
  readonly left: boolean;
  readonly right: boolean;
  readonly common: boolean;
}

const ALL: Keep = { left: true, right: true, common: true };
const COMMON: Keep = { left: false, right: false, common: true };
const LEFT: Keep = { left: true, right: false, common: false };
const RIGHT: Keep = { left: false, right: true, common: false };

function merged(
  left: readonly number[],
  right: readonly number[],
  leftShift: number,
  rightShift: number,
  keep: Keep,
): number[] {
  const out: number[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    const a = i < left.length ? left[i]! + leftShift : Infinity;
    const b = j < right.length ? right[j]! + rightShift : Infinity;
    if (a === b ? keep.common : a < b ? keep.left : keep.right) {
      out.push(Math.min(a, b));
    }
    if (a <= b) i++;
    if (b <= a) j++;
  }
  return out;
}

/** The lexemes that a word of a query means: several under a prefix. */
export function findLexemes(
  lexemes: readonly Lexeme[],
  { word, prefix }: QueryWord,
): readonly Lexeme[] {
  let low = 0;
  let high = lexemes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareText(lexemes[middle]!.word, word) < 0) low = middle + 1;
    else high = middle;
  }
  if (!prefix) {
    return lexemes[low]?.word === word ? [lexemes[low]!] : [];
  }
  let end = low;
  while (end < lexemes.length && lexemes[end]!.word.startsWith(word)) end++;
  return lexemes.slice(low, end);
}

/** Finds words among the lexemes of a vector. */
export function findIn(lexemes: readonly Lexeme[]): FindWord {
  return (word) => {
    const found = findLexemes(lexemes, word);
    if (found.length === 0) return undefined;
    if (found.some(({ places }) => places.length === 0)) return "unknown";
    const positions = found.flatMap(({ places }) =>
      places.filter((place) =>
        word.weights === 0 || (word.weights & 1 << weightOf(place)) !== 0
      ).map(positionOf)
    );
    if (positions.length === 0) return undefined;
    return found.length === 1
      ? positions
      : [...new Set(positions)].sort((a, b) => a - b);
  };
}
