/**
 * Raw nodes of windows to `expression_syntax.ts`.
 *
 * The grammar has checked which ends a frame may have, and gives them as bits.
 *
 * @module
 */
import type {
  Expression,
  FrameBoundSyntax,
  FrameSyntax,
  SortSyntax,
  WindowSyntax,
} from "./expression_syntax.ts";
import {
  listOf,
  nodeOf,
  type RawFields,
  type RawReader,
  textOf,
} from "./raw_node.ts";

/** What reads the expressions of a window. */
export interface WindowParts {
  expressions(reader: RawReader, value: unknown): Expression[];
  optional(reader: RawReader, value: unknown): Expression | undefined;
  sort(reader: RawReader, fields: RawFields): SortSyntax;
}

/** PostgreSQL's `FRAMEOPTION_…`. */
const FRAME = {
  written: 0x1,
  rows: 0x4,
  groups: 0x8,
  startUnbounded: 0x20,
  endUnbounded: 0x100,
  startCurrent: 0x200,
  endCurrent: 0x400,
  startPreceding: 0x800,
  endPreceding: 0x1000,
  excludeCurrent: 0x8000,
  excludeGroup: 0x10000,
  excludeTies: 0x20000,
} as const;

const WINDOW_FIELDS: ReadonlySet<string> = new Set([
  "name",
  "refname",
  "partitionClause",
  "orderClause",
  "frameOptions",
  "startOffset",
  "endOffset",
  "location",
]);

/** A `WindowDef`. */
export function narrowWindow(
  reader: RawReader,
  fields: RawFields,
  parts: WindowParts,
): WindowSyntax {
  reader.expectFields({ type: "WindowDef", fields }, WINDOW_FIELDS);
  return {
    name: textOf(fields["name"]),
    base: textOf(fields["refname"]),
    partitionBy: parts.expressions(reader, fields["partitionClause"]),
    orderBy: listOf(fields["orderClause"]).map((sort) =>
      parts.sort(reader, nodeOf(sort).fields)
    ),
    frame: narrowFrame(reader, fields, parts),
    offset: reader.offsetOf(fields),
  };
}

function narrowFrame(
  reader: RawReader,
  fields: RawFields,
  parts: WindowParts,
): FrameSyntax | undefined {
  const options = fields["frameOptions"] as number ?? 0;
  const has = (bit: number): boolean => (options & bit) !== 0;
  if (!has(FRAME.written)) return undefined;
  const start = parts.optional(reader, fields["startOffset"]);
  const end = parts.optional(reader, fields["endOffset"]);
  const bound = (
    distance: Expression | undefined,
    kind: FrameBoundSyntax["kind"],
  ): FrameBoundSyntax => ({ kind, distance });
  return {
    mode: has(FRAME.rows) ? "rows" : has(FRAME.groups) ? "groups" : "range",
    start: has(FRAME.startUnbounded)
      ? bound(undefined, "unbounded_preceding")
      : has(FRAME.startCurrent)
      ? bound(undefined, "current_row")
      : bound(start, has(FRAME.startPreceding) ? "preceding" : "following"),
    end: has(FRAME.endUnbounded)
      ? bound(undefined, "unbounded_following")
      : has(FRAME.endCurrent)
      ? bound(undefined, "current_row")
      : bound(end, has(FRAME.endPreceding) ? "preceding" : "following"),
    exclude: has(FRAME.excludeCurrent)
      ? "current_row"
      : has(FRAME.excludeGroup)
      ? "group"
      : has(FRAME.excludeTies)
      ? "ties"
      : "no_others",
  };
}
