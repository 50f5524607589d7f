/**
 * `tsvector` and `tsquery` in their binary form.
 *
 * A vector: 4 bytes for the number of words, then each word ended by a zero, 2
 * bytes for the number of its places, 2 bytes a place (weight and position). A
 * query: 4 bytes for the number of nodes, then the nodes, each operator before
 * its operands, the right one first.
 *
 * | node | bytes |
 * | --- | --- |
 * | a word | 1, weights, whether it is a prefix, the word, 0 |
 * | an operator | 2, then 1 not, 2 and, 3 or, 4 phrase; for a phrase 2 bytes of distance |
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import {
  checkDistance,
  formatTsQuery,
  nodeCount,
  parseTsQuery,
  type QueryNode,
} from "../../types/text_search/ts_query.ts";
import {
  checkWord,
  formatTsVector,
  type Lexeme,
  lexemesOf,
  sortLexemes,
} from "../../types/text_search/ts_vector.ts";
import type { BinaryReader, BinaryWriter } from "./binary_bytes.ts";

const OPERATORS = ["not", "and", "or", "phrase"] as const;

/** How deep queries may be nested. */
const DEPTH_MAX = 1000;

/** Writes a value by its text. */
export function writeBinarySearch(
  writer: BinaryWriter,
  name: "tsvector" | "tsquery",
  value: string,
): void {
  if (name === "tsvector") {
    const lexemes = lexemesOf(value);
    writer.i32(lexemes.length);
    for (const { word, places } of lexemes) {
      writer.zeroEnded(word);
      writer.i16(places.length);
      for (const place of places) writer.i16(place);
    }
    return;
  }
  const node = parseTsQuery(value);
  writer.i32(nodeCount(node));
  if (node !== undefined) writeNode(writer, node);
}

function writeNode(writer: BinaryWriter, node: QueryNode): void {
  if (node.kind === "word") {
    writer.u8(1);
    writer.u8(node.weights);
    writer.u8(node.prefix ? 1 : 0);
    writer.zeroEnded(node.word);
    return;
  }
  writer.u8(2);
  writer.u8(OPERATORS.indexOf(node.kind) + 1);
  if (node.kind === "not") return writeNode(writer, node.operand);
  if (node.kind === "phrase") writer.i16(node.distance);
  writeNode(writer, node.right);
  writeNode(writer, node.left);
}

/** Reads a value as its text. */
export function readBinarySearch(
  reader: BinaryReader,
  name: "tsvector" | "tsquery",
): string {
  const count = reader.i32();
  if (name === "tsquery") {
    return count === 0 ? "" : formatTsQuery(readNode(reader, 0));
  }
  // A word takes three bytes at least.
  if (count < 0 || count * 3 > reader.left) {
    throw new SqlError("XX000", "invalid size of tsvector");
  }
  const lexemes: Lexeme[] = [];
  for (let i = 0; i < count; i++) {
    const word = reader.zeroEnded();
    checkWord(word);
    const places: number[] = [];
    for (let left = reader.i16() & 0xffff; left > 0; left--) {
      places.push(reader.i16() & 0xffff);
    }
    lexemes.push({ word, places });
  }
  return formatTsVector(sortLexemes(lexemes));
}

function readNode(reader: BinaryReader, depth: number): QueryNode {
  if (depth > DEPTH_MAX) {
    throw new SqlError("54001", "stack depth limit exceeded");
  }
  const type = reader.u8();
  if (type === 1) {
    const weights = reader.u8();
    const prefix = reader.u8() !== 0;
    if (weights > 15) {
      throw new SqlError("XX000", "invalid tsquery: invalid weight bitmap");
    }
    const word = reader.zeroEnded();
    checkWord(word);
    return { kind: "word", word, prefix, weights };
  }
  const kind = OPERATORS[reader.u8() - 1];
  if (type !== 2 || kind === undefined) {
    throw new SqlError("XX000", `unrecognized tsquery node type: ${type}`);
  }
  if (kind === "not") return { kind, operand: readNode(reader, depth + 1) };
  const distance = kind === "phrase" ? reader.i16() & 0xffff : 0;
  checkDistance(distance);
  const right = readNode(reader, depth + 1);
  const left = readNode(reader, depth + 1);
  return { kind, left, right, distance };
}
