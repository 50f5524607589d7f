/**
 * `query_int`, the type of the extension `intarray`: numbers that an array has
 * to have: `1 & ( 2 | !3 )`. It moves between operators as that text.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType } from "../data_type.ts";
import { textOfJs } from "../js_value.ts";
import { checkText } from "../text_types.ts";

/** A condition: a number, or what is said of others. */
export type NumberCondition =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "not"; readonly operand: NumberCondition }
  | {
    readonly kind: "and" | "or";
    readonly left: NumberCondition;
    readonly right: NumberCondition;
  };

/** The deepest nesting. */
const DEPTH_MAX = 1000;

class ConditionReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  #next(): string | undefined {
    while (this.#text[this.#at] === " ") this.#at++;
    return this.#text[this.#at];
  }

  read(): NumberCondition {
    const condition = this.#either();
    if (this.#next() !== undefined) throw syntaxError();
    return condition;
  }

  #either(): NumberCondition {
    let left = this.#both();
    while (this.#next() === "|") {
      this.#at++;
      left = { kind: "or", left, right: this.#both() };
    }
    return left;
  }

  #both(): NumberCondition {
    let left = this.#operand();
    while (this.#next() === "&") {
      this.#at++;
      left = { kind: "and", left, right: this.#operand() };
    }
    return left;
  }

  #operand(): NumberCondition {
    if (++this.#depth > DEPTH_MAX) {
      throw new SqlError("54001", "stack depth limit exceeded");
    }
    const operand = this.#inner();
    this.#depth--;
    return operand;
  }

  #inner(): NumberCondition {
    const first = this.#next();
    if (first === "!") {
      this.#at++;
      return { kind: "not", operand: this.#operand() };
    }
    if (first !== "(") return this.#number();
    this.#at++;
    const inner = this.#either();
    if (this.#next() !== ")") throw syntaxError();
    this.#at++;
    return inner;
  }

  #number(): NumberCondition {
    const start = this.#at;
    if (this.#text[this.#at] === "-") this.#at++;
    while (/^[0-9]$/.test(this.#text[this.#at] ?? "")) this.#at++;
    const value = Number(this.#text.slice(start, this.#at));
    if (start === this.#at || !Number.isInteger(value)) throw syntaxError();
    if (value !== (value | 0)) throw syntaxError();
    return { kind: "number", value };
  }
}

function syntaxError(): SqlError {
  return new SqlError("42601", "syntax error");
}

/** Reads a condition. @throws {SqlError} `42601`. */
export function readQueryInt(text: string): NumberCondition {
  return new ConditionReader(text).read();
}

/** The text of a condition. */
export function formatQueryInt(
  condition: NumberCondition,
  isInner = false,
): string {
  switch (condition.kind) {
    case "number":
      return String(condition.value);
    case "not": {
      const inner = formatQueryInt(condition.operand);
      return condition.operand.kind === "number"
        ? `!${inner}`
        : `!( ${inner} )`;
    }
    case "and":
    case "or": {
      const left = formatQueryInt(condition.left, true);
      const right = formatQueryInt(condition.right, true);
      if (condition.kind === "and") return `${left} & ${right}`;
      return isInner ? `( ${left} | ${right} )` : `${left} | ${right}`;
    }
  }
}

/** Whether numbers are what a condition wants. */
export function matchesQueryInt(
  condition: NumberCondition,
  numbers: ReadonlySet<number>,
): boolean {
  switch (condition.kind) {
    case "number":
      return numbers.has(condition.value);
    case "not":
      return !matchesQueryInt(condition.operand, numbers);
    case "and":
      return matchesQueryInt(condition.left, numbers) &&
        matchesQueryInt(condition.right, numbers);
    case "or":
      return matchesQueryInt(condition.left, numbers) ||
        matchesQueryInt(condition.right, numbers);
  }
}

/** `query_int`. */
export const queryInt: DataType = {
  oid: 15011,
  name: "query_int",
  displayName: "query_int",
  extension: "intarray",
  category: "U",
  preferred: false,
  length: -1,
  storage: "reference",
  comparable: false,
  input: (text) => formatQueryInt(readQueryInt(checkText(text))),
  output: (value) => value as string,
  compare: (a, b) => a < b ? -1 : a > b ? 1 : 0,
  hashKey: (value) => value as string,
  fromJs: (value) => formatQueryInt(readQueryInt(checkText(textOfJs(value)))),
  toJs: (value) => value,
};
