import { assertEquals, assertThrows } from "@std/assert";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import { vector } from "../types/vector_type.ts";
import { type HnswDefinition, hnswDefinition } from "./hnsw_definition.ts";

const TABLE: TableEntry = {
  kind: "table",
  id: 20_000,
  storageId: 20_000,
  schema: "public",
  name: "t",
  accessMethod: "lsm_s3",
  columns: [{
    number: 1,
    name: "v",
    type: { type: vector, typmod: 768 },
    notNull: false,
  }],
  options: {},
};

function definitionWith(options: Record<string, string>): HnswDefinition {
  const index: IndexEntry = {
    kind: "index",
    id: 20_001,
    storageId: 20_001,
    schema: "public",
    name: "t_v_idx",
    tableId: 20_000,
    accessMethod: "lsm_hnsw",
    columns: [{
      columnNumber: 1,
      operatorClass: "lsm_vector_cosine_ops",
      descending: false,
      nullsFirst: false,
    }],
    unique: false,
    primary: false,
    options,
  };
  return hnswDefinition(index, TABLE);
}

Deno.test("[Y-122, Y-123, Y-146, Y-147] an index without options has 16 links a node, looks at 200 while it builds, and lets new rows be for 600 s or 100 MB", () => {
  assertEquals(definitionWith({}), {
    metric: "cosine",
    element: "float32",
    m: 16,
    efConstruction: 200,
    quantization: "auto",
    vectors: "auto",
    flushIntervalSeconds: 600,
    flushSizeMb: 100,
    dims: 768,
  });
  const other = definitionWith({
    m: "8",
    flush_interval: "0",
    flush_size: "1",
  });
  assertEquals(
    [other.m, other.flushIntervalSeconds, other.flushSizeMb],
    [8, 0, 1],
  );
});

Deno.test("options out of their bounds are refused, with these", () => {
  for (
    const [name, value, valid] of [
      ["flush_interval", "-1", '"0" and "2147483"'],
      ["flush_size", "0", '"1" and "1000000"'],
      ["m", "1", '"2" and "100"'],
    ] as const
  ) {
    const error = assertThrows(
      () => definitionWith({ [name]: value }),
      SqlError,
    );
    assertEquals(error.code, "22023");
    assertEquals(error.detail, `Valid values are between ${valid}.`);
  }
});
