/**
 * Raw nodes of changes of attributes to `attribute_syntax.ts`.
 *
 * @module
 */
import type {
  AlterAttributesSyntax,
  AttributeAction,
} from "./attribute_syntax.ts";
import { narrowTypeName } from "./narrow_expression.ts";
import { narrowRelation } from "./narrow_from.ts";
import {
  flagOf,
  listOf,
  nodeOf,
  type RawFields,
  type RawNode,
  type RawReader,
  textOf,
} from "./raw_node.ts";

/** A change of attributes; `undefined` where it is another statement. */
export function narrowAttributes(
  reader: RawReader,
  { type, fields }: RawNode,
): AlterAttributesSyntax | undefined {
  const name = (): AlterAttributesSyntax["name"] =>
    narrowRelation(reader, fields["relation"] as RawFields);
  if (type === "RenameStmt" && fields["renameType"] === "OBJECT_ATTRIBUTE") {
    const old = textOf(fields["subname"])!;
    const to = textOf(fields["newname"])!;
    return {
      kind: "alter_attributes",
      name: name(),
      actions: [{ kind: "rename", name: old, to }],
    };
  }
  if (type !== "AlterTableStmt" || fields["objtype"] !== "OBJECT_TYPE") {
    return undefined;
  }
  const commands = listOf(fields["cmds"]).map((each) => nodeOf(each).fields);
  // OWNER TO is a command of tables, too.
  const isOther = commands.some((each) =>
    !ATTRIBUTES.has(textOf(each["subtype"]) ?? "AT_AddColumn")
  );
  if (isOther) return undefined;
  return {
    kind: "alter_attributes",
    name: name(),
    actions: commands.map((each) => actionOf(reader, each)),
  };
}

const ATTRIBUTES: ReadonlySet<string> = new Set([
  "AT_AddColumn",
  "AT_DropColumn",
  "AT_AlterColumnType",
]);

function actionOf(reader: RawReader, fields: RawFields): AttributeAction {
  const type = textOf(fields["subtype"]) ?? "AT_AddColumn";
  if (type === "AT_DropColumn") {
    return {
      kind: "drop",
      name: textOf(fields["name"])!,
      ifExists: flagOf(fields["missing_ok"]),
    };
  }
  const definition = nodeOf(fields["def"]).fields;
  if (definition["collClause"] !== undefined) {
    throw reader.unsupported("COLLATE");
  }
  const typeName = narrowTypeName(reader, definition["typeName"]);
  return type === "AT_AddColumn"
    ? { kind: "add", name: textOf(definition["colname"])!, type: typeName }
    : { kind: "set_type", name: textOf(fields["name"])!, type: typeName };
}
