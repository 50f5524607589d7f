/**
 * Conditions on the columns of a table, each with values of its type.
 *
 * | condition | SQL |
 * | --- | --- |
 * | `5` | `= 5` |
 * | `null` | `IS NULL` |
 * | `{ not: null }` | `IS NOT NULL` |
 * | `{ not: 5 }` | `IS DISTINCT FROM 5` |
 * | `{ in: [1, 2] }` | `= ANY ('{1,2}')` |
 * | `{ gt, gte, lt, lte }` | `>`, `>=`, `<`, `<=` |
 * | `{ like: "a%" }` | `LIKE 'a%'` |
 *
 * All of them must hold.
 *
 * @module
 */
import { SqlError } from "../mod.ts";

/** What a value of a column must be. */
export type Condition<V> =
  | V
  | null
  | {
    readonly not?: V | null;
    readonly in?: readonly V[];
    readonly gt?: V;
    readonly gte?: V;
    readonly lt?: V;
    readonly lte?: V;
    readonly like?: string;
  };

/** Conditions by the names of columns. */
export type Conditions<G> = {
  readonly [K in keyof G]?: Condition<Exclude<G[K], null | undefined>>;
};

const OPERATORS: Readonly<Record<string, string>> = {
  gt: ">",
  gte: ">=",
  lt: "<",
  lte: "<=",
  like: "LIKE",
};

/**
 * A condition as SQL; its values are added to `values`.
 *
 * @throws {SqlError} `42601` for one that is none: nothing is deleted because a
 * value was missing.
 */
export function conditionText(
  name: string,
  condition: unknown,
  values: unknown[],
): string {
  if (condition === null) return `${name} IS NULL`;
  if (condition === undefined) throw missing(name);
  if (!isOperators(condition)) return `${name} = $${values.push(condition)}`;
  const texts = Object.entries(condition).map(([word, value]) => {
    if (value === undefined) throw missing(name);
    if (word === "not") {
      return value === null
        ? `${name} IS NOT NULL`
        : `${name} IS DISTINCT FROM $${values.push(value)}`;
    }
    if (word === "in") return `${name} = ANY ($${values.push(value)})`;
    return `${name} ${OPERATORS[word]} $${values.push(value)}`;
  });
  if (texts.length === 0) throw missing(name);
  return texts.join(" AND ");
}

/** Whether it is words with values, not a value of jsonb. */
function isOperators(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  return Object.keys(value).every((word) =>
    word === "not" || word === "in" || Object.hasOwn(OPERATORS, word)
  );
}

function missing(name: string): SqlError {
  return new SqlError("42601", `the condition on ${name} has no value`);
}
