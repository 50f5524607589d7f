/**
 * Raw nodes of triggers to `routine_syntax.ts`.
 *
 * @module
 */
import { narrowExpression } from "./narrow_expression.ts";
import { narrowRelation } from "./narrow_from.ts";
import { nameInList } from "./narrow_routine.ts";
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
import type {
  AlterTriggerSyntax,
  CreateTriggerSyntax,
  DropTriggerSyntax,
} from "./syntax.ts";

/** The bits of `timing` and `events` (`catalog/pg_trigger.h`). */
const BEFORE = 2;
const INSTEAD = 64;
const EVENTS: readonly (readonly [
  number,
  CreateTriggerSyntax["events"][number],
])[] = [[4, "insert"], [8, "delete"], [16, "update"], [32, "truncate"]];

/** A `CreateTrigStmt`. */
export function narrowCreateTrigger(
  reader: RawReader,
  { fields }: RawNode,
): CreateTriggerSyntax {
  const timing = fields["timing"] as number ?? 0;
  const events = fields["events"] as number ?? 0;
  const relations = listOf(fields["transitionRels"]).map((each) =>
    nodeOf(each).fields
  );
  for (const { isTable } of relations) {
    if (isTable !== true) {
      throw reader.unsupported("ROW variable naming in the REFERENCING clause");
    }
  }
  const transition = (isNew: boolean): string | undefined =>
    textOf(
      relations.find((each) => flagOf(each["isNew"]) === isNew)?.["name"],
    );
  return {
    kind: "create_trigger",
    replace: flagOf(fields["replace"]),
    constraint: flagOf(fields["isconstraint"]),
    name: textOf(fields["trigname"])!,
    relation: narrowRelation(reader, fields["relation"] as RawFields),
    timing: timing === BEFORE
      ? "before"
      : timing === INSTEAD
      ? "instead"
      : "after",
    events: EVENTS.filter(([bit]) => (events & bit) !== 0)
      .map(([, event]) => event),
    columns: listOf(fields["columns"]).map(stringOf),
    forEachRow: flagOf(fields["row"]),
    when: fields["whenClause"] === undefined
      ? undefined
      : narrowExpression(reader, fields["whenClause"]),
    oldTable: transition(false),
    newTable: transition(true),
    routine: nameInList(fields["funcname"]),
    args: listOf(fields["args"]).map(stringOf),
    deferrable: flagOf(fields["deferrable"]),
    initiallyDeferred: flagOf(fields["initdeferred"]),
  };
}

/** A table and a trigger in a list of names, the trigger's last. */
function triggerPath(
  value: unknown,
): Pick<DropTriggerSyntax, "name" | "relation"> {
  const items = listOf(nodeOf(value).fields["items"]);
  return {
    name: stringOf(items.at(-1)),
    relation: nameInList(items.slice(0, -1)),
  };
}

/** A `DropStmt` of a trigger. */
export function narrowDropTrigger({ fields }: RawNode): DropTriggerSyntax {
  return {
    kind: "drop_trigger",
    ...triggerPath(listOf(fields["objects"])[0]),
    ifExists: flagOf(fields["missing_ok"]),
    cascade: fields["behavior"] === "DROP_CASCADE",
  };
}

/** A `CommentStmt` of a trigger. */
export function narrowTriggerComment(
  { fields }: RawNode,
): AlterTriggerSyntax {
  return {
    kind: "alter_trigger",
    ...triggerPath(fields["object"]),
    action: { kind: "comment", text: textOf(fields["comment"]) },
  };
}

/** A `RenameStmt` of a trigger. */
export function narrowRenameTrigger(
  reader: RawReader,
  { fields }: RawNode,
): AlterTriggerSyntax {
  return {
    kind: "alter_trigger",
    name: textOf(fields["subname"]),
    relation: narrowRelation(reader, fields["relation"] as RawFields),
    action: { kind: "rename", name: textOf(fields["newname"])! },
  };
}

/** What ALTER TABLE calls it. */
const ENABLE: ReadonlyMap<
  unknown,
  "origin" | "disabled" | "replica" | "always"
> = new Map(
  [
    ["AT_EnableTrig", "origin"],
    ["AT_EnableTrigAll", "origin"],
    ["AT_EnableTrigUser", "origin"],
    ["AT_EnableAlwaysTrig", "always"],
    ["AT_EnableReplicaTrig", "replica"],
    ["AT_DisableTrig", "disabled"],
    ["AT_DisableTrigAll", "disabled"],
    ["AT_DisableTrigUser", "disabled"],
  ] as const,
);

/** An `AlterTableStmt` that says when triggers fire; else `undefined`. */
export function narrowEnableTrigger(
  reader: RawReader,
  { fields }: RawNode,
): AlterTriggerSyntax | undefined {
  const commands = listOf(fields["cmds"]).map((each) => nodeOf(each).fields);
  const [command] = commands;
  const enabled = ENABLE.get(command?.["subtype"]);
  if (enabled === undefined || commands.length > 1) return undefined;
  return {
    kind: "alter_trigger",
    name: textOf(command!["name"]),
    relation: narrowRelation(reader, fields["relation"] as RawFields),
    action: { kind: "enable", enabled },
  };
}
