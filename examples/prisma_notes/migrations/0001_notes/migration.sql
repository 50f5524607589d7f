-- CreateEnum
CREATE TYPE "Mood" AS ENUM ('calm', 'glad');

-- CreateTable
CREATE TABLE "Author" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "Author_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Note" (
    "id" UUID NOT NULL,
    "title" VARCHAR(80) NOT NULL,
    "mood" "Mood" NOT NULL DEFAULT 'calm',
    "about" JSONB NOT NULL DEFAULT '{}',
    "price" DECIMAL(10,2),
    "due" DATE,
    "written" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "words" BIGINT NOT NULL DEFAULT 0,
    "scan" BYTEA,
    "authorId" INTEGER NOT NULL,
    "links" TEXT[],

    CONSTRAINT "Note_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Author_name_key" ON "Author"("name");

-- CreateIndex
CREATE INDEX "Note_authorId_written_idx" ON "Note"("authorId", "written");

-- AddForeignKey
ALTER TABLE "Note" ADD CONSTRAINT "Note_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "Author"("id") ON DELETE CASCADE ON UPDATE CASCADE;
