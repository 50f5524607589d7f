/**
 * Raw nodes of statements about objects of any kind (schemas, DROP, RENAME) to
 * `syntax.ts`; `0A000` for the rest.
 *
 * @module
 */
import {
  flagOf,
  listOf,
  nodeOf,
  type RawNode,
  type RawReader,
  stringOf,
  textOf,
} from "./raw_node.ts";
import type {
  CreateSchemaSyntax,
  DropSyntax,
  RelationName,
  RenameSchemaSyntax,
} from "./syntax.ts";

const CREATE_SCHEMA_FIELDS: ReadonlySet<string> = new Set([
  "schemaname",
  "if_not_exists",
]);

/** A `CreateSchemaStmt`. */
export function narrowCreateSchema(
  reader: RawReader,
  node: RawNode,
): CreateSchemaSyntax {
  reader.expectFields(node, CREATE_SCHEMA_FIELDS);
  const { fields } = node;
  return {
    kind: "create_schema",
    name: textOf(fields["schemaname"])!,
    ifNotExists: flagOf(fields["if_not_exists"]),
  };
}

/** What ALTER calls a kind of object: `OBJECT_SCHEMA` is `SCHEMA`. */
function objectWord(value: unknown): string {
  return (value as string ?? "OBJECT_ACCESS_METHOD").slice("OBJECT_".length)
    .replaceAll("_", " ");
}

/** A `RenameStmt`. */
export function narrowRename(
  reader: RawReader,
  { fields }: RawNode,
): RenameSchemaSyntax {
  const word = objectWord(fields["renameType"]);
  if (word !== "SCHEMA") throw reader.unsupported(`ALTER ${word} RENAME`);
  return {
    kind: "rename_schema",
    name: textOf(fields["subname"])!,
    newName: textOf(fields["newname"])!,
  };
}

const DROP_FIELDS: ReadonlySet<string> = new Set([
  "objects",
  "removeType",
  "behavior",
  "missing_ok",
]);

const DROPPED: readonly DropSyntax["object"][] = [
  "table",
  "index",
  "sequence",
  "schema",
  "extension",
];

/** A `DropStmt`. */
export function narrowDrop(reader: RawReader, node: RawNode): DropSyntax {
  reader.expectFields(node, DROP_FIELDS);
  const { fields } = node;
  const word = objectWord(fields["removeType"]);
  const object = DROPPED.find((each) => each === word.toLowerCase());
  if (object === undefined) throw reader.unsupported(`DROP ${word}`);
  return {
    kind: "drop",
    object,
    names: listOf(fields["objects"]).map((item) => droppedName(nodeOf(item))),
    ifExists: flagOf(fields["missing_ok"]),
    cascade: fields["behavior"] === "DROP_CASCADE",
  };
}

function droppedName({ type, fields }: RawNode): RelationName {
  const names = type === "List"
    ? listOf(fields["items"]).map(stringOf)
    : [textOf(fields["sval"]) ?? ""];
  return {
    schema: names.length > 1 ? names.at(-2) : undefined,
    name: names.at(-1)!,
    offset: -1,
  };
}
