/**
 * PL/pgSQL: a text to its blocks. Declarations and blocks are read here,
 * statements in `parse_statement.ts`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { PlpgsqlReader } from "./parse_parts.ts";
import { parseStatement, takeScroll } from "./parse_statement.ts";
import type {
  PlpgsqlBlock,
  PlpgsqlDeclaration,
  PlpgsqlHandler,
  PlpgsqlStatement,
} from "./plpgsql_syntax.ts";
import { PlpgsqlTokens } from "./plpgsql_tokens.ts";
import { stackDepthError } from "../grammar.ts";

/** How deep blocks, loops and branches may stand in one another. */
const DEPTH_MAX = 200;

/**
 * The block that a text is.
 *
 * @throws {SqlError} `42601`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parsePlpgsql } from "./parse_plpgsql.ts";
 *
 * const block = parsePlpgsql("DECLARE a int := 1; BEGIN RETURN a; END");
 * assertEquals(block.declarations.length, 1);
 * assertEquals(block.body[0]?.kind, "return");
 * ```
 */
export function parsePlpgsql(text: string): PlpgsqlBlock {
  return new PlpgsqlParser(text).program();
}

class PlpgsqlParser implements PlpgsqlReader {
  readonly tokens: PlpgsqlTokens;
  #depth = 0;

  /** A parser of `text`. */
  constructor(text: string) {
    this.tokens = new PlpgsqlTokens(text);
  }

  /** The whole text. */
  program(): PlpgsqlBlock {
    const { tokens } = this;
    while (tokens.take("#")) {
      // #variable_conflict and its kin: a word, and a value.
      tokens.next();
      tokens.next();
    }
    const block = this.block(this.label());
    tokens.take(";");
    if (tokens.peek() !== undefined) throw tokens.error();
    return block;
  }

  /** `<<label>>` */
  label(): string | undefined {
    const { tokens } = this;
    if (!tokens.take("<", "<")) return undefined;
    const name = tokens.name();
    tokens.expect(">");
    tokens.expect(">");
    return name;
  }

  /** A block, after its label. */
  block(label: string | undefined): PlpgsqlBlock {
    const { tokens } = this;
    const declarations: PlpgsqlDeclaration[] = [];
    while (tokens.take("DECLARE")) {
      while (!tokens.is("BEGIN") && !tokens.is("DECLARE")) {
        declarations.push(this.#declaration());
      }
    }
    tokens.expect("BEGIN");
    const body = this.body("EXCEPTION", "END");
    const handlers: PlpgsqlHandler[] = [];
    if (tokens.take("EXCEPTION")) {
      while (tokens.is("WHEN")) handlers.push(this.#handler());
      if (handlers.length === 0) throw tokens.error();
    }
    tokens.expect("END");
    this.endLabel(label);
    return { kind: "block", label, declarations, body, handlers };
  }

  /** The label behind END. */
  endLabel(label: string | undefined): void {
    const { tokens } = this;
    const token = tokens.peek();
    if (token === undefined || token.text === ";") return;
    const name = tokens.name();
    if (name === label) return;
    throw new SqlError(
      "42601",
      label === undefined
        ? `end label "${name}" specified for unlabeled block`
        : `end label "${name}" differs from block's label "${label}"`,
    );
  }

  /** Statements up to one of some words. */
  body(...ends: readonly string[]): PlpgsqlStatement[] {
    if (++this.#depth > DEPTH_MAX) throw stackDepthError();
    const { tokens } = this;
    const statements: PlpgsqlStatement[] = [];
    while (!ends.some((end) => tokens.is(end))) {
      if (tokens.peek() === undefined) throw tokens.error();
      const statement = parseStatement(this);
      if (statement !== undefined) statements.push(statement);
    }
    this.#depth--;
    return statements;
  }

  #declaration(): PlpgsqlDeclaration {
    const { tokens } = this;
    const name = tokens.name();
    if (tokens.take("ALIAS", "FOR")) {
      const target = tokens.name();
      tokens.expect(";");
      return { kind: "alias", name, target };
    }
    const constant = tokens.take("CONSTANT");
    const scroll = takeScroll(tokens);
    if (tokens.take("CURSOR")) return this.#cursor(name, scroll);
    const type = tokens.until(
      "NOT NULL",
      ": =",
      "=",
      "DEFAULT",
      "COLLATE",
      ";",
    );
    if (tokens.take("COLLATE")) tokens.name();
    const notNull = tokens.take("NOT", "NULL");
    const hasDefault = tokens.take(":", "=") || tokens.take("=") ||
      tokens.take("DEFAULT");
    const value = hasDefault ? { text: tokens.until(";") } : undefined;
    tokens.expect(";");
    if (notNull && value === undefined) {
      throw new SqlError(
        "22004",
        `variable "${name}" must have a default value, since it's declared NOT NULL`,
      );
    }
    return { kind: "variable", name, type, constant, notNull, default: value };
  }

  #cursor(name: string, scroll: boolean | undefined): PlpgsqlDeclaration {
    const { tokens } = this;
    const parameters: { name: string; type: string }[] = [];
    if (tokens.take("(")) {
      do {
        const parameter = tokens.name();
        parameters.push({ name: parameter, type: tokens.until(",", ")") });
      } while (tokens.take(","));
      tokens.expect(")");
    }
    if (!tokens.take("FOR")) tokens.expect("IS");
    const query = { text: tokens.until(";") };
    tokens.expect(";");
    return { kind: "cursor", name, parameters, query, scroll };
  }

  #handler(): PlpgsqlHandler {
    const { tokens } = this;
    tokens.expect("WHEN");
    const conditions: PlpgsqlHandler["conditions"][number][] = [];
    do conditions.push(this.condition()); while (tokens.take("OR"));
    tokens.expect("THEN");
    return { conditions, body: this.body("WHEN", "END") };
  }

  /** The name of a condition, or SQLSTATE with a code. */
  condition(): PlpgsqlHandler["conditions"][number] {
    const { tokens } = this;
    if (!tokens.take("SQLSTATE")) return { kind: "name", name: tokens.name() };
    const code = tokens.string();
    if (/^[0-9A-Z]{5}$/.test(code)) return { kind: "sqlstate", code };
    throw new SqlError("42601", "invalid SQLSTATE code");
  }
}
