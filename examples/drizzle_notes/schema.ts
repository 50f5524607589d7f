/**
 * The tables of the notes, as Drizzle has them.
 *
 * @module
 */
import { relations } from "drizzle-orm";
import {
  date,
  index,
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgTable,
  text,
  timestamp,
  uuid,
  varchar,
  vector,
} from "drizzle-orm/pg-core";

/** How a note feels. */
export const mood = pgEnum("mood", ["calm", "glad"]);

/** Who writes. */
export const authors = pgTable("authors", {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  name: varchar({ length: 80 }).notNull().unique(),
});

/** What they write. */
export const notes = pgTable("notes", {
  id: uuid().primaryKey().defaultRandom(),
  authorId: integer("author_id").notNull()
    .references(() => authors.id, { onDelete: "cascade" }),
  title: text().notNull(),
  mood: mood().notNull().default("calm"),
  tags: text().array().notNull().default([]),
  about: jsonb().$type<{ pages: number }>(),
  price: numeric({ precision: 10, scale: 2 }),
  written: timestamp({ withTimezone: true }).notNull().defaultNow(),
  due: date(),
  embedding: vector({ dimensions: 3 }),
}, (table) => [
  index("notes_embedding").using(
    "hnsw",
    table.embedding.op("vector_cosine_ops"),
  ),
  index("notes_author").on(table.authorId, table.written.desc()),
]);

/** Notes of an author. */
export const authorRelations = relations(authors, ({ many }) => ({
  notes: many(notes),
}));

/** The author of a note. */
export const noteRelations = relations(notes, ({ one }) => ({
  author: one(authors, {
    fields: [notes.authorId],
    references: [authors.id],
  }),
}));
