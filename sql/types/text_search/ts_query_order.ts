/**
 * The order of `tsquery`, which is PostgreSQL's: by number of words and
 * operators, by size, then node by node, a word by a checksum before it is
 * compared as text. Weights and prefixes do not count.
 *
 * @module
 */
import { utf8Encode } from "../../../base/bytes.ts";
import { compareText } from "../text_order.ts";
import {
  formatTsQuery,
  nodeCount,
  parseTsQuery,
  type QueryNode,
  wordsOf,
} from "./ts_query.ts";

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) {
    value = (value & 1) !== 0 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return value;
});

/** PostgreSQL's old checksum: the table of CRC-32, used the wrong way round. */
function checksum(word: string): number {
  let crc = -1;
  for (const byte of utf8Encode(word)) {
    crc = TABLE[((crc >>> 24) ^ byte) & 0xff]! ^ (crc << 8);
  }
  return ~crc;
}

const OPERATORS = { not: 1, and: 2, or: 3, phrase: 4, word: 0 } as const;

/** Negative, zero, positive. */
export function compareTsQueries(left: string, right: string): number {
  if (left === right) return 0;
  const a = parseTsQuery(left);
  const b = parseTsQuery(right);
  const bySize = nodeCount(a) - nodeCount(b) || roomOf(a) - roomOf(b);
  if (bySize !== 0 || a === undefined || b === undefined) return bySize;
  return compareNodes(a, b);
}

function roomOf(node: QueryNode | undefined): number {
  return wordsOf(node).reduce(
    (sum, { word }) => sum + utf8Encode(word).length + 1,
    0,
  );
}

function compareNodes(a: QueryNode, b: QueryNode): number {
  if (a.kind === "word" && b.kind === "word") {
    const order = checksum(b.word) - checksum(a.word);
    return order || compareText(a.word, b.word);
  }
  const byKind = OPERATORS[b.kind] - OPERATORS[a.kind];
  if (byKind !== 0 || a.kind === "word" || b.kind === "word") return byKind;
  if (a.kind === "not" || b.kind === "not") {
    return a.kind === "not" && b.kind === "not"
      ? compareNodes(a.operand, b.operand)
      : 0;
  }
  return compareNodes(a.right, b.right) || compareNodes(a.left, b.left) ||
    b.distance - a.distance;
}

/** A text that equal queries share. */
export function hashOfTsQuery(value: string): string {
  const node = parseTsQuery(value);
  return node === undefined ? "" : formatTsQuery(bare(node));
}

function bare(node: QueryNode): QueryNode {
  if (node.kind === "word") return { ...node, prefix: false, weights: 0 };
  if (node.kind === "not") return { ...node, operand: bare(node.operand) };
  return { ...node, left: bare(node.left), right: bare(node.right) };
}
