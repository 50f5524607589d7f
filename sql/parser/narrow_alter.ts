/**
 * Raw nodes of ALTER TABLE to `alter_syntax.ts`; `0A000` for the rest.
 *
 * @module
 */
import type { AlterAction, AlterTableSyntax } from "./alter_syntax.ts";
import type { ConstraintSyntax } from "./constraint_syntax.ts";
import { narrowColumn } from "./narrow_column.ts";
import { narrowConstraint } from "./narrow_constraint.ts";
import {
  narrowExpression,
  narrowOptional,
  narrowTypeName,
} from "./narrow_expression.ts";
import { narrowRelation } from "./narrow_from.ts";
import { narrowPartitionBound } from "./narrow_partition.ts";
import { narrowOptions } from "./narrow_definition.ts";
import { narrowSequenceOptions } from "./narrow_sequence.ts";
import {
  flagOf,
  listOf,
  nodeOf,
  type RawFields,
  type RawNode,
  type RawReader,
  textOf,
} from "./raw_node.ts";

const FIELDS: ReadonlySet<string> = new Set([
  "relation",
  "cmds",
  "objtype",
  "missing_ok",
]);

/** An `AlterTableStmt`. */
export function narrowAlterTable(
  reader: RawReader,
  node: RawNode,
): AlterTableSyntax {
  reader.expectFields(node, FIELDS);
  const { fields } = node;
  const word = (textOf(fields["objtype"]) ?? "").slice("OBJECT_".length);
  const object = OBJECTS[word];
  const relation = narrowRelation(reader, fields["relation"] as RawFields);
  const actions = listOf(fields["cmds"]).map((item) =>
    narrowAction(reader, nodeOf(item).fields, relation.name)
  );
  const changes = actions.some(({ kind }) =>
    kind !== "nothing" && !(word === "INDEX" && kind === "attach_partition")
  );
  const isDefault = object === "view" &&
    actions.every(({ kind }) => kind === "set_default");
  if (
    object === undefined || (object !== "table" && changes && !isDefault)
  ) {
    throw reader.unsupported(`ALTER ${word.replaceAll("_", " ")}`);
  }
  return {
    kind: "alter_table",
    object,
    relation,
    actions,
    ifExists: flagOf(fields["missing_ok"]),
  };
}

/** What is altered as a table is, if only in what changes nothing. */
const OBJECTS: Readonly<Record<string, AlterTableSyntax["object"]>> = {
  TABLE: "table",
  INDEX: "index",
  SEQUENCE: "sequence",
  VIEW: "view",
  MATVIEW: "materialized view",
};

/** What changes nothing here. */
const NOTHING: ReadonlySet<string> = new Set([
  "AT_ChangeOwner",
  "AT_SetStatistics",
  "AT_SetStorage",
  "AT_SetCompression",
  "AT_SetLogged",
  "AT_SetUnLogged",
  "AT_ClusterOn",
  "AT_DropCluster",
  "AT_ReplicaIdentity",
]);

function narrowAction(
  reader: RawReader,
  fields: RawFields,
  table: string,
): AlterAction {
  const type = textOf(fields["subtype"]) ?? "AT_AddColumn";
  const name = textOf(fields["name"]) ?? "";
  const ifExists = flagOf(fields["missing_ok"]);
  const cascade = fields["behavior"] === "DROP_CASCADE";
  const { def } = fields;
  if (NOTHING.has(type)) return { kind: "nothing" };
  switch (type) {
    case "AT_AddColumn": {
      const constraints: ConstraintSyntax[] = [];
      const column = narrowColumn(reader, nodeOf(def), table, constraints);
      return { kind: "add_column", column, constraints, ifNotExists: ifExists };
    }
    case "AT_DropColumn":
      return { kind: "drop_column", name, ifExists, cascade };
    case "AT_DropConstraint":
      return { kind: "drop_constraint", name, ifExists, cascade };
    case "AT_ColumnDefault":
      return {
        kind: "set_default",
        name,
        expression: narrowOptional(reader, def),
      };
    case "AT_SetNotNull":
      return { kind: "set_not_null", name };
    case "AT_DropNotNull":
      return { kind: "drop_not_null", name };
    case "AT_ValidateConstraint":
      return { kind: "validate_constraint", name };
    case "AT_AlterColumnType":
      return narrowType(reader, nodeOf(def).fields, name);
    case "AT_AddConstraint":
      return {
        kind: "add_constraint",
        constraint: narrowConstraint(reader, nodeOf(def).fields, undefined),
      };
    case "AT_AlterConstraint":
      return narrowAlterConstraint(reader, nodeOf(def).fields);
    case "AT_AddIdentity":
    case "AT_SetIdentity":
      return narrowIdentity(reader, type, def, name);
    case "AT_DropIdentity":
      return { kind: "drop_identity", name, ifExists };
    case "AT_SetRelOptions":
    case "AT_ResetRelOptions":
      return {
        kind: "set_options",
        options: narrowOptions(reader, nodeOf(def).fields["items"]),
        reset: type === "AT_ResetRelOptions",
      };
    case "AT_AddInherit":
    case "AT_DropInherit":
      return {
        kind: type === "AT_AddInherit" ? "inherit" : "no_inherit",
        parent: narrowRelation(reader, nodeOf(def).fields),
      };
    case "AT_AttachPartition":
    case "AT_DetachPartition":
    case "AT_DetachPartitionFinalize":
      return narrowPartition(reader, type, nodeOf(def).fields);
    case "AT_DropExpression":
      return { kind: "drop_expression", name, ifExists };
    default:
      throw reader.unsupported(`ALTER TABLE ${wordsOf(type)}`);
  }
}

function narrowPartition(
  reader: RawReader,
  type: string,
  fields: RawFields,
): AlterAction {
  const partition = narrowRelation(reader, fields["name"] as RawFields);
  const { bound } = fields;
  if (type === "AT_AttachPartition") {
    return {
      kind: "attach_partition",
      partition,
      bound: bound === undefined
        ? undefined
        : narrowPartitionBound(reader, bound as RawFields),
    };
  }
  return {
    kind: "detach_partition",
    partition,
    concurrently: flagOf(fields["concurrent"]),
  };
}

function narrowType(
  reader: RawReader,
  fields: RawFields,
  name: string,
): AlterAction {
  if (fields["collClause"] !== undefined) throw reader.unsupported("COLLATE");
  const { raw_default: using } = fields;
  return {
    kind: "set_type",
    name,
    type: narrowTypeName(reader, fields["typeName"]),
    using: using === undefined ? undefined : narrowExpression(reader, using),
  };
}

function narrowAlterConstraint(
  reader: RawReader,
  fields: RawFields,
): AlterAction {
  if (flagOf(fields["alterInheritability"])) {
    throw reader.unsupported("ALTER CONSTRAINT … INHERIT");
  }
  return {
    kind: "alter_constraint",
    name: textOf(fields["conname"])!,
    deferral: flagOf(fields["alterDeferrability"])
      ? {
        deferrable: flagOf(fields["deferrable"]),
        initiallyDeferred: flagOf(fields["initdeferred"]),
      }
      : undefined,
    enforced: flagOf(fields["alterEnforceability"])
      ? flagOf(fields["is_enforced"])
      : undefined,
  };
}

function narrowIdentity(
  reader: RawReader,
  type: string,
  def: unknown,
  name: string,
): AlterAction {
  const { fields } = nodeOf(def);
  if (type === "AT_AddIdentity") {
    const identity = {
      when: fields["generated_when"] === "a" ? "always" : "by_default",
      options: narrowSequenceOptions(reader, fields["options"]),
      offset: reader.offsetOf(fields),
    } as const;
    return { kind: "add_identity", name, identity };
  }
  const items = listOf(fields["items"]);
  const isWhen = (item: unknown): boolean =>
    nodeOf(item).fields["defname"] === "generated";
  const when = items.find(isWhen);
  return {
    kind: "set_identity",
    name,
    when: when === undefined ? undefined : whenOf(nodeOf(when).fields["arg"]),
    options: narrowSequenceOptions(
      reader,
      items.filter((item) => !isWhen(item)),
    ),
  };
}

/** GENERATED in SET is a character code. */
function whenOf(arg: unknown): "always" | "by_default" {
  return nodeOf(arg).fields["ival"] === "a".charCodeAt(0)
    ? "always"
    : "by_default";
}

/** `AT_EnableTrig` is `ENABLE TRIG`. */
function wordsOf(type: string): string {
  return type.slice("AT_".length).replace(/([a-z])([A-Z])/g, "$1 $2")
    .toUpperCase();
}
