/**
 * Tables and indexes as EXPLAIN names them.
 *
 * @module
 */
import type { TableRelation } from "../analyzer/bound_tree.ts";
import { quoteIdentifier } from "../parser/quote.ts";
import { keyPositions } from "../planner/index_only.ts";
import type {
  FunctionScanNode,
  IndexScanNode,
  KnnNode,
} from "../planner/logical_plan.ts";

/** A table, and its alias. */
export function tableName({ table, alias }: TableRelation): string {
  const name = quoteIdentifier(table.name);
  return alias === table.name ? name : `${name} ${quoteIdentifier(alias)}`;
}

/** What the JSON form says about a table. */
export function tableFacts(
  { table, alias }: TableRelation,
): Readonly<Record<string, string>> {
  return { "Relation Name": table.name, "Alias": alias };
}

/** A scan of an index. */
export function indexShown(
  { index, table }: Pick<KnnNode, "index" | "table">,
): {
  readonly title: string;
  readonly facts: Readonly<Record<string, string>>;
} {
  return {
    title: `Index Scan using ${quoteIdentifier(index.name)} on ${
      tableName(table)
    }`,
    facts: {
      "Scan Direction": "Forward",
      "Index Name": index.name,
      ...tableFacts(table),
    },
  };
}

/** A scan of a range of an index. */
export function indexScanShown(
  plan: IndexScanNode,
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
      tableName(table)
    }`,
    facts: {
      "Scan Direction": backward ? "Backward" : "Forward",
      "Index Name": index.name,
      ...tableFacts(table),
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
