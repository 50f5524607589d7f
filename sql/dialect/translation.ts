/**
 * What all parts of a translation share: the dialect's rules, what was masked,
 * and how names are written.
 *
 * Names are told apart without regard to case in all these dialects (but for
 * Snowflake's quoted ones), so they are written in lower case, as PostgreSQL
 * folds them.
 *
 * @module
 */
import { quoteIdentifier, quoteLiteral } from "../parser/quote.ts";
import type { DialectRules } from "./dialect.ts";
import type { MaskedText } from "./masked_text.ts";
import { type TreeNode, unsupported } from "./tree_node.ts";

/** What a translation asks the catalog. */
export interface DialectCatalog {
  /**
   * The columns of a table, and those of each of its unique keys, the primary
   * key's first; `undefined` if there is no such table.
   */
  table(schema: string | undefined, name: string): {
    readonly columns: readonly string[];
    readonly keys: readonly (readonly string[])[];
  } | undefined;
}

/** What the parts of a translation are written by: they need each other. */
export interface Writers {
  /** An expression of any kind. */
  readonly expression: (node: TreeNode, translation: Translation) => string;
  /** A query. */
  readonly query: (node: TreeNode, translation: Translation) => string;
}

/** One statement's translation. */
export class Translation {
  /** The dialect. */
  readonly rules: DialectRules;
  /** What the tables are. */
  readonly catalog: DialectCatalog;
  readonly #masked: MaskedText;
  readonly #writers: Writers;
  #scope: string | undefined;

  /** A translation of `masked`. */
  constructor(
    rules: DialectRules,
    masked: MaskedText,
    catalog: DialectCatalog,
    writers: Writers,
  ) {
    this.rules = rules;
    this.#writers = writers;
    this.#masked = masked;
    this.catalog = catalog;
  }

  /** An expression in PostgreSQL's words. */
  expression(node: TreeNode): string {
    return this.#writers.expression(node, this);
  }

  /** A query in PostgreSQL's words. */
  query(node: TreeNode): string {
    return this.#writers.query(node, this);
  }

  /** Whether this is one of MySQL's kind. */
  get isMysql(): boolean {
    return this.rules.dialect === "mysql" || this.rules.dialect === "mariadb";
  }

  /** A name as the user wrote it, without quotes. */
  written(word: string): string {
    return this.#masked.quotedName(word) ?? word;
  }

  /** A name as the catalog has it. */
  plainName(word: string): string {
    const quoted = this.#masked.quotedName(word);
    const exact = quoted !== undefined && this.rules.quotedNames === "upper" &&
      quoted !== quoted.toUpperCase();
    return exact ? quoted : (quoted ?? word).toLowerCase();
  }

  /** A name for the statement. */
  name(word: string): string {
    return quoteIdentifier(this.plainName(word));
  }

  /** The characters of a text literal; `undefined` if it is none of ours. */
  textOf(masked: string): string | undefined {
    const literal = this.#masked.literal(masked);
    return literal?.kind === "text" ? literal.text : undefined;
  }

  /** A literal for the statement. */
  literal(masked: string): string {
    const literal = this.#masked.literal(masked);
    if (literal === undefined) return quoteLiteral(masked);
    const { kind, text } = literal;
    if (kind === "text") return quoteLiteral(text);
    if (kind === "bits") return `B${quoteLiteral(text)}`;
    return `${quoteLiteral(`\\x${text}`)}::bytea`;
  }

  /** A number or a parameter for the statement. */
  number(value: number | string): string {
    const parameter = this.#masked.parameter(Number(value));
    return parameter === undefined ? String(value) : `$${parameter}`;
  }

  /** The table that columns without one are of, if that must be said. */
  get scope(): string | undefined {
    return this.#scope;
  }

  /** Writes something where columns without a table are those of `table`. */
  inScopeOf<T>(table: TreeNode | undefined, write: () => T): T {
    const outer = this.#scope;
    if (table !== undefined) {
      this.#scope = quoteIdentifier(this.tableParts(table).name);
    }
    try {
      return write();
    } finally {
      this.#scope = outer;
    }
  }

  /** The name of a table for the statement: `db`, `table` of a node. */
  table(node: TreeNode): string {
    const { schema, name } = this.tableParts(node);
    return schema === undefined
      ? quoteIdentifier(name)
      : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
  }

  /** The schema and name of a table. */
  tableParts(node: TreeNode): {
    readonly schema: string | undefined;
    readonly name: string;
  } {
    // A path of three begins with the database, or the project: this one.
    node.raw("catalog");
    const parts = [node.text("db"), node.text("schema"), node.text("table")]
      .flatMap((part) => part?.split(".") ?? []);
    const name = parts.at(-1);
    if (name === undefined) throw unsupported("a table without a name");
    const schema = parts.length > 1 ? this.plainName(parts.at(-2)!) : undefined;
    const isOurs = schema === "dbo" || schema === "main";
    return {
      schema: isOurs ? undefined : schema,
      name: this.plainName(name),
    };
  }
}
