/**
 * Raw nodes of CREATE TYPE … AS ENUM and ALTER TYPE to `syntax.ts`.
 *
 * @module
 */
import { flagOf, listOf, type RawNode, stringOf, textOf } from "./raw_node.ts";
import type {
  AlterTypeSyntax,
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
