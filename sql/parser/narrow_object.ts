/**
 * Raw nodes of statements about objects of any kind (schemas, DROP, RENAME) to
 * `syntax.ts`; `0A000` for the rest.
 *
 * @module
 */
import { narrowRole } from "./narrow_access.ts";
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
import { typeNameOf } from "./narrow_type_definition.ts";
import { isWord, sourceTokens } from "./source_tokens.ts";
import type {
  AlterTypeSyntax,
  AlterViewSyntax,
  CreateSchemaSyntax,
  DropSyntax,
  RelationName,
  RenameSchemaSyntax,
  RenameSyntax,
  Statement,
} from "./syntax.ts";

const CREATE_SCHEMA_FIELDS: ReadonlySet<string> = new Set([
  "schemaname",
  "if_not_exists",
  "schemaElts",
  "authrole",
]);

/** A `CreateSchemaStmt`; `narrowElement` reads what is made in it. */
export function narrowCreateSchema(
  reader: RawReader,
  node: RawNode,
  narrowElement: (reader: RawReader, node: RawNode) => Statement,
): CreateSchemaSyntax {
  reader.expectFields(node, CREATE_SCHEMA_FIELDS);
  const { fields } = node;
  const { text } = reader.source;
  // CREATE is reserved: each begins a part.
  const starts = [...sourceTokens(text)]
    .filter((token) => token.depth === 0 && isWord(token, "create"))
    .map(({ start }) => start);
  starts.push(text.length);
  return {
    kind: "create_schema",
    name: textOf(fields["schemaname"]) ??
      textOf((fields["authrole"] as RawFields | undefined)?.["rolename"]) ?? "",
    owner: fields["authrole"] === undefined
      ? undefined
      : narrowRole(fields["authrole"]),
    ifNotExists: flagOf(fields["if_not_exists"]),
    elements: listOf(fields["schemaElts"]).map((item, i) => {
      const part = reader.within(starts[i + 1]!, starts[i + 2]!);
      const element = narrowElement(part, nodeOf(item));
      if ("relation" in element) return element;
      throw reader.unsupported("CREATE SCHEMA … GRANT");
    }),
  };
}

/** What ALTER calls a kind of object: `OBJECT_SCHEMA` is `SCHEMA`. */
function objectWord(value: unknown): string {
  return (value as string ?? "OBJECT_ACCESS_METHOD").slice("OBJECT_".length)
    .replaceAll("_", " ");
}

const VIEW_WORDS: readonly string[] = ["VIEW", "MATVIEW"];

/** What is renamed and moved as a relation. */
const RELATIONS: Readonly<Record<string, RenameSyntax["object"]>> = {
  TABLE: "table",
  TABCONSTRAINT: "table",
  INDEX: "index",
  SEQUENCE: "sequence",
};

/** A `RenameStmt`. */
export function narrowRename(
  reader: RawReader,
  { fields }: RawNode,
): RenameSchemaSyntax | AlterViewSyntax | AlterTypeSyntax | RenameSyntax {
  const word = objectWord(fields["renameType"]);
  const name = textOf(fields["newname"])!;
  if (word === "SCHEMA") {
    return {
      kind: "rename_schema",
      name: textOf(fields["subname"])!,
      newName: name,
    };
  }
  if (word === "TYPE" || word === "DOMAIN") {
    return alterType(fields, { kind: "rename", name });
  }
  if (VIEW_WORDS.includes(word)) {
    return alterView(reader, fields, word, { kind: "rename", name });
  }
  const of = objectWord(fields["relationType"]);
  if (word === "COLUMN" && VIEW_WORDS.includes(of)) {
    const column = textOf(fields["subname"])!;
    return alterView(reader, fields, of, {
      kind: "rename_column",
      column,
      name,
    });
  }
  const object = RELATIONS[word] ?? RELATIONS[of];
  if (object === undefined) throw reader.unsupported(`ALTER ${word} RENAME`);
  return {
    kind: "rename",
    object,
    relation: narrowRelation(reader, fields["relation"] as RawFields),
    ifExists: flagOf(fields["missing_ok"]),
    action: word in RELATIONS && word !== "TABCONSTRAINT"
      ? { kind: "relation", name }
      : {
        kind: word === "COLUMN" ? "column" : "constraint",
        old: textOf(fields["subname"])!,
        name,
      },
  };
}

/** An `AlterObjectSchemaStmt`. */
export function narrowSetSchema(
  reader: RawReader,
  { fields }: RawNode,
): AlterViewSyntax | AlterTypeSyntax | RenameSyntax {
  const word = objectWord(fields["objectType"]);
  const schema = textOf(fields["newschema"])!;
  if (word === "TYPE" || word === "DOMAIN") {
    return alterType(fields, { kind: "set_schema", schema });
  }
  const object = RELATIONS[word];
  if (object !== undefined) {
    return {
      kind: "rename",
      object,
      relation: narrowRelation(reader, fields["relation"] as RawFields),
      ifExists: flagOf(fields["missing_ok"]),
      action: { kind: "schema", name: schema },
    };
  }
  if (!VIEW_WORDS.includes(word)) {
    throw reader.unsupported(`ALTER ${word} SET SCHEMA`);
  }
  return alterView(reader, fields, word, { kind: "set_schema", schema });
}

function alterType(
  fields: RawFields,
  action: AlterTypeSyntax["action"],
): AlterTypeSyntax {
  const { items } = nodeOf(fields["object"]).fields;
  return { kind: "alter_type", name: typeNameOf(items), action };
}

function alterView(
  reader: RawReader,
  fields: RawFields,
  word: string,
  action: AlterViewSyntax["action"],
): AlterViewSyntax {
  return {
    kind: "alter_view",
    relation: narrowRelation(reader, fields["relation"] as RawFields),
    materialized: word === "MATVIEW",
    ifExists: flagOf(fields["missing_ok"]),
    action,
  };
}

const DROP_FIELDS: ReadonlySet<string> = new Set([
  "objects",
  "removeType",
  "behavior",
  "missing_ok",
  "concurrent",
]);

const DROPPED: readonly DropSyntax["object"][] = [
  "table",
  "index",
  "sequence",
  "view",
  "materialized view",
  "type",
  "domain",
  "schema",
  "extension",
];

/** A `DropStmt`. */
export function narrowDrop(reader: RawReader, node: RawNode): DropSyntax {
  reader.expectFields(node, DROP_FIELDS);
  const { fields } = node;
  const word = objectWord(fields["removeType"]);
  const wanted = word === "MATVIEW" ? "materialized view" : word.toLowerCase();
  const object = DROPPED.find((each) => each === wanted);
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
  if (type === "TypeName") return typeNameOf(fields["names"]);
  const names = type === "List"
    ? listOf(fields["items"]).map(stringOf)
    : [textOf(fields["sval"]) ?? ""];
  return {
    schema: names.length > 1 ? names.at(-2) : undefined,
    name: names.at(-1)!,
    offset: -1,
  };
}
