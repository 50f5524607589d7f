/**
 * What the parts of one random statement share: where decisions come from,
 * names that nobody has taken, the relations of WITH, how deep it may still go.
 *
 * @module
 */
import type { Choices } from "./choices.ts";
import type { Relation } from "./tables.ts";

/** The state of making a statement. */
export class Maker {
  readonly choices: Choices;
  /** How many queries may still stand in each other. */
  readonly depth: number;
  /** The relations of WITH. */
  readonly known: readonly Relation[];
  readonly #counter: { value: number };

  constructor(
    choices: Choices,
    depth: number,
    known: readonly Relation[] = [],
    counter: { value: number } = { value: 0 },
  ) {
    this.choices = choices;
    this.depth = depth;
    this.known = known;
    this.#counter = counter;
  }

  /** A name that is free. */
  name(): string {
    return `q${++this.#counter.value}`;
  }

  /** For a query within this one. */
  deeper(): Maker {
    return new Maker(
      this.choices,
      this.depth - 1,
      this.known,
      this.#counter,
    );
  }

  /** With one more relation in sight. */
  knowing(relation: Relation): Maker {
    const known = [...this.known, relation];
    return new Maker(this.choices, this.depth, known, this.#counter);
  }
}
