/**
 * Raw nodes of statements about what a session has to `session_syntax.ts`.
 *
 * @module
 */
import { narrowExpression, narrowTypeName } from "./narrow_expression.ts";
import { narrowRelation } from "./narrow_from.ts";
import {
  flagOf,
  listOf,
  nodeOf,
  type RawNode,
  type RawReader,
  textOf,
} from "./raw_node.ts";
import { SqlError } from "../errors/sql_error.ts";
import type {
  DeclareCursorSyntax,
  DiscardSyntax,
  ExecuteSyntax,
  FetchSyntax,
  LockTableSyntax,
  PrepareSyntax,
  SessionSyntax,
} from "./session_syntax.ts";

/** A `PrepareStmt` around `statement`. */
export function narrowPrepare(
  reader: RawReader,
  { fields }: RawNode,
  statement: PrepareSyntax["statement"],
): PrepareSyntax {
  return {
    kind: "prepare",
    name: textOf(fields["name"])!,
    types: listOf(fields["argtypes"]).map((item) =>
      narrowTypeName(reader, nodeOf(item).fields)
    ),
    statement,
  };
}

/** An `ExecuteStmt`. */
export function narrowExecute(
  reader: RawReader,
  { fields }: RawNode,
): ExecuteSyntax {
  return {
    kind: "execute",
    name: textOf(fields["name"])!,
    args: listOf(fields["params"]).map((item) =>
      narrowExpression(reader, item)
    ),
  };
}

/** A `LockStmt`. */
export function narrowLock(
  reader: RawReader,
  { fields }: RawNode,
): LockTableSyntax {
  return {
    kind: "lock_table",
    relations: listOf(fields["relations"]).map((item) =>
      narrowRelation(reader, nodeOf(item).fields)
    ),
    mode: fields["mode"] as number,
    nowait: flagOf(fields["nowait"]),
  };
}

/** The bits of `DeclareCursorStmt.options`. */
const CURSOR_OPTION = {
  binary: 0x1,
  scroll: 0x2,
  noScroll: 0x4,
  insensitive: 0x8,
  asensitive: 0x10,
  hold: 0x20,
} as const;

/** A `DeclareCursorStmt`. */
export function narrowDeclareCursor(
  reader: RawReader,
  { fields }: RawNode,
): DeclareCursorSyntax {
  const options = (fields["options"] as number | undefined) ?? 0;
  const has = (bit: number): boolean => (options & bit) !== 0;
  const { binary, scroll, noScroll, insensitive, asensitive, hold } =
    CURSOR_OPTION;
  refuseBoth(has(scroll) && has(noScroll), "SCROLL", "NO SCROLL");
  refuseBoth(
    has(insensitive) && has(asensitive),
    "INSENSITIVE",
    "ASENSITIVE",
  );
  if (nodeOf(fields["query"]).type !== "SelectStmt") {
    throw reader.unsupported("DECLARE CURSOR for a statement that changes");
  }
  return {
    kind: "declare_cursor",
    name: textOf(fields["portalname"])!,
    query: reader.query(fields["query"]),
    binary: has(binary),
    scroll: has(scroll) ? true : has(noScroll) ? false : undefined,
    sensitivity: has(insensitive)
      ? "insensitive"
      : has(asensitive)
      ? "asensitive"
      : undefined,
    hold: has(hold),
  };
}

function refuseBoth(both: boolean, one: string, other: string): void {
  if (!both) return;
  throw new SqlError("42P11", `cannot specify both ${one} and ${other}`);
}

/** What the grammar has for ALL. */
const FETCH_ALL = 2_147_483_647;

/** A `FetchStmt`. */
export function narrowFetch({ fields }: RawNode): FetchSyntax {
  const count = (fields["howMany"] as number | undefined) ?? 0;
  const direction = textOf(fields["direction"])!.replace("FETCH_", "")
    .toLowerCase() as FetchSyntax["direction"];
  return {
    kind: "fetch",
    cursor: textOf(fields["portalname"])!,
    direction,
    count: count === FETCH_ALL ? Infinity : count,
    move: flagOf(fields["ismove"]),
  };
}

const DISCARDED: Readonly<Record<string, DiscardSyntax["target"]>> = {
  DISCARD_ALL: "all",
  DISCARD_PLANS: "plans",
  DISCARD_SEQUENCES: "sequences",
  DISCARD_TEMP: "temp",
};

/** The statements that are nothing but names; `undefined` for another. */
export function narrowNamed({ type, fields }: RawNode):
  | SessionSyntax
  | undefined {
  const channel = textOf(fields["conditionname"]);
  switch (type) {
    case "DeallocateStmt":
      return { kind: "deallocate", name: textOf(fields["name"]) };
    case "ClosePortalStmt":
      return { kind: "close_cursor", name: textOf(fields["portalname"]) };
    case "ListenStmt":
      return { kind: "listen", channel: channel! };
    case "UnlistenStmt":
      return { kind: "unlisten", channel };
    case "NotifyStmt":
      return {
        kind: "notify",
        channel: channel!,
        payload: textOf(fields["payload"]) ?? "",
      };
    case "DiscardStmt":
      return {
        kind: "discard",
        target: DISCARDED[textOf(fields["target"])!]!,
      };
    default:
      return undefined;
  }
}
