import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Metadata,
  NodeRelationship,
  ObjectType,
  TextNode,
} from "@llamaindex/core/schema";
import {
  type MetadataFilter,
  VectorStoreQueryMode,
} from "@llamaindex/core/vector-store";
import { BaseEmbedding } from "@llamaindex/core/embeddings";
import { type Database, open, SqlError } from "@kriyadb/kriyadb";
import { KriyaVectorStore } from "@kriyadb/kriyadb/llamaindex";

class NoEmbedding extends BaseEmbedding {
  constructor() {
    super();
  }
  override getTextEmbedding(): Promise<number[]> {
    return Promise.reject(new Error("nothing is to be embedded"));
  }
}

function storeOf(database: Database): KriyaVectorStore {
  return new KriyaVectorStore({ database, embeddingModel: new NoEmbedding() });
}

const DEFAULT = VectorStoreQueryMode.DEFAULT;

interface Given {
  readonly id: string;
  readonly embedding: number[];
  readonly metadata: Metadata;
}

const NODES: readonly Given[] = [
  {
    id: "a",
    embedding: [1, 0],
    metadata: { n: 1, tags: ["x", "y"], s: "One" },
  },
  { id: "b", embedding: [0.9, 0.1], metadata: { n: 2, tags: ["y"], s: "t%o" } },
  { id: "c", embedding: [0, 1], metadata: { n: 3, s: "" } },
];

async function filled(database: Database): Promise<KriyaVectorStore> {
  const store = storeOf(database);
  const ids = await store.add(
    NODES.map(({ id, embedding, metadata }) =>
      new TextNode({
        id_: id,
        text: `text of ${id}`,
        embedding,
        metadata,
        relationships: {
          [NodeRelationship.SOURCE]: {
            nodeId: id === "c" ? "second" : "first",
            nodeType: ObjectType.DOCUMENT,
            metadata: {},
          },
        },
      })
    ),
  );
  assertEquals(ids, ["a", "b", "c"]);
  return store;
}

Deno.test("[O-006] llamaindex: nodes are found, and whole again", async () => {
  await using database = await open("memory:");
  const store = await filled(database);
  assertEquals(store.client(), database);
  const { nodes, ids, similarities } = await store.query({
    queryEmbedding: [1, 0],
    similarityTopK: 2,
    mode: DEFAULT,
  });
  assertEquals(ids, ["a", "b"]);
  assert(similarities[0]! > similarities[1]! && similarities[0] === 1);
  const [node] = nodes!;
  assert(node instanceof TextNode);
  assertEquals([node.id_, node.text], ["a", "text of a"]);
  assertEquals(node.metadata, { n: 1, tags: ["x", "y"], s: "One" });
  assertEquals(node.sourceNode?.nodeId, "first");
});

Deno.test("[O-006] llamaindex: filters of every kind", async () => {
  await using database = await open("memory:");
  const store = await filled(database);
  const cases: [MetadataFilter, string][] = [
    [{ key: "n", operator: "==", value: 2 }, "b"],
    [{ key: "s", operator: "==", value: "One" }, "a"],
    [{ key: "n", operator: "!=", value: 2 }, "ac"],
    [{ key: "none", operator: "!=", value: 2 }, "abc"],
    [{ key: "n", operator: ">", value: 1 }, "bc"],
    [{ key: "n", operator: ">=", value: 3 }, "c"],
    [{ key: "n", operator: "<", value: 2 }, "a"],
    [{ key: "n", operator: "<=", value: 2 }, "ab"],
    [{ key: "s", operator: "<", value: 2 }, ""],
    [{ key: "n", operator: "in", value: [1, 3] }, "ac"],
    [{ key: "n", operator: "nin", value: [1, 3] }, "b"],
    [{ key: "tags", operator: "nin", value: ["z"] }, "abc"],
    [{ key: "tags", operator: "any", value: ["x", "z"] }, "a"],
    [{ key: "tags", operator: "all", value: ["x", "y"] }, "a"],
    [{ key: "tags", operator: "contains", value: "y" }, "ab"],
    [{ key: "s", operator: "text_match", value: "on" }, "a"],
    [{ key: "s", operator: "text_match", value: "%" }, "b"],
    [{ key: "tags", operator: "is_empty" }, "c"],
    [{ key: "s", operator: "is_empty" }, "c"],
  ];
  for (const [filter, want] of cases) {
    const { ids } = await store.query({
      queryEmbedding: [1, 0],
      similarityTopK: 9,
      mode: DEFAULT,
      filters: { filters: [filter] },
    });
    assertEquals(ids.join(""), want, JSON.stringify(filter));
  }
  const { ids } = await store.query({
    queryEmbedding: [1, 0],
    similarityTopK: 9,
    mode: DEFAULT,
    docIds: ["first"],
    filters: {
      condition: "or",
      filters: [
        { key: "n", operator: "==", value: 1 },
        { key: "n", operator: "==", value: 3 },
      ],
    },
  });
  assertEquals(ids, ["a"]);
});

Deno.test("[O-006] llamaindex: documents are deleted; what is not there says so", async () => {
  await using database = await open("memory:");
  const store = await filled(database);
  await store.delete("first");
  const query = { queryEmbedding: [1, 0], similarityTopK: 9 };
  const { ids } = await store.query({ ...query, mode: DEFAULT });
  assertEquals(ids, ["c"]);
  await assertRejects(
    () => store.query({ ...query, mode: VectorStoreQueryMode.SPARSE }),
    SqlError,
    'query mode "sparse" is not supported',
  );
  await assertRejects(
    () =>
      store.query({
        ...query,
        mode: DEFAULT,
        filters: { filters: [{ key: "n", operator: "in", value: 5 }] },
      }),
    SqlError,
    'filter "in" wants a list',
  );
});
