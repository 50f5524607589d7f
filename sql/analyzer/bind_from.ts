/**
 * FROM, and the tables that statements change.
 *
 * @module
 */
import { unreachable } from "../../base/invariant.ts";
import type {
  RelationEntry,
  TableEntry,
  ViewEntry,
} from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type {
  FromItem,
  FunctionItem,
  RelationName,
  SampleItem,
  SubqueryItem,
  TableItem,
} from "../parser/syntax.ts";
import {
  aliasedColumns,
  bindJoin,
  type BoundItem,
  type ItemBinder,
  refuseSameNames,
} from "./bind_join.ts";
import { bindSample } from "./bind_sample.ts";
import { bindTableFunctions } from "./bind_table_function.ts";
import type {
  BoundExpression,
  BoundFrom,
  TableRelation,
  ValuesRelation,
} from "./bound_expression.ts";
import type { ResultField } from "./bound_relation.ts";
import { Frame, type FrameOptions } from "./frame.ts";
import {
  type CteEntry,
  Scope,
  type ScopeRelation,
  scopeRelation,
} from "./scope.ts";
import { transitionRows } from "./routines/transition_rows.ts";
import { sequenceRow } from "./sequences/sequence_row.ts";
import type { StatementState } from "./statement_state.ts";
import { record } from "../types/row/row_type.ts";
import { queryOf } from "./view_text.ts";
import { scannedTree } from "./inheritance/scanned_tree.ts";

/**
 * The table of that name.
 *
 * @throws {SqlError} `42P01` when there is none, `42809` when it is an index.
 */
export function openTable(
  state: StatementState,
  { schema, name, offset }: RelationName,
): TableEntry {
  const entry = state.options.catalog.relation(schema, name);
  if (entry === undefined) throw missingRelation(schema, name, offset);
  if (entry.kind === "table") return entry;
  throw cannotOpen(entry, offset);
}

/** `42809`: a relation whose rows cannot be read or changed. */
function cannotOpen({ kind, name }: RelationEntry, offset: number): SqlError {
  const kinds = {
    table: "tables",
    index: "indexes",
    view: "views",
    sequence: "sequences",
  };
  return new SqlError("42809", `cannot open relation "${name}"`, {
    detail: `This operation is not supported for ${kinds[kind]}.`,
    offset: offset < 0 ? undefined : offset,
  });
}

/** `55000`: a materialized view without rows. */
function refuseUnpopulated({ name, materialized }: TableEntry): void {
  if (materialized?.populated !== false) return;
  throw new SqlError(
    "55000",
    `materialized view "${name}" has not been populated`,
    { hint: "Use the REFRESH MATERIALIZED VIEW command." },
  );
}

/** `42P01`; without a position where PostgreSQL gives none. */
export function missingRelation(
  schema: string | undefined,
  name: string,
  offset = -1,
): SqlError {
  const shown = schema === undefined ? name : `${schema}.${name}`;
  return new SqlError("42P01", `relation "${shown}" does not exist`, {
    offset: offset < 0 ? undefined : offset,
  });
}

/** A table under its alias. */
export function bindTable(
  state: StatementState,
  { relation, alias, columnAliases }: Omit<TableItem, "kind">,
): TableRelation {
  const table = openTable(state, relation);
  const name = alias ?? table.name;
  const { columns } = table;
  const tree = scannedTree(state.options.catalog, table, relation.only);
  const names = columns.map((column) => column.name);
  return {
    kind: "table",
    relation: state.newRelation(),
    table,
    ...tree && { tree },
    alias: name,
    columnNames: aliasedColumns("table", name, names, columnAliases),
  };
}

/** FROM, and the names that the rest of the query sees. */
export interface ScopedFrom {
  readonly from: BoundFrom | undefined;
  readonly scope: Scope;
}

/**
 * Binds FROM. `base` is the query's scope before it: the queries of WITH, and the
 * names around. Items also see `before`, which is not theirs.
 */
export function bindFrom(
  state: StatementState,
  items: readonly FromItem[],
  base: Scope,
  before: readonly ScopeRelation[] = [],
): ScopedFrom {
  const binder = new FromBinder(state, base, before);
  let from: BoundFrom | undefined;
  const namespace: ScopeRelation[] = [];
  for (const item of items) {
    const earlier = [...before, ...namespace];
    const bound = binder.item(item, earlier);
    refuseSameNames(earlier, bound.namespace);
    namespace.push(...bound.namespace);
    from = from === undefined ? bound.from : {
      kind: "join",
      join: "inner",
      left: from,
      right: bound.from,
      condition: undefined,
    };
  }
  return { from, scope: binder.scope(namespace) };
}

/**
 * The names that a statement sees that changes `own`, and what it reads
 * besides; that cannot refer to the target, even under LATERAL.
 */
export function bindChangedFrom(
  state: StatementState,
  own: ScopeRelation,
  items: readonly FromItem[],
  base: Scope,
): { readonly using: BoundFrom | undefined; readonly scope: Scope } {
  const { from, scope } = bindFrom(state, items, base, [
    { ...own, forbidden: "target" },
  ]);
  const { parent, ctes } = base;
  const relations = [own, ...scope.relations];
  const all = [
    own,
    ...scope.all.filter(({ relation }) => relation !== own.relation),
  ];
  return { using: from, scope: new Scope(relations, all, parent, ctes) };
}

/** A table as a relation of a scope. */
export function tableScope(from: TableRelation): ScopeRelation {
  const { relation, alias, table, columnNames } = from;
  const types = table.columns.map(({ type }) => type);
  return scopeRelation(relation, alias, columnNames, types, table);
}

/** The columns of a VALUES list that stands alone. */
export function valuesScope(
  { relation, values }: ValuesRelation,
  { parent, ctes }: Scope,
): Scope {
  const names = values.columns.map(({ name }) => name);
  const types = values.columns.map(({ type }) => type);
  const own = [scopeRelation(relation, "*VALUES*", names, types)];
  return new Scope(own, own, parent, ctes);
}

/** What stands in FROM takes only from what stands before it. */
const LATERAL: FrameOptions = { place: "FROM", passesOuter: true };

/** Binds the items of one FROM. */
class FromBinder implements ItemBinder {
  readonly state: StatementState;
  readonly #base: Scope;
  readonly #all: ScopeRelation[];

  constructor(
    state: StatementState,
    base: Scope,
    before: readonly ScopeRelation[],
  ) {
    this.state = state;
    this.#base = base;
    this.#all = [...before];
  }

  scope(
    relations: readonly ScopeRelation[],
    lateral: readonly ScopeRelation[] = [],
  ): Scope {
    const { parent, ctes } = this.#base;
    return new Scope([...relations], this.#all, parent, ctes, lateral);
  }

  item(item: FromItem, before: readonly ScopeRelation[]): BoundItem {
    switch (item.kind) {
      case "table":
        return this.#table(item);
      case "sample":
        return this.#sample(item);
      case "subquery_item":
        return this.#subquery(item, before);
      case "function_item":
        return this.#functions(item, before);
      case "join":
        return bindJoin(this, item, before);
      default:
        return unreachable(item);
    }
  }

  #table(item: TableItem): BoundItem {
    const cte = item.relation.schema === undefined
      ? this.#base.findCte(item.relation.name)
      : undefined;
    if (cte !== undefined) return this.#cte(item, cte);
    const { state } = this;
    const { schema, name, offset } = item.relation;
    const { transitionTables } = state.options;
    const transition = schema === undefined
      ? transitionTables?.get(name)
      : undefined;
    if (transition !== undefined) {
      const rows = transitionRows(state, transition, item);
      return this.#single(rows.from, rows.scope);
    }
    const entry = state.options.catalog.relation(schema, name);
    if (entry !== undefined) {
      state.references?.relation(offset, entry, item.alias !== undefined);
    }
    if (entry?.kind === "view") return this.#view(item, entry);
    if (entry?.kind === "sequence") {
      const { from, scope } = sequenceRow(state, entry, item);
      return this.#single(from, scope);
    }
    const from = bindTable(state, item);
    if (state.references === undefined) refuseUnpopulated(from.table);
    return this.#single(from, tableScope(from));
  }

  #sample(item: SampleItem): BoundItem {
    const bound = this.#table(item.table);
    const condition = bindSample(this.state, item, bound.from);
    return { ...bound, from: condition };
  }

  /** A view: its query, which sees nothing of what is around. */
  #view(item: TableItem, view: ViewEntry): BoundItem {
    const { state } = this;
    const query = state.noting(
      undefined,
      () => state.bindQuery(queryOf(view), { resolveUnknowns: true }),
    );
    const alias = item.alias ?? view.name;
    const names = view.columns.map(({ name }) => name);
    const { columnAliases } = item;
    const columnNames = aliasedColumns("table", alias, names, columnAliases);
    const relation = state.newRelation();
    const types = view.columns.map(({ type }) => type);
    return this.#single(
      {
        kind: "subquery",
        relation,
        alias,
        columnNames,
        query,
        captures: [],
        view,
      },
      withRowFields(
        scopeRelation(relation, alias, columnNames, types, view),
        query.fields,
      ),
    );
  }

  #cte(item: TableItem, cte: CteEntry): BoundItem {
    if (cte.silent) {
      throw new SqlError(
        "0A000",
        `WITH query "${cte.name}" does not have a RETURNING clause`,
        { offset: item.relation.offset },
      );
    }
    const alias = item.alias ?? cte.name;
    const names = cte.columnNames;
    const columnNames = aliasedColumns(
      "table",
      alias,
      names,
      item.columnAliases,
    );
    this.state.useCte(cte.id);
    const relation = this.state.newRelation();
    const { id, types } = cte;
    return this.#single(
      {
        kind: "cte",
        relation,
        id,
        name: cte.name,
        alias,
        columnNames,
        types,
        working: cte.working,
      },
      withRowFields(
        scopeRelation(relation, alias, columnNames, types),
        cte.fields ?? [],
      ),
    );
  }

  #single(from: BoundFrom, scope: ScopeRelation): BoundItem {
    this.#all.push(scope);
    const columns = scope.names.map((name, i) => ({
      name,
      expression: scope.columns[i]!,
    }));
    return { from, namespace: [scope], columns };
  }

  #subquery(
    item: SubqueryItem,
    before: readonly ScopeRelation[],
  ): BoundItem {
    const isLateral = item.lateral && before.length > 0;
    const frame = isLateral
      ? new Frame(() => this.state.newSlot(), LATERAL)
      : undefined;
    const query = this.state.bindQuery(item.query, {
      resolveUnknowns: true,
      parent: {
        scope: isLateral ? this.scope(before) : this.scope([], before),
        frame,
      },
    });
    const { fields } = query;
    const alias = item.alias ?? "unnamed_subquery";
    const columnNames = aliasedColumns(
      "table",
      alias,
      fields.map(({ name }) => name),
      item.columnAliases,
    );
    const relation = this.state.newRelation();
    const types = fields.map(({ type }) => type);
    const scope = withRowFields(
      scopeRelation(relation, alias, columnNames, types),
      fields,
    );
    const captures = frame?.captures ?? [];
    return this.#single(
      { kind: "subquery", relation, alias, columnNames, query, captures },
      item.alias === undefined ? { ...scope, relationVisible: false } : scope,
    );
  }

  #functions(
    item: FunctionItem,
    before: readonly ScopeRelation[],
  ): BoundItem {
    const frame = new Frame(() => this.state.newSlot(), LATERAL);
    const scope = new Scope([], undefined, {
      scope: this.scope(before),
      frame,
    });
    const { functions, columns, name } = bindTableFunctions(
      this.state,
      item,
      scope,
    );
    const alias = item.alias ?? name;
    const columnNames = aliasedColumns(
      "table",
      alias,
      columns.map((column) => column.name),
      item.columnAliases,
    );
    const relation = this.state.newRelation();
    const types = columns.map(({ type }) => type);
    const { ordinality } = item;
    const { captures } = frame;
    return this.#single(
      {
        kind: "function",
        relation,
        alias,
        columnNames,
        functions,
        ordinality,
        captures,
      },
      {
        ...scopeRelation(relation, alias, columnNames, types),
        isScalar: functions.length === 1 && columns.length === 1 &&
          givesValues(functions[0]!.call),
      },
    );
  }
}

/** The relation, whose columns of type `record` know their rows' fields. */
function withRowFields(
  scope: ScopeRelation,
  fields: readonly Pick<ResultField, "rowFields">[],
): ScopeRelation {
  if (fields.every(({ rowFields }) => rowFields === undefined)) return scope;
  const columns = scope.columns.map((column, i) => {
    const rowFields = fields[i]?.rowFields;
    return rowFields === undefined ? column : { ...column, rowFields };
  });
  return { ...scope, columns };
}

/** Whether a function in FROM gives values, and not rows of a column each. */
function givesValues(call: BoundExpression): boolean {
  return call.kind !== "call" || (call.function.columns !== "record" &&
    call.function.returnType !== record);
}
