/**
 * All expressions and statements of SQL in a PL/pgSQL block.
 *
 * @module
 */
import type {
  CodeText,
  PlpgsqlBlock,
} from "../../../parser/plpgsql/plpgsql_syntax.ts";

/** An expression, or a statement. */
export interface FoundCode {
  readonly kind: "expression" | "statement";
  readonly code: CodeText;
}

/** The fields that hold statements; all others hold expressions. */
const STATEMENTS: readonly string[] = [
  "perform.query",
  "sql.statement",
  "return_query.query",
  "cursor.query",
];

/** Everything of SQL in a block. */
export function* codesIn(block: PlpgsqlBlock): Generator<FoundCode> {
  yield* within(block);
}

function* within(node: unknown): Generator<FoundCode> {
  if (typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) yield* within(item);
    return;
  }
  const kind = "kind" in node ? String(node.kind) : "";
  // CASE with an operand: a list of values, which is no expression by itself.
  const isList = kind === "case" && "operand" in node &&
    node.operand !== undefined;
  for (const [field, value] of Object.entries(node)) {
    if (typeof value !== "object" || value === null) continue;
    if (field === "query" && kind === "for_query") {
      // It may be a cursor.
      if (/^\s*\w+\s*(\(|$)/.test(value.text)) continue;
      yield { kind: "statement", code: value };
    } else if (field === "query" && kind === "open") {
      const isText = "dynamic" in node && node.dynamic === true;
      yield { kind: isText ? "expression" : "statement", code: value };
    } else if (field === "args" && kind === "open") {
      continue;
    } else if (isCode(value)) {
      const isStatement = STATEMENTS.includes(`${kind}.${field}`);
      yield { kind: isStatement ? "statement" : "expression", code: value };
    } else if (field === "branches" && isList) {
      for (const branch of value) yield* within(branch.body);
    } else yield* within(value);
  }
}

function isCode(value: object): value is CodeText {
  return "text" in value && Object.keys(value).length === 1;
}
