/**
 * Statements of other dialects in PostgreSQL's words.
 *
 * node-sql-parser parses; here its tree is written anew. Whatever of a tree has
 * no translation is an error that names it: nothing is passed over.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { writeDelete, writeInsert, writeUpdate } from "./change.ts";
import {
  writeAlter,
  writeCreate,
  writeDrop,
  writeTruncate,
} from "./definition.ts";
import { DIALECTS, type ForeignDialect, rulesOf } from "./dialect.ts";
import { writeExpression } from "./expression.ts";
import { MaskedText } from "./masked_text.ts";
import { writeQuery } from "./query.ts";
import {
  type DialectCatalog,
  Translation,
  type Writers,
} from "./translation.ts";
import { TreeNode, unsupported } from "./tree_node.ts";

const WRITERS: Writers = {
  expression: writeExpression,
  query: writeQuery,
};

/** The longest text that is translated, in UTF-16 code units. */
const TEXT_LENGTH_MAX = 1 << 20;

interface ParserModule {
  readonly Parser: new () => {
    astify(text: string, options: object): unknown;
  };
}

const PARSERS: Readonly<Record<ForeignDialect, () => Promise<unknown>>> = {
  mysql: () => import("node-sql-parser/build/mysql.js"),
  mariadb: () => import("node-sql-parser/build/mariadb.js"),
  sqlite: () => import("node-sql-parser/build/sqlite.js"),
  bigquery: () => import("node-sql-parser/build/bigquery.js"),
  snowflake: () => import("node-sql-parser/build/snowflake.js"),
  tsql: () => import("node-sql-parser/build/transactsql.js"),
};

const NAMES: Readonly<Record<ForeignDialect, string>> = {
  mysql: "mysql",
  mariadb: "mariadb",
  sqlite: "sqlite",
  bigquery: "bigquery",
  snowflake: "snowflake",
  tsql: "transactsql",
};

/**
 * The statements of `text`, each in PostgreSQL's words.
 *
 * @throws {SqlError} `22023` for an unknown dialect, `42601` for what its parser
 * does not take, `0A000` for what has no translation, `54000`.
 */
export async function translate(
  text: string,
  dialect: string,
  catalog: DialectCatalog,
): Promise<readonly string[]> {
  const rules = rulesOf(dialect);
  if (rules === undefined) {
    throw new SqlError("22023", `there is no dialect "${dialect}"`, {
      hint: `There are ${DIALECTS.join(", ")}`,
    });
  }
  if (text.length > TEXT_LENGTH_MAX) {
    throw new SqlError("54000", "the statement is too long to be translated");
  }
  const masked = new MaskedText(text, rules);
  const statements: string[] = [];
  // Texts and comments are masked: what is left ends statements.
  for (const part of masked.text.split(";")) {
    const simple = simpleStatement(part);
    if (simple !== undefined) {
      statements.push(...simple);
      continue;
    }
    const parsed = parseable(part, rules.dialect);
    for (const tree of await parse(parsed, rules.dialect, rules.title)) {
      const node = TreeNode.of(tree);
      if (node === undefined) continue;
      const translation = new Translation(rules, masked, catalog, WRITERS);
      statements.push(...writeStatement(node, translation));
    }
  }
  return statements;
}

/** Transactions, which not every parser knows. */
function simpleStatement(text: string): readonly string[] | undefined {
  const words = text.trim().replace(/\s+/g, " ").toUpperCase();
  if (words === "") return [];
  if (
    /^(BEGIN|START)( (DEFERRED|IMMEDIATE|EXCLUSIVE))?( TRAN(SACTION)?)?$/.test(
      words,
    )
  ) {
    return ["BEGIN"];
  }
  const end = /^(COMMIT|ROLLBACK|END)( (TRAN(SACTION)?|WORK))?$/.exec(words);
  if (end !== null) return [end[1] === "END" ? "COMMIT" : end[1]!];
  return undefined;
}

/** What the parser would misread, in a form that it does not. */
function parseable(text: string, dialect: ForeignDialect): string {
  // BigQuery's takes FROM for the table's name, and its name for an alias.
  if (dialect === "bigquery") {
    return text.replace(/^\s*DELETE\s+FROM\s/i, "DELETE ");
  }
  // Snowflake's wants the table in MySQL's place.
  return dialect === "snowflake"
    ? text.replace(/^\s*DELETE\s+FROM\s+([\w.]+)/i, "DELETE $1 FROM $1")
    : text;
}

async function parse(
  text: string,
  dialect: ForeignDialect,
  title: string,
): Promise<readonly unknown[]> {
  const module = await PARSERS[dialect]() as ParserModule & {
    readonly default?: ParserModule;
  };
  const { Parser } = module.default ?? module;
  try {
    const tree = new Parser().astify(text, { database: NAMES[dialect] });
    return Array.isArray(tree) ? tree : [tree];
  } catch (error) {
    const { location, found, name } = error as {
      readonly location?: { readonly start?: { readonly offset?: number } };
      readonly found?: unknown;
      readonly name?: unknown;
    };
    if (name !== "SyntaxError") {
      throw new SqlError("42601", `the statement is no ${title}`, {
        cause: error,
      });
    }
    const offset = location?.start?.offset ?? 0;
    const near = found === null || found === undefined
      ? "end of input"
      : `"${/^\w+|[^]?/.exec(text.slice(offset))![0]}"`;
    throw new SqlError("42601", `syntax error at or near ${near} (${title})`, {
      cause: error,
      hint: "The statement is read by node-sql-parser",
    });
  }
}

function writeStatement(
  node: TreeNode,
  translation: Translation,
): readonly string[] {
  const type = String(node.raw("type") ?? "a statement of this kind");
  switch (type) {
    case "select":
      return [writeQuery(node, translation, true)];
    case "insert":
    case "replace":
      return [writeInsert(node, translation)];
    case "update":
      return [writeUpdate(node, translation)];
    case "delete":
      return [writeDelete(node, translation)];
    case "create":
      return writeCreate(node, translation);
    case "alter":
      return writeAlter(node, translation);
    case "drop":
      return [writeDrop(node, translation)];
    case "truncate":
      return [writeTruncate(node, translation)];
    default:
      throw unsupported(type.toUpperCase());
  }
}
