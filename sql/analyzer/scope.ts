/**
 * The names that a column reference can mean: the tables of FROM under their
 * aliases.
 *
 * @module
 */
import type { TableEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { ColumnSyntax } from "../parser/expression_syntax.ts";
import type { TypeRef } from "../types/data_type.ts";
import { oid } from "../types/int_types.ts";
import {
  type BoundColumn,
  CTID_COLUMN,
  TABLEOID_COLUMN,
} from "./bound_expression.ts";
import { closestName } from "./closest_name.ts";
import { TEXT } from "./statement_state.ts";

/** A relation of the scope. */
export interface ScopeRelation {
  /** Its number. */
  readonly relation: number;
  /** The name it goes by. */
  readonly alias: string;
  /** The table, if it is one: gives system columns and a qualified name. */
  readonly table: TableEntry | undefined;
  /** The names of its columns. */
  readonly names: readonly string[];
  /** Their types. */
  readonly types: readonly TypeRef[];
}

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

/** Visible names. */
export class Scope {
  /** The relations, in order of FROM. */
  readonly relations: readonly ScopeRelation[];
  /** Relations of the statement that cannot be seen from here. */
  readonly #hidden: readonly ScopeRelation[];

  /** A scope over `relations`; errors may speak of `hidden`. */
  constructor(
    relations: readonly ScopeRelation[],
    hidden: readonly ScopeRelation[] = [],
  ) {
    this.relations = relations;
    this.#hidden = hidden;
  }

  /**
   * The column that `syntax` (no star) means.
   *
   * @throws {SqlError} `42703`, `42702`, `42P01` as PostgreSQL.
   */
  resolve(syntax: ColumnSyntax): BoundColumn {
    const { path, offset } = syntax;
    if (path.length === 1) {
      const name = path[0]!;
      const column = this.find(name, offset);
      if (column !== undefined) return column;
      this.#refuseWholeRow(name, offset);
      throw this.#missing(undefined, name, offset);
    }
    const name = path.at(-1)!;
    if (path.length > 3) throw crossDatabase(path, offset);
    const relation = this.relation(path.slice(0, -1), offset);
    const column = this.#columnOf(relation, name, offset);
    if (column === undefined) throw this.#missing(relation, name, offset);
    return column;
  }

  /** The column of that name in any relation; `undefined` if there is none. */
  find(name: string, offset: number): BoundColumn | undefined {
    let found: BoundColumn | undefined;
    for (const relation of this.relations) {
      const column = this.#columnOf(relation, name, offset);
      if (column === undefined) continue;
      if (found !== undefined) throw ambiguous(name, offset);
      found = column;
    }
    return found;
  }

  /** The relation that `path` (without the column) names. */
  relation(path: readonly string[], offset: number): ScopeRelation {
    if (path.length > 2) throw crossDatabase([...path, "*"], offset);
    const name = path.at(-1)!;
    const schema = path.length === 2 ? path[0] : undefined;
    for (const relation of this.relations) {
      if (relation.alias !== name) continue;
      if (schema === undefined) return relation;
      const { table } = relation;
      if (table?.schema === schema && table.name === name) return relation;
    }
    throw this.#missingRelation(schema, name, offset);
  }

  /** All columns of `relation`, for a star. */
  columnsOf(relation: ScopeRelation, offset: number): BoundColumn[] {
    return relation.names.map((_, column) =>
      this.#column(relation, column, offset)
    );
  }

  #columnOf(
    relation: ScopeRelation,
    name: string,
    offset: number,
  ): BoundColumn | undefined {
    const first = relation.names.indexOf(name);
    if (first >= 0) {
      if (relation.names.indexOf(name, first + 1) >= 0) {
        throw ambiguous(name, offset);
      }
      return this.#column(relation, first, offset);
    }
    return relation.table === undefined
      ? undefined
      : this.#systemColumn(relation, name, offset);
  }

  #column(
    { relation, names, types }: ScopeRelation,
    column: number,
    offset: number,
  ): BoundColumn {
    const type = types[column]!;
    return {
      kind: "column",
      relation,
      column,
      type,
      name: names[column]!,
      offset,
    };
  }

  #systemColumn(
    { relation }: ScopeRelation,
    name: string,
    offset: number,
  ): BoundColumn | undefined {
    if (name === "ctid") {
      const column = CTID_COLUMN;
      return { kind: "column", relation, column, type: TEXT, name, offset };
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

  #refuseWholeRow(name: string, offset: number): void {
    if (this.relations.some(({ alias }) => alias === name)) {
      throw new SqlError("0A000", "a whole-row reference is not supported", {
        offset,
      });
    }
  }

  #missing(
    relation: ScopeRelation | undefined,
    name: string,
    offset: number,
  ): SqlError {
    const shown = relation === undefined ? `"${name}"` : quoted(relation, name);
    const message = `column ${shown} does not exist`;
    const hidden = this.#hidden.find(({ names }) => names.includes(name));
    if (relation === undefined && hidden !== undefined) {
      return new SqlError("42703", message, {
        offset,
        detail:
          `There is a column named "${name}" in table "${hidden.alias}", but it cannot be referenced from this part of the query.`,
      });
    }
    const hint = this.#columnHint(relation, name);
    return new SqlError("42703", message, {
      offset,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  #columnHint(
    wanted: ScopeRelation | undefined,
    name: string,
  ): string | undefined {
    const all = [...this.relations, ...this.#hidden];
    const candidates = all.flatMap((relation) =>
      relation.names.map((column) => ({
        name: column,
        shown: `"${relation.alias}.${column}"`,
        penalty: wanted === undefined || wanted === relation ? 0 : 1,
      }))
    );
    const closest = closestName(name, candidates);
    if (closest.length === 0) return undefined;
    const [first, second] = closest;
    return second === undefined
      ? `Perhaps you meant to reference the column ${first}.`
      : `Perhaps you meant to reference the column ${first} or the column ${second}.`;
  }

  #missingRelation(
    schema: string | undefined,
    name: string,
    offset: number,
  ): SqlError {
    const hidden = this.relations.find(({ table }) =>
      table?.name === name && (schema === undefined || table.schema === schema)
    );
    if (hidden !== undefined) {
      return new SqlError(
        "42P01",
        `invalid reference to FROM-clause entry for table "${name}"`,
        {
          offset,
          hint:
            `Perhaps you meant to reference the table alias "${hidden.alias}".`,
        },
      );
    }
    if (this.relations.some(({ alias }) => alias === name)) {
      return new SqlError(
        "42P01",
        `invalid reference to FROM-clause entry for table "${name}"`,
        {
          offset,
          detail:
            `There is an entry for table "${name}", but it cannot be referenced from this part of the query.`,
        },
      );
    }
    return new SqlError(
      "42P01",
      `missing FROM-clause entry for table "${name}"`,
      { offset },
    );
  }
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

/** How PostgreSQL shows a qualified column that is not there. */
function quoted(relation: ScopeRelation, name: string): string {
  return `${relation.alias}.${name}`;
}
