/**
 * Compiled expressions against the plain form, `planner/evaluate.ts`: the same
 * values for the rows asked for, an error when and only when one of them has
 * one, with and without the optimizer's folding, and after a way through text.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { ArrayDatabase } from "../../tests/support/array_database.ts";
import {
  anyExpression,
  RANDOM_ROWS,
  RANDOM_TABLE,
} from "../../tests/support/random_queries.ts";
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { deparse } from "../analyzer/deparse.ts";
import { KriyaError } from "../../base/errors.ts";
import { type Chunk, columnOf, valueAt } from "../chunk/chunk.ts";
import { foldExpression } from "../optimizer/constant_folding.ts";
import { loadParser } from "../parser/parser.ts";
import { evaluate } from "../planner/evaluate.ts";
import type { Nullable } from "../types/data_type.ts";
import { compileExpression } from "./expression_compiler.ts";
import { compileFilter } from "./filter_expression.ts";
import { RunState } from "./run_state.ts";

await loadParser();

const SEED = Number(Deno.env.get("SEED") ?? 99);

const database = new ArrayDatabase();
await database.run(RANDOM_TABLE);
await database.run(RANDOM_ROWS);
const table = database.catalog.relation(undefined, "r")!;
const rows = [...database.tables.rows(table.id).values()];
const chunk: Chunk = {
  columns: (table.kind === "table" ? table.columns : []).map(
    ({ type }, position) =>
      columnOf(type.type, rows.map((row) => row[position]!)),
  ),
  rowCount: rows.length,
};
const run = new RunState(database.context());

/** Binds an expression over the columns of `r`. */
function bind(text: string): BoundExpression {
  const bound = database.bind(`SELECT ${text} FROM r`);
  if (bound.kind !== "select") throw new TypeError(bound.kind);
  return bound.query.targets[0]!.expression;
}

/** What becomes of something: its value, or its error's code. */
function attempt<T>(compute: () => T): T | string {
  try {
    return compute();
  } catch (error) {
    if (error instanceof KriyaError) return `error ${error.code}`;
    throw error;
  }
}

/** The plain value for a row, as text. */
function plain(expression: BoundExpression, row: number): string | null {
  const value = evaluate(expression, {
    parameters: [],
    functions: run.functions,
    inputContext: run.inputContext,
    column: ({ column }): Nullable => rows[row]![column]!,
  });
  return value === null ? null : expression.type.type.output(value);
}

function compiled(
  expression: BoundExpression,
  wanted: Uint32Array | undefined,
): (string | null)[] {
  const column = compileExpression(expression, ({ column }) => column)(
    chunk,
    wanted,
    run,
  );
  assertEquals(column.type, expression.type.type);
  return [...wanted ?? rows.keys()].map((row) => {
    const value = valueAt(column, row);
    return value === null ? null : column.type.output(value);
  });
}

const subsets = fc.option(
  fc.subarray([...rows.keys()], { minLength: 1 }).map((all) =>
    Uint32Array.from(all)
  ),
  { nil: undefined },
);

Deno.test("compiled expressions agree with the plain form", () => {
  let errors = 0;
  fc.assert(
    fc.property(anyExpression, subsets, (text, wanted) => {
      const expression = bind(text);
      const each = [...wanted ?? rows.keys()].map((row) =>
        attempt(() => plain(expression, row))
      );
      const failed = each.some((value) => value?.startsWith("error ") === true);
      const all = attempt(() => compiled(expression, wanted));
      if (failed) {
        errors++;
        assert(typeof all === "string", text);
      } else {
        assertEquals(all, each, text);
      }
    }),
    { seed: SEED, numRuns: 1500 },
  );
  assert(errors > 20 && errors < 1000, `${errors} expressions failed`);
});

Deno.test("folding constants changes no value, and prevents errors at most", () => {
  fc.assert(
    fc.property(anyExpression, (text) => {
      const expression = bind(text);
      const folded = foldExpression(expression);
      assertEquals(folded.type.type, expression.type.type);
      for (const row of rows.keys()) {
        const before = attempt(() => plain(expression, row));
        if (before?.startsWith("error ") === true) continue;
        assertEquals(attempt(() => plain(folded, row)), before, text);
      }
    }),
    { seed: SEED + 1, numRuns: 800 },
  );
});

Deno.test("a deparsed expression, bound again, is the same expression", () => {
  fc.assert(
    fc.property(anyExpression, (text) => {
      const expression = bind(text);
      const again = deparse(expression);
      for (const row of rows.keys()) {
        assertEquals(
          attempt(() => plain(bind(again), row)),
          attempt(() => plain(expression, row)),
          `${text}\n${again}`,
        );
      }
      // The grammar joins an AND in an AND, once.
      const settled = deparse(bind(again));
      assertEquals(deparse(bind(settled)), settled, text);
    }),
    { seed: SEED + 2, numRuns: 800 },
  );
});

Deno.test("a branch that is not taken does not fail", () => {
  const safe = [
    "CASE WHEN i <> 0 THEN 1 / i ELSE 0 END",
    "i = 0 OR 6 / i < 7",
    "i <> 0 AND 6 / i < 7",
    "CASE i WHEN 0 THEN 1 WHEN 1 / coalesce(nullif(i, 0), 1) THEN 2 END",
  ];
  for (const text of safe) {
    const expression = bind(text);
    assertEquals(
      compiled(expression, undefined),
      [...rows.keys()].map((row) => plain(expression, row)),
    );
  }
  const failing = bind("coalesce(i, 1 / (id - 3))");
  assertEquals(
    attempt(() => compiled(failing, undefined)),
    "error 22012",
  );
  const others = Uint32Array.from(
    [...rows.keys()].filter((row) => rows[row]![1] !== null),
  );
  assertEquals(compiled(failing, others).length, others.length);
});

Deno.test("a filter stops at the first condition that is not true", () => {
  const condition = bind("i <> 0 AND 6 / i > 0 AND p");
  const filter = compileFilter(condition, ({ column }) => column);
  assertEquals([...filter(chunk, run)!], [6]);
  const selection = Uint32Array.of(0, 1, 2);
  assertEquals([...filter({ ...chunk, selection }, run)!], []);
});
