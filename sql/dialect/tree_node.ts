/**
 * A node of the parser's tree, read so that nothing of it is passed over: what a
 * translation has not asked for when it is done is an error that names it.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";

/** Where the parser puts what is not the statement's. */
const IGNORED = new Set([
  "loc",
  "tableList",
  "columnList",
  "parentheses",
  "parentheses_symbol",
  "surround",
  "notations",
]);

/** Whether a field says nothing. */
function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  if (Array.isArray(value)) return value.every(isEmpty);
  if (typeof value === "object") {
    return Object.entries(value).every(([key, field]) =>
      IGNORED.has(key) || isEmpty(field)
    );
  }
  return value === false;
}

/** One node. */
export class TreeNode {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();

  private constructor(fields: Readonly<Record<string, unknown>>) {
    this.#fields = fields;
  }

  /** The node of a value, if it is one. */
  static of(value: unknown): TreeNode | undefined {
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? new TreeNode(value as Record<string, unknown>)
      : undefined;
  }

  /** The field's value, as it is. */
  raw(key: string): unknown {
    this.#read.add(key);
    return this.#fields[key];
  }

  /** Whether the field says something; it is read by that. */
  has(key: string): boolean {
    return !isEmpty(this.raw(key));
  }

  /** A word or text; `undefined` if there is none. */
  text(key: string): string | undefined {
    const value = this.raw(key);
    return typeof value === "string" && value !== "" ? value : undefined;
  }

  /** A node; `undefined` if there is none, or it says nothing. */
  node(key: string): TreeNode | undefined {
    const value = this.raw(key);
    return isEmpty(value) ? undefined : TreeNode.of(value);
  }

  /** A node that must be there. @throws {SqlError} `0A000`. */
  need(key: string): TreeNode {
    const node = TreeNode.of(this.raw(key));
    if (node === undefined) throw unsupported(`a form without ${key}`);
    return node;
  }

  /** The nodes of a list; none if there is no list. */
  list(key: string): readonly TreeNode[] {
    const value = this.raw(key);
    if (isEmpty(value)) return [];
    if (!Array.isArray(value)) throw unsupported(`a form of ${key}`);
    return value.map((each) => {
      const node = TreeNode.of(each);
      if (node === undefined) throw unsupported(`a form of ${key}`);
      return node;
    });
  }

  /** The node without some fields. */
  without(...keys: readonly string[]): TreeNode {
    return new TreeNode(
      Object.fromEntries(
        Object.entries(this.#fields).filter(([key]) => !keys.includes(key)),
      ),
    );
  }

  /** Nothing of the node was passed over. @throws {SqlError} `0A000`. */
  done(): void {
    for (const [key, value] of Object.entries(this.#fields)) {
      if (this.#read.has(key) || key === "type" || IGNORED.has(key)) continue;
      if (isEmpty(value)) continue;
      throw unsupported(wordOf(key, value));
    }
  }
}

function wordOf(key: string, value: unknown): string {
  const { keyword, type } = (value ?? {}) as Record<string, unknown>;
  const word = [keyword, type, key].find((each) => typeof each === "string");
  return String(word).replaceAll("_", " ").toUpperCase();
}

/** What has no translation. */
export function unsupported(what: string): SqlError {
  return new SqlError("0A000", `${what} cannot be translated to PostgreSQL`, {
    hint: "Write the statement in PostgreSQL's words",
  });
}
