import { assert, assertEquals } from "@std/assert";
import {
  type ArgType,
  bindMigrationAwareSqlAdapterFactory,
  bindSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlQuery,
} from "@prisma/driver-adapter-utils";
import { open } from "@kriyadb/kriyadb";
import { PrismaKriya } from "@kriyadb/kriyadb/prisma";

/** What Prisma's engine sends: a text, values, and what they are. */
function ask(
  sql: string,
  args: unknown[] = [],
  types: Partial<ArgType>[] = [],
): SqlQuery {
  const argTypes = args.map((_, i) => ({
    scalarType: "unknown",
    arity: "scalar",
    ...types[i],
  } as ArgType));
  return { sql, args, argTypes };
}

const UP = `
-- CreateEnum
CREATE TYPE "Role" AS ENUM ('USER', 'ADMIN');
-- CreateTable
CREATE TABLE "User" (
    "id" SERIAL NOT NULL,
    "email" TEXT NOT NULL,
    "role" "Role" NOT NULL DEFAULT 'USER',
    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);
-- CreateTable
CREATE TABLE "Post" (
    "id" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "title" VARCHAR(20) NOT NULL,
    "note" TEXT DEFAULT 'a;b',
    "authorId" INTEGER NOT NULL,
    CONSTRAINT "Post_pkey" PRIMARY KEY ("id")
);
-- CreateIndex
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");
-- AddForeignKey
ALTER TABLE "Post" ADD CONSTRAINT "Post_authorId_fkey" FOREIGN KEY ("authorId")
  REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;`;

const DOWN = `
ALTER TABLE "Post" DROP CONSTRAINT "Post_authorId_fkey";
DROP TABLE "Post";
DROP TABLE "User";
DROP TYPE "Role";`;

Deno.test("[O-006] prisma: migrations run up and down, in the shadow too", async () => {
  await using db = await open("memory:");
  const factory = bindMigrationAwareSqlAdapterFactory(
    new PrismaKriya({ database: db }),
  );
  for (
    const connected of [
      await factory.connect(),
      await factory.connectToShadowDb(),
    ]
  ) {
    assert(connected.ok);
    const adapter = connected.value;
    for (let i = 0; i < 2; i++) {
      assert((await adapter.executeScript(UP)).ok);
      const again = await adapter.executeScript(UP);
      assert(!again.ok && again.error.originalCode === "42710");
      assert((await adapter.executeScript(DOWN)).ok);
    }
    const left = await adapter.queryRaw(
      ask(`SELECT count(*)::int FROM pg_class WHERE relnamespace = 2200`),
    );
    assert(left.ok);
    assertEquals(left.value.rows, [[0]]);
    await adapter.dispose();
  }
  assertEquals((await db.query("SELECT 1 AS n")).rows, [{ n: 1 }]);
});

Deno.test("[O-006] prisma: values and their types", async () => {
  await using db = await open("memory:");
  const adapter = await new PrismaKriya({ database: db }).connect();
  assertEquals(
    [adapter.provider, adapter.getConnectionInfo!()],
    ["postgres", { schemaName: "public", supportsRelationJoins: true }],
  );
  const { columnNames, columnTypes, rows } = await adapter.queryRaw(ask(
    `SELECT 1::int4 AS i, 2::int8 AS b, 1.5::float8 AS f, 1.50::numeric AS n,
      true AS t, 'x'::text AS s, '2024-01-02'::date AS d, '10:11:12'::time AS c,
      '2024-01-02 03:04:05.678'::timestamp AS ts,
      '2024-01-02 03:04:05+02'::timestamptz AS tz, '{"a": 1}'::jsonb AS j,
      '\\x00ff'::bytea AS y, ARRAY[1,2] AS l, ARRAY[3::int8] AS lb,
      ARRAY['2024-01-01'::timestamp] AS lt, NULL::int AS nil,
      '00000000-0000-0000-0000-000000000001'::uuid AS u, '$1,000.50'::money AS m`,
  ));
  assertEquals(columnNames[0], "i");
  const types = ColumnTypeEnum;
  assertEquals(columnTypes, [
    ...[types.Int32, types.Int64, types.Double, types.Numeric, types.Boolean],
    ...[types.Text, types.Date, types.Time, types.DateTime, types.DateTime],
    ...[types.Json, types.Bytes, types.Int32Array, types.Int64Array],
    ...[types.DateTimeArray, types.Int32, types.Uuid, types.Numeric],
  ]);
  assertEquals(rows, [[
    ...[1, "2", 1.5, "1.50", true, "x", "2024-01-02", "10:11:12"],
    ...["2024-01-02T03:04:05.678+00:00", "2024-01-02T01:04:05+00:00"],
    ...['{"a": 1}', new Uint8Array([0, 255]), [1, 2], ["3"]],
    ...[["2024-01-01T00:00:00+00:00"], null],
    ...["00000000-0000-0000-0000-000000000001", "1000.50"],
  ]]);
  const sent = await adapter.queryRaw(ask(
    `SELECT $1::timestamp, $2::date, $3::bytea, $4::int[], $5::jsonb, $6::time`,
    [
      "2024-01-02T03:04:05.678Z",
      "2024-01-02T00:00:00Z",
      "AP8=",
      [1, 2],
      '{"k":[1]}',
      "1970-01-01T10:00:00Z",
    ],
    [
      { scalarType: "datetime" },
      { scalarType: "datetime", dbType: "DATE" },
      { scalarType: "bytes" },
      { scalarType: "int", arity: "list" },
      { scalarType: "json" },
      { scalarType: "datetime", dbType: "TIME" },
    ],
  ));
  assertEquals(sent.rows, [[
    ...["2024-01-02T03:04:05.678+00:00", "2024-01-02"],
    ...[new Uint8Array([0, 255]), [1, 2], '{"k": [1]}', "10:00:00"],
  ]]);
  await adapter.dispose();
});

Deno.test("[O-006] prisma: lists of every type have Prisma's number", async () => {
  await using db = await open("memory:");
  const adapter = await new PrismaKriya({ database: db }).connect();
  const { columnTypes } = await adapter.queryRaw(ask(
    `SELECT '{}'::float4[], '{}'::float8[], '{}'::numeric[], '{}'::bool[],
      '{}'::"char"[], '{}'::text[], '{}'::date[], '{}'::time[], '{}'::json[],
      '{}'::bytea[], '{}'::uuid[]`,
  ));
  const types = ColumnTypeEnum;
  assertEquals(columnTypes, [
    ...[types.FloatArray, types.DoubleArray, types.NumericArray],
    ...[types.BooleanArray, types.CharacterArray, types.TextArray],
    ...[types.DateArray, types.TimeArray, types.JsonArray, types.BytesArray],
    types.UuidArray,
  ]);
  await adapter.dispose();
});

Deno.test("[O-006] prisma: transactions as its engine runs them", async () => {
  await using db = await open("memory:");
  const adapter = await new PrismaKriya({ database: db }).connect();
  await adapter.executeScript(UP);
  const insert = ask(
    `INSERT INTO "User" (email) VALUES ($1) RETURNING "User"."id"`,
    ["ada@example.org"],
  );
  const undone = await adapter.startTransaction("SERIALIZABLE");
  assertEquals(undone.options, { usePhantomQuery: false });
  await undone.queryRaw(insert);
  const seen = await adapter.queryRaw(ask(`SELECT 1 FROM "User"`));
  assertEquals(seen.rows, []);
  await undone.executeRaw(ask("ROLLBACK"));
  await undone.rollback();
  const kept = await adapter.startTransaction();
  await kept.createSavepoint!("one");
  await kept.queryRaw(insert);
  await kept.rollbackToSavepoint!("one");
  await kept.releaseSavepoint!("one");
  assertEquals(await kept.executeRaw(insert), 1);
  await kept.executeRaw(ask("COMMIT"));
  await kept.commit();
  const after = await adapter.queryRaw(ask(`SELECT email, role FROM "User"`));
  assertEquals(after.rows, [["ada@example.org", "USER"]]);
  await adapter.dispose();
});

Deno.test("[O-006] prisma: errors have Prisma's kinds", async () => {
  await using db = await open("memory:");
  const connected = await bindSqlAdapterFactory(
    new PrismaKriya({ database: db }),
  ).connect();
  assert(connected.ok);
  const adapter = connected.value;
  await adapter.executeScript(UP);
  await adapter.executeRaw(ask(`INSERT INTO "User" (email) VALUES ('a')`));
  const errorOf = async (sql: string): Promise<unknown> => {
    const result = await adapter.executeRaw(ask(sql));
    assert(!result.ok);
    const { originalCode: _, originalMessage: __, ...error } = result.error;
    return error;
  };
  assertEquals(await errorOf(`INSERT INTO "User" (email) VALUES ('a')`), {
    kind: "UniqueConstraintViolation",
    constraint: { index: "User_email_key" },
    table: "User",
  });
  assertEquals(await errorOf(`INSERT INTO "User" (email) VALUES (NULL)`), {
    kind: "NullConstraintViolation",
    constraint: { fields: ["email"] },
  });
  assertEquals(
    await errorOf(
      `INSERT INTO "Post" (id, title, "authorId") VALUES ('1', 't', 9)`,
    ),
    {
      kind: "ForeignKeyConstraintViolation",
      constraint: { index: "Post_authorId_fkey" },
    },
  );
  assertEquals(await errorOf(`SELECT * FROM "Nothing"`), {
    kind: "TableDoesNotExist",
    table: "Nothing",
  });
  assertEquals(await errorOf(`SELECT "no" FROM "User"`), {
    kind: "ColumnNotFound",
    column: "no",
  });
  assertEquals(await errorOf("SELECT 'x'::int"), {
    kind: "InvalidInputValue",
    message: 'invalid input syntax for type integer: "x"',
  });
  assertEquals(await errorOf("SELECT 1/0"), {
    kind: "postgres",
    code: "22012",
    severity: "ERROR",
    message: "division by zero",
    detail: undefined,
    column: undefined,
    hint: undefined,
  });
  const level = await adapter.startTransaction("SNAPSHOT");
  assert(!level.ok && level.error.kind === "InvalidIsolationLevel");
  const type = await adapter.queryRaw(ask("SELECT point '(1,2)'"));
  assert(!type.ok && type.error.kind === "UnsupportedNativeDataType");
  await adapter.dispose();
});
