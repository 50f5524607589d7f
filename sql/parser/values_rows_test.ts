/**
 * Long VALUES lists: the fast path against the grammar.
 *
 * For random texts, most of them INSERTs with rows in all the forms that the
 * scanner knows and some it does not, the statements must be the same whether
 * the rows were cut out or not: same values, same offsets, same errors.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { SqlError } from "../errors/sql_error.ts";
import type {
  ConstantSyntax,
  Expression,
  TypeName,
} from "./expression_syntax.ts";
import { runGrammar } from "./grammar.ts";
import { narrowChange, narrowStatement } from "./narrow.ts";
import { narrowSelect } from "./narrow_query.ts";
import { loadParser, parse } from "./parser.ts";
import { Positions } from "./positions.ts";
import { RawReader } from "./raw_node.ts";
import type { InsertSyntax, ValuesBody } from "./syntax.ts";
import {
  CELL_DEFAULT,
  CELL_ESCAPED,
  CELL_FALSE,
  CELL_NEGATIVE,
  CELL_NULL,
  CELL_NUMBER,
  CELL_PARAMETER,
  CELL_STRING,
  CELL_TRUE,
  type TokenizedRows,
} from "./tokenized_rows.ts";
import { cellString, cutValuesRows } from "./values_rows.ts";

await loadParser();

const SEED = Number(Deno.env.get("SEED") ?? 4711);

/** The statements of `text`, by the grammar alone. */
function byGrammar(text: string): unknown {
  const { json, error } = runGrammar(text);
  if (error !== undefined) return error.message;
  const positions = new Positions(text);
  const { stmts } = JSON.parse(json!);
  try {
    return (stmts ?? []).map(({ stmt }: { stmt: Record<string, never> }) => {
      const [type] = Object.keys(stmt);
      const node = { type: type!, fields: stmt[type!]! };
      return narrowStatement(
        new RawReader(
          positions,
          { text, offset: 0 },
          narrowSelect,
          narrowChange,
        ),
        node,
        undefined,
      );
    });
  } catch (error) {
    return (error as Error).message;
  }
}

/** The statements of `text`, with tokenized rows turned into expressions. */
function byParser(text: string): unknown {
  try {
    return parse(text).map(({ syntax }) =>
      syntax.kind === "insert" ? withoutTokens(syntax) : syntax
    );
  } catch (error) {
    if (error instanceof SqlError) return error.message;
    throw error;
  }
}

function withoutTokens(insert: InsertSyntax): InsertSyntax {
  const { source } = insert;
  if (source?.kind !== "select" || source.body.kind !== "values_body") {
    return insert;
  }
  const { rows, more } = source.body;
  if (more === undefined) return insert;
  const body: ValuesBody = {
    kind: "values_body",
    rows: [...rows, ...expressionsOf(more, rows[0]!)],
    more: undefined,
  };
  return { ...insert, source: { ...source, body } };
}

/** What the grammar would have made of the tokens. */
function expressionsOf(
  rows: TokenizedRows,
  first: readonly Expression[],
): Expression[][] {
  return Array.from(
    { length: rows.rowCount },
    (_, row) =>
      first.map((cell, column) => {
        const at = row * rows.width + column;
        const kind = rows.kinds[at]!;
        const expression = cellExpression(rows, at, kind);
        if (cell.kind !== "cast" || kind < CELL_STRING || kind > CELL_ESCAPED) {
          return expression;
        }
        return castLike(rows, rows.ends[at]!, expression, cell.type);
      }),
  );
}

function castLike(
  { text }: TokenizedRows,
  quote: number,
  operand: Expression,
  { schema, name, modifiers }: TypeName,
): Expression {
  const offset = text.indexOf("::", quote);
  const start = offset + 2 + text.slice(offset + 2).search(/\S/);
  const inner = start + text.slice(start).indexOf("(") + 1;
  return {
    kind: "cast",
    operand,
    type: {
      schema,
      name,
      modifiers: modifiers.map((each) => ({ ...each, offset: inner })),
      offset: start,
    },
    offset,
  };
}

function cellExpression(
  { text, starts, ends }: TokenizedRows,
  at: number,
  kind: number,
): Expression {
  const start = starts[at]!;
  const slice = text.slice(start, ends[at]!);
  const make = (
    literal: ConstantSyntax["literal"],
    offset = start,
  ): Expression => ({ kind: "constant", literal, offset });
  switch (kind) {
    case CELL_NULL:
      return make({ form: "null" });
    case CELL_TRUE:
    case CELL_FALSE:
      return make({ form: "boolean", value: kind === CELL_TRUE });
    case CELL_DEFAULT:
      return { kind: "default", offset: start };
    case CELL_PARAMETER:
      return { kind: "parameter", number: Number(slice), offset: start - 1 };
    case CELL_NUMBER:
      return make(numberLiteral(slice));
    case CELL_NEGATIVE:
      return make(numberLiteral(slice, "-"), text.lastIndexOf("-", start - 1));
    default: {
      const before = kind === CELL_ESCAPED ? 2 : 1;
      const value = cellString(kind, slice);
      return make({ form: "string", text: value }, start - before);
    }
  }
}

function numberLiteral(digits: string, sign = ""): ConstantSyntax["literal"] {
  const value = Number(digits);
  if (/^\d+$/.test(digits) && value <= 2147483647) {
    return { form: "integer", value: sign === "-" ? 0 - value : value };
  }
  return { form: "decimal", text: sign + digits };
}

const space = fc.constantFrom("", "", " ", "\n", "\t ", " \r\n");

const strings = fc.string({ unit: "grapheme", maxLength: 8 })
  .map((text) => text.replaceAll("\0", "").toWellFormed());

/** Cells that the scanner knows. */
const knownCells: readonly fc.Arbitrary<string>[] = [
  fc.constantFrom("NULL", "null", "TRUE", "false", "Default"),
  fc.integer().map(String),
  fc.integer({ min: 1, max: 9999 }).map((value) => `- ${value}`),
  fc.constantFrom("0", "1.5", ".5", "5.", "1e5", "1.e-3", "007", "2147483648"),
  fc.constantFrom("-0", "-2147483648", "-2147483649", "-.5", "-1e400"),
  strings.map((text) => `'${text.replaceAll("'", "''")}'`),
  strings.map((text) =>
    `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`
  ),
  fc.constantFrom("E'\\n\\t\\q\\''", "e'a''b'", "E'\\b\\f\\r\\v'"),
  fc.integer({ min: 1, max: 9 }).map((number) => `$${number}`),
];

/** Cells that it must leave to the grammar, or refuse. */
const otherCells = fc.constantFrom(
  ...["1 + 1", "now()", "+5", "- -5", "--5", "1 -- c\n", "/* c */ 1", "x"],
  ...["B'101'", "U&'\\0061'", "N'x'", "$$x$$", "0x1F", "1_000", "1e", "1.5.2"],
  ...["'a' 'b'", "'a'\n'b'", "'a'::text::int", "E'\\x41'", "E'\\101'", "''''"],
  ...["'x'::double precision", "'x'::a.b", "5::int", "$1::int", "$1x", "$"],
  ...["true1", "nulll", "(1)", "'a'||'b'", "", "1 2", "null null", "\\", "'"],
  ...["'x'::varchar ( 5 )", "'x':: text", "'x' ::text", "'x'::varchar(5)"],
);

const casts = fc.constantFrom(
  ...["::text", "::vector(3)", " :: text", "::varchar(20)", "::Vector(3)"],
);

/** A column: how its cells look like. */
const columns = fc.oneof(
  { weight: 6, arbitrary: fc.oneof(...knownCells).map(() => undefined) },
  { weight: 2, arbitrary: casts },
);

const inserts = fc.tuple(
  fc.array(columns, { minLength: 1, maxLength: 4 }),
  fc.integer({ min: 1, max: 6 }),
  fc.boolean(),
).chain(([shape, rowCount, isWild]) => {
  const cell = (cast: string | undefined): fc.Arbitrary<string> => {
    const known = cast === undefined ? fc.oneof(...knownCells) : fc.oneof(
      strings.map((text) => `'${text.replaceAll("'", "''")}'${cast}`),
      fc.constantFrom(`'x'${cast}`, `E'\\n'${cast}`, "NULL"),
    );
    return isWild
      ? fc.oneof({ weight: 30, arbitrary: known }, {
        weight: 1,
        arbitrary: otherCells,
      })
      : known;
  };
  const row = fc.tuple(...shape.map(cell), space).map((parts) => {
    const gap = parts.at(-1)!;
    return `(${parts.slice(0, -1).join(`${gap},${gap}`)}${gap})`;
  });
  return fc.tuple(
    fc.constantFrom(
      ...["INSERT INTO t VALUES", "insert into s.t (a, b) values "],
      ...['INSERT INTO "t" AS x ("a""b") VALUES\n', "INSERT INTO t SELECT"],
      ...["INSERT INTO values VALUES", "INSERT INTO t(a)VALUES"],
      ...["INSERT INTO té VALUES ", "EXPLAIN INSERT INTO t VALUES "],
    ),
    fc.array(row, { minLength: rowCount, maxLength: rowCount }),
    fc.tuple(space, space),
    fc.constantFrom(
      ...["", ";", " ; ", " RETURNING a", " RETURNING 'é', a;", " ORDER BY 1"],
      ...["; SELECT 1", " ON CONFLICT DO NOTHING", ",", " UNION SELECT 1", ")"],
    ),
  ).map(([head, rows, [before, after], rest]) =>
    head + rows.join(`${before},${after}`) + rest
  );
});

Deno.test("values_rows: whatever is cut, the statements are the grammar's", () => {
  let cuts = 0;
  fc.assert(
    fc.property(fc.array(inserts, { minLength: 1, maxLength: 3 }), (texts) => {
      const text = texts.join(";");
      if (cutValuesRows(text) !== undefined) cuts++;
      assertEquals(byParser(text), byGrammar(text), text);
    }),
    { seed: SEED, numRuns: 1500 },
  );
  assert(cuts > 200, `only ${cuts} texts were cut`);
});

Deno.test("values_rows: damaged texts are never misread", () => {
  fc.assert(
    fc.property(inserts, fc.nat(), fc.string({ maxLength: 2 }), (...given) => {
      const [whole, at, put] = given;
      const place = at % (whole.length + 1);
      const text = (whole.slice(0, place) + put + whole.slice(place + 1))
        .replaceAll("\0", "").toWellFormed();
      assertEquals(byParser(text), byGrammar(text), text);
    }),
    { seed: SEED + 1, numRuns: 1500 },
  );
});

Deno.test("values_rows: statements in a row are all cut", () => {
  const text = "INSERT INTO a VALUES (1), (2);\nINSERT INTO b VALUES (1);" +
    "INSERT INTO c VALUES (3), (4), (5) RETURNING x; SELECT 1";
  const cut = cutValuesRows(text);
  assertEquals(cut?.gaps.length, 2);
  assertEquals(cut?.rows.map((rows) => rows?.rowCount), [1, undefined, 2]);
  const statements = parse(text);
  assertEquals(statements.map(({ text }) => text), [
    "INSERT INTO a VALUES (1), (2)",
    "INSERT INTO b VALUES (1)",
    "INSERT INTO c VALUES (3), (4), (5) RETURNING x",
    "SELECT 1",
  ]);
  assertEquals(byParser(text), byGrammar(text));
});

Deno.test("values_rows: a plain list of many rows is cut", () => {
  const rows = Array.from({ length: 5000 }, (_, i) => `(${i}, 'x', NULL)`);
  const cut = cutValuesRows(`INSERT INTO t VALUES ${rows.join(", ")}`);
  assertEquals(cut?.text, "INSERT INTO t VALUES (0, 'x', NULL)");
  assertEquals(cut?.rows[0]?.rowCount, 4999);
});
