/**
 * Notes with authors and tags, kept by Prisma's client.
 *
 * ```sh
 * export PRISMA_SCHEMA_ENGINE_BINARY=/bin/true
 * deno run -A npm:prisma@7.10.0 generate --schema examples/prisma_notes/schema.prisma
 * deno run -A examples/prisma_notes/notes.ts [ADDRESS]
 * ```
 *
 * Prisma's command fetches its schema engine, a binary, before anything else;
 * `generate` does not run it, and the variable says that it is there.
 *
 * @module
 */
import { type Database, open } from "@kriyadb/kriyadb";
import { PrismaKriya } from "@kriyadb/kriyadb/prisma";
import { Prisma, PrismaClient } from "./.generated/client.ts";
import { migrate } from "./migrate.ts";

export { Prisma, PrismaClient };

/** Brings a database up to the last migration. */
export async function openNotes(database: Database): Promise<PrismaClient> {
  await migrate(database);
  return new PrismaClient({ adapter: new PrismaKriya({ database }) });
}

/** Writes some notes. */
export async function fill(prisma: PrismaClient): Promise<void> {
  await prisma.$transaction(async (tx) => {
    await tx.author.create({
      data: {
        name: "Ada",
        notes: {
          create: {
            title: "On the engine",
            about: { pages: 66 },
            price: "1.50",
            due: new Date("1843-09-01"),
            words: 12345678901n,
            scan: new Uint8Array([1, 255]),
            links: ["a", "b"],
            tags: {
              connectOrCreate: {
                where: { name: "maths" },
                create: { name: "maths" },
              },
            },
          },
        },
      },
    });
    const grace = await tx.author.create({ data: { name: "Grace" } });
    await tx.note.create({
      data: {
        title: "A bug",
        mood: "glad",
        authorId: grace.id,
        tags: { connect: { name: "maths" } },
      },
    });
  });
}

/** Everybody with what they wrote. */
export async function everything(
  prisma: PrismaClient,
): Promise<{ name: string; notes: { title: string; links: string[] }[] }[]> {
  return await prisma.author.findMany({
    select: {
      name: true,
      notes: {
        select: { title: true, links: true },
        orderBy: { written: "desc" },
      },
    },
    orderBy: { name: "asc" },
  });
}

/** The titles of the notes under a tag. */
export async function tagged(
  prisma: PrismaClient,
  tag: string,
): Promise<string[]> {
  const notes = await prisma.note.findMany({
    where: { tags: { some: { name: { equals: tag, mode: "insensitive" } } } },
    orderBy: { title: "asc" },
  });
  return notes.map(({ title }) => title);
}

if (import.meta.main) {
  await using database = await open(Deno.args[0] ?? "memory:");
  const prisma = await openNotes(database);
  if (await prisma.note.count() === 0) await fill(prisma);
  console.log(JSON.stringify(await everything(prisma), null, 2));
  console.log(await tagged(prisma, "maths"));
  await prisma.$disconnect();
}
