/**
 * `UPDATE t SET … WHERE key = …`, of columns that no index has.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../../base/maybe_promise.ts";
import type { AccessRegistry } from "../../access/access_registry.ts";
import type {
  BoundColumn,
  BoundExpression,
} from "../../analyzer/bound_expression.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { evaluate } from "../../planner/evaluate.ts";
import type { UpdateNode } from "../../planner/logical_plan.ts";
import type { Nullable, SqlValue } from "../../types/data_type.ts";
import { type FoundRow, KeyLookup } from "./key_lookup.ts";
import { type PlainTable, PlainTableFacts } from "./plain_table.ts";
import type { PointChange, PointRun } from "./point_run.ts";

/** The point plan of `node`, if it has one. */
export function pointUpdate(
  node: UpdateNode,
  access: AccessRegistry,
): PointChange | undefined {
  if (node.tracked || !node.counted || node.returning.length > 0) {
    return undefined;
  }
  const { table, relation } = node.table;
  const asked = new AskedColumns(relation);
  const isAsked = node.assignments.every(({ expression }) =>
    asked.note(expression)
  );
  const lookup = KeyLookup.of(node.input, asked.positions, access);
  if (lookup === undefined || !isAsked) return undefined;
  const update = new PointUpdate(node, table, lookup, asked);
  return { kind: "change", change: (run) => update.change(run) };
}

/** The columns that new values are made from. */
class AskedColumns {
  readonly positions: number[] = [];
  readonly #relation: number;

  constructor(relation: number) {
    this.#relation = relation;
  }

  /** Notes the columns of an expression; whether they are the row's. */
  note(expression: BoundExpression): boolean {
    switch (expression.kind) {
      case "constant":
      case "parameter":
        return true;
      case "column": {
        const { relation, column } = expression;
        if (relation !== this.#relation || column < 0) return false;
        if (!this.positions.includes(column)) this.positions.push(column);
        return true;
      }
      case "cast":
        return this.note(expression.operand);
      case "call":
        // What is computed for nothing, if it declines, nobody may notice.
        return expression.function.volatility !== "volatile" &&
          expression.args.every((arg) => this.note(arg));
      default:
        return false;
    }
  }
}

class PointUpdate {
  readonly #table: TableEntry;
  readonly #lookup: KeyLookup;
  readonly #asked: readonly number[];
  readonly #facts: PlainTableFacts;
  readonly #positions: readonly number[];
  readonly #expressions: readonly BoundExpression[];

  constructor(
    { assignments }: UpdateNode,
    table: TableEntry,
    lookup: KeyLookup,
    { positions }: AskedColumns,
  ) {
    this.#table = table;
    this.#lookup = lookup;
    this.#asked = positions;
    this.#facts = new PlainTableFacts(table);
    this.#positions = assignments.map(({ column }) => column);
    this.#expressions = assignments.map(({ expression }) => expression);
  }

  change(run: PointRun): MaybePromise<number | undefined> {
    const plain = this.#facts.in(run.transaction, run.access);
    if (plain === undefined || this.#movesEntries(plain)) return undefined;
    const row = this.#lookup.find(run);
    return isPromise(row)
      ? row.then((row) => this.#write(run, plain, row))
      : this.#write(run, plain, row);
  }

  #movesEntries({ indexes }: PlainTable): boolean {
    for (const { positions } of indexes) {
      for (const position of positions) {
        if (this.#positions.includes(position)) return true;
      }
    }
    return false;
  }

  #write(
    run: PointRun,
    { rows }: PlainTable,
    row: FoundRow | undefined,
  ): number | undefined {
    if (row === undefined) return 0;
    const table = this.#table;
    const { transaction } = run;
    const { locator } = row;
    if (!rows.isFree(table, transaction, locator, "no key update")) {
      return undefined;
    }
    const values = this.#newValues(run, row);
    return values !== undefined &&
        rows.update(table, transaction, locator, values, row.bytes)
      ? 1
      : undefined;
  }

  /** New values where there are; absent: a NULL is where none may be. */
  #newValues(
    run: PointRun,
    row: FoundRow,
  ): (SqlValue | null | undefined)[] | undefined {
    const { columns } = this.#table;
    const values: (SqlValue | null | undefined)[] = [];
    for (let i = 0; i < columns.length; i++) values.push(undefined);
    const asked = this.#asked;
    const environment = asked.length === 0 ? run : {
      parameters: run.parameters,
      functions: run.functions,
      inputContext: run.inputContext,
      column: ({ column }: BoundColumn): Nullable =>
        row.values[asked.indexOf(column)]!,
    };
    for (let i = 0; i < this.#positions.length; i++) {
      const position = this.#positions[i]!;
      const value = evaluate(this.#expressions[i]!, environment);
      if (value === null && columns[position]!.notNull) return undefined;
      values[position] = value;
    }
    return values;
  }
}
