/**
 * Raw nodes of CREATE TYPE … AS ENUM and ALTER TYPE to `syntax.ts`.
 *
 * @module
 */
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
import { narrowTypeName } from "./narrow_expression.ts";
import type {
  AlterTypeSyntax,
  AttributeSyntax,
  CreateCompositeSyntax,
  CreateEnumSyntax,
  RelationName,
} from "./syntax.ts";

/** The name in a list of `String` nodes. */
export function typeNameOf(value: unknown): RelationName {
  const names = listOf(value).map(stringOf);
  return {
    schema: names.length > 1 ? names.at(-2) : undefined,
    name: names.at(-1)!,
    offset: -1,
  };
}

/** A `CreateEnumStmt`. */
export function narrowCreateEnum({ fields }: RawNode): CreateEnumSyntax {
  return {
    kind: "create_enum",
    name: typeNameOf(fields["typeName"]),
    labels: listOf(fields["vals"]).map(stringOf),
  };
}

/** A `CompositeTypeStmt`. */
export function narrowCreateComposite(
  reader: RawReader,
  { fields }: RawNode,
): CreateCompositeSyntax {
  const name = (fields["typevar"] ?? {}) as RawFields;
  return {
    kind: "create_composite",
    name: {
      schema: textOf(name["schemaname"]),
      name: textOf(name["relname"])!,
      offset: reader.offsetOf(name),
    },
    attributes: listOf(fields["coldeflist"]).map((item) =>
      narrowAttribute(reader, nodeOf(item).fields)
    ),
  };
}

/** A `ColumnDef` of a composite type. */
function narrowAttribute(
  reader: RawReader,
  fields: RawFields,
): AttributeSyntax {
  if (fields["collClause"] !== undefined) {
    throw reader.unsupported("COLLATE", reader.offsetOf(fields));
  }
  return {
    name: textOf(fields["colname"])!,
    type: narrowTypeName(reader, fields["typeName"]),
  };
}

/** An `AlterEnumStmt`: ADD VALUE, RENAME VALUE. */
export function narrowAlterEnum({ fields }: RawNode): AlterTypeSyntax {
  const name = typeNameOf(fields["typeName"]);
  const label = textOf(fields["newVal"]) ?? "";
  const old = textOf(fields["oldVal"]);
  if (old !== undefined) {
    return {
      kind: "alter_type",
      name,
      action: { kind: "rename_value", label: old, newLabel: label },
    };
  }
  const neighbor = textOf(fields["newValNeighbor"]);
  return {
    kind: "alter_type",
    name,
    action: {
      kind: "add_value",
      label,
      neighbor: neighbor === undefined
        ? undefined
        : { label: neighbor, after: flagOf(fields["newValIsAfter"]) },
      ifNotExists: flagOf(fields["skipIfNewValExists"]),
    },
  };
}
