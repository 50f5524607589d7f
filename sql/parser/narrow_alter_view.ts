/**
 * ALTER VIEW SET and RESET, which PostgreSQL's grammar has as ALTER TABLE.
 *
 * @module
 */
import { narrowOptions } from "./narrow_definition.ts";
import { narrowRelation } from "./narrow_from.ts";
import {
  flagOf,
  listOf,
  nodeOf,
  type RawFields,
  type RawNode,
  type RawReader,
} from "./raw_node.ts";
import type { AlterViewSyntax } from "./syntax.ts";

/** An `AlterTableStmt` of a view's options; absent: it is something else. */
export function narrowViewOptions(
  reader: RawReader,
  { fields }: RawNode,
): AlterViewSyntax | undefined {
  const commands = listOf(fields["cmds"]);
  if (fields["objtype"] !== "OBJECT_VIEW" || commands.length !== 1) {
    return undefined;
  }
  const command = nodeOf(commands[0]).fields;
  const reset = command["subtype"] === "AT_ResetRelOptions";
  if (!reset && command["subtype"] !== "AT_SetRelOptions") return undefined;
  const { items } = nodeOf(command["def"]).fields;
  return {
    kind: "alter_view",
    relation: narrowRelation(reader, fields["relation"] as RawFields),
    materialized: false,
    ifExists: flagOf(fields["missing_ok"]),
    action: {
      kind: "set_options",
      options: narrowOptions(reader, items),
      reset,
    },
  };
}
