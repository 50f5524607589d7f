/**
 * ORDER BY and windows in PostgreSQL's words.
 *
 * @module
 */
import { quoteIdentifier } from "../parser/quote.ts";
import { writeValue } from "./condition.ts";
import type { Translation } from "./translation.ts";
import { type TreeNode, unsupported } from "./tree_node.ts";

/** ORDER BY, or nothing. */
export function writeOrder(
  items: readonly TreeNode[],
  translation: Translation,
  labels?: ReadonlyMap<string, string>,
): string {
  if (items.length === 0) return "";
  const { dialect } = translation.rules;
  const written = items.map((item) => {
    const expression = item.need("expr");
    const column = expression.raw("column");
    const label = typeof column === "string" && !expression.has("table")
      ? labels?.get(translation.plainName(column))
      : undefined;
    const text = label === undefined
      ? writeValue(expression, translation)
      : quoteIdentifier(label);
    const direction = item.text("type")?.toUpperCase() ?? "ASC";
    const nulls = item.text("nulls")?.toUpperCase();
    item.done();
    // Where NULLs sort first in ascending order: all but Snowflake.
    const first = dialect === "snowflake"
      ? direction === "DESC"
      : direction === "ASC";
    const where = nulls ?? (first ? "NULLS FIRST" : "NULLS LAST");
    return `${text} ${direction} ${where}`;
  });
  return `ORDER BY ${written.join(", ")}`;
}

/** What stands behind OVER. */
export function writeWindow(over: TreeNode, translation: Translation): string {
  const name = over.text("as_window_specification");
  if (name !== undefined) return translation.name(name);
  return writeSpecification(over, translation);
}

/** A window in parentheses. */
export function writeSpecification(
  node: TreeNode,
  translation: Translation,
): string {
  const specification = node.need("as_window_specification");
  const window = specification.node("window_specification");
  if (window === undefined) return "()";
  const partition = window.list("partitionby")
    .map((each) => writeValue(each.need("expr"), translation));
  const frame = window.node("window_frame_clause");
  const parts = [
    window.has("name") ? translation.name(window.text("name")!) : "",
    partition.length === 0 ? "" : `PARTITION BY ${partition.join(", ")}`,
    writeOrder(window.list("orderby"), translation),
    frame === undefined ? "" : writeFrame(frame),
  ];
  window.done();
  return `(${parts.filter((part) => part !== "").join(" ")})`;
}

function writeFrame(frame: TreeNode): string {
  const bound = (node: TreeNode): string => {
    const text = String(node.raw("value")).toUpperCase();
    if (!/^(\d+ |UNBOUNDED )(PRECEDING|FOLLOWING)$|^CURRENT ROW$/.test(text)) {
      throw unsupported("A window frame of this form");
    }
    return text;
  };
  if (frame.raw("operator") !== "BETWEEN") {
    throw unsupported("A window frame of this form");
  }
  const unit = String(frame.need("left").raw("value")).toUpperCase();
  const [from, to] = frame.need("right").list("value").map(bound);
  if (!/^(ROWS|RANGE|GROUPS)$/.test(unit)) throw unsupported(unit);
  return `${unit} BETWEEN ${from} AND ${to}`;
}
