SELECT 'x'::nosuch.foo
SELECT 1::public.vector
SELECT pg_catalog.lower('X'), nosuch.lower('X')
SELECT 1 OPERATOR(pg_catalog.+) 2, 1 OPERATOR(nosuch.+) 2
SELECT 1 + + 2, - - 3, !! 5
SELECT @ -5, |/ 25.0, 5 ^ 2, 7 & 3, 1 << 4, ~ 5
SELECT 'abc' ~ 'b', 'abc' !~* 'B', 'abc' SIMILAR TO 'a%'
SELECT NULL + 1, NULL || 'x', NULL = NULL, NOT NULL
SELECT true AND NULL, false AND NULL, true OR NULL, false OR NULL
SELECT 5 IS NULL, NULL IS NULL, 'x' IS NOT NULL
SELECT coalesce(NULL, NULL), coalesce(NULL, 1, 2.5), nullif(1, 1), nullif(1, 2.0), nullif('a', 'b')
SELECT greatest(1, NULL, 3), least(NULL, NULL), greatest('b', 'a', NULL)
SELECT CASE 1 WHEN 1 THEN 'a' WHEN 1/0 THEN 'b' END
SELECT CASE NULL WHEN NULL THEN 1 ELSE 2 END
SELECT CASE WHEN NULL THEN 1 END IS NULL
SELECT CASE 'a' WHEN 'b' THEN 1 ELSE 2.5 END
SELECT 1 BETWEEN 0 AND 2, 3 NOT BETWEEN 1 AND 2, 1 BETWEEN SYMMETRIC 2 AND 0, 1 BETWEEN 1.5 AND '2'
SELECT 1 IN (2, NULL), 1 NOT IN (2, NULL), 1 IN (1, NULL), NULL IN (1), 'a' IN ('a','b')
SELECT 1.5::int, 2.5::int, -1.5::int, 1.5::numeric(3,0), '1e3'::float8, '1e3'::numeric
SELECT 'true'::bool, 'yes'::bool, 'maybe'::bool
SELECT 123456789012::int
SELECT 300::int2::int8, 40000::int2
SELECT 1e400::float8
SELECT '2020-02-30'::date
SELECT '2020-01-31'::date, '2020-01-31 10:00'::timestamp, '2020-01-31 10:00+02'::timestamptz
SELECT 'a'::varchar(0)
SELECT 'abc'::varchar(2) || 'd', 'ab'::char(4) || '|'
SELECT length('abc'::char(10)), 'a '::char(3) = 'a'::char(5)
SELECT '[1,2]'::vector = '[1,2]', '[1,2]'::vector < '[1,3]'
SELECT uuid '00000000-0000-0000-0000-000000000001', date '2020-01-01'
SELECT count(*), sum(1), max('a'), min(NULL::int)
SELECT count(*) WHERE false
SELECT sum(1) WHERE false HAVING count(*) = 0
SELECT 1 GROUP BY ()
SELECT 1 AS one GROUP BY one
SELECT 'x' AS one GROUP BY one ORDER BY one
SELECT 2 AS a, 1 AS b ORDER BY a, 2, a + b
SELECT 1 ORDER BY 1 LIMIT 0
SELECT 1 LIMIT 0x1
SELECT 1 OFFSET 5
SELECT 1 LIMIT 9223372036854775807 OFFSET 0
SELECT 1 LIMIT 9223372036854775808
VALUES (1, NULL), (NULL, 2.5), ('3', 4)
VALUES ('a'), (NULL)
VALUES (1::int2), (2::int8)
VALUES (1) LIMIT 1
VALUES (3), (1), (2) ORDER BY column1 DESC LIMIT 2
VALUES (1) ORDER BY 2
VALUES (sum(1))
SELECT $1::text || $2 %% ["a", "b"]
SELECT $1 || 'x' %% ["a"]
SELECT lower($1) %% ["A"]
SELECT abs($1) %% [1]
SELECT $1 > 5, $1 %% [6]
SELECT $1, $1::int %% [6]
SELECT $1::int, $1 %% [6]
SELECT $1 IN (1, 2), $2 IN ('a') %% [1, "a"]
SELECT $1 BETWEEN 1 AND 2.5 %% [2]
SELECT CASE $1 WHEN 1 THEN $2 ELSE 'z' END %% [1, "q"]
SELECT nullif($1, 5) %% [5]
SELECT greatest($1, 5) %% [7]
SELECT $1 LIKE 'a%' %% ["abc"]
SELECT NOT $1 %% [true]
SELECT $1 IS TRUE %% [true]
SELECT $1 IS DISTINCT FROM 5 %% [5]
SELECT - $1 %% [5]
SELECT $0
SELECT '[1,2]'::vector <-> $1 %% ["[1,3]"]
SELECT 1 AS "Foo", 2 AS "select"
SELECT concat('a', 1, NULL, true), concat_ws(',', 'a', NULL, 'b')
SELECT format('%s', 1)
SELECT round(2.5), round(2.567, 2), trunc(2.7), ceil(2.1), floor(-2.1), power(2, 3), sqrt(4), mod(5, 3)
SELECT replace('abc', 'b', 'x'), left('abc', 2), right('abc', 2), reverse('abc'), strpos('abc','c'), repeat('a',3), lpad('a',3,'x'), initcap('hi there')
SELECT date_trunc('month', '2020-05-17 10:00'::timestamp), extract(dow from date '2020-05-17'), date_part('year', date '2020-05-17')
SELECT 1 AS a, 2 AS a ORDER BY a
SELECT 1 AS a, 1 AS a ORDER BY a
SELECT 1 WHERE 1
SELECT 1 WHERE NULL
SELECT 1 WHERE 'yes'
SELECT 1 HAVING false
SELECT 1 x, 2 y ORDER BY x + y
SELECT DISTINCT 1, 'a', NULL
SELECT ALL 1
SELECT 1 AS "?column?"
SELECT 'abc'::text COLLATE "C" < 'b'
SELECT row(1,2) = row(1,2)
SELECT *, 1
SELECT 'a' < 'B', 'a' < 'b', 'Z' < 'a', 'é' > 'z'
SELECT 'b' COLLATE "C" AS x, 'a' COLLATE "nosuch"
SELECT 1 COLLATE "C"
SELECT upper('x') COLLATE "C"
SELECT count(*) GROUP BY ()
SELECT 1 WHERE false GROUP BY ()
SELECT nullif(1, 9007199254740993), nullif(1::int2, 1), nullif(1, 2.0), nullif(2::int8, 3)
WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 4) SEARCH DEPTH FIRST BY n SET s SELECT n, s FROM r ORDER BY n
WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n % 3 + 1 FROM r) CYCLE n SET c TO 'y' DEFAULT 'n' USING p SELECT n, c, p FROM r ORDER BY p
WITH RECURSIVE x AS (SELECT n FROM y), y AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM y WHERE n < 3) SELECT * FROM x ORDER BY 1
WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 4) SEARCH BREADTH FIRST BY n, n SET s TABLE r
SELECT count(*), (SELECT max(o.a) FROM t AS o WHERE o.id < t.id) FROM t GROUP BY (SELECT max(o.a) FROM t AS o WHERE o.id < t.id) ORDER BY 1, 2
