/**
 * A `jsonpath` over a document (PostgreSQL's chapter 9.16.2).
 *
 * In lax mode an array is taken apart where its elements are wanted, a single
 * value is taken for an array of itself where one is wanted, and structure that
 * is not there gives nothing; in strict mode each of these is an error. A
 * condition is true, false or unknown (`null`); an error within it makes it
 * unknown.
 *
 * @module
 */
import { SqlError } from "../../../errors/sql_error.ts";
import {
  type JsonNode,
  JsonNumber,
  JsonObject,
} from "../../../types/json_tree.ts";
import type {
  JsonPath,
  PathExpression,
  PathPredicate,
  PathStart,
  PathStep,
} from "../../../types/jsonpath/path_syntax.ts";
import {
  add,
  divide,
  multiply,
  remainder,
  subtract,
  truncateTo,
} from "../../../types/numeric_arithmetic.ts";
import { Numeric } from "../../../types/numeric.ts";
import {
  anyLevel,
  compareItems,
  isElements,
  nodeOf,
  type PathItem,
  regexOf,
} from "./path_items.ts";
import { applyMethod, type MethodContext } from "./path_methods.ts";
import type { PathZone } from "./path_moments.ts";

type Items = readonly PathItem[];

/** The most items that a path may give. */
const ITEMS_MAX = 5_000_000;

/** An error of structure: lax mode gives nothing instead. */
function structural(code: string, message: string): SqlError {
  return new SqlError(code, message);
}

/** Evaluates one path over one document. */
export class PathEvaluation implements MethodContext {
  readonly strict: boolean;
  readonly root: JsonNode;
  readonly zone: PathZone;
  readonly #path: JsonPath;
  readonly #variables: JsonNode;
  #current: PathItem = null;
  #isLenient = false;
  #length = 0;

  constructor(
    path: JsonPath,
    document: JsonNode,
    variables: JsonNode,
    zone: PathZone,
  ) {
    this.zone = zone;
    this.#path = path;
    this.strict = path.strict;
    this.root = document;
    this.#variables = variables;
  }

  /** Adds what the path gives to `out`; on an error, what comes before it. */
  run(out: JsonNode[]): void {
    const items: PathItem[] = [];
    try {
      this.collect(items);
    } finally {
      for (const item of items) out.push(nodeOf(item));
    }
  }

  /** The same, with dates and times as such. */
  collect(out: PathItem[]): void {
    this.#collect(this.#path.expression, out);
  }

  /** Whether structure that is not there is an error now. */
  get reports(): boolean {
    return this.strict && !this.#isLenient;
  }

  #items(expression: PathExpression): Items {
    const items: PathItem[] = [];
    this.#collect(expression, items);
    return items;
  }

  #collect({ start, steps }: PathExpression, out: PathItem[]): void {
    for (const item of this.#start(start)) this.#follow(steps, 0, item, out);
  }

  /** Takes the steps from `at` on, item by item, as they come. */
  #follow(
    steps: readonly PathStep[],
    at: number,
    item: PathItem,
    out: PathItem[],
  ): void {
    const step = steps[at];
    if (step === undefined) {
      if (out.length >= ITEMS_MAX) {
        throw new SqlError("54000", "jsonpath gives too many items");
      }
      out.push(item);
      return;
    }
    const next: PathItem[] = [];
    let failure: { readonly error: unknown } | undefined;
    try {
      this.#step(step, item, next);
    } catch (error) {
      failure = { error };
    }
    const outer = this.#isLenient;
    // What is found at any level need not have what is asked of it.
    if (step.kind === "any_level") this.#isLenient = true;
    try {
      for (const each of next) this.#follow(steps, at + 1, each, out);
    } finally {
      this.#isLenient = outer;
    }
    if (failure !== undefined) throw failure.error;
  }

  #start(start: PathStart): Items {
    switch (start.kind) {
      case "root":
        return [this.root];
      case "current":
        return [this.#current];
      case "last":
        return [new JsonNumber(String(this.#length - 1))];
      case "null":
        return [null];
      case "string":
      case "boolean":
        return [start.value];
      case "number":
        return [new JsonNumber(start.text)];
      case "group":
        return this.#items(start.inner);
      case "predicate":
        return [this.#test(start.predicate)];
      case "variable":
        return [this.#variable(start.name)];
      case "arithmetic":
        return [this.#arithmetic(start)];
      case "sign":
        return this.#unwrapped(start.operand).map((item) => {
          if (!(item instanceof JsonNumber)) {
            throw structural(
              "2203B",
              `operand of unary jsonpath operator ${start.operator} ` +
                "is not a numeric value",
            );
          }
          return start.operator === "+"
            ? item
            : number(subtract(Numeric.ZERO, item.value));
        });
    }
  }

  #variable(name: string): PathItem {
    const value = this.#variables instanceof JsonObject
      ? this.#variables.get(name)
      : undefined;
    if (value !== undefined) return value;
    throw new SqlError("42704", `could not find jsonpath variable "${name}"`);
  }

  #arithmetic(
    { operator, left, right }: Extract<PathStart, { kind: "arithmetic" }>,
  ): PathItem {
    const operand = (expression: PathExpression, side: string): Numeric => {
      const items = this.#unwrapped(expression);
      const [item] = items;
      if (items.length === 1 && item instanceof JsonNumber) return item.value;
      throw structural(
        "22038",
        `${side} operand of jsonpath operator ${operator} ` +
          "is not a single numeric value",
      );
    };
    const a = operand(left, "left");
    const b = operand(right, "right");
    switch (operator) {
      case "+":
        return number(add(a, b));
      case "-":
        return number(subtract(a, b));
      case "*":
        return number(multiply(a, b));
      case "/":
        return number(divide(a, b));
      case "%":
        return number(remainder(a, b));
    }
  }

  /** The items of an expression; in lax mode arrays are taken apart. */
  #unwrapped(expression: PathExpression): Items {
    const items = this.#items(expression);
    return this.strict
      ? items
      : items.flatMap((item): Items => isElements(item) ? item : [item]);
  }

  #step(step: PathStep, item: PathItem, out: PathItem[]): void {
    switch (step.kind) {
      case "member":
        return this.#member(step.key, item, out, !this.strict);
      case "any_member":
        return this.#anyMember(item, out, !this.strict);
      case "any_element":
        if (isElements(item)) append(out, item);
        else if (!this.strict) out.push(item);
        else if (this.reports) {
          throw structural(
            "22039",
            "jsonpath wildcard array accessor can only be applied to an array",
          );
        }
        return;
      case "elements":
        return this.#elements(step, item, out);
      case "any_level":
        return anyLevel(item, 0, step, out);
      case "filter":
        for (
          const candidate of !this.strict && isElements(item) ? item : [item]
        ) {
          if (this.#testOn(step.predicate, candidate) === true) {
            out.push(candidate);
          }
        }
        return;
      case "method": {
        const isWhole = step.name === "type" || step.name === "size";
        const targets = !this.strict && !isWhole && isElements(item)
          ? item
          : [item];
        for (const target of targets) {
          append(out, applyMethod(step, target, this));
        }
      }
    }
  }

  #member(
    key: string,
    item: PathItem,
    out: PathItem[],
    unwrap: boolean,
  ): void {
    if (item instanceof JsonObject) {
      const value = item.get(key);
      if (value !== undefined) out.push(value);
      else if (this.reports) {
        throw structural(
          "2203A",
          `JSON object does not contain key "${key}"`,
        );
      }
    } else if (unwrap && isElements(item)) {
      for (const element of item) this.#member(key, element, out, false);
    } else if (this.reports) {
      throw structural(
        "2203A",
        "jsonpath member accessor can only be applied to an object",
      );
    }
  }

  #anyMember(item: PathItem, out: PathItem[], unwrap: boolean): void {
    if (item instanceof JsonObject) append(out, item.values);
    else if (unwrap && isElements(item)) {
      for (const element of item) this.#anyMember(element, out, false);
    } else if (this.reports) {
      throw structural(
        "2203C",
        "jsonpath wildcard member accessor can only be applied to an object",
      );
    }
  }

  #elements(
    { subscripts }: Extract<PathStep, { kind: "elements" }>,
    item: PathItem,
    out: PathItem[],
  ): void {
    if (!isElements(item) && this.strict) {
      if (!this.reports) return;
      throw structural(
        "22039",
        "jsonpath array accessor can only be applied to an array",
      );
    }
    const elements = isElements(item) ? item : [item];
    const outer = this.#length;
    this.#length = elements.length;
    for (const { from, to } of subscripts) {
      const first = this.#index(from);
      const last = to === undefined ? first : this.#index(to);
      const isInside = first >= 0 && first <= last && last < elements.length;
      if (this.reports && !isInside) {
        throw structural("22033", "jsonpath array subscript is out of bounds");
      }
      const end = Math.min(last, elements.length - 1);
      for (let i = Math.max(first, 0); i <= end; i++) out.push(elements[i]!);
    }
    this.#length = outer;
  }

  #index(expression: PathExpression): number {
    const items = this.#items(expression);
    const [item] = items;
    if (items.length !== 1 || !(item instanceof JsonNumber)) {
      throw structural(
        "22033",
        "jsonpath array subscript is not a single numeric value",
      );
    }
    const index = truncateTo(item.value, 0).toNumber();
    if (Math.abs(index) <= 2147483647) return index + 0;
    throw structural(
      "22033",
      "jsonpath array subscript is out of integer range",
    );
  }

  #testOn(predicate: PathPredicate, item: PathItem): boolean | null {
    const outer = this.#current;
    this.#current = item;
    try {
      return this.#test(predicate);
    } finally {
      this.#current = outer;
    }
  }

  /** Whether a condition holds; `null`: unknown. */
  #test(predicate: PathPredicate): boolean | null {
    switch (predicate.kind) {
      case "and": {
        const left = this.#test(predicate.left);
        if (left === false) return false;
        const right = this.#test(predicate.right);
        return right === true ? left : right;
      }
      case "or": {
        const left = this.#test(predicate.left);
        if (left === true) return true;
        const right = this.#test(predicate.right);
        return right === false ? left : right;
      }
      case "not": {
        const value = this.#test(predicate.operand);
        return value === null ? null : !value;
      }
      case "is_unknown":
        return this.#test(predicate.operand) === null;
      case "exists":
        return known(() => {
          const items: PathItem[] = [];
          try {
            this.#collect(predicate.operand, items);
          } catch (error) {
            // Lax mode stops at the first one.
            if (this.strict || items.length === 0) throw error;
          }
          return items.length > 0;
        });
      case "comparison":
        return this.#pairs(
          predicate.left,
          predicate.right,
          (a, b) => compareItems(predicate.operator, a, b, this.zone),
        );
      case "starts_with":
        return this.#pairs(
          predicate.operand,
          predicate.prefix,
          (a, b) =>
            typeof a === "string" && typeof b === "string"
              ? a.startsWith(b)
              : null,
        );
      case "like_regex": {
        const regex = regexOf(predicate.pattern, predicate.flags);
        return this.#pairs(
          predicate.operand,
          NOTHING,
          (a) => typeof a === "string" ? regex.test(a) : null,
        );
      }
    }
  }

  /** Whether a condition holds for some pair of items. */
  #pairs(
    left: PathExpression,
    right: PathExpression,
    holds: (a: PathItem, b: PathItem) => boolean | null,
  ): boolean | null {
    return known(() => {
      const lefts = this.#unwrapped(left);
      const rights = this.#unwrapped(right);
      let isFound = false;
      let isUnknown = false;
      for (const a of lefts) {
        for (const b of rights) {
          const result = holds(a, b);
          if (result === null) {
            if (this.strict) return null;
            isUnknown = true;
          } else if (result) {
            if (!this.strict) return true;
            isFound = true;
          }
        }
      }
      return isFound ? true : isUnknown ? null : false;
    });
  }
}

/** An expression of one item, for conditions of one operand. */
const NOTHING: PathExpression = { start: { kind: "null" }, steps: [] };

/** The result; an error that a statement may survive is unknown. */
function known(test: () => boolean | null): boolean | null {
  try {
    return test();
  } catch (error) {
    if (isSuppressible(error)) return null;
    throw error;
  }
}

/** Whether `silent` and conditions pass over an error: errors of the data. */
export function isSuppressible(error: unknown): boolean {
  return error instanceof SqlError && /^22/.test(error.code);
}

function append(out: PathItem[], items: Items): void {
  for (const item of items) out.push(item);
}

function number(value: Numeric): JsonNumber {
  return new JsonNumber(value.toString());
}
