/**
 * The border between a query and one within it that is run for each of its rows:
 * collects what the inner one takes from the row.
 *
 * @module
 */
import type {
  BoundExpression,
  BoundOuter,
  Capture,
} from "./bound_expression.ts";
import { sameExpression } from "./walk.ts";

/** Collects captures. */
export class Frame {
  readonly #newSlot: () => number;
  readonly #captures: Capture[] = [];

  /** A border within a statement, which numbers the slots. */
  constructor(newSlot: () => number) {
    this.#newSlot = newSlot;
  }

  /** What was captured so far. */
  get captures(): readonly Capture[] {
    return this.#captures;
  }

  /** What `expression`, over the columns outside, is called inside. */
  capture(expression: BoundExpression): BoundOuter {
    let known = this.#captures.find((capture) =>
      sameExpression(capture.expression, expression)
    );
    if (known === undefined) {
      known = { slot: this.#newSlot(), expression };
      this.#captures.push(known);
    }
    const { type, offset } = expression;
    const name = "name" in expression ? expression.name : "?column?";
    return { kind: "outer", slot: known.slot, type, name, offset };
  }
}
