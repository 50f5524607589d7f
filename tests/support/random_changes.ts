/**
 * Arbitrary changes of two tables whose outcome PostgreSQL and we must agree on:
 * ON CONFLICT, UPDATE … FROM, DELETE … USING, MERGE, changes in WITH.
 *
 * What is left out is what PostgreSQL itself leaves open: which of several
 * matching rows is taken, and errors that depend on the order of rows of a join.
 *
 * @module
 */
import { fc } from "fast-check";

/** The tables. */
export const CHANGED_TABLES = `
  CREATE TABLE t (id int PRIMARY KEY, k int UNIQUE, n int NOT NULL, s text);
  CREATE TABLE u (id int PRIMARY KEY, n int, s text)`;

/** Their rows. */
export const CHANGED_ROWS = `
  INSERT INTO t VALUES (1, 1, 10, 'a'), (2, 2, 20, 'b'), (3, NULL, 30, NULL),
    (4, 4, 40, 'd'), (5, NULL, 50, 'e');
  INSERT INTO u VALUES (2, 200, 'x'), (3, NULL, 'y'), (4, 400, NULL),
    (7, 700, 'z'), (8, 8, '')`;

const small = fc.integer({ min: 0, max: 8 });
const keyOrNull = fc.oneof(small.map(String), fc.constant("NULL"));
const text = fc.constantFrom("'p'", "'q'", "NULL", "''");

/** A condition over columns of these rows. */
function conditionOf(...columns: string[]): fc.Arbitrary<string> {
  const column = fc.constantFrom(...columns);
  return fc.oneof(
    fc.tuple(column, fc.constantFrom("<", ">", "=", "<>"), small)
      .map(([a, op, b]) => `${a} ${op} ${b}`),
    fc.tuple(column, column).map(([a, b]) => `${a} IS DISTINCT FROM ${b}`),
    column.map((a) => `${a} IS NOT NULL`),
    fc.constant("false"),
    fc.constant("EXISTS (SELECT 1 FROM u WHERE u.n > 300)"),
  );
}

const where = (condition: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.option(condition).map((text) => text === null ? "" : ` WHERE ${text}`);

const also = (condition: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.option(condition).map((text) => text === null ? "" : ` AND ${text}`);

const RETURNING = " RETURNING t.id, t.n, old.id, old.n, new.k, new.s";

const inserted = fc.array(
  fc.tuple(
    small,
    keyOrNull,
    fc.oneof(small.map(String), fc.constant("NULL")),
    text,
  )
    .map(([id, k, n, s]) => `(${id}, ${k}, ${n}, ${s})`),
  { minLength: 1, maxLength: 4 },
).map((rows) => rows.join(", "));

const upsertSet = fc.constantFrom(
  "n = EXCLUDED.n",
  "n = t.n + EXCLUDED.n, s = EXCLUDED.s",
  "(n, s) = (EXCLUDED.id, t.s || 'x')",
  "k = EXCLUDED.k",
  "id = EXCLUDED.id + 10",
  "(n, s) = (SELECT n, s FROM u WHERE id = 7)",
  "s = DEFAULT",
);

const upsert = fc.tuple(
  inserted,
  fc.constantFrom(" (id)", " (k)", " ON CONSTRAINT t_pkey"),
  upsertSet,
  where(conditionOf("t.n", "EXCLUDED.n", "t.k")),
  fc.boolean(),
).map(([rows, target, set, condition, update]) =>
  `INSERT INTO t VALUES ${rows} ON CONFLICT${target} DO ${
    update ? `UPDATE SET ${set}${condition}` : "NOTHING"
  }${RETURNING}`
);

const insertSome = inserted.map((rows) =>
  `INSERT INTO t VALUES ${rows} ON CONFLICT DO NOTHING${RETURNING}`
);

const source = fc.constantFrom(
  "u",
  "(SELECT id, n, s FROM u WHERE n IS NOT NULL) AS u",
  "(VALUES (1, 5, 'v'), (4, NULL, 'w'), (9, 6, NULL)) AS u (id, n, s)",
  "u JOIN (VALUES (2), (3), (8)) AS w (i) ON w.i = u.id",
);

const updateSet = fc.constantFrom(
  "n = t.n + coalesce(u.n, 1)",
  "s = u.s",
  "(n, s) = (u.id, t.s)",
  "n = u.n",
  "(n, s) = (SELECT max(n), min(s) FROM u AS v)",
);

const update = fc.tuple(
  source,
  updateSet,
  also(conditionOf("t.n", "u.n", "t.k")),
)
  .map(([from, set, more]) =>
    `UPDATE t SET ${set} FROM ${from} WHERE u.id = t.id${more}${RETURNING}, u.s`
  );

const remove = fc.tuple(source, also(conditionOf("t.n", "u.n", "t.k")))
  .map(([from, more]) =>
    `DELETE FROM t USING ${from} WHERE u.id = t.id${more}${RETURNING}, u.n`
  );

const clause = fc.oneof(
  fc.tuple(
    also(conditionOf("t.n", "u.n")),
    fc.oneof(
      updateSet.map((set) => `UPDATE SET ${set}`),
      fc.constantFrom("DELETE", "DO NOTHING"),
    ),
  ).map(([more, action]) => `WHEN MATCHED${more} THEN ${action}`),
  fc.tuple(
    also(conditionOf("t.n", "t.k")),
    fc.constantFrom("UPDATE SET n = t.n + 1", "DELETE", "DO NOTHING"),
  ).map(([more, action]) => `WHEN NOT MATCHED BY SOURCE${more} THEN ${action}`),
  fc.tuple(
    also(conditionOf("u.n")),
    fc.constantFrom(
      "INSERT VALUES (u.id, NULL, 7, u.s)",
      "INSERT (id, n) VALUES (u.id, coalesce(u.n, 0))",
      "INSERT (id, n) VALUES (u.id, u.n)",
      "DO NOTHING",
    ),
  ).map(([more, action]) => `WHEN NOT MATCHED${more} THEN ${action}`),
);

const merge = fc.tuple(
  source,
  fc.array(clause, { minLength: 1, maxLength: 4 }),
).map(([from, clauses]) =>
  `MERGE INTO t USING ${from} ON u.id = t.id ${
    clauses.join(" ")
  }${RETURNING}, merge_action()`
);

const change = fc.oneof(upsert, insertSome, update, remove, merge);

const inWith = fc.oneof(
  change.map((sql) => `WITH c AS (${named(sql)}) SELECT * FROM c`),
  change.map((sql) =>
    `WITH c AS (${named(sql)}) SELECT count(*), (SELECT sum(n) FROM t) FROM c`
  ),
  change.map((sql) =>
    `WITH c AS (${
      named(sql)
    }) UPDATE u SET n = u.n + 1 FROM c WHERE c.a = u.id RETURNING u.id, u.n`
  ),
  change.map((sql) => `WITH c AS (${named(sql)}) DELETE FROM u WHERE id = 8`),
);

/** The same change with names for what it returns. */
function named(sql: string): string {
  return sql.replace(
    RETURNING,
    " RETURNING t.id AS a, t.n AS b, old.n AS c, new.n AS d",
  );
}

/** A change, alone or in WITH. */
export const randomChange: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: change },
  { weight: 1, arbitrary: inWith },
);
