/**
 * LlamaIndex's vector store: nodes with embeddings in a table.
 *
 * @module
 */
import type { BaseEmbedding } from "@llamaindex/core/embeddings";
import { type BaseNode, MetadataMode } from "@llamaindex/core/schema";
import {
  BaseVectorStore,
  metadataDictToNode,
  nodeToMetadata,
  type VectorStoreQuery,
  VectorStoreQueryMode,
  type VectorStoreQueryResult,
} from "@llamaindex/core/vector-store";
import { type Database, SqlError } from "../../mod.ts";
import {
  type StoredRow,
  type VectorMetric,
  VectorTable,
  type VectorTableOptions,
} from "../vector_table/vector_table.ts";
import { conditionOf } from "./filters.ts";

/** Which table, and what embeds texts. */
export interface KriyaVectorStoreOptions extends VectorTableOptions {
  /** What makes embeddings (default: LlamaIndex's setting). */
  readonly embeddingModel?: BaseEmbedding | undefined;
}

/** How alike texts at a distance are; more is nearer. */
const SIMILARITIES: Readonly<
  Record<VectorMetric, (distance: number) => number>
> = {
  cosine: (distance) => 1 - distance,
  euclidean: (distance) => 1 / (1 + distance),
  dot: (distance) => -distance,
};

/** LlamaIndex's vector store over a table of the database. */
export class KriyaVectorStore extends BaseVectorStore<Database> {
  /** Texts are kept with the embeddings. */
  override storesText = true;
  readonly #table: VectorTable;
  readonly #similarity: (distance: number) => number;

  /** A store in a table, which is made when it is first written. */
  constructor({ embeddingModel, ...options }: KriyaVectorStoreOptions) {
    super({ embeddingModel });
    this.#table = new VectorTable(options);
    this.#similarity = SIMILARITIES[options.metric ?? "cosine"];
  }

  /** The database. */
  override client(): Database {
    return this.#table.database;
  }

  /** Stores nodes with their embeddings; resolves with their ids. */
  override async add(nodes: BaseNode[]): Promise<string[]> {
    return await this.#table.put(nodes.map((node) => ({
      id: node.id_,
      content: node.getContent(MetadataMode.NONE),
      metadata: nodeToMetadata(node, true) as Record<string, unknown>,
      embedding: node.getEmbedding(),
    })));
  }

  /** Deletes the nodes of a document. */
  override async delete(refDocId: string): Promise<void> {
    await this.#table.deleteWhere({ ref_doc_id: refDocId });
  }

  /**
   * The nodes nearest to an embedding that the filters let through.
   *
   * @throws {SqlError} `0A000` for a mode other than `default`.
   */
  override async query(
    query: VectorStoreQuery,
  ): Promise<VectorStoreQueryResult> {
    const { mode, queryEmbedding, similarityTopK } = query;
    if (mode !== VectorStoreQueryMode.DEFAULT) {
      throw new SqlError("0A000", `query mode "${mode}" is not supported`);
    }
    if (queryEmbedding === undefined) {
      throw new SqlError("22023", "the query has no embedding");
    }
    const rows = await this.#table.nearest(
      queryEmbedding,
      similarityTopK,
      conditionOf(query),
    );
    return {
      nodes: rows.map(nodeOf),
      ids: rows.map(({ id }) => id),
      similarities: rows.map(({ distance }) => this.#similarity(distance)),
    };
  }
}

function nodeOf({ content, metadata, embedding }: StoredRow): BaseNode {
  const node = metadataDictToNode(metadata);
  node.setContent(content);
  node.embedding = Array.from(embedding);
  return node;
}
