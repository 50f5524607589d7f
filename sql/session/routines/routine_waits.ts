/**
 * Whether calls of a routine have to be waited for.
 *
 * A routine whose body does no more than compute answers at once, so that it may
 * stand wherever a function of the system may, and is called only when its value
 * is needed. With loops it may take long, and is waited for where that can be;
 * all others run statements, which may have to wait for storage.
 *
 * @module
 */
import type { RoutineWait } from "../../analyzer/statement_state.ts";
import { walkSyntax } from "../../analyzer/walk_syntax.ts";
import type { CatalogView } from "../../catalog/entries.ts";
import type { RoutineEntry } from "../../catalog/routine_entry.ts";
import type { FunctionRegistry } from "../../functions/registry.ts";
import { parse } from "../../parser/parser.ts";
import type { PlpgsqlBlock } from "../../parser/plpgsql/plpgsql_syntax.ts";
import type { SelectSyntax, Statement } from "../../parser/syntax.ts";
import { blockOf } from "./plpgsql/plpgsql_blocks.ts";
import { codesIn } from "./plpgsql/plpgsql_codes.ts";

const known = new WeakMap<CatalogView, Map<RoutineEntry, RoutineWait>>();

/** Whether a routine waits, in a catalog. */
export function routineWaits(
  catalog: CatalogView,
  functions: FunctionRegistry,
  entry: RoutineEntry,
): RoutineWait {
  let waits = known.get(catalog);
  if (waits === undefined) known.set(catalog, waits = new Map());
  const found = waits.get(entry);
  if (found !== undefined) return found;
  // One that calls itself waits if anything else in it does.
  waits.set(entry, "never");
  const result = bodyWaits(catalog, functions, entry);
  if (result !== "never") {
    // What was found under the assumption has to be found anew.
    for (const [each, value] of waits) {
      if (value === "never") waits.delete(each);
    }
  }
  waits.set(entry, result);
  return result;
}

function bodyWaits(
  catalog: CatalogView,
  functions: FunctionRegistry,
  entry: RoutineEntry,
): RoutineWait {
  if (entry.config.length > 0 || entry.routine !== "function") return "always";
  try {
    if (entry.language === "plpgsql") {
      return blockWaits(catalog, functions, blockOf(entry));
    }
    const statements = parse(entry.body).map(({ syntax }) => syntax);
    return statements.length === 1
      ? statementWaits(catalog, functions, statements[0]!)
      : "always";
  } catch {
    return "always";
  }
}

/** The longest of several. */
function longest(waits: Iterable<RoutineWait>): RoutineWait {
  let result: RoutineWait = "never";
  for (const each of waits) {
    if (each === "always") return each;
    if (each === "long") result = each;
  }
  return result;
}

/** The statements of PL/pgSQL that run none of SQL. */
const COMPUTING: ReadonlySet<string> = new Set([
  "block",
  "variable",
  "alias",
  "raise",
  "assign",
  "if",
  "case",
  "loop",
  "while",
  "for_integer",
  "foreach",
  "exit",
  "return",
  "assert",
  // Conditions of handlers.
  "name",
  "sqlstate",
]);

const LOOPS: ReadonlySet<string> = new Set([
  "loop",
  "while",
  "for_integer",
  "foreach",
]);

function blockWaits(
  catalog: CatalogView,
  functions: FunctionRegistry,
  block: PlpgsqlBlock,
): RoutineWait {
  const kinds = kindsIn(block);
  if ([...kinds].some((kind) => !COMPUTING.has(kind))) return "always";
  const codes = [...codesIn(block)].map(({ code }) =>
    statementWaits(
      catalog,
      functions,
      parse(`SELECT ${code.text}`)[0]!.syntax,
    )
  );
  const own = [...kinds].some((kind) => LOOPS.has(kind)) ? "long" : "never";
  return longest([own, ...codes]);
}

/** The kinds of all statements. */
function kindsIn(node: unknown, kinds: Set<string> = new Set()): Set<string> {
  if (typeof node !== "object" || node === null) return kinds;
  if ("kind" in node) kinds.add(String(node.kind));
  if ("handlers" in node && (node.handlers as unknown[]).length > 0) {
    kinds.add("subtransaction");
  }
  for (const child of Object.values(node)) kindsIn(child, kinds);
  return kinds;
}

/** Whether a statement is more than a computation that answers at once. */
function statementWaits(
  catalog: CatalogView,
  functions: FunctionRegistry,
  syntax: Statement,
): RoutineWait {
  if (syntax.kind !== "select" || !isExpression(syntax)) return "always";
  const found: RoutineWait[] = [];
  walkSyntax(syntax.body, {
    call: ({ schema, name, star, over }) => {
      const isPlain = !star && over === undefined &&
        !functions.isAggregate(name) && !functions.isOrderedSet(name) &&
        !functions.isSetFunction(name) && !functions.isWindowFunction(name) &&
        !functions.isWaiting(name);
      if (!isPlain) found.push("always");
      for (const each of catalog.routines(schema, name)) {
        found.push(
          each.returnsSet ? "always" : routineWaits(catalog, functions, each),
        );
      }
    },
    subquery: () => void found.push("always"),
  });
  return longest(found);
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
