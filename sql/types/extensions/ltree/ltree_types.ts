/**
 * The types of the extension `ltree`: `ltree`, `lquery`, `ltxtquery`. All move
 * between operators as the text that PostgreSQL prints.
 *
 * @module
 */
import type { DataType } from "../../data_type.ts";
import { textOfJs } from "../../js_value.ts";
import { compareText } from "../../text_order.ts";
import { checkText } from "../../text_types.ts";
import { formatLquery, readLquery } from "./lquery.ts";
import { compareLtrees, readLtree } from "./ltree_value.ts";
import { formatLtxtquery, readLtxtquery } from "./ltxtquery.ts";

function treeType(
  oid: number,
  name: string,
  read: (text: string) => string,
): DataType {
  return {
    oid,
    name,
    displayName: name,
    extension: "ltree",
    category: "U",
    preferred: false,
    length: -1,
    storage: "reference",
    input: (text) => read(checkText(text)),
    output: (value) => value as string,
    compare: (a, b) => compareText(a as string, b as string),
    hashKey: (value) => value as string,
    fromJs: (value) => read(checkText(textOfJs(value))),
    toJs: (value) => value,
  };
}

/** `ltree`: labels from the root down. */
export const ltree: DataType = {
  ...treeType(15005, "ltree", readLtree),
  compare: (a, b) => compareLtrees(a as string, b as string),
};

/** `lquery`: a pattern of trees. */
export const lquery: DataType = {
  ...treeType(15007, "lquery", (text) => formatLquery(readLquery(text))),
  comparable: false,
};

/** `ltxtquery`: words that a tree has to have. */
export const ltxtquery: DataType = {
  ...treeType(
    15009,
    "ltxtquery",
    (text) => formatLtxtquery(readLtxtquery(text)),
  ),
  comparable: false,
};
