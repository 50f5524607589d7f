DROP VIEW "titles";
DROP INDEX "notes_author";
DROP INDEX "notes_embedding";
