/**
 * What holds in a table, for rows that are about to be written: generated
 * columns are computed, then NOT NULL and CHECK are looked at.
 *
 * @module
 */
import { invariant } from "../../../base/invariant.ts";
import type { BoundTableRules } from "../../analyzer/constraints/bound_constraint.ts";
import {
  brokenDomain,
  type DomainRules,
  nullOfDomain,
} from "../../analyzer/domains/domain_rules.ts";
import { hasRules } from "../../analyzer/constraints/table_rules.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { type Chunk, type Column, isNull } from "../../chunk/chunk.ts";
import { atRow } from "../../errors/failed_row.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { ColumnExpression } from "../column_expression.ts";
import { countOf } from "../column_tools.ts";
import { compileExpression, type Layout } from "../expression_compiler.ts";
import type { RunState } from "../run_state.ts";
import { failingRow } from "./failing_row.ts";
import { brokenNotNull, type BrokenRule } from "./not_null.ts";

/** Compiled rules. */
interface CompiledRules {
  readonly checks: readonly {
    readonly name: string;
    readonly condition: ColumnExpression;
  }[];
  readonly domains: readonly {
    readonly column: number;
    readonly rules: DomainRules;
    readonly checks: readonly {
      readonly name: string;
      readonly condition: ColumnExpression;
    }[];
  }[];
  readonly generated: readonly {
    readonly column: number;
    readonly value: ColumnExpression;
  }[];
  readonly views: readonly {
    readonly name: string;
    readonly condition: ColumnExpression;
  }[];
}

const NONE: CompiledRules = {
  checks: [],
  domains: [],
  generated: [],
  views: [],
};

const known = new WeakMap<BoundTableRules, CompiledRules>();

/** A row of the table is all of its columns. */
const LAYOUT: Layout = ({ column }) => column;

function rulesOf(table: TableEntry, run: RunState): CompiledRules {
  if (!hasRules(table)) return NONE;
  const { bindRules } = run.context;
  invariant(bindRules !== undefined, "nobody binds the rules of tables");
  const bound = bindRules(table);
  let rules = known.get(bound);
  if (rules === undefined) known.set(bound, rules = compile(bound));
  return rules;
}

function compile(
  { checks, domains, generated, views }: BoundTableRules,
): CompiledRules {
  const compiled = (
    { name, expression }: BoundTableRules["checks"][number],
  ): CompiledRules["checks"][number] => ({
    name,
    condition: compileExpression(expression, LAYOUT),
  });
  return {
    checks: checks.map(compiled),
    domains: domains.map(({ column, rules }) => ({
      column,
      rules,
      checks: rules.checks.map(compiled),
    })),
    generated: generated.map(({ column, expression }) => ({
      column,
      value: compileExpression(expression, LAYOUT),
    })),
    views: views.map(({ view: name, condition }) => ({
      name,
      condition: compileExpression(condition, LAYOUT),
    })),
  };
}

/**
 * The selected rows of `rows`, which has all of the table's columns, as they
 * may be written.
 *
 * @throws {SqlError} `23502`, `23514`, `44000` for the first row that breaks a rule.
 */
export function obeyRules(
  table: TableEntry,
  rows: Chunk,
  run: RunState,
): Chunk {
  const rules = rulesOf(table, run);
  const complete = withGenerated(rules, rows, run);
  let broken = brokenDomains(rules, complete, run);
  const missing = brokenNotNull(table, complete);
  if (
    missing !== undefined &&
    !(broken !== undefined && broken.row <= missing.row)
  ) {
    broken = missing;
  }
  for (const { name, condition } of rules.checks) {
    const holds = condition(complete, complete.selection, run);
    const row = firstFalse(holds, complete);
    if (row === undefined || (broken !== undefined && broken.row <= row)) {
      continue;
    }
    broken = checkViolation(table, name, complete, row);
  }
  for (const { name, condition } of rules.views) {
    const holds = condition(complete, complete.selection, run);
    const row = firstUntrue(holds, complete);
    if (row === undefined || (broken !== undefined && broken.row <= row)) {
      continue;
    }
    broken = viewViolation(table, name, complete, row);
  }
  if (broken !== undefined) throw atRow(broken.error(), broken.row);
  return complete;
}

/** The first row with a value that is none of its column's domain. */
function brokenDomains(
  { domains }: CompiledRules,
  rows: Chunk,
  run: RunState,
): BrokenRule | undefined {
  let broken: BrokenRule | undefined;
  const note = (row: number | undefined, error: () => SqlError): void => {
    if (row === undefined || (broken !== undefined && broken.row <= row)) {
      return;
    }
    broken = { row, error };
  };
  for (const { column, rules: { name, notNull }, checks } of domains) {
    if (notNull) {
      note(firstNull(rows.columns[column]!, rows), () => nullOfDomain(name));
    }
    for (const { name: check, condition } of checks) {
      const holds = condition(rows, rows.selection, run);
      note(firstFalse(holds, rows), () => brokenDomain(name, check));
    }
  }
  return broken;
}

/** The first selected row where a column is NULL. */
function firstNull(
  column: Column,
  { selection, rowCount }: Chunk,
): number | undefined {
  if (column.validity === undefined) return undefined;
  const count = countOf(selection, rowCount);
  for (let i = 0; i < count; i++) {
    const row = selection === undefined ? i : selection[i]!;
    if (isNull(column, row)) return row;
  }
  return undefined;
}

function withGenerated(
  { generated }: CompiledRules,
  rows: Chunk,
  run: RunState,
): Chunk {
  if (generated.length === 0) return rows;
  const { rowCount, selection } = rows;
  const columns = [...rows.columns];
  for (const { column, value } of generated) {
    columns[column] = value(rows, selection, run);
  }
  return { columns, rowCount, selection };
}

/** The first selected row where a condition is false; NULL is not. */
function firstFalse(
  holds: Column,
  { selection, rowCount }: Chunk,
): number | undefined {
  const count = countOf(selection, rowCount);
  for (let i = 0; i < count; i++) {
    const row = selection === undefined ? i : selection[i]!;
    if (!isNull(holds, row) && !holds.values[row]) return row;
  }
  return undefined;
}

/** The first selected row where a condition is false or NULL. */
function firstUntrue(
  holds: Column,
  { selection, rowCount }: Chunk,
): number | undefined {
  const count = countOf(selection, rowCount);
  for (let i = 0; i < count; i++) {
    const row = selection === undefined ? i : selection[i]!;
    if (isNull(holds, row) || !holds.values[row]) return row;
  }
  return undefined;
}

function viewViolation(
  table: TableEntry,
  view: string,
  chunk: Chunk,
  row: number,
): BrokenRule {
  return {
    row,
    error: () =>
      new SqlError(
        "44000",
        `new row violates check option for view "${view}"`,
        { detail: failingRow(table, chunk, row) },
      ),
  };
}

function checkViolation(
  table: TableEntry,
  constraint: string,
  chunk: Chunk,
  row: number,
): BrokenRule {
  return {
    row,
    error: () =>
      new SqlError(
        "23514",
        `new row for relation "${table.name}" violates check constraint "${constraint}"`,
        {
          detail: failingRow(table, chunk, row),
          schema: table.schema,
          table: table.name,
          constraint,
        },
      ),
  };
}
