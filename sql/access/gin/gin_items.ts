/**
 * Items: the parts of values that an inverted index finds them by.
 *
 * | byte | item |
 * | ---: | --- |
 * |    0 | there is nothing in the value |
 * |    1 | an array has a NULL |
 * |    2 | an element of an array; a key of an object, or a string in an array; a word |
 * |    3 | a scalar of a `jsonb` that is no such string |
 * |    4 | a scalar of a `jsonb` with the keys above it, as a hash |
 *
 * then the bytes of the item itself; long ones as a hash: rows that are found
 * are looked at again anyway.
 *
 * @module
 */
import { ByteWriter, utf8Encode } from "../../../base/bytes.ts";
import { crc32c } from "../../../base/checksum.ts";
import { keyFormOf, writeKeyValue } from "../../encoding/key_bytes.ts";
import { trigramsOf } from "../../functions/extensions/pg_trgm/trigrams.ts";
import type { ArrayValue, DataType, SqlValue } from "../../types/data_type.ts";
import { pairsOf } from "../../types/extensions/hstore_value.ts";
import {
  hashFormOfJson,
  isArray,
  type JsonNode,
  JsonNumber,
  JsonObject,
} from "../../types/json_tree.ts";
import { lexemesOf } from "../../types/text_search/ts_vector.ts";

/** The longest item that is kept as it is. */
const ITEM_BYTES_MAX = 100;

const NOTHING = 0;
const NULL_ELEMENT = 1;
const KEY = 2;
const SCALAR = 3;
const PATH = 4;

/** An item, its kind first. */
export type Item = Uint8Array;

/** The item of values that have none. */
export const EMPTY_ITEM: Item = Uint8Array.of(NOTHING);
/** The item of arrays that have a NULL. */
export const NULL_ITEM: Item = Uint8Array.of(NULL_ELEMENT);

function item(kind: number, bytes: Uint8Array): Item {
  const isLong = bytes.length > ITEM_BYTES_MAX;
  const result = new Uint8Array(isLong ? 10 : 1 + bytes.length);
  result[0] = kind;
  if (!isLong) {
    result.set(bytes, 1);
    return result;
  }
  const view = new DataView(result.buffer);
  view.setUint32(1, crc32c(bytes));
  view.setUint32(5, bytes.length);
  // No short item of the kind ends like this and is as long.
  result[9] = 255;
  return result;
}

/** Items by their bytes: none twice. */
class ItemSet {
  readonly #items = new Map<string, Item>();

  add(each: Item): void {
    this.#items.set(String.fromCharCode(...each), each);
  }

  get items(): Item[] {
    return [...this.#items.values()];
  }
}

/** The items of an array, and whether it has a NULL. */
export function arrayItems(value: SqlValue, type: DataType): Item[] {
  const set = new ItemSet();
  const form = keyFormOf(type.element!);
  for (const element of (value as ArrayValue).elements) {
    if (element === null) {
      set.add(NULL_ITEM);
      continue;
    }
    const writer = new ByteWriter(32);
    writeKeyValue(writer, form, element);
    set.add(item(KEY, writer.toBytes()));
  }
  return set.items;
}

/** The item of a key. */
export function keyItem(key: string): Item {
  return item(KEY, utf8Encode(key));
}

/** The item of a key of an `hstore`. */
export function pairKeyItem(key: string): Item {
  return keyItem(`k${key}`);
}

/** The items of the keys of an `hstore`, and of its pairs. */
export function pairItems(value: string): Item[] {
  const items: Item[] = [];
  for (const [key, text] of pairsOf(value)) {
    items.push(pairKeyItem(key));
    items.push(
      keyItem(text === null ? `n${key}` : `v${key.length}:${key}${text}`),
    );
  }
  return items;
}

/** The words of a document. */
export function wordItems(value: SqlValue): Item[] {
  return lexemesOf(value as string).map(({ word }) => keyItem(word));
}

/** The trigrams of a text. */
export function trigramItems(value: string): Item[] {
  return [...trigramsOf(value)].map(keyItem);
}

/** The keys and scalars of a `jsonb`. */
export function jsonItems(root: JsonNode): Item[] {
  const set = new ItemSet();
  const visit = (node: JsonNode, inObject: boolean): void => {
    if (node instanceof JsonObject) {
      node.keys.forEach((key, i) => {
        set.add(keyItem(key));
        visit(node.values[i]!, true);
      });
    } else if (isArray(node)) {
      for (const element of node) visit(element, false);
    } else if (typeof node === "string" && !inObject) {
      set.add(keyItem(node));
    } else set.add(scalarItem(node));
  };
  visit(root, false);
  return set.items;
}

/** The item of a scalar as the value of a key. */
export function scalarItem(node: JsonNode): Item {
  return item(SCALAR, utf8Encode(hashFormOfJson(node)));
}

/** The scalars of a `jsonb` with the keys above each. */
export function jsonPathItems(root: JsonNode): Item[] {
  const set = new ItemSet();
  const visit = (node: JsonNode, path: string): void => {
    if (node instanceof JsonObject) {
      node.keys.forEach((key, i) =>
        visit(node.values[i]!, `${path}${key.length}:${key}`)
      );
    } else if (isArray(node)) {
      for (const element of node) visit(element, path);
    } else set.add(pathItem(path, node));
  };
  visit(root, "");
  return set.items;
}

function pathItem(path: string, node: JsonNode): Item {
  const kind = node instanceof JsonNumber ? "n" : typeof node;
  const bytes = utf8Encode(`${path}=${kind}${hashFormOfJson(node)}`);
  const hash = new Uint8Array(4);
  new DataView(hash.buffer).setUint32(0, crc32c(bytes));
  return item(PATH, hash);
}
