/**
 * Templates of SQL that can be put into one another, as PGlite has them:
 * values become parameters, `identifier` and `raw` become text.
 *
 * @module
 */

/** A piece of text that a template takes as it is. */
export interface TemplatePart {
  readonly kind: "part";
  /** The text. */
  readonly text: string;
}

/** A template that another can take. */
export interface TemplateContainer {
  readonly kind: "container";
  /** What stands between the values. */
  readonly strings: TemplateStringsArray;
  /** The values. */
  readonly values: readonly unknown[];
}

/** A statement and its parameters. */
export interface TemplatedQuery {
  /** The text, with `$1`, `$2` … */
  readonly query: string;
  /** Their values. */
  readonly params: unknown[];
}

/** What came from here, not from data that looks alike. */
const MADE = new WeakSet<object>();

/** Deeper templates than this are not written by people. */
const DEPTH_MAX = 100;

function made<T extends object>(value: T): T {
  MADE.add(value);
  return value;
}

/** A template for use in another: its values become parameters there. */
export function sql(
  strings: TemplateStringsArray,
  ...values: unknown[]
): TemplateContainer {
  return made({ kind: "container", strings, values });
}

/** A name, quoted. */
export function identifier(
  strings: TemplateStringsArray,
  ...values: unknown[]
): TemplatePart {
  const name = String.raw(strings, ...values).replaceAll('"', '""');
  return made({ kind: "part", text: `"${name}"` });
}

/** Text that is taken as it stands. */
export function raw(
  strings: TemplateStringsArray,
  ...values: unknown[]
): TemplatePart {
  return made({ kind: "part", text: String.raw(strings, ...values) });
}

/**
 * The statement that a template says.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { identifier, query, sql } from "@kriyadb/kriyadb/pglite/template";
 *
 * const only = sql`WHERE age > ${30}`;
 * assertEquals(query`SELECT * FROM ${identifier`people`} ${only}`, {
 *   query: 'SELECT * FROM "people" WHERE age > $1',
 *   params: [30],
 * });
 * ```
 *
 * @throws {RangeError} for templates that are in one another too deep.
 */
export function query(
  strings: TemplateStringsArray,
  ...values: unknown[]
): TemplatedQuery {
  const params: unknown[] = [];
  return { query: textOf({ strings, values, params, depth: 0 }), params };
}

function textOf({ strings, values, params, depth }: {
  readonly strings: TemplateStringsArray;
  readonly values: readonly unknown[];
  readonly params: unknown[];
  readonly depth: number;
}): string {
  if (depth > DEPTH_MAX) throw new RangeError("templates are nested too deep");
  let text = strings[0]!;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (isMade(value)) {
      text += value.kind === "part"
        ? value.text
        : textOf({ ...value, params, depth: depth + 1 });
    } else {
      text += `$${params.push(value)}`;
    }
    text += strings[i + 1]!;
  }
  return text;
}

function isMade(value: unknown): value is TemplatePart | TemplateContainer {
  return typeof value === "object" && value !== null && MADE.has(value);
}
