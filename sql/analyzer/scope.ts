/**
 * The names that a column reference can mean: the relations of FROM under their
 * aliases, and around a subquery those of the queries around it.
 *
 * @module
 */
import type { TableEntry, ViewEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { ColumnSyntax } from "../parser/expression_syntax.ts";
import type { TypeRef } from "../types/data_type.ts";
import { oid } from "../types/int_types.ts";
import { tid } from "../types/place_types.ts";
import {
  type BoundExpression,
  CTID_COLUMN,
  TABLEOID_COLUMN,
} from "./bound_expression.ts";
import type { ResultField } from "./bound_relation.ts";
import type { Frame } from "./frame.ts";
import { missingColumn, missingRelation } from "./missing_name.ts";
import { baseOf } from "../types/domain_type.ts";

/** A relation of the scope. */
export interface ScopeRelation {
  /** Its number; -1 for a join, which has none. */
  readonly relation: number;
  /** The name it goes by; empty for a join without one. */
  readonly alias: string;
  /** The table or view, if it is one: gives a qualified name. */
  readonly table: TableEntry | ViewEntry | undefined;
  /** The names of its columns. */
  readonly names: readonly string[];
  /** What they are. */
  readonly columns: readonly BoundExpression[];
  /** Whether `alias.column` means it. */
  readonly relationVisible: boolean;
  /** Whether a column's name alone means it. */
  readonly columnsVisible: boolean;
  /**
   * Present where it is there only to say that a LATERAL cannot refer to it: by
   * the kind of join, or because it is the table that a statement changes.
   */
  readonly forbidden?: "join" | "target";
  /**
   * Whether its rows are values: those of a function that gives one column.
   * The relation's name then means that column, not a row.
   */
  readonly isScalar?: boolean;
}

/** A query of WITH. */
export interface CteEntry {
  readonly name: string;
  /** Its number in the statement. */
  readonly id: number;
  readonly columnNames: readonly string[];
  readonly types: readonly TypeRef[];
  /** What its query says of its columns; absent: it is being bound. */
  readonly fields?: readonly Pick<ResultField, "rowFields">[];
  /** Whether it is its own second part that sees it. */
  readonly working: boolean;
  /** Whether it is a change without RETURNING, which has no rows. */
  readonly silent: boolean;
}

/** Where names go that a scope does not have. */
export interface ParentScope {
  readonly scope: Scope;
  /** Where the query begins that is run for each row of the scope around. */
  readonly frame: Frame | undefined;
}

/** The alias of the relation whose column `merge_action()` is. */
export const MERGE_ACTION_RELATION = "merge_action()";

const TID: TypeRef = { type: tid, typmod: -1 };

/** System columns that PostgreSQL has and we do not. */
const OTHER_SYSTEM_COLUMNS: ReadonlySet<string> = new Set([
  "xmin",
  "xmax",
  "cmin",
  "cmax",
]);

/** Whether no user column may have the name. */
export function isSystemColumn(name: string): boolean {
  return name === "ctid" || name === "tableoid" ||
    OTHER_SYSTEM_COLUMNS.has(name);
}

/** A relation that a name was found to mean, and how many queries out. */
export interface FoundRelation {
  readonly relation: ScopeRelation;
  readonly frames: readonly (Frame | undefined)[];
}

/** Visible names. */
export class Scope {
  /** The relations, in order of FROM. */
  readonly relations: readonly ScopeRelation[];
  /** All relations of the query, for errors; may grow. */
  readonly all: readonly ScopeRelation[];
  /** The names of the query around. */
  readonly parent: ParentScope | undefined;
  /** What it would see if it were LATERAL, for errors. */
  readonly lateral: readonly ScopeRelation[];
  /** The queries of WITH, the last first. */
  readonly ctes: readonly CteEntry[];

  /** A scope over `relations`; errors may speak of `all`. */
  constructor(
    relations: readonly ScopeRelation[],
    all?: readonly ScopeRelation[],
    parent?: ParentScope,
    ctes: readonly CteEntry[] = [],
    lateral: readonly ScopeRelation[] = [],
  ) {
    this.lateral = lateral;
    this.relations = relations;
    this.all = all ?? relations;
    this.parent = parent;
    this.ctes = ctes;
  }

  /** A scope over other relations, within the same names around. */
  over(relations: readonly ScopeRelation[]): Scope {
    return new Scope(relations, relations, this.parent, this.ctes);
  }

  /** The query of that name in WITH, here or around. */
  findCte(name: string): CteEntry | undefined {
    return this.ctes.find((cte) => cte.name === name) ??
      this.parent?.scope.findCte(name);
  }

  /**
   * The column that `syntax` (no star) means.
   *
   * @throws {SqlError} `42703`, `42702`, `42P01` as PostgreSQL.
   */
  resolve(syntax: ColumnSyntax): BoundExpression {
    const { path, offset } = syntax;
    if (path.length === 1) {
      const name = path[0]!;
      const column = this.find(name, offset);
      if (column !== undefined) return column;
      throw missingColumn(this, undefined, name, offset);
    }
    const name = path.at(-1)!;
    if (path.length > 3) throw crossDatabase(path, offset);
    const found = this.relation(path.slice(0, -1), offset);
    const column = columnNamed(found.relation, name, offset);
    if (column === undefined) {
      throw missingColumn(this, found.relation, name, offset);
    }
    return captured(column, found.frames);
  }

  /** The column of that name, here or around; `undefined` if there is none. */
  find(name: string, offset: number): BoundExpression | undefined {
    const column = this.findHere(name, offset);
    if (column !== undefined || this.parent === undefined) return column;
    const { scope, frame } = this.parent;
    const outer = scope.find(name, offset);
    return outer && captured(outer, [frame]);
  }

  /** The column of that name in any relation of this query. */
  findHere(name: string, offset: number): BoundExpression | undefined {
    let found: BoundExpression | undefined;
    for (const relation of this.relations) {
      if (!relation.columnsVisible) continue;
      const column = columnNamed(relation, name, offset);
      if (column === undefined) continue;
      if (found !== undefined) throw ambiguous(name, offset);
      if (relation.forbidden !== undefined) throw forbidden(relation, offset);
      found = column;
    }
    return found;
  }

  /** The relation that `path` (without the column) names. */
  relation(path: readonly string[], offset: number): FoundRelation {
    if (path.length > 2) throw crossDatabase([...path, "*"], offset);
    const name = path.at(-1)!;
    const schema = path.length === 2 ? path[0] : undefined;
    const frames: (Frame | undefined)[] = [];
    for (
      let scope = this as Scope | undefined;
      scope !== undefined;
      scope = scope.parent?.scope
    ) {
      const relation = scope.#relationHere(schema, name, offset);
      if (relation !== undefined) return { relation, frames };
      frames.unshift(scope.parent?.frame);
    }
    throw missingRelation(this, schema, name, offset);
  }

  #relationHere(
    schema: string | undefined,
    name: string,
    offset: number,
  ): ScopeRelation | undefined {
    let found: ScopeRelation | undefined;
    for (const relation of this.relations) {
      if (!relation.relationVisible || relation.alias !== name) continue;
      const { table } = relation;
      if (
        schema !== undefined &&
        (table?.schema !== schema || table.name !== name)
      ) continue;
      if (found !== undefined) {
        throw new SqlError("42P09", `table reference "${name}" is ambiguous`, {
          offset,
        });
      }
      if (relation.forbidden !== undefined) throw forbidden(relation, offset);
      found = relation;
    }
    return found;
  }

  /** `merge_action()` of the MERGE whose RETURNING it stands in. */
  get mergeAction(): BoundExpression | undefined {
    const own = this.relations.find(({ alias }) =>
      alias === MERGE_ACTION_RELATION
    );
    if (own !== undefined) return own.columns[0];
    if (this.parent === undefined) return undefined;
    const { scope, frame } = this.parent;
    const outer = scope.mergeAction;
    return outer && captured(outer, [frame]);
  }

  /** The relation of that name, here or around; `undefined` if there is none. */
  findRelation(name: string): ScopeRelation | undefined {
    return this.relations.find(({ relationVisible, alias }) =>
      relationVisible && alias === name
    ) ?? this.parent?.scope.findRelation(name);
  }
}

/** The base of a domain, which is told beside it. */
function plainType(
  type: TypeRef,
): { readonly type: TypeRef; readonly domain?: TypeRef } {
  return type.type.domain === undefined
    ? { type }
    : { type: baseOf(type), domain: type };
}

/** A relation with columns of its own. */
export function scopeRelation(
  relation: number,
  alias: string,
  names: readonly string[],
  types: readonly TypeRef[],
  table?: TableEntry | ViewEntry,
): ScopeRelation {
  const columns = types.map((type, column): BoundExpression => ({
    kind: "column",
    relation,
    column,
    ...plainType(type),
    name: names[column]!,
    offset: -1,
  }));
  return {
    relation,
    alias,
    table,
    names,
    columns,
    relationVisible: alias !== "",
    columnsVisible: true,
  };
}

/** All columns of a relation, for a star. */
export function columnsOf(
  { relation, frames }: FoundRelation,
  offset: number,
): BoundExpression[] {
  return relation.columns.map((column) =>
    captured({ ...column, offset }, frames)
  );
}

/** What a column around is called within, the outermost frame first. */
function captured(
  expression: BoundExpression,
  frames: readonly (Frame | undefined)[],
): BoundExpression {
  return frames.reduce(
    (inner, frame) => frame === undefined ? inner : frame.capture(inner),
    expression,
  );
}

/** The column of that name in a relation. */
function columnNamed(
  relation: ScopeRelation,
  name: string,
  offset: number,
): BoundExpression | undefined {
  const first = relation.names.indexOf(name);
  if (first >= 0) {
    if (relation.names.indexOf(name, first + 1) >= 0) {
      throw ambiguous(name, offset);
    }
    return { ...relation.columns[first]!, offset };
  }
  return relation.table?.kind === "table"
    ? systemColumn(relation, name, offset)
    : undefined;
}

/** A column that every table has; `undefined` for another name. */
export function systemColumn(
  { relation }: Pick<ScopeRelation, "relation">,
  name: string,
  offset: number,
): BoundExpression | undefined {
  if (name === "ctid") {
    const column = CTID_COLUMN;
    return { kind: "column", relation, column, type: TID, name, offset };
  }
  if (name === "tableoid") {
    const type = { type: oid, typmod: -1 };
    const column = TABLEOID_COLUMN;
    return { kind: "column", relation, column, type, name, offset };
  }
  if (OTHER_SYSTEM_COLUMNS.has(name)) {
    throw new SqlError("0A000", `system column ${name} is not supported`, {
      offset,
    });
  }
  return undefined;
}

function forbidden(
  { alias, forbidden: why }: ScopeRelation,
  offset: number,
): SqlError {
  const about = why === "target"
    ? {
      hint:
        `There is an entry for table "${alias}", but it cannot be referenced from this part of the query.`,
    }
    : {
      detail:
        "The combining JOIN type must be INNER or LEFT for a LATERAL reference.",
    };
  return new SqlError(
    "42P10",
    `invalid reference to FROM-clause entry for table "${alias}"`,
    { offset, ...about },
  );
}

function crossDatabase(path: readonly string[], offset: number): SqlError {
  return new SqlError(
    "0A000",
    `cross-database references are not implemented: ${path.join(".")}`,
    { offset },
  );
}

function ambiguous(name: string, offset: number): SqlError {
  return new SqlError("42702", `column reference "${name}" is ambiguous`, {
    offset,
  });
}
