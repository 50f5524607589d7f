/**
 * Arbitrary expressions, by forms: `({int} + {int})` is one of an int, with two
 * ints in it. What a form says must be PostgreSQL's, of any operands; divisors
 * are made other than zero.
 *
 * @module
 */
import type { Choices } from "./choices.ts";
import { FORMS, type Kind, KINDS, LITERALS } from "./forms.ts";

/** What an expression may name, and how queries within it are made. */
export interface Scope {
  /** Texts by kind: columns, or keys and aggregates. */
  readonly names: Readonly<Partial<Record<Kind, readonly string[]>>>;
  /** What queries within it may name. */
  readonly outer: Readonly<Partial<Record<Kind, readonly string[]>>>;
  /** A query of one column, in parentheses; none where it would be too deep. */
  readonly query?: (kind: Kind, scalar: boolean) => string;
}

/** An expression of a kind. */
export function expression(
  choices: Choices,
  scope: Scope,
  kind: Kind,
  depth: number,
): string {
  const names = scope.names[kind] ?? [];
  if (depth <= 0 || choices.below(4) < 1) {
    return names.length > 0 && choices.below(4) < 3
      ? choices.pick(names)
      : choices.pick(LITERALS[kind]);
  }
  if (scope.query !== undefined && choices.once(14)) {
    return subquery(choices, scope, kind, depth);
  }
  return fill(choices, scope, choices.pick(FORMS[kind]), kind, depth - 1);
}

/** A form with operands; `{K}` is one kind all over, `{same}` its own. */
function fill(
  choices: Choices,
  scope: Scope,
  form: string,
  own: Kind,
  depth: number,
): string {
  let any: Kind | undefined;
  return form.replace(/\{(int|[a-z]{2,}|K)\}/g, (whole, name: string) => {
    if (name === "K") any ??= choices.pick(KINDS);
    const kind = name === "K" ? any! : name === "same" ? own : name as Kind;
    if (!(kind in FORMS)) return whole;
    return expression(choices, scope, kind, depth);
  });
}

function subquery(
  choices: Choices,
  scope: Scope,
  kind: Kind,
  depth: number,
): string {
  const query = scope.query!;
  if (kind !== "bool") return query(kind, true);
  const compared = choices.pick(KINDS);
  const left = expression(choices, scope, compared, depth - 1);
  switch (choices.below(5)) {
    case 0:
      return `EXISTS ${query(compared, false)}`;
    case 1:
      return `(${left} IN ${query(compared, false)})`;
    case 2:
      return `(${left} NOT IN ${query(compared, false)})`;
    case 3: {
      const operator = choices.pick(["=", "<", ">=", "<>"]);
      const which = choices.pick(["ANY", "ALL"]);
      return `(${left} ${operator} ${which} ${query(compared, false)})`;
    }
    default:
      return query("bool", true);
  }
}
