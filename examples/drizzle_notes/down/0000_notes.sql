DROP TABLE "notes";
DROP TABLE "authors";
DROP TYPE "mood";
