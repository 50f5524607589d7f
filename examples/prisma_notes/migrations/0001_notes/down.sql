-- DropForeignKey
ALTER TABLE "Note" DROP CONSTRAINT "Note_authorId_fkey";

-- DropTable
DROP TABLE "Note";

-- DropTable
DROP TABLE "Author";

-- DropEnum
DROP TYPE "Mood";
