/**
 * The border between a query and one within it that is run for each of its rows:
 * collects what the inner one takes from the row.
 *
 * @module
 */
import type { BoundExpression, Capture } from "./bound_expression.ts";
import type { Place } from "./place.ts";
import { sameExpression } from "./walk.ts";

/** Where a query stands within another. */
export interface FrameOptions {
  readonly place: Place;
  /** Whether that is in the arguments of an aggregate; default no. */
  readonly insideAggregate?: boolean;
  /** Default no. */
  readonly passesOuter?: boolean;
}

/** Collects captures. */
export class Frame {
  readonly #newSlot: () => number;
  readonly #passesOuter: boolean;
  /** Where the inner query stands in the outer one. */
  readonly place: Place;
  /** Whether that is in the arguments of an aggregate. */
  readonly insideAggregate: boolean;
  readonly #captures: Capture[] = [];

  /**
   * A border within a statement, which numbers the slots. With `passesOuter`,
   * what is taken from further out keeps its slot: LATERAL takes from the
   * relations before it, and all else is the same for all their rows.
   */
  constructor(
    newSlot: () => number,
    { place, insideAggregate = false, passesOuter = false }: FrameOptions,
  ) {
    this.#newSlot = newSlot;
    this.#passesOuter = passesOuter;
    this.place = place;
    this.insideAggregate = insideAggregate;
  }

  /** What was captured so far. */
  get captures(): readonly Capture[] {
    return this.#captures;
  }

  /** Lets go of all captures but the first `count`: nobody uses them. */
  release(count: number): void {
    this.#captures.length = count;
  }

  /** What `expression`, over the columns outside, is called inside. */
  capture(expression: BoundExpression): BoundExpression {
    if (isOfParameters(expression)) return expression;
    if (this.#passesOuter && expression.kind === "outer") return expression;
    let known = this.#captures.find((capture) =>
      sameExpression(capture.expression, expression)
    );
    if (known === undefined) {
      known = { slot: this.#newSlot(), expression };
      this.#captures.push(known);
    }
    const { type, offset } = expression;
    const name = "name" in expression ? expression.name : "?column?";
    const rowFields = expression.kind === "column"
      ? expression.rowFields
      : undefined;
    const { slot } = known;
    return {
      kind: "outer",
      slot,
      type,
      ...rowFields && { rowFields },
      name,
      offset,
    };
  }
}

/** Whether the value follows from parameters, which are the same everywhere. */
function isOfParameters(expression: BoundExpression): boolean {
  return expression.kind === "parameter" ||
    (expression.kind === "call" && expression.args.length === 1 &&
      isOfParameters(expression.args[0]!));
}
