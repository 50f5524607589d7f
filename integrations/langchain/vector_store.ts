/**
 * LangChain's vector store: documents with embeddings in a table.
 *
 * @module
 */
import { Document, type DocumentInterface } from "@langchain/core/documents";
import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { maximalMarginalRelevance } from "@langchain/core/utils/math";
import {
  type MaxMarginalRelevanceSearchOptions,
  VectorStore,
} from "@langchain/core/vectorstores";
import {
  type StoredRow,
  VectorTable,
  type VectorTableOptions,
} from "../vector_table/vector_table.ts";

/** What documents must have in their metadata: these values. */
export type KriyaVectorFilter = Record<string, unknown>;

/** What MMR looks at, where nobody says. */
const FETCH_K = 20;
const LAMBDA = 0.5;

/** LangChain's vector store over a table of the database. */
export class KriyaVectorStore extends VectorStore {
  /** What a filter is. */
  declare FilterType: KriyaVectorFilter;
  readonly #table: VectorTable;

  /** A store in a table, which is made when it is first written. */
  constructor(embeddings: EmbeddingsInterface, options: VectorTableOptions) {
    super(embeddings, {});
    this.#table = new VectorTable(options);
  }

  /** LangChain's name of the kind of store. */
  _vectorstoreType(): string {
    return "kriyadb";
  }

  /** Adds documents; resolves with their ids. */
  override async addDocuments(
    documents: DocumentInterface[],
    options: { readonly ids?: readonly string[] } = {},
  ): Promise<string[]> {
    const texts = documents.map(({ pageContent }) => pageContent);
    const vectors = await this.embeddings.embedDocuments(texts);
    return await this.addVectors(vectors, documents, options);
  }

  /**
   * Adds documents whose embeddings are known. One with an id that is there
   * takes its place.
   */
  override async addVectors(
    vectors: number[][],
    documents: DocumentInterface[],
    { ids }: { readonly ids?: readonly string[] } = {},
  ): Promise<string[]> {
    return await this.#table.put(documents.map((document, i) => ({
      id: ids?.[i] ?? document.id,
      content: document.pageContent,
      metadata: document.metadata,
      embedding: vectors[i] ?? [],
    })));
  }

  /** Deletes documents by their ids or by their metadata. */
  override async delete(
    params: {
      readonly ids?: readonly string[];
      readonly filter?: KriyaVectorFilter;
    },
  ): Promise<void> {
    if (params.ids !== undefined) await this.#table.deleteIds(params.ids);
    if (params.filter !== undefined) {
      await this.#table.deleteWhere(params.filter);
    }
  }

  /** The documents nearest to a vector, with their distances. */
  override async similaritySearchVectorWithScore(
    query: number[],
    k: number,
    filter?: KriyaVectorFilter,
  ): Promise<[Document, number][]> {
    const rows = await this.#table.nearest(query, k, filter);
    return rows.map((row) => [documentOf(row), row.distance]);
  }

  /** Documents that are near, and not all alike. */
  override async maxMarginalRelevanceSearch(
    query: string,
    { k, fetchK = FETCH_K, lambda = LAMBDA, filter }:
      MaxMarginalRelevanceSearchOptions<KriyaVectorFilter>,
  ): Promise<Document[]> {
    const vector = await this.embeddings.embedQuery(query);
    const rows = await this.#table.nearest(vector, Math.max(k, fetchK), filter);
    const picked = maximalMarginalRelevance(
      vector,
      rows.map(({ embedding }) => Array.from(embedding)),
      lambda,
      k,
    );
    return picked.map((i) => documentOf(rows[i]!));
  }

  /** A store of texts. */
  static override async fromTexts(
    texts: string[],
    metadatas: object[] | object,
    embeddings: EmbeddingsInterface,
    options: VectorTableOptions,
  ): Promise<KriyaVectorStore> {
    const documents = texts.map((pageContent, i) =>
      new Document({
        pageContent,
        metadata: Array.isArray(metadatas) ? metadatas[i] : metadatas,
      })
    );
    return await KriyaVectorStore.fromDocuments(documents, embeddings, options);
  }

  /** A store of documents. */
  static override async fromDocuments(
    documents: DocumentInterface[],
    embeddings: EmbeddingsInterface,
    options: VectorTableOptions,
  ): Promise<KriyaVectorStore> {
    const store = new KriyaVectorStore(embeddings, options);
    await store.addDocuments(documents);
    return store;
  }
}

function documentOf({ id, content, metadata }: StoredRow): Document {
  return new Document({ id, pageContent: content, metadata });
}
