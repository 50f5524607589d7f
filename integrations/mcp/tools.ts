/**
 * The tools: what an agent can do with a database.
 *
 * Statements that only read run in a read-only transaction, and are queries by
 * their first word: COPY to a file reads too. Rows are cut off by number and by
 * bytes, and the answer says so.
 *
 * @module
 */
import {
  type Database,
  type QueryOptions,
  type Row,
  SqlError,
} from "../../mod.ts";

/** What tools may do, and how much they give. */
export interface McpToolOptions {
  /** Whether statements may change the database (default false). */
  readonly write?: boolean | undefined;
  /** Rows of an answer at most (default 200). */
  readonly rowsMax?: number | undefined;
  /** Characters of an answer at most, about (default 100,000). */
  readonly textMax?: number | undefined;
  /** How long a statement may run (default 30,000). */
  readonly timeoutMs?: number | undefined;
}

/** The options, each with its value. */
interface ToolLimits {
  readonly write: boolean;
  readonly rowsMax: number;
  readonly textMax: number;
  readonly timeoutMs: number;
}

/** Values given to a tool, by name. */
export type ToolArguments = Readonly<Record<string, unknown>>;

/** What a tool is called with. */
interface ToolCall {
  readonly db: Database;
  readonly given: ToolArguments;
  readonly options: ToolLimits;
  readonly signal: AbortSignal | undefined;
}

/** A tool. */
export interface McpTool {
  readonly description: string;
  /** JSON Schema of its arguments. */
  readonly properties: Readonly<Record<string, object>>;
  readonly required: readonly string[];
  readonly run: (call: ToolCall) => Promise<unknown>;
}

/** Values as JSON can have them. */
const FORMS: QueryOptions = {
  types: { int8: "string", vector: "text", bytea: "hex" },
  parsers: { 20: (text) => exactNumber(text), 1186: (text) => text },
};

const READS = /^(?:select|with|values|table|show|explain)\b/i;

/** Shown of a table. */
const COLUMNS = `SELECT a.attname AS name,
    format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
    pg_get_expr(d.adbin, d.adrelid) AS "default",
    col_description(a.attrelid, a.attnum) AS comment
  FROM pg_attribute a
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
  ORDER BY a.attnum`;

/** The tools by their names. */
export const TOOLS: Readonly<Record<string, McpTool>> = {
  "list_tables": {
    description: "Lists tables and views, with about how many rows they have.",
    properties: {},
    required: [],
    run: async ({ db, signal }) => {
      const { rows } = await db.query(
        `SELECT n.nspname AS schema, c.relname AS name,
           CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
             ELSE 'table' END AS kind,
           CASE WHEN c.relkind <> 'v' THEN c.reltuples::float8 END AS rows,
           obj_description(c.oid, 'pg_class') AS comment
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p', 'v', 'm')
           AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
         ORDER BY 1, 2`,
        [],
        { ...FORMS, signal },
      );
      return { tables: rows };
    },
  },
  "describe_table": {
    description: "Says which columns, indexes and constraints a table has.",
    properties: {
      table: {
        type: "string",
        description: "Its name, with a schema if needed",
      },
    },
    required: ["table"],
    run: async ({ db, given, signal }) => {
      const { id, name } = await tableNamed(db, textOf(given, "table"));
      const options = { ...FORMS, signal };
      const [columns, indexes, constraints] = await Promise.all([
        db.query(COLUMNS, [id], options),
        db.query(
          `SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index
           WHERE indrelid = $1 ORDER BY indexrelid`,
          [id],
          options,
        ),
        db.query(
          `SELECT conname AS name, pg_get_constraintdef(oid) AS definition
           FROM pg_constraint WHERE conrelid = $1 ORDER BY conname`,
          [id],
          options,
        ),
      ]);
      return {
        table: name,
        columns: columns.rows,
        indexes: indexes.rows.map(({ definition }) => definition),
        constraints: constraints.rows,
      };
    },
  },
  query: {
    description: "Runs one statement of PostgreSQL's SQL and gives its rows.",
    properties: {
      sql: {
        type: "string",
        description: "The statement, with $1, $2 … for values",
      },
      parameters: { type: "array", description: "The values of $1, $2 …" },
    },
    required: ["sql"],
    run: (call) => {
      const { given } = call;
      const parameters = given["parameters"] ?? [];
      if (!Array.isArray(parameters)) throw wrong("parameters", "a list");
      return runStatement(call, textOf(given, "sql"), parameters);
    },
  },
  search: {
    description:
      "Finds the rows of a table nearest to a vector, or those whose text has the words.",
    properties: {
      table: { type: "string" },
      column: { type: "string", description: "A vector's column, or a text's" },
      vector: { type: "array", items: { type: "number" } },
      text: { type: "string", description: "Words, as a web search has them" },
      metric: {
        type: "string",
        enum: ["cosine", "euclidean", "dot"],
      },
      limit: { type: "integer", minimum: 1 },
    },
    required: ["table", "column"],
    run: (call) => search(call),
  },
};

const METRICS: Readonly<Record<string, string>> = {
  cosine: "<=>",
  euclidean: "<->",
  dot: "<#>",
};

async function search(call: ToolCall): Promise<unknown> {
  const { db, given, options } = call;
  const { id, name } = await tableNamed(db, textOf(given, "table"));
  const { rows } = await db.query<{ quoted: string; attname: string }>(
    `SELECT quote_ident(attname) AS quoted, attname FROM pg_attribute
     WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [id],
  );
  const wanted = textOf(given, "column");
  const column = rows.find(({ attname }) => attname === wanted)?.quoted;
  if (column === undefined) {
    throw new SqlError("42703", `column "${wanted}" does not exist`);
  }
  const limit = given["limit"] ?? 10;
  if (!Number.isInteger(limit) || (limit as number) < 1) {
    throw wrong("limit", "a number from 1 on");
  }
  const count = Math.min(limit as number, options.rowsMax);
  const { vector, text, metric = "cosine" } = given;
  if ((vector === undefined) === (text === undefined)) {
    throw new SqlError("22023", 'give one of "vector" and "text"');
  }
  if (vector !== undefined) {
    const operator = Object.hasOwn(METRICS, String(metric))
      ? METRICS[String(metric)]
      : undefined;
    if (operator === undefined) throw wrong("metric", "one of the metrics");
    const others = rows.filter(({ attname }) => attname !== wanted)
      .map(({ quoted }) => `${quoted}, `).join("");
    return await runStatement(
      call,
      `SELECT ${others}${column} ${operator} $1 AS distance FROM ${name}
       ORDER BY ${column} ${operator} $1 LIMIT $2`,
      [vector, count],
    );
  }
  return await runStatement(
    call,
    `SELECT t.*, ts_rank(to_tsvector(${column}::text), q) AS rank
     FROM ${name} t, websearch_to_tsquery($1) q
     WHERE to_tsvector(${column}::text) @@ q ORDER BY rank DESC LIMIT $2`,
    [textOf(given, "text"), count],
  );
}

/** Runs a statement; its rows as far as there is room for them. */
async function runStatement(
  { db, options, signal }: ToolCall,
  sql: string,
  parameters: readonly unknown[],
): Promise<unknown> {
  const { write, rowsMax, textMax, timeoutMs } = options;
  if (!write && !READS.test(bare(sql))) {
    throw new SqlError(
      "25006",
      "only queries are allowed: the server is read-only",
    );
  }
  return await db.transaction(async (tx) => {
    await tx.query("SELECT set_config('statement_timeout', $1, true)", [
      String(timeoutMs),
    ]);
    const given = { ...FORMS, signal };
    if (!READS.test(bare(sql))) {
      const { rows, affectedRows, command } = await tx.query(
        sql,
        parameters,
        given,
      );
      return { command, affectedRows, rows: rows.slice(0, rowsMax) };
    }
    const rows: Row[] = [];
    let room = textMax;
    for await (const row of tx.stream(sql, parameters, given)) {
      room -= JSON.stringify(row).length;
      if (rows.length >= rowsMax || (room < 0 && rows.length > 0)) {
        return { rows, truncated: true };
      }
      rows.push(row);
    }
    return { rows };
  }, { readOnly: !write });
}

/** A statement without the comments and parentheses before it. */
function bare(sql: string): string {
  return sql.replace(/^(?:\s+|\(|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)+/, "");
}

async function tableNamed(
  db: Database,
  text: string,
): Promise<{ id: number; name: string }> {
  const find = async (given: string): Promise<{ id: number; name: string }[]> =>
    (await db.query<{ id: number; name: string }>(
      `SELECT c.oid AS id,
         quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.oid = to_regclass($1)`,
      [given],
    )).rows;
  const [entry] = [
    ...await find(text).catch(() => []),
    ...await find(`"${text.replaceAll('"', '""')}"`),
  ];
  if (entry !== undefined) return entry;
  throw new SqlError("42P01", `relation "${text}" does not exist`);
}

function textOf(given: ToolArguments, name: string): string {
  const value = given[name];
  if (typeof value === "string" && value !== "") return value;
  throw wrong(name, "a text");
}

function wrong(name: string, want: string): SqlError {
  return new SqlError("22023", `"${name}" must be ${want}`);
}

/** A number where it is exact, else its text. */
function exactNumber(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}
