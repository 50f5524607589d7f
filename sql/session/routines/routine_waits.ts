/**
 * Whether calls of a routine have to be waited for.
 *
 * A routine whose body does no more than compute answers at once, so that it may
 * stand wherever a function of the system may, and is called only when its value
 * is needed. All others run statements, which may have to wait for storage.
 *
 * @module
 */
import { walkSyntax } from "../../analyzer/walk_syntax.ts";
import type { CatalogView } from "../../catalog/entries.ts";
import type { RoutineEntry } from "../../catalog/routine_entry.ts";
import type { FunctionRegistry } from "../../functions/registry.ts";
import { parse } from "../../parser/parser.ts";
import type { SelectSyntax, Statement } from "../../parser/syntax.ts";

const known = new WeakMap<CatalogView, Map<RoutineEntry, boolean>>();

/** Whether a routine waits, in a catalog. */
export function routineWaits(
  catalog: CatalogView,
  functions: FunctionRegistry,
  entry: RoutineEntry,
): boolean {
  let waits = known.get(catalog);
  if (waits === undefined) known.set(catalog, waits = new Map());
  const found = waits.get(entry);
  if (found !== undefined) return found;
  // One that calls itself waits if anything else in it does.
  waits.set(entry, false);
  const result = bodyWaits(catalog, functions, entry);
  if (result) {
    // What was found under the assumption has to be found anew.
    for (const [each, value] of waits) if (!value) waits.delete(each);
  }
  waits.set(entry, result);
  return result;
}

function bodyWaits(
  catalog: CatalogView,
  functions: FunctionRegistry,
  entry: RoutineEntry,
): boolean {
  if (entry.config.length > 0 || entry.routine === "procedure") return true;
  const statements = statementsOf(entry);
  if (statements === undefined || statements.length !== 1) return true;
  return statements.some((each) => statementWaits(catalog, functions, each));
}

/** The statements of a body that has no other parts. */
function statementsOf({ body }: RoutineEntry): Statement[] | undefined {
  try {
    return parse(body).map(({ syntax }) => syntax);
  } catch {
    return undefined;
  }
}

/** Whether a statement is more than a computation that answers at once. */
export function statementWaits(
  catalog: CatalogView,
  functions: FunctionRegistry,
  syntax: Statement,
): boolean {
  if (syntax.kind !== "select" || !isExpression(syntax)) return true;
  let waits = false;
  walkSyntax(syntax.body, {
    call: ({ schema, name, star, over }) => {
      waits ||= star || over !== undefined ||
        functions.isAggregate(name) || functions.isOrderedSet(name) ||
        functions.isSetFunction(name) || functions.isWindowFunction(name) ||
        functions.isWaiting(name) ||
        catalog.routines(schema, name).some((each) =>
          each.returnsSet || routineWaits(catalog, functions, each)
        );
    },
    subquery: () => {
      waits = true;
    },
  });
  return waits;
}

/** Whether a query is one expression over nothing. */
function isExpression(
  { body, with: ctes, limit, offsetRows }: SelectSyntax,
): boolean {
  return body.kind === "select_body" && body.from.length === 0 &&
    body.where === undefined && body.groupBy.length === 0 &&
    body.having === undefined && body.targets.length === 1 &&
    ctes.length === 0 && limit === undefined && offsetRows === undefined;
}
