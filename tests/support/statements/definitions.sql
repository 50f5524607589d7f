CREATE TABLE t (id int PRIMARY KEY, a int, b text, v vector(3))
CREATE TABLE t (id int)
CREATE TABLE IF NOT EXISTS t (id nosuch)
CREATE TABLE u (id nosuch)
CREATE TABLE u (id int, id text)
CREATE TABLE u (ctid int)
CREATE TABLE u (a int PRIMARY KEY, b int PRIMARY KEY)
CREATE TABLE u (a int, PRIMARY KEY (b))
CREATE TABLE u (a int, PRIMARY KEY (a, a))
CREATE TABLE u (a int, UNIQUE (a, a))
CREATE TABLE u (a int NULL PRIMARY KEY)
CREATE TABLE u (a int NULL NOT NULL)
CREATE TABLE u (a int DEFAULT 1 DEFAULT 2)
CREATE TABLE u (a int DEFAULT 'x')
CREATE TABLE u (a int DEFAULT true)
CREATE TABLE u (a int DEFAULT b)
CREATE TABLE u (a int DEFAULT sum(1))
CREATE TABLE u (a varchar(0))
CREATE TABLE u (a int(5))
CREATE TABLE u (a varchar(1,2))
CREATE TABLE u (a numeric(0))
CREATE TABLE u (a numeric(5,2000))
CREATE TABLE u (a unknown)
CREATE TABLE nosuch.u (a int)
CREATE TABLE u (a int) USING nosuch
CREATE INDEX ON nosuch (a)
CREATE INDEX ON t (nosuch)
CREATE INDEX ON t USING nosuch (a)
CREATE INDEX ON t USING btree (a nosuch_ops)
CREATE INDEX t ON t (a)
CREATE INDEX t_pkey ON t (a)
CREATE INDEX IF NOT EXISTS t_pkey ON t (a)
CREATE INDEX ON t_pkey (a)
DROP TABLE nosuch
DROP TABLE t_pkey
DROP INDEX t
DROP INDEX nosuch
DROP INDEX t_pkey
TRUNCATE nosuch
TRUNCATE t_pkey
SELECT * FROM t_pkey
INSERT INTO t_pkey VALUES (1)
INSERT INTO t VALUES (1, 2, 'x', '[1,2,3]'), (2, 3, 'y', '[4,5,6]')
INSERT INTO t VALUES (3, 2, 'x', '[1,2]')
INSERT INTO t VALUES (3, 2, 'x', '[1,2'), (4, 2, 'x', '[1,2,3]')
INSERT INTO t VALUES (3, 2, 'x', '[1,2,3]'), (4, 2, 'x', '[1,2')
INSERT INTO t VALUES (3, 2, 'x', '[1,2,3]'), (4, 2, 'x', '[1,2]')
INSERT INTO t VALUES (3, 2, 'x', '[1,2,3]'), (4, 'zz', 'x', '[1,2')
INSERT INTO t VALUES (3, 2, 'x', '[1,2,3]'), (4, 5)
INSERT INTO t VALUES (3, 2, 'x', '[1,2,3]', 5), (4, 5, 'y', NULL, 6)
INSERT INTO t (id, a) VALUES (3, 2), (4, NULL), (5, -7), (6, 2.5), (7, '8'), (8, DEFAULT)
INSERT INTO t (id, a) VALUES (9, 2), (10, 99999999999)
INSERT INTO t (id, a) VALUES (9, 2), (10, true)
INSERT INTO t (id, b) VALUES (11, 'a''b'), (12, E'x\ty'), (13, ''), (14, 5), (15, true), (16, 1.50)
INSERT INTO t (id, v) VALUES (20, '[1,2,3]'::vector), (21, '[1,2,3]'::vector), (22, NULL)
INSERT INTO t (id, v) VALUES (23, '[1,2,3]'::vector), (24, '[1,2]'::vector)
INSERT INTO t (id, a) VALUES ($1, $2), ($3, $4) %% [30, 1, 31, null]
INSERT INTO t (id, b) VALUES ($1, 'x'), (41, $1) %% [40]
SELECT * FROM t ORDER BY id
SELECT id, v <-> '[1,2,3]' AS d FROM t WHERE v IS NOT NULL ORDER BY d, id LIMIT 3
SELECT id FROM t WHERE v IS NOT NULL ORDER BY v <-> '[4,5,6]', id LIMIT 2
SELECT v <-> '[1,2]' FROM t WHERE id = 1
SELECT v <-> 'x' FROM t WHERE id = 1
SELECT '[1,2]'::vector(3)
SELECT v + v, v * v, v <#> v, v <=> v, l2_distance(v, v) FROM t WHERE id = 1
SELECT avg(v), sum(v) FROM t WHERE v IS NOT NULL
SELECT string_agg(b, ',' ORDER BY id) FROM t
SELECT string_agg(b, ',' ORDER BY id DESC), count(*) FROM t
SELECT string_agg(DISTINCT b, ',' ORDER BY b) FROM t
SELECT string_agg(DISTINCT b, ',' ORDER BY id) FROM t
SELECT lower(b ORDER BY id) FROM t
SELECT a, string_agg(b, '-' ORDER BY id DESC) FROM t GROUP BY a ORDER BY a
SELECT tableoid = tableoid FROM t WHERE id = 1
SELECT xmin FROM nosuch
EXPLAIN (FOO) SELECT 1
EXPLAIN (FORMAT foo) SELECT 1
EXPLAIN (TIMING) SELECT 1
EXPLAIN (COSTS maybe) SELECT 1
SELECT foo FROM t LIMIT 1 LIMIT 2
SELECT FROM t WHERE id = 1
DELETE FROM t WHERE id > 5
UPDATE t SET v = '[0,0,0]' WHERE id = 1 RETURNING v
UPDATE t SET v = '[0,0]' WHERE id = 1
UPDATE t SET a = $1 WHERE id = $2 RETURNING * %% [5, 1]
UPDATE t SET a = a || 'x'
SELECT max(v) FROM t
SELECT DISTINCT v FROM t ORDER BY v
SELECT count(DISTINCT v) FROM t
SELECT b COLLATE "C" FROM t
SELECT interval '1 day'
SELECT to_json(1)
SELECT '{"a":1}'::json = '{"a":1}'::json
SELECT DISTINCT '{"a":1}'::json
SELECT 1 ORDER BY '{"a":1}'::json
SELECT greatest('{}'::json, '{}'::json)
SELECT '{"a": 1}'::jsonb -> 'a', '{"a": 1}'::jsonb ->> 'a'
SELECT 0x1F, 1_000, 0b11, 0o17
SELECT 1.e5, .5, 5.
SELECT 'abc'::bytea, '\x00ff'::bytea
SELECT U&'\0061', N'x'
