"""What psycopg is asked to do by psycopg_test.ts: prints a line a fact."""

import datetime
import decimal
import os

import psycopg
from psycopg.types.json import Jsonb

with psycopg.connect(os.environ["URL"]) as connection:
    cursor = connection.cursor()
    cursor.execute(
        "CREATE TABLE t (id int PRIMARY KEY, n numeric, d date, j jsonb,"
        " b bytea, a int[], s text)"
    )
    row = (
        1,
        decimal.Decimal("12.50"),
        datetime.date(2024, 2, 29),
        Jsonb({"a": 1}),
        b"\x00\xff",
        [1, 2, None],
        "Größe",
    )
    cursor.execute("INSERT INTO t VALUES (%s, %s, %s, %s, %s, %s, %s)", row)
    print("inserted", cursor.rowcount)
    for binary in (False, True):
        found = connection.cursor(binary=binary)
        for _ in range(8):
            found.execute("SELECT * FROM t WHERE id = %s", (1,))
        print("row", found.fetchone())
    with cursor.copy("COPY t (id, s) FROM STDIN") as copy:
        for i in range(10, 20):
            copy.write_row((i, f"n {i}"))
    with cursor.copy("COPY (SELECT id, s FROM t WHERE id > 17 ORDER BY id) TO STDOUT") as copy:
        print("copied", list(copy.rows()))
    with cursor.copy("COPY (SELECT id FROM t WHERE id < 12 ORDER BY id) TO STDOUT (FORMAT binary)") as copy:
        copy.set_types(["int4"])
        print("copied", list(copy.rows()))
    with connection.cursor("named") as named:
        named.itersize = 3
        named.execute("SELECT id FROM t ORDER BY id")
        print("named", [each[0] for each in named])
    connection.commit()
    try:
        cursor.execute("INSERT INTO t (id) VALUES (1)")
    except psycopg.errors.UniqueViolation as error:
        print("refused", error.diag.constraint_name)
    connection.rollback()
    with connection.pipeline():
        one = connection.execute("SELECT 1")
        two = connection.execute("SELECT 2")
        print("pipeline", one.fetchone(), two.fetchone())
