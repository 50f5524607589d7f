/**
 * What a JSON document is made of, piece by piece: of `json` the pieces of its
 * text, in the order and as often as they are written; of `jsonb` canonical
 * ones.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import {
  elementSlices,
  memberSlices,
  type Slice,
  wholeSlice,
} from "../../types/json_slice.ts";
import { parseJson } from "../../types/json_text.ts";
import {
  formatJson,
  isArray,
  type JsonNode,
  JsonObject,
} from "../../types/json_tree.ts";
import { jsonb } from "../../types/json_types.ts";

/** A value in JSON: as JSON, and as text (`null`: JSON's null). */
export interface JsonPiece {
  readonly json: string;
  readonly text: string | null;
}

/** A member of an object. */
export interface Member {
  readonly key: string;
  readonly value: JsonPiece;
}

/** What a document is made of. */
export type Parts =
  | { readonly kind: "object"; readonly members: readonly Member[] }
  | { readonly kind: "array"; readonly elements: readonly JsonPiece[] }
  | { readonly kind: "scalar" };

/** A node as a piece. */
export function pieceOfNode(node: JsonNode): JsonPiece {
  return {
    json: formatJson(node),
    text: node === null
      ? null
      : typeof node === "string"
      ? node
      : formatJson(node),
  };
}

function pieceOfSlice(source: string, { start, end }: Slice): JsonPiece {
  const piece = source.slice(start, end);
  return {
    json: piece,
    text: piece === "null"
      ? null
      : piece.startsWith('"')
      ? parseJson(piece) as string
      : piece,
  };
}

function partsOfNode(node: JsonNode): Parts {
  if (isArray(node)) {
    return { kind: "array", elements: node.map(pieceOfNode) };
  }
  if (!(node instanceof JsonObject)) return { kind: "scalar" };
  const members = node.keys.map((key, i) => ({
    key,
    value: pieceOfNode(node.values[i]!),
  }));
  return { kind: "object", members };
}

function partsOfText(source: string): Parts {
  const whole = wholeSlice(source);
  const elements = elementSlices(source, whole);
  if (elements !== undefined) {
    return {
      kind: "array",
      elements: elements.map((slice) => pieceOfSlice(source, slice)),
    };
  }
  const members = memberSlices(source, whole);
  if (members === undefined) return { kind: "scalar" };
  return {
    kind: "object",
    members: members.map(({ key, value }) => ({
      key,
      value: pieceOfSlice(source, value),
    })),
  };
}

/** The parts of a document of the type `json` or `jsonb`. */
export function partsOf(type: DataType, document: Nullable): Parts {
  return type === jsonb
    ? partsOfNode(parseJson(document as string))
    : partsOfText(document as string);
}

/**
 * The members of each object in an array.
 *
 * @throws {SqlError} `22023` when it is something else; `name` is who asks.
 */
export function objectsOf(
  type: DataType,
  document: Nullable,
  name: string,
): readonly (readonly Member[])[] {
  const parts = partsOf(type, document);
  if (parts.kind !== "array") {
    const what = type === jsonb
      ? "a non-array"
      : parts.kind === "object"
      ? "an object"
      : "a scalar";
    throw new SqlError("22023", `cannot call ${name} on ${what}`);
  }
  return parts.elements.map((piece) => {
    const row = partsOf(type, piece.json);
    if (row.kind === "object") return row.members;
    throw new SqlError(
      "22023",
      `argument of ${name} must be an array of objects`,
    );
  });
}
