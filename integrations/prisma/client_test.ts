import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Database, open } from "@kriyadb/kriyadb";
import { migrate, undoMigration } from "../../examples/prisma_notes/migrate.ts";

/** What these tests call of the client, which is generated as they run. */
// deno-lint-ignore no-explicit-any -- no type of it is there before it is made
type Client = any;

/** The example, as it is once Prisma has generated its client. */
interface Example {
  openNotes(database: Database): Promise<Client>;
  fill(prisma: Client): Promise<void>;
  everything(prisma: Client): Promise<unknown>;
  tagged(prisma: Client, tag: string): Promise<string[]>;
  readonly Prisma: Client;
}

const ROOT = new URL("../../", import.meta.url);

/** Runs a command of Deno in the root of the tree. */
async function deno(args: string[], env = {}): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    env: { ...env, NO_COLOR: "1" },
    cwd: ROOT,
  }).output();
  const text = new TextDecoder();
  assert(success, text.decode(stdout) + text.decode(stderr));
}

/** Generates the client beside a copy of the example, and imports that. */
async function generate(folder: string): Promise<Example> {
  const source = new URL("examples/prisma_notes/", ROOT);
  for (const name of ["notes.ts", "migrate.ts", "schema.prisma"]) {
    await Deno.copyFile(new URL(name, source), `${folder}/${name}`);
  }
  await Deno.symlink(
    new URL("migrations", source),
    new URL(`file://${folder}/migrations`),
  );
  const { imports } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  ) as { imports: Record<string, string> };
  const [, version] = imports["@prisma/client/"]!.match(/@([\d.]+)\/$/)!;
  const command = [`npm:prisma@${version}`, "generate", "--schema"];
  await deno(
    ["run", "-A", "--no-lock", ...command, `${folder}/schema.prisma`],
    { PRISMA_SCHEMA_ENGINE_BINARY: Deno.execPath() },
  );
  return await import(`file://${folder}/notes.ts`) as Example;
}

Deno.test("[O-006] prisma: migrations of an application run up, and down by their scripts", async () => {
  await using db = await open("memory:");
  const names = async (): Promise<unknown[]> => {
    const { rows } = await db.query<{ relname: string }>(
      `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
       AND relkind = 'r' ORDER BY relname`,
    );
    return rows.map(({ relname }) => relname);
  };
  assertEquals(await migrate(db), ["0001_notes", "0002_tags"]);
  assertEquals(await migrate(db), []);
  const all = ["Author", "Note", "Tag", "_NoteToTag", "_prisma_migrations"];
  assertEquals(await names(), all);
  assertEquals(await undoMigration(db), "0002_tags");
  assertEquals(await names(), ["Author", "Note", "_prisma_migrations"]);
  assertEquals(await migrate(db), ["0002_tags"]);
  assertEquals(await names(), all);
  await db.query("UPDATE _prisma_migrations SET checksum = 'other'");
  await assertRejects(() => migrate(db), Error, "0001_notes was changed");
  await undoMigration(db);
  assertEquals(await undoMigration(db), "0001_notes");
  assertEquals(await names(), ["_prisma_migrations"]);
  await assertRejects(() => undoMigration(db), Error, "nothing to undo");
});

Deno.test("[O-006] prisma: its generated client works on the example", async (t) => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  await using db = await open("memory:");
  try {
    const example = await generate(folder);
    const prisma = await example.openNotes(db);
    try {
      await example.fill(prisma);
      const steps = { reads, writes, transactions, rawQueries, failures };
      for (const [name, step] of Object.entries(steps)) {
        await t.step(name, () => step(prisma, example));
      }
    } finally {
      await prisma.$disconnect();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function reads(prisma: Client, example: Example): Promise<void> {
  assertEquals(await example.everything(prisma), [
    { name: "Ada", notes: [{ title: "On the engine", links: ["a", "b"] }] },
    { name: "Grace", notes: [{ title: "A bug", links: [] }] },
  ]);
  assertEquals(await example.tagged(prisma, "MATHS"), [
    "A bug",
    "On the engine",
  ]);
  const { id, written, price, ...note } = await prisma.note.findFirstOrThrow({
    where: { about: { path: ["pages"], equals: 66 } },
    include: { author: true, tags: true },
  });
  assert(typeof id === "string" && written instanceof Date);
  assertEquals(price.toFixed(2), "1.50");
  assertEquals(note, {
    title: "On the engine",
    mood: "calm",
    about: { pages: 66 },
    due: new Date("1843-09-01"),
    words: 12345678901n,
    scan: new Uint8Array([1, 255]),
    authorId: 1,
    links: ["a", "b"],
    author: { id: 1, name: "Ada" },
    tags: [{ name: "maths" }],
  });
  assertEquals(
    await prisma.author.findMany({
      where: { notes: { none: { mood: "glad" } } },
      include: { _count: { select: { notes: true } } },
    }),
    [{ id: 1, name: "Ada", _count: { notes: 1 } }],
  );
  const groups = await prisma.note.groupBy({
    by: ["mood"],
    _count: true,
    _sum: { words: true },
    orderBy: { mood: "desc" },
  });
  assertEquals(groups, [
    { _count: 1, _sum: { words: 0n }, mood: "glad" },
    { _count: 1, _sum: { words: 12345678901n }, mood: "calm" },
  ]);
  const page = { cursor: { name: "Ada" }, skip: 1, take: 1 };
  const after = await prisma.author.findMany({
    ...page,
    orderBy: { name: "asc" },
  });
  assertEquals(after, [{ id: 2, name: "Grace" }]);
}

async function writes(prisma: Client): Promise<void> {
  const upsert = {
    where: { name: "sea" },
    create: { name: "sea" },
    update: { name: "ocean" },
  };
  assertEquals(await prisma.tag.upsert(upsert), { name: "sea" });
  assertEquals(await prisma.tag.upsert(upsert), { name: "ocean" });
  const data = [{ name: "maths" }, { name: "sky" }];
  assertEquals(await prisma.tag.createMany({ data, skipDuplicates: true }), {
    count: 1,
  });
  const pushed = await prisma.note.updateManyAndReturn({
    where: { links: { has: "a" } },
    data: { links: { push: "c" }, words: { increment: 1 } },
    select: { links: true, words: true },
  });
  assertEquals(pushed, [{ links: ["a", "b", "c"], words: 12345678902n }]);
  const moved = await prisma.author.update({
    where: { name: "Grace" },
    data: {
      notes: { updateMany: { where: {}, data: { mood: "calm" } } },
    },
    select: { notes: { select: { mood: true } } },
  });
  assertEquals(moved, { notes: [{ mood: "calm" }] });
  const gone = await prisma.tag.deleteMany({
    where: { name: { in: ["ocean", "sky"] } },
  });
  assertEquals(gone, { count: 2 });
}

async function transactions(prisma: Client): Promise<void> {
  const undone = prisma.$transaction(async (tx: Client) => {
    await tx.author.create({ data: { name: "Undone" } });
    assertEquals(await tx.author.count(), 3);
    throw new Error("not so");
  }, { isolationLevel: "Serializable" });
  await assertRejects(() => undone, Error, "not so");
  assertEquals(await prisma.author.count(), 2);
  const create = { data: { name: "Alan", notes: { create: { title: "?" } } } };
  const [, counted] = await prisma.$transaction([
    prisma.author.create(create),
    prisma.note.count(),
  ]);
  assertEquals(counted, 3);
  await prisma.author.delete({ where: { name: "Alan" } });
  assertEquals(await prisma.note.count(), 2);
  const half = prisma.$transaction([
    prisma.author.create({ data: { name: "Half" } }),
    prisma.author.create({ data: { name: "Ada" } }),
  ]);
  await assertRejects(() => half, Error, "Unique constraint");
  assertEquals(await prisma.author.count(), 2);
}

async function rawQueries(prisma: Client, { Prisma }: Example): Promise<void> {
  const names = ["Ada", "Nobody"];
  const rows = await prisma.$queryRaw`
    SELECT name, ${2n}::bigint + 1 AS three, ${new Date(0)}::timestamptz AS at
    FROM "Author" WHERE name = ANY(${names}) ORDER BY ${Prisma.raw("name")}`;
  assertEquals(rows, [{ name: "Ada", three: 3n, at: new Date(0) }]);
  const changed = await prisma.$executeRawUnsafe(
    `UPDATE "Author" SET name = name WHERE id < $1`,
    9,
  );
  assertEquals(changed, 2);
}

async function failures(prisma: Client, { Prisma }: Example): Promise<void> {
  const codeOf = async (work: Promise<unknown>): Promise<unknown> => {
    const error = await assertRejects(() => work);
    assert(error instanceof Prisma.PrismaClientKnownRequestError);
    return (error as { code?: string }).code;
  };
  const { author, note } = prisma;
  const long = { title: "x".repeat(81), authorId: 1 };
  assertEquals([
    await codeOf(author.create({ data: { name: "Ada" } })),
    await codeOf(note.create({ data: { title: "x", authorId: 99 } })),
    await codeOf(note.create({ data: long })),
    await codeOf(author.delete({ where: { name: "Nobody" } })),
    await codeOf(prisma.$queryRaw`SELECT 1/0`),
  ], ["P2002", "P2003", "P2000", "P2025", "P2010"]);
}
