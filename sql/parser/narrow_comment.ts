/**
 * A raw COMMENT to `syntax.ts`; `0A000` for objects that there are none of.
 *
 * @module
 */
import {
  listOf,
  nodeOf,
  type RawNode,
  type RawReader,
  stringOf,
  textOf,
} from "./raw_node.ts";
import type { CommentSyntax } from "./syntax.ts";

/** What COMMENT calls the kinds of objects that it can be on. */
const KINDS: Readonly<Record<string, CommentSyntax["object"]>> = {
  OBJECT_TABLE: "table",
  OBJECT_VIEW: "view",
  OBJECT_MATVIEW: "materialized view",
  OBJECT_INDEX: "index",
  OBJECT_SEQUENCE: "sequence",
  OBJECT_SCHEMA: "schema",
  OBJECT_COLUMN: "column",
  OBJECT_TYPE: "type",
  OBJECT_DOMAIN: "domain",
  OBJECT_EXTENSION: "extension",
  OBJECT_ROLE: "role",
  OBJECT_TABCONSTRAINT: "table constraint",
  OBJECT_DOMCONSTRAINT: "domain constraint",
};

/** A `CommentStmt`. */
export function narrowComment(
  reader: RawReader,
  { fields }: RawNode,
): CommentSyntax {
  const type = fields["objtype"] as string;
  const object = KINDS[type];
  if (object === undefined) {
    const word = type.slice("OBJECT_".length).replaceAll("_", " ");
    throw reader.unsupported(`COMMENT ON ${word}`);
  }
  return {
    kind: "comment",
    object,
    path: pathOf(nodeOf(fields["object"])),
    text: textOf(fields["comment"]),
  };
}

/** The names in an object's node, the schema first. */
function pathOf({ type, fields }: RawNode): readonly string[] {
  switch (type) {
    case "List":
      return listOf(fields["items"]).flatMap((item) => pathOf(nodeOf(item)));
    case "TypeName":
      return listOf(fields["names"]).map(stringOf);
    default:
      return [textOf(fields["sval"]) ?? ""];
  }
}
