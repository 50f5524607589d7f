/**
 * Arbitrary queries over one table, `r`, whose outcome PostgreSQL and we must
 * agree on.
 *
 * What is left out is what PostgreSQL itself leaves open: the order of rows
 * without ORDER BY, the order of sums of floats, and errors in constant parts,
 * which it meets while planning (divisors are columns).
 *
 * @module
 */
import { fc } from "fast-check";

/** The table, and its rows. */
export const RANDOM_TABLE = `CREATE TABLE r (
  id int PRIMARY KEY, i int, j int, g bigint, s text, t varchar(10), p bool,
  n numeric, f float8)`;

/** Fills it. */
export const RANDOM_ROWS = `INSERT INTO r VALUES
  (1, 0, 1, 10, 'abc', 'ABC', true, 1.5, 0.5),
  (2, 1, 0, -1, '', 'x', false, -2.25, -0.25),
  (3, NULL, 2, 0, 'a%c', NULL, NULL, NULL, 3),
  (4, -3, NULL, 9007199254740993, NULL, '', true, 0, NULL),
  (5, 7, 7, NULL, 'Zz', 'zz', false, 100.00, 1e10),
  (6, 2147483647, -1, 5, 'abc', 'abc', NULL, 0.10, 0),
  (7, 2, 3, 5, 'é', 'e', true, 1.50, 'NaN'),
  (8, 1, 1, NULL, 'b', 'B', false, -1, 'Infinity')`;

// An alias, since fast-check wants a type with an index signature.
type Expressions = {
  readonly int: string;
  readonly text: string;
  readonly bool: string;
  readonly numeric: string;
  readonly float: string;
};

const join = (
  parts: readonly fc.Arbitrary<string>[],
  write: (...texts: string[]) => string,
): fc.Arbitrary<string> => fc.tuple(...parts).map((texts) => write(...texts));

const operator = (
  symbols: readonly string[],
  operand: fc.Arbitrary<string>,
): fc.Arbitrary<string> =>
  join(
    [fc.constantFrom(...symbols), operand, operand],
    (symbol, a, b) => `(${a} ${symbol} ${b})`,
  );

const { int, text, bool, numeric, float } = fc.letrec<Expressions>((tie) => {
  const depth = fc.createDepthIdentifier();
  const options = { maxDepth: 3, depthIdentifier: depth } as const;
  const shared = (type: fc.Arbitrary<string>): fc.Arbitrary<string>[] => [
    join(
      [tie("bool"), type, type],
      (p, a, b) => `CASE WHEN ${p} THEN ${a} ELSE ${b} END`,
    ),
    join([tie("bool"), type], (p, a) => `CASE WHEN ${p} THEN ${a} END`),
    join(
      [tie("int"), tie("int"), type, type],
      (x, y, a, b) => `CASE ${x} WHEN ${y} THEN ${a} ELSE ${b} END`,
    ),
    join([type, type], (a, b) => `coalesce(${a}, ${b})`),
    join([type, type], (a, b) => `nullif(${a}, ${b})`),
    join([type, type, type], (a, b, c) => `greatest(${a}, ${b}, ${c})`),
    join([type, type], (a, b) => `least(${a}, ${b})`),
  ];
  const compared = (type: fc.Arbitrary<string>): fc.Arbitrary<string>[] => [
    operator(["=", "<>", "<", "<=", ">", ">="], type),
    operator(["IS DISTINCT FROM", "IS NOT DISTINCT FROM"], type),
    join([type, type, type], (a, b, c) => `(${a} BETWEEN ${b} AND ${c})`),
    join([type, type, type], (a, b, c) => `(${a} NOT IN (${b}, ${c}))`),
    join([type], (a) => `(${a} IS NOT NULL)`),
  ];
  return {
    int: fc.oneof(
      options,
      fc.constantFrom("i", "j", "id", "0", "1", "-2", "3", "NULL::int"),
      operator(["+", "-", "*"], tie("int")),
      join(
        [tie("int"), fc.constantFrom("i", "j", "nullif(j, 0)")],
        (a, b) => `(${a} / ${b})`,
      ),
      join(
        [tie("int"), fc.constantFrom("j", "nullif(i, 0)")],
        (a, b) => `(${a} % ${b})`,
      ),
      join([tie("int")], (a) => `(- ${a})`),
      join([tie("int")], (a) => `abs(${a})`),
      join([tie("text")], (a) => `length(${a})`),
      join([tie("bool")], (a) => `(${a})::int`),
      join([tie("numeric")], (a) => `round(${a})::int`),
      ...shared(tie("int")),
    ),
    text: fc.oneof(
      options,
      fc.constantFrom("s", "t", "'abc'", "''", "'a%'", "NULL::text"),
      operator(["||"], tie("text")),
      join([tie("text")], (a) => `upper(${a})`),
      join([tie("text"), tie("text")], (a, b) => `replace(${a}, 'a', ${b})`),
      join([tie("int")], (a) => `(${a})::text`),
      join([tie("text")], (a) => `(${a})::varchar(2)`),
      join([tie("bool")], (a) => `(${a})::text`),
      ...shared(tie("text")),
    ),
    bool: fc.oneof(
      options,
      fc.constantFrom("p", "true", "false", "NULL::bool"),
      operator(["AND", "OR"], tie("bool")),
      join(
        [tie("bool"), tie("bool"), tie("bool")],
        (a, b, c) => `(${a} OR ${b} OR ${c})`,
      ),
      join([tie("bool")], (a) => `(NOT ${a})`),
      join(
        [tie("bool"), fc.constantFrom("TRUE", "NOT FALSE", "UNKNOWN")],
        (a, test) => `(${a} IS ${test})`,
      ),
      operator(["LIKE", "NOT ILIKE"], tie("text")),
      join([tie("int")], (a) => `(${a} IN (1, 2, NULL))`),
      join([tie("text")], (a) => `(${a} NOT IN ('abc', 'Zz'))`),
      join(
        [tie("int"), tie("text"), tie("int"), tie("text")],
        (a, b, c, d) => `((${a}, ${b}) < (${c}, ${d}))`,
      ),
      ...compared(tie("int")),
      ...compared(tie("text")),
      ...compared(tie("numeric")),
      ...compared(tie("float")),
    ),
    numeric: fc.oneof(
      options,
      fc.constantFrom("n", "g", "1.5", "-0.10", "0.0", "NULL::numeric"),
      operator(["+", "-", "*"], tie("numeric")).map((a) => `(${a})::numeric`),
      join([tie("int")], (a) => `(${a})::numeric`),
      join([tie("numeric")], (a) => `(${a})::numeric(20,1)`),
      ...shared(tie("numeric")),
    ),
    float: fc.oneof(
      options,
      fc.constantFrom("f", "1.25::float8", "'-Infinity'::float8"),
      operator(["+", "-"], tie("float")),
      join([tie("int")], (a) => `(${a})::float8`),
      ...shared(tie("float")),
    ),
  };
});

/** An expression of any type over the columns of `r`. */
export const anyExpression: fc.Arbitrary<string> = fc.oneof(
  int,
  text,
  bool,
  numeric,
  float,
);

/** A condition over the columns of `r`. */
export const condition: fc.Arbitrary<string> = bool;

const order = fc.constantFrom(
  ...["", " DESC", " NULLS FIRST", " DESC NULLS LAST"],
);

const aggregates = fc.oneof(
  fc.constant("count(*)"),
  join([anyExpression], (a) => `count(${a})`),
  join([anyExpression], (a) => `count(DISTINCT ${a})`),
  join([int], (a) => `sum(${a})`),
  join([int, bool], (a, p) => `avg(${a}) FILTER (WHERE ${p})`),
  join([numeric], (a) => `sum(DISTINCT ${a})`),
  join([numeric], (a) => `round(max(${a}), 6)`),
  join([text], (a) => `min(${a})`),
  join([bool], (a) => `bool_and(${a})`),
  join(
    [text, anyExpression, order],
    (a, b, how) => `string_agg(${a}, ',' ORDER BY ${b}${how}, id)`,
  ),
);

const frameEnds = fc.constantFrom(
  "UNBOUNDED PRECEDING AND CURRENT ROW",
  "CURRENT ROW AND UNBOUNDED FOLLOWING",
  "UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
  "1 PRECEDING AND 1 FOLLOWING",
  "3 PRECEDING AND 1 PRECEDING",
  "1 FOLLOWING AND 2 FOLLOWING",
  "0 PRECEDING AND 2 FOLLOWING",
);

const exclusion = fc.constantFrom(
  ...["", "", "", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES"],
);

/** Frames whose rows do not depend on the order of peers. */
const peerFrame = fc.oneof(
  fc.constant(""),
  join(
    [fc.constantFrom("RANGE", "GROUPS"), frameEnds, exclusion],
    (mode, ends, but) => ` ${mode} BETWEEN ${ends}${but}`,
  ),
);

const rowFrame = join(
  [fc.constantFrom("ROWS", "GROUPS"), frameEnds, exclusion],
  (mode, ends, but) => ` ${mode} BETWEEN ${ends}${but}`,
);

const windowCalls = fc.oneof(
  fc.constantFrom("row_number()", "count(*)", "ntile(3)", "cume_dist()"),
  join([int], (a) => `sum(${a})`),
  join([int], (a) => `avg(${a})`),
  join([int, bool], (a, p) => `sum(${a}) FILTER (WHERE ${p})`),
  join([numeric], (a) => `max(${a})`),
  join([text], (a) => `min(${a})`),
  join([text], (a) => `string_agg(${a}, ',')`),
  join([anyExpression], (a) => `lag(${a})`),
  join([int, int], (a, b) => `lead(${a}, 2, ${b})`),
  join([anyExpression], (a) => `first_value(${a})`),
  join([anyExpression], (a) => `last_value(${a})`),
  join([anyExpression], (a) => `nth_value(${a}, 2)`),
);

const peerCalls = fc.oneof(
  fc.constantFrom("rank()", "dense_rank()", "percent_rank()", "count(*)"),
  join([anyExpression], (a) => `count(${a})`),
  join([int], (a) => `sum(${a})`),
  join([numeric], (a) => `avg(${a})`),
  join([numeric], (a) => `min(${a})`),
);

const windowQuery = fc.oneof(
  join(
    [windowCalls, anyExpression, order, rowFrame, bool],
    (call, a, how, frame, p) =>
      `SELECT id, ${call} OVER (PARTITION BY ${p} ORDER BY ${a}${how}, id` +
      `${frame}) FROM r ORDER BY id`,
  ),
  join(
    [peerCalls, peerCalls, int, order, peerFrame],
    (call, other, a, how, frame) =>
      `SELECT id, ${call} OVER w, ${other} OVER (w${frame}) FROM r ` +
      `WINDOW w AS (ORDER BY ${a}${how}) ORDER BY id`,
  ),
);

const groupings = fc.constantFrom(
  "ROLLUP (x, y)",
  "CUBE (x, y)",
  "GROUPING SETS ((x), (y), ())",
  "GROUPING SETS ((x, y), (x), (x))",
  "x, ROLLUP (y)",
  "ROLLUP (x), CUBE (y)",
  "DISTINCT ROLLUP (x, y), ROLLUP (x)",
);

const groupingQuery = join(
  [int, text, groupings, aggregates, aggregates],
  (a, b, sets, c, d) =>
    `SELECT x, y, GROUPING(x, y) AS g, ${c} AS c, ${d} AS d FROM ` +
    `(SELECT *, ${a} AS x, ${b} AS y FROM r) r GROUP BY ${sets} ` +
    "ORDER BY g, x, y, c, d",
);

const orderedSets = fc.oneof(
  join(
    [fc.constantFrom("0", "0.3", "0.5", "1"), int, order],
    (p, a, how) => `percentile_disc(${p}) WITHIN GROUP (ORDER BY ${a}${how})`,
  ),
  join(
    [fc.constantFrom("0.25", "0.5"), int],
    (p, a) => `percentile_cont(${p}) WITHIN GROUP (ORDER BY ${a})`,
  ),
  join([int], (a) => `mode() WITHIN GROUP (ORDER BY ${a})`),
  join(
    [int, order],
    (a, how) => `rank(1) WITHIN GROUP (ORDER BY ${a}${how})`,
  ),
  join(
    [int, order],
    (a, how) => `cume_dist(1) WITHIN GROUP (ORDER BY ${a}${how})`,
  ),
);

const orderedSetQuery = join(
  [bool, orderedSets, orderedSets],
  (p, a, b) => `SELECT ${p} AS x, ${a}, ${b} FROM r GROUP BY x ORDER BY x`,
);

/** A query whose rows are in a certain order. */
export const query: fc.Arbitrary<string> = fc.oneof(
  join(
    [anyExpression, anyExpression, bool],
    (a, b, p) => `SELECT id, ${a}, ${b} AS b FROM r WHERE ${p} ORDER BY id`,
  ),
  join(
    [bool, bool],
    (p, q) => `SELECT id FROM r WHERE ${p} AND ${q} ORDER BY id DESC`,
  ),
  join(
    [anyExpression, order, fc.nat({ max: 5 }), fc.nat({ max: 3 })].map((
      part,
    ) => part.map(String)),
    (a, how, limit, offset) =>
      `SELECT id FROM r ORDER BY ${a}${how}, id LIMIT ${limit} OFFSET ${offset}`,
  ),
  join(
    [anyExpression, order, anyExpression],
    (a, how, b) => `SELECT ${a} AS x, ${b} FROM r ORDER BY x${how}, id`,
  ),
  join(
    [anyExpression, order],
    (a, how) => `SELECT DISTINCT ${a} AS x FROM r ORDER BY 1${how}`,
  ),
  windowQuery,
  groupingQuery,
  orderedSetQuery,
  join(
    [anyExpression, order, anyExpression],
    (a, how, b) =>
      `SELECT DISTINCT ON (x) ${a} AS x, id, ${b} FROM r ORDER BY x${how}, id`,
  ),
  join([anyExpression, aggregates, aggregates, bool, order], (...parts) => {
    const [a, b, c, p, how] = parts;
    return `SELECT ${a} AS x, ${b}, ${c} FROM r WHERE ${p} ` +
      `GROUP BY ${a} ORDER BY 1${how}`;
  }),
  join(
    [aggregates, aggregates, bool],
    (a, b, p) => `SELECT ${a}, ${b} FROM r WHERE ${p} HAVING count(*) > 1`,
  ),
  join(
    [int, aggregates],
    (a, b) =>
      `SELECT ${a} AS x, ${b} AS y FROM r GROUP BY x ` +
      "HAVING count(*) < 4 ORDER BY 2, 1",
  ),
  join(
    [int, text, bool],
    (a, b, p) =>
      `UPDATE r SET i = ${a}, s = ${b} WHERE ${p} RETURNING id, i, s`,
  ),
  join([bool], (p) => `DELETE FROM r WHERE ${p} RETURNING id`),
  join(
    [int, text, numeric, bool],
    (a, b, c, p) =>
      `INSERT INTO r (id, i, s, n) SELECT id + 100, ${a}, ${b}, ${c} ` +
      `FROM r WHERE ${p} RETURNING id, i, s, n`,
  ),
);
