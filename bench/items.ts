/**
 * The table of the row benchmarks, `items`, and its rows: a text key, and a
 * payload of 100 characters, inserted in no order.
 *
 * @module
 */
import { randomNumbers, shuffled } from "./random.ts";

/** The table. */
export const CREATE_ITEMS = `CREATE TABLE items (
  id text PRIMARY KEY, name text, price int, ts bigint, payload text)`;

/** One row. */
export type Item = readonly [string, string, number, number, string];

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** Makes rows `0` to `count - 1`, in no order. */
export function makeItems(count: number): Item[] {
  const random = randomNumbers(1);
  const payloads = Array.from(
    { length: 1000 },
    () =>
      Array.from(
        { length: 100 },
        () => LETTERS[Math.floor(random() * LETTERS.length)],
      ).join(""),
  );
  return [...shuffled(count, random)].map((i) => [
    itemKey(i),
    `name ${i % 5000}`,
    (i * 7919) % 10000,
    1700000000000 + i,
    payloads[i % 1000]!,
  ]);
}

/** The key of row `i`. */
export function itemKey(i: number): string {
  return `item-${String(i).padStart(8, "0")}`;
}

/** `INSERT` of rows with their values in the text. */
export function insertText(rows: readonly Item[]): string {
  const tuples = rows.map(([id, name, price, ts, payload]) =>
    `('${id}','${name}',${price},${ts},'${payload}')`
  );
  return `INSERT INTO items VALUES ${tuples.join(",")}`;
}

/** `INSERT` of `count` rows as parameters. */
export function insertParametersText(count: number): string {
  const tuples = Array.from({ length: count }, (_, i) => {
    const n = 5 * i;
    return `($${n + 1},$${n + 2},$${n + 3},$${n + 4},$${n + 5})`;
  });
  return `INSERT INTO items VALUES ${tuples.join(",")}`;
}
