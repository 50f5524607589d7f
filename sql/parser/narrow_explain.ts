/**
 * EXPLAIN and its options, from PostgreSQL's parse tree.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { optionValue } from "./narrow_definition.ts";
import {
  listOf,
  nodeOf,
  type RawNode,
  type RawReader,
  textOf,
} from "./raw_node.ts";
import type { ExplainOptions, ExplainSyntax } from "./syntax.ts";

/** An `ExplainStmt` around `statement`. */
export function narrowExplain(
  reader: RawReader,
  node: RawNode,
  statement: ExplainSyntax["statement"],
): ExplainSyntax {
  return {
    kind: "explain",
    statement,
    options: explainOptions(reader, node.fields["options"]),
  };
}

function explainOptions(reader: RawReader, value: unknown): ExplainOptions {
  const given = new Map<string, boolean>();
  let format: ExplainOptions["format"] = "text";
  let serialize: ExplainOptions["serialize"] = "none";
  for (const item of listOf(value)) {
    const { fields } = nodeOf(item);
    const name = textOf(fields["defname"])!;
    const offset = reader.offsetOf(fields);
    const word = optionValue(fields["arg"]);
    if (name === "format") {
      format = wordOf(
        name,
        word ?? "",
        ["text", "json", "xml", "yaml"],
        offset,
      );
    } else if (name === "serialize") {
      serialize = wordOf(name, word ?? "text", SERIALIZATIONS, offset);
    } else if (EXPLAIN_FLAGS.has(name)) {
      given.set(name, explainFlag(name, word));
    } else {
      throw new SqlError("42601", `unrecognized EXPLAIN option "${name}"`, {
        offset,
      });
    }
  }
  const flag = (name: string, otherwise = false): boolean =>
    given.get(name) ?? otherwise;
  const analyze = flag("analyze");
  const needing = ["wal", "timing", "requests"].filter((name) => flag(name));
  if (serialize !== "none") needing.push("serialize");
  if (needing.length > 0 && !analyze) {
    throw new SqlError(
      "22023",
      `EXPLAIN option ${needing[0]!.toUpperCase()} requires ANALYZE`,
    );
  }
  if (flag("generic_plan") && analyze) {
    throw new SqlError(
      "22023",
      "EXPLAIN options ANALYZE and GENERIC_PLAN cannot be used together",
    );
  }
  return {
    analyze,
    verbose: flag("verbose"),
    costs: flag("costs", true),
    requests: flag("requests"),
    buffers: flag("buffers", analyze),
    settings: flag("settings"),
    genericPlan: flag("generic_plan"),
    timing: flag("timing", analyze),
    summary: flag("summary", analyze),
    serialize,
    format,
  };
}

const SERIALIZATIONS = ["none", "text", "binary"] as const;

const EXPLAIN_FLAGS: ReadonlySet<string> = new Set([
  ...["analyze", "verbose", "costs", "timing", "summary", "settings"],
  ...["generic_plan", "buffers"],
  // Ours: what was asked of the object store.
  "requests",
  // Accepted because tools send them: neither the log nor the memory of planning is
  // counted by statement.
  ...["wal", "memory"],
]);

/** One of the words that an option may be. */
function wordOf<Word extends string>(
  option: string,
  word: string,
  words: readonly Word[],
  offset: number,
): Word {
  const found = words.find((each) => each === word);
  if (found !== undefined) return found;
  throw new SqlError(
    "22023",
    `unrecognized value for EXPLAIN option "${option}": "${word}"`,
    { offset },
  );
}

/** PostgreSQL's `defGetBoolean`. */
function explainFlag(name: string, value: string | undefined): boolean {
  switch (value?.toLowerCase()) {
    case undefined:
    case "1":
    case "true":
    case "on":
      return true;
    case "0":
    case "false":
    case "off":
      return false;
    default:
      throw new SqlError("42601", `${name} requires a Boolean value`);
  }
}
