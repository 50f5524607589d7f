/**
 * Tokenized rows of an INSERT, column by column, straight into columns: no
 * expression is made for a constant.
 *
 * What a cell means is what the grammar would have made of it: a string is read
 * by the column's type, a number is an `integer`, a `bigint` or a `numeric` and
 * then cast as an assignment. Columns of the plain number types have short
 * ways, of which `slow` in {@linkcode numberReader} is the twin.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { Expression } from "../parser/expression_syntax.ts";
import {
  CELL_DEFAULT,
  CELL_ESCAPED,
  CELL_NEGATIVE,
  CELL_NULL,
  CELL_NUMBER,
  CELL_PARAMETER,
  CELL_STRING,
  CELL_TRUE,
  type TokenizedRows,
} from "../parser/tokenized_rows.ts";
import { cellString } from "../parser/values_rows.ts";
import { bool } from "../types/bool_type.ts";
import { canCoerce, compileCast, inputTypmod } from "../types/cast.ts";
import type {
  DataType,
  Nullable,
  SqlValue,
  TypeRef,
} from "../types/data_type.ts";
import { unknown } from "../types/text_types.ts";
import { assign, type AssignedColumn, defaultOf } from "./assign.ts";
import { bindTypeName } from "./bind_type.ts";
import type { ValuesColumnBuilder } from "./bind_values.ts";
import type { BoundConstant, BoundExpression } from "./bound_expression.ts";
import { positioned } from "./coerce.ts";
import { type ExpressionBinder, numberType } from "./expression_binder.ts";
import type { ColumnEntry } from "../catalog/entries.ts";
import type { StatementState } from "./statement_state.ts";

/** One column of tokenized rows, and where it goes. */
export interface TokenizedColumn {
  readonly binder: ExpressionBinder;
  readonly rows: TokenizedRows;
  /** Which of the cells of a row. */
  readonly column: number;
  /** The column of the table. */
  readonly target: ColumnEntry;
  /** The first row's cell, which the grammar has parsed. */
  readonly first: Expression;
  readonly builder: ValuesColumnBuilder;
  readonly errors: TokenizedErrors;
}

/**
 * The first error in the order of rows, though columns are read one after the
 * other.
 */
export class TokenizedErrors {
  #row = Infinity;
  #error: unknown;

  /** No later row need be looked at. */
  get rowEnd(): number {
    return this.#row;
  }

  /** Notes an error of a cell. */
  note(row: number, error: unknown): void {
    if (row >= this.#row) return;
    this.#row = row;
    this.#error = error;
  }

  /** Throws the first error, if there was one. */
  throwFirst(): void {
    if (this.#row < Infinity) throw this.#error;
  }
}

/** Adds the cells of one column to its builder. */
export function bindTokenizedColumn(column: TokenizedColumn): void {
  const { rows, builder, errors } = column;
  const { text, width, kinds, starts, ends } = rows;
  const reader = new CellReader(column);
  const end = Math.min(rows.rowCount, errors.rowEnd);
  const { constants } = builder;
  for (let row = 0; row < end; row++) {
    const cell = row * width + column.column;
    const kind = kinds[cell]!;
    if (kind === CELL_NULL) {
      constants.append(null);
    } else if (kind === CELL_NUMBER || kind === CELL_NEGATIVE) {
      const slice = text.slice(starts[cell]!, ends[cell]!);
      const number = kind === CELL_NEGATIVE ? `-${slice}` : slice;
      reader.number(number, row, starts[cell]!);
    } else if (kind >= CELL_STRING && kind <= CELL_ESCAPED) {
      const slice = text.slice(starts[cell]!, ends[cell]!);
      const value = cellString(kind, slice);
      const before = kind === CELL_ESCAPED ? 2 : 1;
      reader.string(value, row, starts[cell]! - before);
    } else {
      reader.other(kind, row, cell);
    }
  }
}

/** Reads the cells of one column. */
class CellReader {
  readonly #column: TokenizedColumn;
  readonly #state: StatementState;
  readonly #target: AssignedColumn;
  /** The cast that the first row has. */
  readonly #written: TypeRef | undefined;
  readonly #readString: (text: string) => SqlValue;
  readonly #finishString: ((value: SqlValue) => Nullable) | undefined;
  readonly #readNumber: (text: string) => Nullable;

  constructor(column: TokenizedColumn) {
    const { binder, first, target } = column;
    this.#column = column;
    this.#state = binder.state;
    this.#target = target;
    const { inputContext } = this.#state;
    // A cast in the first row stands in every row.
    const written = first.kind === "cast"
      ? bindTypeName(this.#state, first.type)
      : undefined;
    const read = written ?? target.type;
    const typmod = inputTypmod(read);
    this.#written = written;
    this.#readString = (text) => read.type.input(text, typmod, inputContext);
    this.#finishString = finisher(written, target.type, inputContext);
    this.#readNumber = numberReader(target.type);
  }

  /** Adds a string. */
  string(text: string, row: number, offset: number): void {
    const { builder } = this.#column;
    let value: SqlValue;
    try {
      value = this.#readString(text);
    } catch (error) {
      this.#fail(row, positioned(error, offset));
      return;
    }
    let fitted: Nullable = value;
    if (this.#finishString !== undefined) {
      try {
        fitted = this.#finishString(value);
      } catch {
        this.#add(row, () => this.#castString(text, offset));
        return;
      }
    }
    builder.constants.append(fitted);
  }

  /** Adds a number. */
  number(text: string, row: number, offset: number): void {
    let value: Nullable;
    try {
      value = this.#readNumber(text);
    } catch {
      this.#add(row, () => this.#castNumber(text, offset));
      return;
    }
    this.#column.builder.constants.append(value);
  }

  /**
   * Adds what `make` makes: the cell as the grammar would give it. A cast that
   * fails does so when the statement runs, as all casts do.
   */
  #add(row: number, make: () => BoundExpression): void {
    try {
      this.#column.builder.add(make());
    } catch (error) {
      this.#fail(row, error);
    }
  }

  #fail(row: number, error: unknown): void {
    this.#column.errors.note(row, error);
    this.#column.builder.constants.append(null);
  }

  /** TRUE, FALSE, DEFAULT and parameters, which are rare. */
  other(kind: number, row: number, cell: number): void {
    const { binder, rows, target } = this.#column;
    const offset = rows.starts[cell]!;
    this.#add(row, () => {
      if (kind === CELL_DEFAULT) return defaultOf(this.#state, target);
      if (kind !== CELL_PARAMETER) {
        return this.#assign(constantOf(bool, kind === CELL_TRUE, offset));
      }
      const number = Number(rows.text.slice(offset, rows.ends[cell]!));
      const at = offset - 1;
      return this.#assign(
        binder.bind({ kind: "parameter", number, offset: at }),
      );
    });
  }

  #assign(expression: BoundExpression): BoundExpression {
    return assign(this.#column.binder.coercer, expression, this.#target);
  }

  #castNumber(text: string, offset: number): BoundExpression {
    const type = numberType(text);
    const at = text.startsWith("-")
      ? this.#column.rows.text.lastIndexOf("-", offset)
      : offset;
    return this.#assign(constantOf(type, type.input(text, -1), at));
  }

  #castString(text: string, offset: number): BoundExpression {
    const literal = constantOf(unknown, text, offset);
    if (this.#written === undefined) return this.#assign(literal);
    const { coercer } = this.#column.binder;
    const context = "explicit";
    const cast = coercer.coerce(literal, this.#written, { context });
    return this.#assign(cast ?? literal);
  }
}

function constantOf(
  type: DataType,
  value: SqlValue,
  offset: number,
): BoundConstant {
  return { kind: "constant", type: { type, typmod: -1 }, value, offset };
}

/** What a string still needs after its type has read it. */
function finisher(
  written: TypeRef | undefined,
  target: TypeRef,
  inputContext: StatementState["inputContext"],
): ((value: SqlValue) => Nullable) | undefined {
  if (written === undefined) {
    const { type, typmod } = target;
    if (typmod < 0 || type.applyTypmod === undefined) return undefined;
    return (value) => type.applyTypmod!(value, typmod, false);
  }
  const explicit = compileCast(written.type, written, "explicit");
  const same = written.type === target.type && written.typmod === target.typmod;
  const assigned = same
    ? undefined
    : compileCast(written.type, target, "assignment");
  if (explicit === undefined && assigned === undefined) return undefined;
  return (value) => {
    const fitted = explicit === undefined
      ? value
      : explicit(value, inputContext);
    if (fitted === null || assigned === undefined) return fitted;
    return assigned(fitted, inputContext);
  };
}

/** How the text of a number becomes a value of the column. */
function numberReader(target: TypeRef): (text: string) => Nullable {
  const slow = (text: string): Nullable => {
    const type = numberType(text);
    if (!canCoerce(type, target.type, "assignment")) {
      throw new SqlError("42804", "no assignment cast");
    }
    const convert = compileCast(type, target, "assignment");
    const value = type.input(text, -1);
    return convert === undefined ? value : convert(value);
  };
  switch (target.type.name) {
    case "int4":
      return (text) => {
        if (text.length < 10 && INTEGER.test(text)) return Number(text) + 0;
        return slow(text);
      };
    case "int8":
      return (text) => {
        if (text.length < 16 && INTEGER.test(text)) return Number(text) + 0;
        return slow(text);
      };
    case "float8":
      return (text) => {
        const value = text.length < 16 ? Number(text) : 0;
        // Zero may be what is left of a number too small for a double.
        return value !== 0 && Number.isFinite(value) ? value : slow(text);
      };
    default:
      return slow;
  }
}

const INTEGER = /^-?\d+$/;
