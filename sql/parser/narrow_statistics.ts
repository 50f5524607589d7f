/**
 * Raw statements about statistics objects to `statistics_syntax.ts`.
 *
 * @module
 */
import type { RelationName } from "./expression_syntax.ts";
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
import type {
  AlterStatisticsSyntax,
  StatisticsStatement,
} from "./statistics_syntax.ts";

const OBJECT = "OBJECT_STATISTIC_EXT";

/** A statement about statistics objects; `undefined` where it is another. */
export function narrowStatistics(
  reader: RawReader,
  { type, fields }: RawNode,
): StatisticsStatement | undefined {
  switch (type) {
    case "CreateStatsStmt":
      return {
        kind: "create_statistics",
        name: listOf(fields["defnames"]).length === 0
          ? undefined
          : nameIn(fields["defnames"]),
        ifNotExists: flagOf(fields["if_not_exists"]),
        kinds: listOf(fields["stat_types"]).map(stringOf),
        columns: listOf(fields["exprs"]).map((each) => {
          const { name } = nodeOf(each).fields;
          if (textOf(name) !== undefined) return textOf(name)!;
          throw reader.unsupported("CREATE STATISTICS on expressions");
        }),
        relations: listOf(fields["relations"]).map((each) =>
          narrowRelation(reader, nodeOf(each).fields)
        ),
      };
    case "AlterStatsStmt":
      return altered(fields["defnames"], flagOf(fields["missing_ok"]), {
        kind: "target",
        target: targetOf(fields["stxstattarget"]),
      });
    case "RenameStmt":
      return fields["renameType"] !== OBJECT
        ? undefined
        : altered(itemsOf(fields["object"]), false, {
          kind: "rename",
          name: textOf(fields["newname"])!,
        });
    case "AlterObjectSchemaStmt":
      return fields["objectType"] !== OBJECT
        ? undefined
        : altered(itemsOf(fields["object"]), false, {
          kind: "set_schema",
          schema: textOf(fields["newschema"])!,
        });
    case "AlterOwnerStmt":
      return fields["objectType"] !== OBJECT
        ? undefined
        : altered(itemsOf(fields["object"]), false, { kind: "owner" });
    case "CommentStmt":
      return fields["objtype"] !== OBJECT
        ? undefined
        : altered(itemsOf(fields["object"]), false, {
          kind: "comment",
          text: textOf(fields["comment"]),
        });
    case "DropStmt":
      return fields["removeType"] !== OBJECT ? undefined : {
        kind: "drop_statistics",
        names: listOf(fields["objects"]).map((each) => nameIn(itemsOf(each))),
        ifExists: flagOf(fields["missing_ok"]),
      };
    default:
      return undefined;
  }
}

function altered(
  names: unknown,
  ifExists: boolean,
  change: AlterStatisticsSyntax["change"],
): AlterStatisticsSyntax {
  return { kind: "alter_statistics", name: nameIn(names), ifExists, change };
}

/** A negative target, or none, is the default. */
function targetOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const { ival } = nodeOf(value).fields as { readonly ival?: unknown };
  const target = typeof ival === "number" ? ival : 0;
  return target < 0 ? undefined : target;
}

function itemsOf(list: unknown): unknown {
  return (nodeOf(list).fields as RawFields)["items"];
}

/** A name, its schema before it. */
function nameIn(names: unknown): RelationName {
  const parts = listOf(names).map(stringOf);
  return { schema: parts.at(-2), name: parts.at(-1)!, offset: -1 };
}
