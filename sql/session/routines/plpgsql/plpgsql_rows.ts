/**
 * Rows in PL/pgSQL: into variables, out of statements that are texts.
 *
 * @module
 */
import type { ResultField } from "../../../analyzer/bound_tree.ts";
import { valueAt } from "../../../chunk/chunk.ts";
import { SqlError } from "../../../errors/sql_error.ts";
import { forEachRow } from "../../../executor/column_tools.ts";
import { parse } from "../../../parser/parser.ts";
import type {
  CodeText,
  PlpgsqlTarget,
} from "../../../parser/plpgsql/plpgsql_syntax.ts";
import type { Nullable, TypeRef } from "../../../types/data_type.ts";
import { isRowType, record } from "../../../types/row/row_type.ts";
import { SqlRow } from "../../../types/row/row_value.ts";
import { evaluateSimple, prepareBody, runPlan } from "../body_statement.ts";
import { wait, type Work } from "../drive.ts";
import type { PlpgsqlFrame, QueryRows } from "./plpgsql_frame.ts";

/** Puts a row into variables; without a row, NULLs. */
export function* storeRow(
  frame: PlpgsqlFrame,
  targets: readonly PlpgsqlTarget[],
  fields: readonly ResultField[],
  row: readonly Nullable[] | undefined,
): Work<void> {
  const [first] = targets as [PlpgsqlTarget];
  const { slot, fields: path } = frame.target(first);
  const isWhole = targets.length === 1 && path.length === 0 &&
    isRowType(slot.type.type);
  if (!isWhole) {
    for (const [i, target] of targets.entries()) {
      const type = fields[i]?.type ?? fields[0]?.type;
      if (type === undefined) return;
      yield* frame.store(target, { value: row?.[i] ?? null, type });
    }
    return;
  }
  const only = fields[0]?.type;
  if (
    fields.length === 1 && only !== undefined && isRowType(only.type) &&
    row !== undefined
  ) {
    return frame.assign(slot, { value: row[0] ?? null, type: only });
  }
  const shape = fields.map(({ name, type }) => ({ name, type }));
  const type: TypeRef = { type: record, typmod: -1 };
  if (row !== undefined) {
    return frame.assign(slot, { value: new SqlRow(shape, row), type });
  }
  if (slot.type.type === record) {
    return frame.set(slot, new SqlRow(shape, shape.map(() => null)));
  }
  frame.set(slot, null);
}

/** Runs a statement that is a text, with parameters. */
export function* dynamicStatement(
  frame: PlpgsqlFrame,
  words: string,
  using: readonly CodeText[],
  limit: number,
): Work<QueryRows> {
  const { session } = frame;
  const values: Nullable[] = [];
  const types: TypeRef[] = [];
  for (const each of using) {
    const { value, type } = yield* frame.evaluate(each);
    values.push(value);
    types.push(type);
  }
  const parsed = parse(words);
  let last: QueryRows = { fields: [], rows: [], count: 0 };
  for (const { syntax, text } of parsed) {
    const prepared = prepareBody(session, syntax, {
      variables: undefined,
      parameterTypes: types,
    });
    const { bound, plan, simple, fields } = prepared;
    const { context } = session;
    if (bound.kind === "transaction") {
      throw new SqlError(
        "0A000",
        "EXECUTE of transaction commands is not implemented",
      );
    }
    if (simple !== undefined) {
      const value = evaluateSimple(simple, context, values);
      last = { fields, rows: [[value]], count: 1 };
      continue;
    }
    if (plan === undefined) {
      yield* wait(session.runOther(text));
      last = { fields: [], rows: [], count: 0 };
      continue;
    }
    const rows: Nullable[][] = [];
    let count = 0;
    const affected = yield* wait(runPlan(plan, context, values, (chunk) => {
      forEachRow(chunk.selection, chunk.rowCount, (row) => {
        count++;
        if (rows.length >= limit) return;
        rows.push(
          chunk.columns.slice(0, fields.length).map((column) =>
            valueAt(column, row)
          ),
        );
      });
      return false;
    }));
    const isSelect = bound.kind === "select";
    last = { fields, rows, count: isSelect ? count : affected };
  }
  return last;
}
