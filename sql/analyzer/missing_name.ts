/**
 * The errors for names that mean nothing, with PostgreSQL's hints.
 *
 * @module
 */
import type { TableEntry, ViewEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import { closestName } from "./closest_name.ts";

/** What is looked at of a relation. */
interface NamedRelation {
  readonly alias: string;
  readonly table: TableEntry | ViewEntry | undefined;
  readonly names: readonly string[];
  readonly relationVisible: boolean;
}

const LATERAL_HINT =
  "To reference that table, you must mark this subquery with LATERAL.";

/** What is looked at of a scope. */
interface NamedScope {
  /** What it would see if it were LATERAL. */
  readonly lateral: readonly NamedRelation[];
  readonly relations: readonly NamedRelation[];
  readonly all: readonly NamedRelation[];
  readonly parent: { readonly scope: NamedScope } | undefined;
}

/** Whether LATERAL would make the relation visible. */
function isLateral(scope: NamedScope, relation: NamedRelation): boolean {
  return scope.lateral.includes(relation) ||
    (scope.parent !== undefined && isLateral(scope.parent.scope, relation));
}

/** All relations of a scope and of those around it, or the visible ones. */
function relationsFrom(
  scope: NamedScope,
  which: "relations" | "all",
): NamedRelation[] {
  const found: NamedRelation[] = [];
  for (
    let each: NamedScope | undefined = scope;
    each !== undefined;
    each = each.parent?.scope
  ) found.push(...each[which]);
  return found;
}

/** `42703`: no such column, in `relation` or in any. */
export function missingColumn(
  scope: NamedScope,
  relation: NamedRelation | undefined,
  name: string,
  offset: number,
): SqlError {
  const shown = relation === undefined
    ? `"${name}"`
    : `${relation.alias}.${name}`;
  const message = `column ${shown} does not exist`;
  if (relation === undefined) {
    const holders = relationsFrom(scope, "all").filter(({ names, alias }) =>
      alias !== "" && names.includes(name)
    );
    const [hidden, second] = holders;
    if (hidden !== undefined) {
      const qualified = relationsFrom(scope, "relations").some((each) =>
        each.relationVisible && each.alias === hidden.alias
      );
      const hint = second !== undefined
        ? "Try using a table-qualified name."
        : qualified
        ? "To reference that column, you must use a table-qualified name."
        : undefined;
      return new SqlError("42703", message, {
        offset,
        detail: second === undefined
          ? `There is a column named "${name}" in table "${hidden.alias}", but it cannot be referenced from this part of the query.`
          : `There are columns named "${name}", but they are in tables that cannot be referenced from this part of the query.`,
        ...(hint === undefined ? {} : { hint }),
      });
    }
  }
  const hint = columnHint(scope, relation, name);
  return new SqlError("42703", message, {
    offset,
    ...(hint === undefined ? {} : { hint }),
  });
}

function columnHint(
  scope: NamedScope,
  wanted: NamedRelation | undefined,
  name: string,
): string | undefined {
  const candidates = relationsFrom(scope, "all")
    .filter(({ alias }) => alias !== "")
    .flatMap((relation) =>
      relation.names.map((column) => ({
        name: column,
        shown: `"${relation.alias}.${column}"`,
        penalty: wanted === undefined || wanted.alias === relation.alias
          ? 0
          : 1,
      }))
    );
  const [first, second] = closestName(name, candidates);
  if (first === undefined) return undefined;
  return second === undefined
    ? `Perhaps you meant to reference the column ${first}.`
    : `Perhaps you meant to reference the column ${first} or the column ${second}.`;
}

/** `42P01`: no such relation in FROM. */
export function missingRelation(
  scope: NamedScope,
  schema: string | undefined,
  name: string,
  offset: number,
): SqlError {
  const all = relationsFrom(scope, "all");
  const isTable = ({ table }: NamedRelation): boolean =>
    table?.name === name && (schema === undefined || table.schema === schema);
  const found = all.find((each) => isTable(each) || each.alias === name);
  if (found === undefined) {
    return new SqlError(
      "42P01",
      `missing FROM-clause entry for table "${name}"`,
      { offset },
    );
  }
  const visible = relationsFrom(scope, "relations").some((each) =>
    each.relationVisible && each.alias === found.alias
  );
  return new SqlError(
    "42P01",
    `invalid reference to FROM-clause entry for table "${name}"`,
    found.alias !== name && visible
      ? {
        offset,
        hint:
          `Perhaps you meant to reference the table alias "${found.alias}".`,
      }
      : {
        offset,
        detail:
          `There is an entry for table "${name}", but it cannot be referenced from this part of the query.`,
        ...(isLateral(scope, found) ? { hint: LATERAL_HINT } : {}),
      },
  );
}
