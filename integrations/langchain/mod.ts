/**
 * A vector store for LangChain.js: documents in a table, with a vector index.
 *
 * ```ts
 * import { FakeEmbeddings } from "@langchain/core/utils/testing";
 * import { open } from "@kriyadb/kriyadb";
 * import { KriyaVectorStore } from "@kriyadb/kriyadb/langchain";
 *
 * await using database = await open("memory:");
 * const store = await KriyaVectorStore.fromTexts(
 *   ["a red rose", "a fast car"],
 *   [{ kind: "plant" }, { kind: "thing" }],
 *   new FakeEmbeddings(),
 *   { database },
 * );
 * const found = await store.similaritySearch("flower", 1, { kind: "plant" });
 * console.assert(found[0]?.pageContent === "a red rose");
 * ```
 *
 * Here belongs what LangChain asks of a vector store.
 *
 * @module
 */
export { type KriyaVectorFilter, KriyaVectorStore } from "./vector_store.ts";
export type {
  VectorMetric,
  VectorTableOptions,
} from "../vector_table/vector_table.ts";
