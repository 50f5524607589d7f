/**
 * INSERT: where the rows come from, and which value each column gets.
 *
 * | source | bound as |
 * | --- | --- |
 * | `DEFAULT VALUES`, one row of VALUES | no source; `assigned` has the values |
 * | several rows of VALUES | columns of the columns' types |
 * | a query | the query; `assigned` casts its columns |
 *
 * @module
 */
import type { ColumnEntry, TableEntry, ViewEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { Expression } from "../parser/expression_syntax.ts";
import type {
  InsertSyntax,
  NamedColumn,
  SelectSyntax,
  ValuesBody,
} from "../parser/syntax.ts";
import { CELL_DEFAULT, type TokenizedRows } from "../parser/tokenized_rows.ts";
import type { TypeRef } from "../types/data_type.ts";
import { unknown } from "../types/text_types.ts";
import { assign, defaultOf, namedPosition, nullOf } from "./assign.ts";
import { defaultOfPart } from "./bind_assignments.ts";
import { bindConflict } from "./bind_conflict.ts";
import { bindCondition, bindQuery } from "./bind_query.ts";
import { assignPart, partType } from "./bind_part.ts";
import { bindAs } from "./bind_row.ts";
import { bindReturning } from "./bind_returning.ts";
import { bindTokenizedColumn, TokenizedErrors } from "./bind_tokenized.ts";
import { bindWith } from "./bind_with.ts";
import { requireSameLengths, ValuesColumnBuilder } from "./bind_values.ts";
import type { BoundExpression } from "./bound_expression.ts";
import type { BoundInsert } from "./bound_tree.ts";
import { BOOLEAN } from "./binding.ts";
import { Coercer, offsetOf } from "./coerce.ts";
import { expandStars } from "./expand_stars.ts";
import { ExpressionBinder } from "./expression_binder.ts";
import { type ParentScope, Scope } from "./scope.ts";
import { refuseGiven } from "./constraints/given_values.ts";
import type { StatementState } from "./statement_state.ts";
import {
  bindChangeTarget,
  insertedColumns,
} from "./updatable_views/change_target.ts";
import { walkSyntax } from "./walk_syntax.ts";

/** What a source gives: rows, and the values of the named columns. */
interface BoundSource {
  readonly source: BoundInsert["source"];
  /** One for each target column. */
  readonly values: readonly BoundExpression[];
}

/** Binds INSERT. */
export function bindInsert(
  state: StatementState,
  syntax: InsertSyntax,
  parent?: ParentScope,
): Omit<BoundInsert, "parameterTypes" | "cacheable"> {
  const { base, finish } = bindWith(state, syntax, parent);
  const target = bindChangeTarget(
    state,
    syntax,
    syntax.conflict?.update === true ? ["insert", "update"] : ["insert"],
    ["insert"],
  );
  const { shown, from: row } = target;
  const targets = targetPositions(shown, syntax.columns);
  const sourceRelation = state.newRelation();
  const rowScope = base.over([target.scope()]);
  const insert = new InsertBinder(state, syntax, targets, rowScope);
  const { source, values } = insert.source(sourceRelation);
  const positions = [...new Set(targets.slice(0, values.length))];
  const given = positions.map((position) => {
    const { identity } = shown.columns[position]!;
    const isOwn = identity !== undefined && syntax.overriding === "user";
    return isOwn ? undefined : insert.valueOf(position, values);
  });
  const conflict = syntax.conflict === undefined
    ? undefined
    : bindConflict(state, syntax.conflict, target, base);
  const binder = new ExpressionBinder({
    state,
    coercer: new Coercer(state),
    scope: rowScope,
    place: "RETURNING",
  });
  const where = syntax.source?.kind === "external_rows"
    ? bindCondition(
      binder.at("COPY FROM WHERE conditions"),
      syntax.source.where,
    )
    : undefined;
  const returning = bindReturning(binder, syntax, target);
  return {
    kind: "insert",
    table: row.table,
    source,
    sourceRelation,
    newRelation: row.relation,
    assigned: insertedColumns(target, positions, given),
    where,
    conflict: conflict?.(),
    ctes: finish(),
    ...returning,
  };
}

/** The positions of the columns that are named; all where none is. */
export function targetPositions(
  table: TableEntry,
  columns: readonly NamedColumn[],
): number[] {
  if (columns.length === 0) return table.columns.map((_, i) => i);
  const positions: number[] = [];
  const whole = new Set<number>();
  for (const { name, offset, steps } of columns) {
    const position = namedPosition(table, name, offset);
    const isPart = steps !== undefined && !whole.has(position);
    if (steps === undefined) whole.add(position);
    if (positions.includes(position) && !isPart) {
      throw new SqlError("42701", `column "${name}" specified more than once`, {
        offset,
      });
    }
    positions.push(position);
  }
  return positions;
}

/** Binds the source of one INSERT. */
class InsertBinder {
  readonly #state: StatementState;
  readonly #coercer: Coercer;
  readonly #syntax: InsertSyntax;
  /** The names around, and those of WITH. */
  readonly #base: Scope;
  readonly #table: TableEntry | ViewEntry;
  /** The positions of the target columns. */
  readonly #positions: readonly number[];
  /** Them; of one whose part is named, with the type of the part. */
  readonly #targets: readonly ColumnEntry[];
  readonly #binder: ExpressionBinder;

  constructor(
    state: StatementState,
    syntax: InsertSyntax,
    targets: readonly number[],
    row: Scope,
  ) {
    const { table } = row.relations[0]!;
    this.#state = state;
    this.#base = new Scope([], [], row.parent, row.ctes);
    this.#coercer = new Coercer(state);
    this.#syntax = syntax;
    this.#table = table!;
    this.#positions = targets;
    this.#targets = targets.map((position, i): ColumnEntry => {
      const column = table!.columns[position]!;
      const steps = syntax.columns[i]?.steps;
      return steps === undefined
        ? column
        : { ...column, type: partType(column.type, steps, column.name) };
    });
    this.#binder = new ExpressionBinder({
      state,
      coercer: this.#coercer,
      // VALUES sees no table, not even the one it goes to.
      scope: new Scope([], row.relations, row.parent, row.ctes),
      place: "VALUES",
    });
  }

  /**
   * What a column of the table gets of the values: the one, or NULL with those
   * of its parts in place; `undefined` where none is for it.
   */
  valueOf(
    position: number,
    values: readonly BoundExpression[],
  ): BoundExpression | undefined {
    const { columns } = this.#syntax;
    const first = this.#positions.indexOf(position);
    if (columns[first]?.steps === undefined) return values[first];
    const column = this.#table.columns[position]!;
    return columns.reduce<BoundExpression>(
      (base, { steps }, i) =>
        this.#positions[i] === position && values[i] !== undefined
          ? assignPart(this.#binder, base, steps!, values[i]!, column.name)
          : base,
      nullOf(column.type),
    );
  }

  source(relation: number): BoundSource {
    const { source } = this.#syntax;
    if (source === undefined) return { source: undefined, values: [] };
    if (source.kind === "external_rows") {
      return this.#external(source.defaults, relation);
    }
    const { body } = source;
    if (body.kind !== "values_body" || !isPlain(source)) {
      return this.#query(source, relation);
    }
    const rows = expandStars(body.rows, this.#base);
    if (rows.length === 1 && body.more === undefined) {
      if (this.#givesRows(rows[0]!)) {
        return this.#query(asSelect(source, rows[0]!), relation);
      }
      return { source: undefined, values: this.#row(rows[0]!) };
    }
    return this.#rows(rows === body.rows ? body : { ...body, rows }, relation);
  }

  /**
   * Columns of the targets' types; with `defaults`, followed by as many that say
   * where DEFAULT is meant.
   */
  #external(defaults: boolean, relation: number): BoundSource {
    const types = this.#targets.map(({ type }) => type);
    const columnOf = (column: number, type: TypeRef): BoundExpression => ({
      kind: "column",
      relation,
      column,
      type,
      name: this.#targets[column % types.length]!.name,
      offset: -1,
    });
    const values = this.#targets.map((target, i): BoundExpression => {
      const value = columnOf(i, target.type);
      if (!defaults) return value;
      return {
        kind: "case",
        operand: undefined,
        branches: [{
          condition: columnOf(types.length + i, BOOLEAN),
          result: defaultOf(this.#state, target),
        }],
        otherwise: value,
        type: target.type,
        offset: -1,
      };
    });
    const flags = defaults ? types.map(() => BOOLEAN) : [];
    return {
      source: { kind: "external", types: [...types, ...flags] },
      values,
    };
  }

  /** Whether a call in the row gives rows: VALUES is a select list then. */
  #givesRows(row: readonly Expression[]): boolean {
    const { functions } = this.#state.options;
    let found = false;
    walkSyntax(row, {
      call: ({ name }) => found ||= functions.isSetFunction(name),
    });
    return found;
  }

  /** One row of as many cells as `first`, coerced to the columns. */
  #row(
    row: readonly Expression[],
    first: readonly Expression[] = row,
  ): BoundExpression[] {
    const bound = row.map((cell, i) =>
      cell.kind === "default"
        ? undefined
        : bindAs(this.#binder, cell, this.#targets[i]?.type, "assignment")
    );
    requireSameLengths([first, row]);
    this.#requireWidth(row.length, (i) => row[i]!.offset);
    return bound.map((expression, i) => {
      const column = this.#targets[i]!;
      const steps = this.#syntax.columns[i]?.steps;
      if (expression !== undefined) this.#refuseGiven(column);
      else if (steps !== undefined) throw defaultOfPart(steps, row[i]!.offset);
      return expression === undefined
        ? defaultOf(this.#state, column)
        : assign(this.#coercer, expression, column);
    });
  }

  #rows(body: ValuesBody, relation: number): BoundSource {
    const { rows, more } = body;
    const width = rows[0]!.length;
    const rowCount = rows.length + (more?.rowCount ?? 0);
    const builders = rows[0]!.map((_, i) => {
      const column = this.#targets[i] ?? this.#targets[0]!;
      return new ValuesColumnBuilder(`column${i + 1}`, column.type, rowCount);
    });
    for (const row of rows) {
      this.#row(row, rows[0]).forEach((cell, i) => builders[i]!.add(cell));
    }
    if (more !== undefined) {
      const errors = new TokenizedErrors();
      for (let column = 0; column < width; column++) {
        if (hasValues(more, column)) this.#refuseGiven(this.#targets[column]!);
        bindTokenizedColumn({
          binder: this.#binder,
          rows: more,
          column,
          target: this.#targets[column]!,
          first: rows[0]![column]!,
          builder: builders[column]!,
          errors,
        });
      }
      errors.throwFirst();
    }
    const columns = builders.map((builder) => builder.finish());
    const values = columns.map(({ name, type }, column) => ({
      kind: "column" as const,
      relation,
      column,
      type,
      name,
      offset: -1,
    }));
    return { source: { rowCount, columns }, values };
  }

  #query(syntax: SelectSyntax, relation: number): BoundSource {
    const query = bindQuery(this.#state, syntax, {
      resolveUnknowns: false,
      parent: { scope: this.#base, frame: undefined },
    });
    const visible = query.targets.filter(({ visible }) => visible);
    this.#requireWidth(
      visible.length,
      (i) => offsetOf(visible[i]!.expression) ?? -1,
    );
    const values = visible.map(({ name, expression }, column) => {
      this.#refuseGiven(this.#targets[column]!);
      // A literal of open type is read as what the column wants.
      const isOpen = expression.type.type === unknown &&
        (expression.kind === "constant" || expression.kind === "parameter");
      const value: BoundExpression = isOpen ? expression : {
        kind: "column",
        relation,
        column,
        type: expression.type,
        name,
        offset: offsetOf(expression) ?? -1,
      };
      return assign(this.#coercer, value, this.#targets[column]!);
    });
    return { source: query, values };
  }

  /** @throws {SqlError} `428C9` where only DEFAULT may be given. */
  #refuseGiven(column: ColumnEntry): void {
    refuseGiven(column, this.#syntax.overriding);
  }

  /** Checks how many values there are; fewer than all columns will do. */
  #requireWidth(width: number, placeOf: (i: number) => number): void {
    const { columns } = this.#syntax;
    requireWidth({ targets: this.#targets.length, columns }, width, placeOf);
  }
}

/**
 * Checks how many values there are for the target columns, of which `columns`
 * were named; fewer than all columns will do where none was.
 */
export function requireWidth(
  { targets, columns }: {
    readonly targets: number;
    readonly columns: readonly NamedColumn[];
  },
  width: number,
  placeOf: (i: number) => number,
): void {
  if (width > targets) {
    throw new SqlError(
      "42601",
      "INSERT has more expressions than target columns",
      { offset: placeOf(targets) },
    );
  }
  if (width < columns.length) {
    throw new SqlError(
      "42601",
      "INSERT has more target columns than expressions",
      { offset: columns[width]!.offset },
    );
  }
}

/** Whether a column of tokenized rows has anything but DEFAULT. */
function hasValues(
  { kinds, width, rowCount }: TokenizedRows,
  column: number,
): boolean {
  for (let row = 0; row < rowCount; row++) {
    if (kinds[row * width + column] !== CELL_DEFAULT) return true;
  }
  return false;
}

/** Whether VALUES has nothing around it. */
function isPlain(source: SelectSyntax): boolean {
  return source.orderBy.length === 0 && source.limit === undefined &&
    source.offsetRows === undefined && source.with.length === 0;
}

/** A row of VALUES as a select list. */
function asSelect(
  source: SelectSyntax,
  row: readonly Expression[],
): SelectSyntax {
  return {
    ...source,
    body: {
      kind: "select_body",
      distinct: false,
      distinctOn: [],
      targets: row.map((expression) => ({
        name: undefined,
        expression,
        offset: expression.offset,
      })),
      from: [],
      where: undefined,
      groupBy: [],
      groupDistinct: false,
      having: undefined,
      windows: [],
    },
  };
}
