/**
 * The raw node of COPY to `copy_syntax.ts`.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { ChangeSyntax } from "./change_syntax.ts";
import type { CopyOptionSyntax, CopySyntax } from "./copy_syntax.ts";
import { narrowOptional } from "./narrow_expression.ts";
import { narrowRelation } from "./narrow_from.ts";
import {
  flagOf,
  listOf,
  nodeOf,
  type RawFields,
  type RawNode,
  type RawReader,
  stringOf,
  textOf,
} from "./raw_node.ts";

const COPY_FIELDS: ReadonlySet<string> = new Set([
  "relation",
  "query",
  "attlist",
  "is_from",
  "is_program",
  "filename",
  "options",
  "whereClause",
]);

/** A `CopyStmt`. */
export function narrowCopy(reader: RawReader, node: RawNode): CopySyntax {
  reader.expectFields(node, COPY_FIELDS);
  const { fields } = node;
  if (flagOf(fields["is_program"])) {
    throw new SqlError("0A000", "COPY with a PROGRAM is not supported");
  }
  const relation = fields["relation"] as RawFields | undefined;
  const query = fields["query"];
  return {
    kind: "copy",
    direction: flagOf(fields["is_from"]) ? "from" : "to",
    relation: relation && narrowRelation(reader, relation),
    columns: listOf(fields["attlist"]).map((name) => ({
      name: stringOf(name),
      offset: -1,
    })),
    query: query === undefined
      ? undefined
      : reader.statement(query) as CopySyntax["query"] & ChangeSyntax,
    file: textOf(fields["filename"]),
    where: narrowOptional(reader, fields["whereClause"]),
    options: listOf(fields["options"]).map((option) =>
      narrowOption(reader, nodeOf(option).fields)
    ),
  };
}

function narrowOption(
  reader: RawReader,
  fields: RawFields,
): CopyOptionSyntax {
  return {
    name: textOf(fields["defname"])!,
    value: fields["arg"] === undefined ? undefined : valueOf(fields["arg"]),
    offset: reader.offsetOf(fields),
  };
}

function valueOf(value: unknown): CopyOptionSyntax["value"] {
  const { type, fields } = nodeOf(value);
  switch (type) {
    case "String":
      return textOf(fields["sval"]) ?? "";
    case "Integer":
      return String(fields["ival"] ?? 0);
    case "Float":
      return textOf(fields["fval"]) ?? "";
    case "Boolean":
      return flagOf(fields["boolval"]) ? "true" : "false";
    case "A_Star":
      return { star: true };
    case "List":
      return listOf(fields["items"]).map(stringOf);
    default:
      return "";
  }
}
