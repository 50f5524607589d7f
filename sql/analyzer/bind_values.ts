/**
 * VALUES, by column: constants go straight into columns, whatever else a cell
 * has is kept beside them.
 *
 * @module
 */
import { ColumnBuilder } from "../chunk/chunk.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { Expression } from "../parser/expression_syntax.ts";
import type { TypeRef } from "../types/data_type.ts";
import type { BoundExpression } from "./bound_expression.ts";
import type {
  BoundCell,
  BoundValues,
  BoundValuesColumn,
} from "./bound_tree.ts";
import { commonTypmod } from "./coerce.ts";
import type { ExpressionBinder } from "./expression_binder.ts";

/** Collects the cells of one column. */
export class ValuesColumnBuilder {
  readonly #name: string;
  readonly #type: TypeRef;
  readonly #constants: ColumnBuilder;
  readonly #cells: BoundCell[] = [];

  /** A column of that name and type for about `rowCount` rows. */
  constructor(name: string, type: TypeRef, rowCount: number) {
    this.#name = name;
    this.#type = type;
    this.#constants = new ColumnBuilder(type.type, rowCount);
  }

  /** The constants, for who adds many of them. */
  get constants(): ColumnBuilder {
    return this.#constants;
  }

  /** Adds the cell of the next row, coerced to the column's type. */
  add(expression: BoundExpression): void {
    if (expression.kind === "constant") {
      this.#constants.append(expression.value);
      return;
    }
    this.#cells.push({ row: this.#constants.count, expression });
    this.#constants.append(null);
  }

  /** The column. */
  finish(): BoundValuesColumn {
    return {
      name: this.#name,
      type: this.#type,
      constants: this.#constants.finish(),
      cells: this.#cells,
    };
  }
}

/** Refuses rows that are not as long as the first. */
export function requireSameLengths(
  rows: readonly (readonly Expression[])[],
): void {
  const width = rows[0]!.length;
  for (const row of rows) {
    if (row.length === width) continue;
    throw new SqlError("42601", "VALUES lists must all be the same length", {
      offset: row[0]?.offset,
    });
  }
}

/** A VALUES list that stands alone: each column has the common type. */
export function bindValues(
  binder: ExpressionBinder,
  rows: readonly (readonly Expression[])[],
  resolveUnknowns: boolean,
): BoundValues {
  requireSameLengths(rows);
  const bound = rows.map((row) => row.map((cell) => binder.bind(cell)));
  const columns = rows[0]!.map((_, i) => {
    const cells = bound.map((row) => row[i]!);
    // INSERT … SELECT keeps a literal open; VALUES alone never does.
    const same = resolveUnknowns || cells.length > 1
      ? binder.coercer.toCommonType(cells, "VALUES")
      : cells;
    const type = {
      type: same[0]!.type.type,
      typmod: commonTypmod(same),
    };
    const builder = new ValuesColumnBuilder(
      `column${i + 1}`,
      type,
      rows.length,
    );
    for (const cell of same) builder.add(cell);
    return builder.finish();
  });
  return { rowCount: rows.length, columns };
}
