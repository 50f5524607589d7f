/**
 * Parts that several expressions of one node have in common are computed once for
 * a chunk.
 *
 * ```text
 * sum(price * (1 - discount)), sum(price * (1 - discount) * (1 + tax))
 *     └───── computed once ──┘     └──── the same column ──┘
 * ```
 *
 * A column is used again only where all rows of the same chunk are asked for: what
 * CASE, AND and FILTER ask of some rows is computed for those, so an error is one
 * when and only when it was. Beside anything volatile, and where a row around the
 * query counts, all is computed each time.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import {
  childrenOf,
  sameExpression,
  someExpression,
} from "../analyzer/walk.ts";
import type { Chunk, Column } from "../chunk/chunk.ts";
import { isVolatile } from "../planner/volatility.ts";
import type { ColumnExpression } from "./column_expression.ts";

/** The most parts that are compared with each other. */
const PARTS_MAX = 100;

/** What one run has computed last. */
interface Computed {
  chunk: Chunk | undefined;
  column: Column | undefined;
}

/** What some expressions have in common. */
export class CommonExpressions {
  /** Those that stand in several places. */
  readonly #repeated: readonly BoundExpression[];
  readonly #compiled = new Map<BoundExpression, ColumnExpression>();

  /** Finds what `expressions` have in common. */
  constructor(expressions: readonly BoundExpression[]) {
    const parts: BoundExpression[] = [];
    // What a volatile function changes (a setting) others may depend on.
    if (!expressions.some(isVolatile)) {
      for (const expression of expressions) gather(expression, parts);
    }
    const repeated: BoundExpression[] = [];
    if (parts.length <= PARTS_MAX) {
      parts.forEach((part, i) => {
        const isSame = (other: BoundExpression): boolean =>
          sameExpression(part, other);
        if (repeated.some(isSame) || !parts.slice(i + 1).some(isSame)) return;
        if (!dependsOnMore(part)) repeated.push(part);
      });
    }
    this.#repeated = repeated;
  }

  /** `expression`, compiled by `compile`, shared where it is repeated. */
  compiled(
    expression: BoundExpression,
    compile: () => ColumnExpression,
  ): ColumnExpression {
    if (this.#repeated.length === 0 || !isPart(expression)) return compile();
    const key = this.#repeated.find((each) => sameExpression(each, expression));
    if (key === undefined) return compile();
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const shared = onceForChunk(compile());
    this.#compiled.set(key, shared);
    return shared;
  }
}

/** Computes a column once for all rows of a chunk. */
function onceForChunk(
  compute: ColumnExpression,
): ColumnExpression {
  const key = {};
  return (chunk, rows, run) => {
    if (rows !== chunk.selection) return compute(chunk, rows, run);
    const last = run.memo<Computed>(key, () => ({
      chunk: undefined,
      column: undefined,
    }));
    if (last.chunk === chunk) return last.column!;
    const column = compute(chunk, rows, run);
    last.chunk = chunk;
    last.column = column;
    return column;
  };
}

/** The parts of an expression that take work. */
function gather(expression: BoundExpression, into: BoundExpression[]): void {
  if (into.length > PARTS_MAX) return;
  if (isPart(expression)) into.push(expression);
  for (const child of childrenOf(expression)) gather(child, into);
}

function isPart({ kind }: BoundExpression): boolean {
  return kind === "call" || kind === "cast" || kind === "case" ||
    kind === "coalesce" || kind === "in" || kind === "array_comparison";
}

/** Whether the chunk alone does not say what the value is. */
function dependsOnMore(expression: BoundExpression): boolean {
  return someExpression(
    expression,
    ({ kind }) => kind === "outer" || kind === "case_operand",
  );
}
