CREATE INDEX "notes_embedding" ON "notes" USING hnsw ("embedding" vector_cosine_ops);--> statement-breakpoint
CREATE INDEX "notes_author" ON "notes" USING btree ("author_id","written" DESC NULLS LAST);--> statement-breakpoint
CREATE VIEW "public"."titles" AS (select "title" from "notes" where "mood" = 'glad');
