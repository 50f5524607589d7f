CREATE TABLE t (id int PRIMARY KEY, a int, b text, c numeric(10,2), d float8, e bool, f varchar(5), g bigint, h timestamptz, i uuid, j smallint NOT NULL DEFAULT 7)
INSERT INTO t VALUES (1, 10, 'x', 1.5, 2.5, true, 'abc', 100, '2020-01-01 00:00:00+00', NULL), (2, 20, 'y', NULL, -1, false, NULL, -5, NULL, NULL), (3, NULL, NULL, 3.25, 0, NULL, 'zz', 9007199254740993, NULL, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')
SELECT * FROM t
SELECT * FROM t WHERE a > 10 ORDER BY id DESC
SELECT a, count(*) FROM t GROUP BY a ORDER BY a NULLS FIRST
SELECT a + 1, -a, a * 2.5, a / 3, a % 3, d / 2, b || 'z', a || b FROM t ORDER BY id
SELECT CASE WHEN a > 15 THEN 'big' WHEN a IS NULL THEN NULL ELSE 'small' END FROM t ORDER BY 1
SELECT CASE a WHEN 10 THEN 1 WHEN 20 THEN 2.5 END FROM t ORDER BY id
SELECT coalesce(a, 0), coalesce(b, 'none'), nullif(a, 10), greatest(a, 15, NULL), least(c, 2) FROM t ORDER BY id
SELECT a IN (10, 20), a NOT IN (10, NULL), a BETWEEN 5 AND 15, a NOT BETWEEN SYMMETRIC 30 AND 15 FROM t ORDER BY id
SELECT a IS DISTINCT FROM 10, a IS NOT DISTINCT FROM NULL, e IS TRUE, e IS NOT FALSE, e IS UNKNOWN FROM t ORDER BY id
SELECT b LIKE 'x%', b ILIKE 'X', b NOT LIKE '_', b LIKE 'a!%' ESCAPE '!' FROM t ORDER BY id
SELECT count(*), count(a), sum(a), avg(a), min(b), max(c), sum(d), avg(c), sum(g), bool_and(e) FROM t
SELECT count(*) FILTER (WHERE a > 10), count(DISTINCT j), sum(DISTINCT j) FROM t
SELECT a, b FROM t GROUP BY a HAVING count(*) > 1
SELECT id, b FROM t GROUP BY id ORDER BY id
SELECT id, b, count(*) FROM t GROUP BY id HAVING count(*) > 0 ORDER BY id
SELECT DISTINCT j FROM t
SELECT DISTINCT j, e FROM t ORDER BY e
SELECT DISTINCT j FROM t ORDER BY a
SELECT a AS x FROM t ORDER BY x
SELECT a AS x, b AS x FROM t ORDER BY x
SELECT a FROM t ORDER BY 2
SELECT a FROM t ORDER BY 'x'
SELECT a FROM t GROUP BY 5
SELECT a AS b FROM t GROUP BY b
SELECT a FROM t LIMIT 1 OFFSET 1
SELECT a FROM t LIMIT -1
SELECT a FROM t OFFSET -1
SELECT a FROM t LIMIT NULL
SELECT id FROM t ORDER BY id LIMIT 2.6
SELECT a FROM t LIMIT a
SELECT a FROM t LIMIT 'x'
SELECT a FROM t LIMIT true
SELECT id FROM t ORDER BY j FETCH FIRST 1 ROW WITH TIES
SELECT nosuch FROM t
SELECT t.nosuch FROM t
SELECT ida FROM t
SELECT x.a FROM t
SELECT t.a FROM t AS x
SELECT x.a FROM t AS x (q)
SELECT x.q FROM t AS x (q)
SELECT * FROM t AS x (q, r, s, t, u, v, w, x, y, z, z1, z2)
SELECT * FROM nosuch
SELECT * FROM nosuch.t
SELECT public.t.a FROM public.t
SELECT *
SELECT t.*, 1 FROM t WHERE id = 1
SELECT nosuch(1)
SELECT a + b FROM t
SELECT a + 'x' FROM t
SELECT a = 'x' FROM t
SELECT a = '5' FROM t ORDER BY id
SELECT 'a' + 1
SELECT 1 + true
SELECT -'5'
SELECT 1::nosuch
SELECT 'x'::int
SELECT '5'::int, 5::text, 5.5::int, 'true'::bool, 1::bool, true::int
SELECT true::float8
SELECT 'abcdef'::varchar(3), 'abc'::char(5), 12.345::numeric(4,1), 12345::numeric(4,1)
SELECT cast(1 AS text), cast('2' AS int) AS x
SELECT 1 AS a, 'x', NULL, true, 1.5, 1e10, 10000000000
SELECT sum(a) FROM t WHERE sum(a) > 1
SELECT sum(sum(a)) FROM t
SELECT a FROM t WHERE count(*) > 1
SELECT a FROM t GROUP BY sum(a)
SELECT a FROM t HAVING true
SELECT 1 FROM t HAVING count(*) > 1
SELECT count(a, b) FROM t
SELECT count() FROM t
SELECT lower(DISTINCT b) FROM t
SELECT lower(*) FROM t
SELECT lower(b) FILTER (WHERE true) FROM t
SELECT a FROM t WHERE a
SELECT a FROM t WHERE 'x'
SELECT a FROM t WHERE 'true' ORDER BY id
SELECT NOT a FROM t
SELECT a AND true FROM t
SELECT a IS TRUE FROM t
SELECT CASE WHEN a THEN 1 END FROM t
SELECT CASE WHEN true THEN 1 ELSE 'x' END
SELECT CASE WHEN true THEN 1 ELSE '2' END
SELECT CASE WHEN true THEN 1 ELSE true END
SELECT coalesce(1, 'x')
SELECT coalesce(1, true)
SELECT greatest(1, 2.5), greatest('a', 'b'), least(1, NULL)
SELECT 1 IN (1, 2.5, 'x')
SELECT 1 IN ('1', 2)
SELECT a IN (1, b) FROM t
SELECT (1, 2) = (1, 2), (1, 2) < (1, 3), (1, NULL) = (1, 2), (2, NULL) > (1, NULL), (1,2) IN ((1,2),(3,4))
SELECT (1, 2) = (1, 2, 3)
SELECT (1, NULL) IS NULL, (NULL, NULL) IS NULL, (1, 2) IS NOT NULL
VALUES (1, 'a'), (2, 'b') ORDER BY 1 DESC
VALUES (1), (2, 3)
VALUES (1), ('x')
VALUES (1), (2.5), (NULL)
VALUES (DEFAULT)
SELECT 1 WHERE false
SELECT $1 %% ["x"]
SELECT $1::int + 1 %% [5]
SELECT a FROM t WHERE a = $1 %% [10]
SELECT a + $1 FROM t ORDER BY id %% [1]
SELECT $1 + $2 %% [1, 2]
SELECT $1 = $1 %% [1]
SELECT $1 IS NULL %% [1]
SELECT $2::int %% [1,2]
SELECT $1 + 1, $1 || 'x' %% [1]
SELECT a FROM t WHERE b = $1 AND a = $1 %% [1]
SELECT a FROM t LIMIT $1 %% [1]
SELECT CASE WHEN $1 THEN 1 END %% [true]
SELECT coalesce($1, 5) %% [1]
INSERT INTO t (id, a) VALUES (10, 1) RETURNING *
INSERT INTO t (a) VALUES (1)
INSERT INTO t (id, nosuch) VALUES (1, 2)
INSERT INTO t (id, id) VALUES (1, 2)
INSERT INTO t (id, a) VALUES (1)
INSERT INTO t (id) VALUES (1, 2)
INSERT INTO t (id, a) VALUES (11, 'x')
INSERT INTO t (id, a) VALUES (11, 'x'), (12, 'y')
INSERT INTO t (id, f) VALUES (11, 'toolong')
INSERT INTO t (id, a) VALUES (11, true)
INSERT INTO t (id, a) VALUES (11, 2.7), (12, 3.5) RETURNING id, a
INSERT INTO t (id, j) VALUES (13, 70000)
INSERT INTO t (id, j) VALUES (13, NULL)
INSERT INTO t (id, j) VALUES (13, DEFAULT), (14, 5) RETURNING id, j AS k
INSERT INTO t DEFAULT VALUES
INSERT INTO t (id, a) SELECT id + 100, a FROM t WHERE id < 3 RETURNING id
INSERT INTO t (id, b) SELECT 200, 'lit'
INSERT INTO t (id, b) SELECT 201, 5
INSERT INTO t (id, a) SELECT 202, 'x'
INSERT INTO t (id, a) SELECT 203
INSERT INTO t (ctid) VALUES ('(0,1)')
INSERT INTO nosuch VALUES (1)
INSERT INTO t AS x (id) VALUES (300) RETURNING x.id
INSERT INTO t AS x (id) VALUES (301) RETURNING t.id
INSERT INTO t VALUES (302, $1, $2) RETURNING a, b %% [5, "q"]
UPDATE t SET a = a + 1 WHERE id = 1 RETURNING a
UPDATE t SET a = 'x' WHERE id = 1
UPDATE t SET a = DEFAULT, j = DEFAULT WHERE id = 2 RETURNING a, j
UPDATE t SET (a, b) = (5, 'five') WHERE id = 2 RETURNING a, b
UPDATE t SET (a, b) = (5, 'five', 6) WHERE id = 2
UPDATE t SET a = 1, a = 2
UPDATE t SET nosuch = 1
UPDATE t SET ctid = '(0,1)'
UPDATE t SET id = NULL WHERE id = 1
UPDATE t SET a = b
UPDATE t SET a = sum(a)
UPDATE t SET id = id + 1000 WHERE id > 200
UPDATE nosuch SET a = 1
UPDATE t AS x SET a = x.a + 1 WHERE x.id = 3 RETURNING x.a
DELETE FROM t WHERE id > 1000 RETURNING id
DELETE FROM t WHERE nosuch
DELETE FROM t AS x WHERE t.id = 1
SELECT id, a, b, j FROM t ORDER BY id
SELECT id FROM t WHERE id IN (1, 2, 3, 99) ORDER BY 1
SELECT id FROM t WHERE id = NULL
SELECT id FROM t WHERE 2 = id
SELECT id FROM t WHERE id = 2 AND a = 999
SELECT 1/0
SELECT a FROM t WHERE a > 0 OR 1/(a-10) > 0
SELECT CASE WHEN a = 10 THEN 0 ELSE 1/(a-10) END FROM t WHERE a IS NOT NULL ORDER BY id
SELECT lower(b), upper(b), length(b), substr(b, 1, 1), trim('  x '), substring('abc' from 2 for 1), position('b' in 'abc'), extract(year from h) FROM t WHERE id = 1
SELECT float8('1'), int4('5'), text(5)
SELECT "A" FROM t
SELECT a.b.c.d FROM t
SELECT count(*) + 1 AS n, max(a) - min(a) FROM t WHERE id < 4
SELECT a % 2 AS par, count(*) FROM t GROUP BY par ORDER BY par
SELECT a % 2, count(*) FROM t GROUP BY 1 ORDER BY 1
SELECT upper(b) FROM t GROUP BY upper(b) ORDER BY 1
SELECT b FROM t GROUP BY upper(b)
SELECT id FROM t ORDER BY b USING =
SELECT '1' = 1, '1' = '1', 1 = 1.0, 1 < '2'
SELECT 'a' 'b'
SELECT E'a\nb', 'it''s', $$dollar$$
SELECT 9223372036854775807 + 1
SELECT 2147483647 + 1
SELECT -2147483648, -9223372036854775808, 9223372036854775808
UPDATE t SET a = 77 WHERE tableoid > 0 AND id = 2 RETURNING a, tableoid > 0
DELETE FROM t WHERE ctid IS NULL OR tableoid = 0
INSERT INTO t (id, a) VALUES (900, b)
INSERT INTO t (id, a) VALUES (900, nosuch), (901, 1)
UPDATE nosuch SET (a, b) = (1, 2, 3)
UPDATE t SET (a, b) = (1, 2, 3) WHERE id = 'x'
SELECT lower(b) FILTER (WHERE id) FROM t
SELECT nosuch.t.a FROM public.t
SELECT pg_catalog.lower(1, 2)
SELECT id FROM t ORDER BY b USING +
INSERT INTO t (id, a) SELECT id > 1, a FROM t
SELECT idx FROM t
SELECT d1 FROM t
