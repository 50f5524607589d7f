/**
 * `ltxtquery`: words that labels of a tree have to be, at any level:
 * `Europe & Russia*@ & !Transportation`.
 *
 * @module
 */
import { SqlError } from "../../../errors/sql_error.ts";
import {
  formatLabelPattern,
  type LabelPattern,
  matchesLabel,
  MODIFIERS,
} from "./label_pattern.ts";
import { checkLabel, isLabelCharacter } from "./ltree_value.ts";

/** A condition: a word, or what is said of others. */
export type LabelCondition =
  | { readonly kind: "word"; readonly pattern: LabelPattern }
  | { readonly kind: "not"; readonly operand: LabelCondition }
  | {
    readonly kind: "and" | "or";
    readonly left: LabelCondition;
    readonly right: LabelCondition;
  };

/** The deepest nesting. */
const DEPTH_MAX = 1000;

class ConditionReader {
  readonly #characters: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#characters = [...text];
  }

  #next(): string | undefined {
    while (this.#characters[this.#at] === " ") this.#at++;
    return this.#characters[this.#at];
  }

  read(): LabelCondition {
    const condition = this.#either();
    if (this.#next() !== undefined) throw syntaxError();
    return condition;
  }

  #either(): LabelCondition {
    let left = this.#both();
    while (this.#next() === "|") {
      this.#at++;
      left = { kind: "or", left, right: this.#both() };
    }
    return left;
  }

  #both(): LabelCondition {
    let left = this.#operand();
    while (this.#next() === "&") {
      this.#at++;
      left = { kind: "and", left, right: this.#operand() };
    }
    return left;
  }

  #operand(): LabelCondition {
    if (++this.#depth > DEPTH_MAX) {
      throw new SqlError("54001", "stack depth limit exceeded");
    }
    try {
      if (this.#next() === "!") {
        this.#at++;
        return { kind: "not", operand: this.#operand() };
      }
      if (this.#next() !== "(") return this.#word();
      this.#at++;
      const inner = this.#either();
      if (this.#next() !== ")") throw syntaxError();
      this.#at++;
      return inner;
    } finally {
      this.#depth--;
    }
  }

  #word(): LabelCondition {
    const start = this.#at;
    while (isLabelCharacter(this.#characters[this.#at])) this.#at++;
    if (this.#at === start) {
      throw new SqlError("42601", "operand syntax error");
    }
    const word = this.#characters.slice(start, this.#at).join("");
    checkLabel(this.#at - start, this.#at + 1);
    const pattern = {
      word,
      ignoresCase: false,
      isPrefix: false,
      isWords: false,
    };
    for (;;) {
      const character = this.#characters[this.#at];
      const modifier = MODIFIERS[character ?? ""];
      if (modifier === undefined) {
        if (!isLabelCharacter(character)) break;
        throw new SqlError("42601", "modifiers syntax error");
      }
      pattern[modifier] = true;
      this.#at++;
    }
    return { kind: "word", pattern };
  }
}

function syntaxError(): SqlError {
  return new SqlError("42601", "syntax error");
}

/** Reads a condition. @throws {SqlError} `42601`, `42622`. */
export function readLtxtquery(text: string): LabelCondition {
  return new ConditionReader(text).read();
}

/** The text of a condition. */
export function formatLtxtquery(
  condition: LabelCondition,
  isInner = false,
): string {
  switch (condition.kind) {
    case "word":
      return formatLabelPattern(condition.pattern);
    case "not": {
      const { operand } = condition;
      const inner = formatLtxtquery(operand);
      return operand.kind === "word" ? `!${inner}` : `!( ${inner} )`;
    }
    case "and":
    case "or": {
      const left = formatLtxtquery(condition.left, true);
      const right = formatLtxtquery(condition.right, true);
      if (condition.kind === "and") return `${left} & ${right}`;
      return isInner ? `( ${left} | ${right} )` : `${left} | ${right}`;
    }
  }
}

/** Whether labels are what a condition wants. */
export function matchesLtxtquery(
  condition: LabelCondition,
  labels: readonly string[],
): boolean {
  switch (condition.kind) {
    case "word":
      return labels.some((each) => matchesLabel(condition.pattern, each));
    case "not":
      return !matchesLtxtquery(condition.operand, labels);
    case "and":
      return matchesLtxtquery(condition.left, labels) &&
        matchesLtxtquery(condition.right, labels);
    case "or":
      return matchesLtxtquery(condition.left, labels) ||
        matchesLtxtquery(condition.right, labels);
  }
}
