/**
 * A raw key of an index to `index_syntax.ts`.
 *
 * @module
 */
import { directionOf, narrowExpression, nullsOf } from "./narrow_expression.ts";
import {
  listOf,
  type RawNode,
  type RawReader,
  stringOf,
  textOf,
} from "./raw_node.ts";
import type { IndexElement } from "./index_syntax.ts";

const INDEX_ELEMENT_FIELDS: ReadonlySet<string> = new Set([
  "name",
  "expr",
  "opclass",
  "ordering",
  "nulls_ordering",
]);

/** An `IndexElem`. */
export function narrowIndexElement(
  reader: RawReader,
  node: RawNode,
): IndexElement {
  reader.expectFields(node, INDEX_ELEMENT_FIELDS);
  const { fields } = node;
  const names = listOf(fields["opclass"]).map(stringOf);
  return {
    key: fields["expr"] === undefined
      ? textOf(fields["name"])!
      : narrowExpression(reader, fields["expr"]),
    operatorClass: names.at(-1),
    operatorClassSchema: names.length > 1 ? names.at(-2) : undefined,
    direction: directionOf(fields["ordering"]),
    nulls: nullsOf(fields["nulls_ordering"]),
  };
}
