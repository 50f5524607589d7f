/**
 * WITH: queries under names.
 *
 * One that is read once becomes a part of what reads it, unless it is to be
 * computed apart (MATERIALIZED, a volatile function in it). One that reads itself
 * has the form of a UNION: the first part gives the rows to start with and the
 * types, the second reads the rows of the round before.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type {
  CteSyntax,
  RelationName,
  SelectSyntax,
  SetOperationBody,
  WithSyntax,
} from "../parser/syntax.ts";
import { combineQueries } from "./bind_set_operation.ts";
import type {
  BoundCte,
  BoundCteChange,
  BoundExpression,
  BoundFrom,
  BoundQuery,
  BoundRecursion,
  ResultField,
} from "./bound_expression.ts";
import { computeSearchAndCycle, readingOnly } from "./search_cycle.ts";
import { type CteEntry, type ParentScope, Scope } from "./scope.ts";
import type { StatementState } from "./statement_state.ts";
import { someExpression } from "./walk.ts";

/** The scope that a query starts with, and its WITH when it is bound. */
export interface ScopedWith {
  readonly base: Scope;
  /** The queries; to be asked when all that reads them is bound. */
  finish(): BoundCte[];
}

/** Binds the WITH of a query. */
export function bindWith(
  state: StatementState,
  syntax: WithSyntax,
  parent: ParentScope | undefined,
): ScopedWith {
  const entries: CteEntry[] = [];
  const bound: Omit<BoundCte, "inlined">[] = [];
  const sources: CteSyntax[] = [];
  const add = (cte: CteSyntax, mayRecurse: boolean): void => {
    const binder = new CteBinder(state, cte, entries, parent);
    const { query, fields, recursive, columns, shown } = binder.bind(
      mayRecurse,
    );
    const columnNames = columns ?? columnNamesOf(cte, fields);
    const types = fields.map(({ type }) => type);
    const id = state.newCte();
    const { name } = cte;
    const silent = "kind" in query && fields.length === 0;
    entries.unshift({
      name,
      id,
      columnNames,
      types,
      fields,
      working: false,
      silent,
    });
    bound.push({ id, name, columnNames, query, recursive });
    sources.push(cte);
    if (shown === undefined) return;
    const { search: _, cycle: __, ...plain } = cte;
    add(
      { ...plain, columnAliases: [], query: readingOnly(name, shown) },
      false,
    );
  };
  checkNames(syntax.with);
  for (const cte of inOrder(syntax)) add(cte, syntax.recursive);
  return {
    base: new Scope([], [], parent, entries),
    finish: () =>
      bound.map((cte, i) => ({
        ...cte,
        inlined: isInlined(state, cte, sources[i]!),
      })),
  };
}

function checkNames(all: readonly CteSyntax[]): void {
  const seen = new Set<string>();
  for (const { name, offset } of all) {
    if (seen.has(name)) {
      throw new SqlError(
        "42712",
        `WITH query name "${name}" specified more than once`,
        { offset },
      );
    }
    seen.add(name);
  }
}

/**
 * The queries so that each comes after those it reads: under RECURSIVE one may
 * read a later one.
 */
function inOrder({ with: all, recursive }: WithSyntax): readonly CteSyntax[] {
  if (!recursive || all.length < 2) return all;
  const ordered: CteSyntax[] = [];
  const open: CteSyntax[] = [];
  const visit = (cte: CteSyntax): void => {
    if (ordered.includes(cte)) return;
    if (open.includes(cte)) {
      throw new SqlError(
        "0A000",
        "mutual recursion between WITH items is not implemented",
        { offset: cte.offset },
      );
    }
    open.push(cte);
    for (const other of all) {
      if (other !== cte && mentions(cte.query, other.name).length > 0) {
        visit(other);
      }
    }
    open.pop();
    ordered.push(cte);
  };
  all.forEach(visit);
  return ordered;
}

function isInlined(
  state: StatementState,
  { id, query, recursive }: Omit<BoundCte, "inlined">,
  { materialized }: CteSyntax,
): boolean {
  if (
    "kind" in query || recursive !== undefined || state.cteUses(id) > 1
  ) return false;
  return materialized === "never" ||
    (materialized === "default" && !isVolatile(query));
}

function columnNamesOf(
  { name, columnAliases, offset }: CteSyntax,
  fields: readonly ResultField[],
): string[] {
  if (columnAliases.length > fields.length) {
    throw new SqlError(
      "42P10",
      `WITH query "${name}" has ${fields.length} columns available but ${columnAliases.length} columns specified`,
      { offset },
    );
  }
  return fields.map((field, i) => columnAliases[i] ?? field.name);
}

/** What is known of a query of WITH when it is bound. */
interface BoundParts {
  readonly query: BoundQuery | BoundCteChange;
  readonly fields: readonly ResultField[];
  readonly recursive: BoundRecursion | undefined;
  /** The columns' names, where SEARCH or CYCLE adds some. */
  readonly columns?: readonly string[];
  /** Those of them that others see, where it is not all. */
  readonly shown?: readonly string[] | undefined;
}

/** Binds one query of WITH. */
class CteBinder {
  readonly #state: StatementState;
  readonly #syntax: CteSyntax;
  readonly #entries: readonly CteEntry[];
  readonly #parent: ParentScope | undefined;

  constructor(
    state: StatementState,
    syntax: CteSyntax,
    entries: readonly CteEntry[],
    parent: ParentScope | undefined,
  ) {
    this.#state = state;
    this.#syntax = syntax;
    this.#entries = [...entries];
    this.#parent = parent;
  }

  bind(recursive: boolean): BoundParts {
    const { name, query, offset } = this.#syntax;
    const isRecursive = recursive && mentions(query, name).length > 0;
    const { search, cycle } = this.#syntax;
    if ((search !== undefined || cycle !== undefined) && !isRecursive) {
      throw new SqlError("42601", "WITH query is not recursive", { offset });
    }
    if (query.kind === "select") {
      return isRecursive ? this.#recursive(query) : this.#plain(query);
    }
    if (this.#parent !== undefined) {
      throw new SqlError(
        "0A000",
        "WITH clause containing a data-modifying statement must be at the top level",
        { offset },
      );
    }
    if (isRecursive) {
      throw this.#refuse(
        `recursive query "${name}" must not contain data-modifying statements`,
      );
    }
    const change = this.#state.bindChange(query, {
      scope: new Scope([], [], this.#parent, this.#entries),
      frame: undefined,
    });
    return { query: change, fields: change.fields, recursive: undefined };
  }

  #bind(syntax: SelectSyntax, own: readonly CteEntry[] = []): BoundQuery {
    const ctes = [...own, ...this.#entries];
    return this.#state.bindQuery(syntax, {
      resolveUnknowns: own.length === 0,
      parent: {
        scope: new Scope([], [], this.#parent, ctes),
        frame: undefined,
      },
    });
  }

  #plain(syntax: SelectSyntax): BoundParts {
    const query = this.#bind(syntax);
    return { query, fields: query.fields, recursive: undefined };
  }

  #recursive(syntax: SelectSyntax): BoundParts {
    const { name } = this.#syntax;
    const { body } = syntax;
    if (body.kind !== "set_operation_body" || body.operation !== "union") {
      throw this.#refuse(
        `recursive query "${name}" does not have the form non-recursive-term UNION [ALL] recursive-term`,
      );
    }
    const [early] = mentions(body.left, name);
    if (early !== undefined) {
      throw this.#refuse(
        `recursive reference to query "${name}" must not appear within its non-recursive term`,
        early,
      );
    }
    this.#refuseTail(syntax);
    const { search, cycle } = this.#syntax;
    if (search === undefined && cycle === undefined) {
      return this.#union(
        body,
        (fields) => columnNamesOf(this.#syntax, fields),
      );
    }
    const names = columnNamesOf(this.#syntax, this.#bind(body.left).fields);
    const { query, columns, shown } = computeSearchAndCycle(
      this.#syntax,
      body,
      names,
    );
    const parts = this.#union(query.body as SetOperationBody, () => columns);
    return { ...parts, columns, shown };
  }

  #union(
    body: SetOperationBody,
    namesOf: (fields: readonly ResultField[]) => readonly string[],
  ): BoundParts {
    const { name } = this.#syntax;
    const first = this.#bind(body.left);
    const id = this.#state.newCte();
    const columnNames = namesOf(first.fields);
    const types = first.fields.map(({ type }) => type);
    const self = {
      name,
      id,
      columnNames,
      types,
      working: true,
      silent: false,
    };
    const second = this.#bind(body.right, [self]);
    if (this.#state.cteUses(id) > 1) {
      throw this.#refuse(
        `recursive reference to query "${name}" must not appear more than once`,
        mentions(body.right, name)[1],
      );
    }
    const { left, right } = combineQueries(this.#state, body, first, second);
    left.columns.forEach(({ type }, i) => {
      const before = types[i]!;
      if (before.type === type.type) return;
      throw new SqlError(
        "42804",
        `recursive query "${name}" column ${
          i + 1
        } has type ${before.type.displayName} in non-recursive term but type ${type.type.displayName} overall`,
        {
          offset: this.#offsetOf(first, i),
          hint:
            "Cast the output of the non-recursive term to the correct type.",
        },
      );
    });
    return {
      query: first,
      fields: first.fields,
      recursive: { id, all: body.all, left, right },
    };
  }

  #offsetOf({ targets }: BoundQuery, column: number): number | undefined {
    const { expression } = targets.filter(({ visible }) => visible)[column]!;
    return expression.offset < 0 ? undefined : expression.offset;
  }

  #refuse(message: string, offset = this.#syntax.offset): SqlError {
    return new SqlError("42P19", message, { offset });
  }

  /** What stands behind both parts would need all rows first. */
  #refuseTail({ orderBy, limit, offsetRows }: SelectSyntax): void {
    const parts = [
      ["ORDER BY", orderBy[0]?.expression],
      ["OFFSET", offsetRows],
      ["LIMIT", limit],
    ] as const;
    for (const [what, part] of parts) {
      if (part === undefined) continue;
      throw new SqlError(
        "0A000",
        `${what} in a recursive query is not implemented`,
        { offset: part.offset },
      );
    }
  }
}

/** Where tables of that name stand in FROM, anywhere in `syntax`. */
function mentions(syntax: unknown, name: string): number[] {
  if (typeof syntax !== "object" || syntax === null) return [];
  if ("kind" in syntax && syntax.kind === "table" && "relation" in syntax) {
    const { schema, name: own, offset } = syntax.relation as RelationName;
    return schema === undefined && own === name ? [offset] : [];
  }
  return Object.values(syntax).flatMap((part) => mentions(part, name));
}

/** Whether running the query twice may give two results. */
function isVolatile(query: BoundQuery): boolean {
  return query.targets.some(({ expression }) =>
    isVolatileExpression(expression)
  ) ||
    [query.where, query.having, ...query.groupBy].some(isVolatileExpression) ||
    readsVolatile(query.from);
}

function isVolatileExpression(
  expression: BoundExpression | undefined,
): boolean {
  return expression !== undefined && someExpression(
    expression,
    (part) =>
      part.kind === "subquery"
        ? isVolatile(part.query)
        : part.kind === "call" &&
          (part.function.volatility === "volatile" ||
            part.function.async !== undefined),
  );
}

function readsVolatile(from: BoundFrom | undefined): boolean {
  switch (from?.kind) {
    case "join":
      return readsVolatile(from.left) || readsVolatile(from.right);
    case "subquery":
      return isVolatile(from.query);
    case "set_operation":
      return isVolatile(from.left.query) || isVolatile(from.right.query);
    case "sample":
      return true;
    case "function":
      return from.functions.some(({ call }) => isVolatileExpression(call));
    default:
      return false;
  }
}
