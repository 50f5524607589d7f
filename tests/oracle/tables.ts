/**
 * The tables of random statements, and what is in them.
 *
 * @module
 */
import type { Kind } from "./forms.ts";

/** A relation a statement can name. */
export interface Relation {
  /** Its name. */
  readonly name: string;
  /** Its columns. */
  readonly columns: readonly (readonly [name: string, kind: Kind])[];
}

/** Columns by kind, as a statement writes them. */
export type Names = Readonly<Partial<Record<Kind, readonly string[]>>>;

/** The tables; the first column is the primary key. */
export const TABLES: readonly Relation[] = [
  {
    name: "a",
    columns: [
      ...[["id", "int"], ["i", "int"], ["b", "big"], ["n", "numeric"]] as const,
      ...[["f", "float"], ["s", "text"], ["p", "bool"], ["d", "date"]] as const,
      ...[["ts", "stamp"], ["ia", "ints"], ["ta", "texts"]] as const,
      ["j", "json"],
    ],
  },
  {
    name: "c",
    columns: [
      ...[["id", "int"], ["a_id", "int"], ["i", "int"]] as const,
      ...[["s", "text"], ["n", "numeric"], ["d", "date"]] as const,
    ],
  },
  {
    name: "w",
    columns: [
      ...[["id", "int"], ["i", "int"], ["b", "big"]] as const,
      ...[["s", "text"], ["d", "date"], ["p", "bool"]] as const,
    ],
  },
  {
    name: "e",
    columns: [
      ...[["id", "int"], ["i", "int"], ["s", "text"], ["p", "bool"]] as const,
      ["n", "numeric"],
    ],
  },
];

/** Makes and fills them. */
export const TABLE_STATEMENTS: readonly string[] = [
  `CREATE TABLE a (id int PRIMARY KEY, i int, b bigint, n numeric(8,2),
    f float8, s text, p boolean, d date, ts timestamp, ia int[], ta text[],
    j jsonb)`,
  "CREATE INDEX ON a (i)",
  "CREATE INDEX ON a (s, i DESC)",
  "CREATE INDEX ON a (lower(s))",
  "CREATE INDEX ON a USING gin (j)",
  "CREATE TABLE c (id int PRIMARY KEY, a_id int, i int, s text UNIQUE, " +
  "n numeric(8,2), d date, CHECK (i < 100))",
  "CREATE INDEX ON c (a_id)",
  "CREATE TABLE w (id int PRIMARY KEY, i int, b bigint, s text, d date, p bool)",
  "CREATE INDEX ON w (s, i)",
  "CREATE INDEX ON w (d) WHERE p",
  "CREATE TABLE e (id int PRIMARY KEY, i int DEFAULT 5, s text, " +
  "p boolean DEFAULT true, n numeric(8,2))",
  `INSERT INTO a VALUES
    (1, 1, 10, 1.5, 0.5, 'abc', true, '2024-01-01', '2024-01-01 10:00',
      '{1,2}', '{a,b}', '{"a": 1, "b": [1, 2]}'),
    (2, 2, -1, -2.25, -0.25, '', false, '2024-02-29', '2023-12-31 23:59:59',
      '{}', '{}', '[1, 2, "x"]'),
    (3, NULL, 0, NULL, 3, 'k1', NULL, NULL, NULL, NULL, NULL, NULL),
    (4, -3, 9007199254740993, 0, NULL, NULL, true, '1999-12-31', '2000-01-01',
      '{3,NULL}', '{NULL,k2}', '{"n": 3}'),
    (5, 7, NULL, 100, 16, 'Zz', false, '2024-01-01', '2024-06-15 12:30:15.5',
      '{7,7,1}', '{abc}', '"a"'),
    (6, 2, 5, 0.1, 0, 'abc', NULL, '2023-03-01', '2024-01-01 10:00', '{2}',
      '{b,a}', '{"b": {"c": null}}'),
    (7, 1, 5, 1.5, 0.5, 'B c', true, '2024-12-25', NULL, '{1,2}', '{a,b}',
      'null'),
    (8, 0, 7, -1, 1024, 'k1', false, NULL, '1970-01-01', '{0}', '{""}',
      '{"a": "x"}')`,
  `INSERT INTO c VALUES
    (1, 1, 1, 'abc', 1.5, '2024-01-01'), (2, 1, 5, 'k1', NULL, '2024-02-29'),
    (3, 2, NULL, 'k2', 2.5, NULL), (4, NULL, 2, NULL, 0, '2023-03-01'),
    (5, 99, 2, 'zz', -1, '2024-01-01'), (6, 6, 7, 'Zz', 100, '1999-12-31'),
    (7, 7, 1, 'b', 1.5, '2024-12-25')`,
  `INSERT INTO w SELECT g, g % 7, g * 3, 'k' || g % 5, date '2024-01-01' + g,
    g % 3 = 0 FROM generate_series(1, 40) AS g`,
  "ANALYZE",
];

/** All columns of relations, by kind. */
export function namesOf(
  relations: readonly Relation[],
  outer: Names = {},
): Names {
  const names: Partial<Record<Kind, string[]>> = {};
  for (const { name, columns } of relations) {
    for (const [column, kind] of columns) {
      (names[kind] ??= []).push(`${name}.${column}`);
    }
  }
  for (const [kind, texts] of Object.entries(outer)) {
    (names[kind as Kind] ??= []).push(...texts);
  }
  return names;
}
