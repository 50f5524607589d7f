/**
 * Joins: which rows belong together, and what their columns are called.
 *
 * A join without an alias keeps the names of its sides (`t.a`) and gives their
 * columns names of its own: those of USING first, once for both sides, then what
 * the left side has besides, then the right side. With an alias, that is all that
 * can be seen of it.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { FromItem, JoinItem } from "../parser/syntax.ts";
import { combine } from "./binding.ts";
import type {
  BoundExpression,
  BoundFrom,
  JoinRelation,
} from "./bound_expression.ts";
import { Coercer, commonTypmod } from "./coerce.ts";
import { ExpressionBinder } from "./expression_binder.ts";
import type { Scope, ScopeRelation } from "./scope.ts";
import type { StatementState } from "./statement_state.ts";

/** A column of an item of FROM. */
export interface ItemColumn {
  readonly name: string;
  readonly expression: BoundExpression;
}

/** An item of FROM, bound. */
export interface BoundItem {
  readonly from: BoundFrom;
  /** The names it brings. */
  readonly namespace: readonly ScopeRelation[];
  /** Its columns, as a star gives them. */
  readonly columns: readonly ItemColumn[];
}

/** Binds the items of one FROM. */
export interface ItemBinder {
  readonly state: StatementState;
  /** Binds an item; LATERAL sees the relations `before` it. */
  item(item: FromItem, before: readonly ScopeRelation[]): BoundItem;
  /** A scope of this FROM in which these relations are seen. */
  scope(relations: readonly ScopeRelation[]): Scope;
}

/** Refuses two relations of one name. */
export function refuseSameNames(
  left: readonly ScopeRelation[],
  right: readonly ScopeRelation[],
): void {
  for (const { alias, table, relationVisible } of right) {
    if (!relationVisible) continue;
    const same = left.some((other) =>
      other.relationVisible && other.alias === alias &&
      // Tables of two schemas may share a name that nobody gave them.
      !(other.table !== undefined && table !== undefined &&
        other.table !== table && other.table.name === alias &&
        table.name === alias)
    );
    if (!same) continue;
    throw new SqlError(
      "42712",
      `table name "${alias}" specified more than once`,
    );
  }
}

/** The names of columns, the first of them replaced by aliases. */
export function aliasedColumns(
  what: "table" | "join expression",
  name: string,
  names: readonly string[],
  aliases: readonly string[],
): string[] {
  if (aliases.length > names.length) {
    throw new SqlError(
      "42P10",
      `${what} "${name}" has ${names.length} columns available but ${aliases.length} columns specified`,
    );
  }
  return names.map((column, i) => aliases[i] ?? column);
}

/** Binds a join and its sides. */
export function bindJoin(
  items: ItemBinder,
  syntax: JoinItem,
  before: readonly ScopeRelation[],
): BoundItem {
  const { join } = syntax;
  const left = items.item(syntax.left, before);
  const allowed = join === "inner" || join === "left";
  const right = items.item(syntax.right, [
    ...before,
    ...left.namespace.map((relation) =>
      allowed ? relation : { ...relation, forbidden: "join" as const }
    ),
  ]);
  refuseSameNames(left.namespace, right.namespace);
  const binder = new ExpressionBinder({
    state: items.state,
    coercer: new Coercer(items.state),
    scope: items.scope([...left.namespace, ...right.namespace]),
    place: "JOIN/ON",
  });
  const using = syntax.natural ? commonNames(left, right) : syntax.using ?? [];
  const merged = mergeColumns(binder, join, using, left, right);
  const condition = syntax.on === undefined
    ? merged.condition
    : binder.condition(syntax.on);
  const from: JoinRelation = {
    kind: "join",
    join,
    left: left.from,
    right: right.from,
    condition,
  };
  const rest = [...left.columns, ...right.columns].filter(({ name }) =>
    !using.includes(name)
  );
  return named(syntax, from, left, right, merged.columns, rest);
}

/** The item with its names. */
function named(
  { alias, columnAliases, usingAlias }: JoinItem,
  from: JoinRelation,
  left: BoundItem,
  right: BoundItem,
  merged: readonly ItemColumn[],
  rest: readonly ItemColumn[],
): BoundItem {
  const all = [...merged, ...rest];
  const names = aliasedColumns(
    "join expression",
    alias ?? "unnamed_join",
    all.map(({ name }) => name),
    columnAliases,
  );
  const columns = all.map(({ expression }, i) => ({
    name: names[i]!,
    expression,
  }));
  const own = joinScope(alias ?? "", columns, true);
  if (alias !== undefined) return { from, namespace: [own], columns };
  const sides = [...left.namespace, ...right.namespace].map((relation) => ({
    ...relation,
    columnsVisible: false,
  }));
  if (usingAlias !== undefined) {
    const shared = joinScope(usingAlias, merged, false);
    refuseSameNames(sides, [shared]);
    sides.push(shared);
  }
  return { from, namespace: [...sides, own], columns };
}

function joinScope(
  alias: string,
  columns: readonly ItemColumn[],
  columnsVisible: boolean,
): ScopeRelation {
  return {
    relation: -1,
    alias,
    table: undefined,
    names: columns.map(({ name }) => name),
    columns: columns.map(({ expression }) => expression),
    relationVisible: alias !== "",
    columnsVisible,
  };
}

/** NATURAL: the names that both sides have. */
function commonNames(left: BoundItem, right: BoundItem): string[] {
  const names = new Set(right.columns.map(({ name }) => name));
  return left.columns.map(({ name }) => name).filter((name) => names.has(name));
}

/** USING: the columns of both sides that are one, and that they are equal. */
function mergeColumns(
  binder: ExpressionBinder,
  join: JoinItem["join"],
  using: readonly string[],
  left: BoundItem,
  right: BoundItem,
): { columns: ItemColumn[]; condition: BoundExpression | undefined } {
  const pairs = using.map((name, i) => {
    if (using.indexOf(name) !== i) {
      throw new SqlError(
        "42701",
        `column name "${name}" appears more than once in USING clause`,
      );
    }
    return [
      columnOf(left, name, "left"),
      columnOf(right, name, "right"),
    ] as const;
  });
  if (pairs.length === 0) return { columns: [], condition: undefined };
  const tests = pairs.map(([a, b]) =>
    binder.coercer.toBoolean(binder.operator("=", a, b, -1), "JOIN/USING")
  );
  const columns = pairs.map(([a, b], i): ItemColumn => {
    const [first, second] = binder.coercer.toCommonType([a, b], "JOIN/USING");
    return { name: using[i]!, expression: mergedColumn(join, first!, second!) };
  });
  return { columns, condition: combine("and", tests, -1) };
}

function mergedColumn(
  join: JoinItem["join"],
  left: BoundExpression,
  right: BoundExpression,
): BoundExpression {
  switch (join) {
    case "inner":
      return left.kind !== "column" && right.kind === "column" ? right : left;
    case "left":
      return left;
    case "right":
      return right;
    case "full": {
      const operands = [left, right];
      const type = { ...left.type, typmod: commonTypmod(operands) };
      return { kind: "coalesce", operands, type, offset: -1 };
    }
  }
}

function columnOf(
  { columns }: BoundItem,
  name: string,
  side: "left" | "right",
): BoundExpression {
  const found = columns.filter((column) => column.name === name);
  if (found.length > 1) {
    throw new SqlError(
      "42702",
      `common column name "${name}" appears more than once in ${side} table`,
    );
  }
  if (found.length === 0) {
    throw new SqlError(
      "42703",
      `column "${name}" specified in USING clause does not exist in ${side} table`,
    );
  }
  return found[0]!.expression;
}
