/**
 * Filters over metadata, as JSON, and the conditions of SQL that they are. What
 * clients give is a parameter, never text.
 *
 * ```json
 * {
 *   "lang": "en",
 *   "year": { "$gte": 1990, "$lt": 2000 },
 *   "$or": [{ "genre": { "$in": ["drama", "comedy"] } }, { "new": true }]
 * }
 * ```
 *
 * | operator | holds where the value |
 * | --- | --- |
 * | none, `$eq` | is this |
 * | `$ne` | is not this, or is missing |
 * | `$in`, `$nin` | is one of these, or none of them |
 * | `$gt` `$gte` `$lt` `$lte` | is of the same type, and more or less |
 * | `$exists` | is there, or is not |
 * | `$and` `$or` `$not` | of filters |
 *
 * @module
 */
import { invalidBody } from "./http_error.ts";
import { isObject, type JsonObject } from "./request_body.ts";

/** Conditions of a filter at most. */
const CONDITIONS_MAX = 200;

/** Filters within filters at most. */
const DEPTH_MAX = 16;

const ORDERS: Readonly<Record<string, string>> = {
  "$gt": ">",
  "$gte": ">=",
  "$lt": "<",
  "$lte": "<=",
};

/** Makes conditions, and gathers their parameters. */
export class MetadataFilter {
  readonly #parameters: unknown[];
  #conditionCount = 0;

  /** A filter whose parameters go behind those of `parameters`. */
  constructor(parameters: unknown[]) {
    this.#parameters = parameters;
  }

  /** The condition that a filter is. @throws {HttpError} */
  condition(filter: unknown): string {
    return this.#all(filter, 0);
  }

  #all(filter: unknown, depth: number): string {
    if (!isObject(filter)) throw invalidBody("a filter has to be an object");
    if (depth > DEPTH_MAX) {
      throw invalidBody(`filters go ${DEPTH_MAX} deep at most`);
    }
    const conditions = Object.entries(filter).map(([key, value]) =>
      key.startsWith("$")
        ? this.#combined(key, value, depth)
        : this.#field(key, value)
    );
    return joined(conditions, "AND", "TRUE");
  }

  #combined(operator: string, value: unknown, depth: number): string {
    switch (operator) {
      case "$and":
      case "$or": {
        if (!Array.isArray(value)) {
          throw invalidBody(`"${operator}" takes an array of filters`);
        }
        const conditions = value.map((each) => this.#all(each, depth + 1));
        return operator === "$and"
          ? joined(conditions, "AND", "TRUE")
          : joined(conditions, "OR", "FALSE");
      }
      case "$not":
        return `(${this.#all(value, depth + 1)}) IS NOT TRUE`;
      default:
        throw unknownOperator(operator);
    }
  }

  #field(key: string, value: unknown): string {
    if (!isObject(value) || !hasOperator(value)) return this.#equal(key, value);
    const conditions = Object.entries(value).map(([operator, operand]) =>
      this.#compared(key, operator, operand)
    );
    return joined(conditions, "AND", "TRUE");
  }

  #compared(key: string, operator: string, operand: unknown): string {
    switch (operator) {
      case "$eq":
        return this.#equal(key, operand);
      case "$ne":
        return `(${this.#equal(key, operand)}) IS NOT TRUE`;
      case "$in":
        return this.#among(key, operator, operand);
      case "$nin":
        return `(${this.#among(key, operator, operand)}) IS NOT TRUE`;
      case "$exists":
        if (typeof operand !== "boolean") {
          throw invalidBody('"$exists" takes true or false');
        }
        return `${operand ? "" : "NOT "}metadata ? ${this.#text(key)}`;
      default:
        return this.#ordered(key, operator, operand);
    }
  }

  /** Values that are no objects are found by what an index of jsonb has. */
  #equal(key: string, value: unknown): string {
    this.#count();
    if (typeof value !== "object" || value === null) {
      const part = Object.fromEntries([[key, value]]);
      return `metadata @> ${this.#json(part)}`;
    }
    return `metadata -> ${this.#text(key)} = ${this.#json(value)}`;
  }

  #among(key: string, operator: string, operand: unknown): string {
    if (!Array.isArray(operand)) {
      throw invalidBody(`"${operator}" takes an array of values`);
    }
    const conditions = operand.map((each) => this.#equal(key, each));
    return joined(conditions, "OR", "FALSE");
  }

  #ordered(key: string, operator: string, operand: unknown): string {
    const sign = Object.hasOwn(ORDERS, operator) ? ORDERS[operator] : undefined;
    if (sign === undefined) throw unknownOperator(operator);
    if (typeof operand !== "number" && typeof operand !== "string") {
      throw invalidBody(`"${operator}" takes a number or a text`);
    }
    this.#count();
    const value = `metadata -> ${this.#text(key)}`;
    return `(jsonb_typeof(${value}) = '${typeof operand}' AND
      ${value} ${sign} ${this.#json(operand)})`;
  }

  #count(): void {
    if (++this.#conditionCount <= CONDITIONS_MAX) return;
    throw invalidBody(`a filter has ${CONDITIONS_MAX} conditions at most`);
  }

  #text(value: string): string {
    return `$${this.#parameters.push(value)}::text`;
  }

  #json(value: unknown): string {
    return `$${this.#parameters.push(JSON.stringify(value))}::jsonb`;
  }
}

function joined(
  conditions: readonly string[],
  word: "AND" | "OR",
  none: string,
): string {
  if (conditions.length === 0) return none;
  return conditions.length === 1
    ? conditions[0]!
    : `(${conditions.join(` ${word} `)})`;
}

function hasOperator(value: JsonObject): boolean {
  return Object.keys(value).some((key) => key.startsWith("$"));
}

function unknownOperator(operator: string): Error {
  return invalidBody(`there is no operator ${JSON.stringify(operator)}`);
}
