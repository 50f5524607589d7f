/**
 * JSON as a tree: what the text parser makes, what jsonb's operators walk, and
 * the canonical text that a jsonb value is kept as.
 *
 * Canonical text is PostgreSQL's: `{"a": 1, "bb": [1, 2]}`, the keys of an
 * object by length in bytes and then by bytes, of equal keys the last one, the
 * numbers as `numeric` prints them.
 *
 * @module
 */
import { utf8Encode } from "../../base/bytes.ts";
import { Numeric } from "./numeric.ts";
import { compareText } from "./text_order.ts";

/** A number, in the text of `numeric`. */
export class JsonNumber {
  /** The text. */
  readonly text: string;

  /** A number of that text. */
  constructor(text: string) {
    this.text = text;
  }

  /** The exact value. */
  get value(): Numeric {
    return Numeric.parse(this.text);
  }
}

/** An object: keys and values side by side, in order. */
export class JsonObject {
  /** The keys. */
  readonly keys: readonly string[];
  /** The values, by key. */
  readonly values: readonly JsonNode[];

  /** An object of keys that are in canonical order already. */
  constructor(keys: readonly string[], values: readonly JsonNode[]) {
    this.keys = keys;
    this.values = values;
  }

  /** The value of `key`. */
  get(key: string): JsonNode | undefined {
    const at = this.keys.indexOf(key);
    return at < 0 ? undefined : this.values[at];
  }
}

/** A JSON value. */
export type JsonNode =
  | null
  | boolean
  | string
  | JsonNumber
  | readonly JsonNode[]
  | JsonObject;

/** Whether the node is an array. */
export function isArray(node: JsonNode): node is readonly JsonNode[] {
  return Array.isArray(node);
}

/** The order of keys in an object: by bytes' number, then by bytes. */
function compareKeys(a: string, b: string): number {
  const byLength = byteLength(a) - byteLength(b);
  return byLength !== 0 ? byLength : compareText(a, b);
}

function byteLength(text: string): number {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 127) return utf8Encode(text).length;
  }
  return text.length;
}

/** An object in canonical order; of equal keys the last one stays. */
export function canonicalObject(
  keys: readonly string[],
  values: readonly JsonNode[],
): JsonObject {
  let sorted = true;
  for (let i = 1; i < keys.length && sorted; i++) {
    sorted = compareKeys(keys[i - 1]!, keys[i]!) < 0;
  }
  if (sorted) return new JsonObject(keys, values);
  const last = new Map<string, JsonNode>();
  for (let i = 0; i < keys.length; i++) last.set(keys[i]!, values[i]!);
  const order = [...last.keys()].sort(compareKeys);
  return new JsonObject(order, order.map((key) => last.get(key)!));
}

// deno-lint-ignore no-control-regex
const ESCAPED = /["\\\x00-\x1f]/;
// deno-lint-ignore no-control-regex
const EVERY_ESCAPED = /["\\\x00-\x1f]/g;

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** A string with its quotes and escapes. */
export function quoteJson(text: string): string {
  if (!ESCAPED.test(text)) return `"${text}"`;
  const escaped = text.replace(
    EVERY_ESCAPED,
    (character) =>
      SHORT_ESCAPES[character] ??
        `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${escaped}"`;
}

/** The canonical text. */
export function formatJson(node: JsonNode): string {
  if (node === null) return "null";
  if (typeof node === "boolean") return node ? "true" : "false";
  if (typeof node === "string") return quoteJson(node);
  if (node instanceof JsonNumber) return node.text;
  if (isArray(node)) return `[${node.map(formatJson).join(", ")}]`;
  let text = "{";
  for (let i = 0; i < node.keys.length; i++) {
    if (i > 0) text += ", ";
    text += `${quoteJson(node.keys[i]!)}: ${formatJson(node.values[i]!)}`;
  }
  return `${text}}`;
}

/** Null, string, number, boolean, array, object: in this order. */
function rankOf(node: JsonNode): number {
  if (node === null) return 0;
  if (typeof node === "string") return 1;
  if (node instanceof JsonNumber) return 2;
  if (typeof node === "boolean") return 3;
  return isArray(node) ? 4 : 5;
}

/**
 * The order of jsonb values. An empty array is less than any scalar, but only
 * on the outside: an oddity that PostgreSQL keeps, and so do we.
 */
export function compareJson(a: JsonNode, b: JsonNode): number {
  if (isArray(a) && a.length === 0 && rankOf(b) < 4) return -1;
  if (isArray(b) && b.length === 0 && rankOf(a) < 4) return 1;
  return compareNested(a, b);
}

function compareNested(a: JsonNode, b: JsonNode): number {
  const byRank = rankOf(a) - rankOf(b);
  if (byRank !== 0 || a === null || b === null) return byRank;
  if (typeof a === "string") return compareText(a, b as string);
  if (typeof a === "boolean") return Number(a) - Number(b);
  if (a instanceof JsonNumber) return a.value.compare((b as JsonNumber).value);
  if (isArray(a)) {
    const other = b as readonly JsonNode[];
    if (a.length !== other.length) return a.length - other.length;
    for (let i = 0; i < a.length; i++) {
      const order = compareNested(a[i]!, other[i]!);
      if (order !== 0) return order;
    }
    return 0;
  }
  return compareObjects(a, b as JsonObject);
}

function compareObjects(a: JsonObject, b: JsonObject): number {
  if (a.keys.length !== b.keys.length) return a.keys.length - b.keys.length;
  for (let i = 0; i < a.keys.length; i++) {
    const order = compareText(a.keys[i]!, b.keys[i]!) ||
      compareNested(a.values[i]!, b.values[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

/** The node with numbers in a form that equal numbers share. */
export function hashFormOfJson(node: JsonNode): string {
  if (node instanceof JsonNumber) return node.value.trimmed().toString();
  if (node === null || typeof node !== "object") return formatJson(node);
  if (isArray(node)) return `[${node.map(hashFormOfJson).join(",")}]`;
  return `{${
    node.keys.map((key, i) =>
      `${quoteJson(key)}:${hashFormOfJson(node.values[i]!)}`
    ).join(",")
  }}`;
}
