/**
 * What queries of random statements have in common: kinds and names of their
 * columns, and how one stands within another.
 *
 * @module
 */
import { type Kind, KINDS } from "./forms.ts";
import type { Maker } from "./maker.ts";
import type { Relation } from "./tables.ts";

/** Some kinds for the columns of a query. */
export function anyKinds({ choices }: Maker): Kind[] {
  return Array.from(
    { length: 1 + choices.below(3) },
    () => choices.pick(KINDS),
  );
}

/** The names of a query's columns: `c1`, `c2`… */
export function columnNames(kinds: readonly Kind[]): string[] {
  return kinds.map((_, i) => `c${i + 1}`);
}

/** A query under a name, as a relation. */
export function queryRelation(
  name: string,
  kinds: readonly Kind[],
): Relation {
  const names = columnNames(kinds);
  return { name, columns: kinds.map((kind, i) => [names[i]!, kind]) };
}

/** A select list: what `make` makes for each kind, under the columns' names. */
export function selectList(
  kinds: readonly Kind[],
  make: (kind: Kind) => string,
): string {
  const names = columnNames(kinds);
  return kinds.map((kind, i) => `${make(kind)} AS ${names[i]}`).join(", ");
}

/** A query of one column in an expression; `scalar`: of one row. */
export function inExpression(text: string, scalar: boolean): string {
  return scalar ? `(${text} ORDER BY 1 LIMIT 1)` : `(${text})`;
}

/** All rows of what stands in parentheses. */
export function allOf(maker: Maker, text: string, columns = ""): string {
  return `SELECT * FROM (${text}) ${maker.name()}${columns}`;
}
