-- DropTable
DROP TABLE "_NoteToTag";

-- DropTable
DROP TABLE "Tag";
