/**
 * A vector store for LlamaIndex.TS: nodes in a table, with a vector index.
 *
 * ```ts
 * import { BaseEmbedding } from "@llamaindex/core/embeddings";
 * import { TextNode } from "@llamaindex/core/schema";
 * import { VectorStoreQueryMode } from "@llamaindex/core/vector-store";
 * import { open } from "@kriyadb/kriyadb";
 * import { KriyaVectorStore } from "@kriyadb/kriyadb/llamaindex";
 *
 * class Lengths extends BaseEmbedding {
 *   constructor() {
 *     super();
 *   }
 *   override getTextEmbedding(text: string): Promise<number[]> {
 *     return Promise.resolve([text.length, 1]);
 *   }
 * }
 *
 * await using database = await open("memory:");
 * const embeddingModel = new Lengths();
 * const store = new KriyaVectorStore({ database, embeddingModel });
 * await store.add([new TextNode({ text: "a rose", embedding: [1, 0] })]);
 * const { similarities } = await store.query({
 *   queryEmbedding: [1, 0],
 *   similarityTopK: 1,
 *   mode: VectorStoreQueryMode.DEFAULT,
 * });
 * console.assert(similarities[0] === 1);
 * ```
 *
 * Here belongs what LlamaIndex asks of a vector store.
 *
 * @module
 */
export {
  KriyaVectorStore,
  type KriyaVectorStoreOptions,
} from "./vector_store.ts";
export type {
  VectorMetric,
  VectorTableOptions,
} from "../vector_table/vector_table.ts";
