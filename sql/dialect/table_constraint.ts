/**
 * Constraints of tables in PostgreSQL's words.
 *
 * @module
 */
import { writeCondition } from "./condition.ts";
import type { Translation } from "./translation.ts";
import { type TreeNode, unsupported } from "./tree_node.ts";

/** A constraint among a table's columns. */
export function writeConstraint(
  node: TreeNode,
  translation: Translation,
): string {
  const kind = (node.text("constraint_type") ?? "").toUpperCase();
  const named = node.text("constraint") ??
    (/^UNIQUE/.test(kind) ? node.text("index") : undefined);
  const name = named === undefined
    ? ""
    : `CONSTRAINT ${translation.name(named)} `;
  for (const each of ["resource", "keyword", "index_type", "index"]) {
    node.raw(each);
  }
  const definition = node.list("definition");
  const columns = (): string =>
    definition.map((each) => {
      each.raw("order_by");
      each.raw("order");
      return translation.expression(each);
    }).join(", ");
  switch (kind) {
    case "PRIMARY KEY":
      return `${name}PRIMARY KEY (${columns()})${end()}`;
    case "UNIQUE":
    case "UNIQUE KEY":
    case "UNIQUE INDEX":
      return `${name}UNIQUE (${columns()})${end()}`;
    case "CHECK": {
      const [condition] = definition;
      if (condition === undefined) throw unsupported("A CHECK");
      return `${name}CHECK (${writeCondition(condition, translation)})${end()}`;
    }
    case "FOREIGN KEY": {
      const reference = writeReferences(
        node.need("reference_definition"),
        translation,
      );
      return `${name}FOREIGN KEY (${columns()}) ${reference}${end()}`;
    }
    default:
      throw unsupported(`A constraint ${kind}`);
  }

  function end(): string {
    node.done();
    return "";
  }
}

/** `REFERENCES table (columns) ON …`. */
export function writeReferences(
  node: TreeNode,
  translation: Translation,
): string {
  node.raw("keyword");
  const [table] = node.list("table");
  if (table === undefined) throw unsupported("REFERENCES without a table");
  const columns = node.list("definition")
    .map((each) => translation.expression(each));
  const list = columns.length === 0 ? "" : ` (${columns.join(", ")})`;
  const actions = node.list("on_action").map((each) => {
    const event = (each.text("type") ?? "").toUpperCase();
    const action = String(each.need("value").raw("value")).toUpperCase();
    const known = /^(CASCADE|RESTRICT|NO ACTION|SET NULL|SET DEFAULT)$/;
    if (!known.test(action)) throw unsupported(`${event} ${action}`);
    return ` ${event} ${action}`;
  });
  node.done();
  return `REFERENCES ${translation.table(table)}${list}${actions.join("")}`;
}
