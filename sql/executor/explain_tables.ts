/**
 * Tables and indexes as EXPLAIN names them.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { TableRelation } from "../analyzer/bound_tree.ts";
import type { TableEntry } from "../catalog/entries.ts";
import { quoteIdentifier } from "../parser/quote.ts";
import { keyPositions } from "../planner/index_only.ts";
import type {
  FunctionScanNode,
  IndexScanNode,
  KnnNode,
} from "../planner/logical_plan.ts";
import type { ExplainNode } from "./explain_node.ts";

/** A table, with its schema under VERBOSE. */
export function relationName(table: TableEntry, isVerbose: boolean): string {
  const name = quoteIdentifier(table.name);
  return isVerbose ? `${quoteIdentifier(schemaName(table))}.${name}` : name;
}

/** The schema; that of temporary tables under the name they are used by. */
function schemaName({ schema }: TableEntry): string {
  return schema.startsWith("pg_temp_") ? "pg_temp" : schema;
}

/** A table, and its alias. */
export function tableName(
  { table, alias }: TableRelation,
  isVerbose: boolean,
): string {
  const name = relationName(table, isVerbose);
  return alias === table.name ? name : `${name} ${quoteIdentifier(alias)}`;
}

/** What the JSON form says about a table. */
export function tableFacts(
  { table, alias }: Pick<TableRelation, "table" | "alias">,
  isVerbose: boolean,
): Readonly<Record<string, string>> {
  return {
    "Relation Name": table.name,
    ...isVerbose ? { "Schema": schemaName(table) } : {},
    "Alias": alias,
  };
}

/** A scan of an index. */
export function indexShown(
  { index, table }: Pick<KnnNode, "index" | "table">,
  isVerbose: boolean,
): {
  readonly title: string;
  readonly facts: Readonly<Record<string, string>>;
} {
  return {
    title: `Index Scan using ${quoteIdentifier(index.name)} on ${
      tableName(table, isVerbose)
    }`,
    facts: {
      "Scan Direction": "Forward",
      "Index Name": index.name,
      ...tableFacts(table, isVerbose),
    },
  };
}

/** A scan of a range of an index. */
export function indexScanShown(
  plan: IndexScanNode,
  isVerbose: boolean,
): {
  readonly title: string;
  readonly facts: Readonly<Record<string, string>>;
} {
  const { table, backward, range: { index } } = plan;
  const words = keyPositions(plan) === undefined
    ? "Index Scan"
    : "Index Only Scan";
  const direction = backward ? " Backward" : "";
  return {
    title: `${words}${direction} using ${quoteIdentifier(index.name)} on ${
      tableName(table, isVerbose)
    }`,
    facts: {
      "Scan Direction": backward ? "Backward" : "Forward",
      "Index Name": index.name,
      ...tableFacts(table, isVerbose),
    },
  };
}

/** Functions in FROM. */
export function functionShown({ functions, alias }: FunctionScanNode): {
  readonly title: string;
  readonly facts: Readonly<Record<string, string>>;
} {
  const names = functions.map((each) =>
    each.kind === "set"
      ? each.function.name
      : each.expression.kind === "call"
      ? each.expression.function.name
      : alias
  );
  const [first] = names;
  const name = names.every((each) => each === first) ? first! : "";
  const shown = quoteIdentifier(name === "" ? alias : name);
  const title = name === "" || name === alias
    ? `Function Scan on ${shown}`
    : `Function Scan on ${shown} ${quoteIdentifier(alias)}`;
  return { title, facts: { "Function Name": name, "Alias": alias } };
}

/** How the functions are called, as VERBOSE shows it. */
export function functionCall(
  { functions }: FunctionScanNode,
  text: (expression: BoundExpression) => string,
): ExplainNode["details"] {
  const calls = functions.map((each) =>
    each.kind === "set"
      ? `${quoteIdentifier(each.function.name)}(${
        each.args.map(text).join(", ")
      })`
      : text(each.expression)
  );
  return [["Function Call", calls.join(", ")]];
}
