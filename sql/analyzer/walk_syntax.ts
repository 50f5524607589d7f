/**
 * All parts of a query's syntax, whatever they are.
 *
 * @module
 */
import type {
  CallSyntax,
  ColumnSyntax,
  TargetSyntax,
} from "../parser/syntax.ts";

/** What is looked for in a query's syntax. */
export interface SyntaxVisitor {
  /** A column, or a star. */
  column?(column: ColumnSyntax): void;
  /** A call. */
  call?(call: CallSyntax): void;
  /** A query in an expression. */
  subquery?(): void;
  /** An entry of a select list. */
  target?(target: TargetSyntax): void;
}

/** Shows `visitor` every part of `node`. */
export function walkSyntax(node: unknown, visitor: SyntaxVisitor): void {
  if (typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) walkSyntax(item, visitor);
    return;
  }
  if ("kind" in node && node.kind === "column" && "path" in node) {
    visitor.column?.(node as ColumnSyntax);
  } else if ("kind" in node && node.kind === "call" && "args" in node) {
    visitor.call?.(node as CallSyntax);
  } else if ("kind" in node && node.kind === "subquery") {
    visitor.subquery?.();
  } else if (
    "targets" in node && "kind" in node && node.kind === "select_body"
  ) {
    for (const target of node.targets as TargetSyntax[]) {
      visitor.target?.(target);
    }
  }
  for (const child of Object.values(node)) walkSyntax(child, visitor);
}
