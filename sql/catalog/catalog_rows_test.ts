import { assert, assertEquals, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { utf8Encode } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import { createTypeRegistry } from "../types/type_registry.ts";
import {
  decodeCounter,
  decodeEntry,
  encodeCounter,
  encodeEntry,
} from "./catalog_rows.ts";
import type {
  CatalogEntry,
  IndexEntry,
  SchemaEntry,
  TableEntry,
  ViewEntry,
} from "./entries.ts";

const types = createTypeRegistry();

const TABLE: TableEntry = {
  kind: "table",
  id: 20_000,
  storageId: 20_007,
  schema: "public",
  name: 'Größe "x"',
  accessMethod: "lsm_s3",
  columns: [
    {
      number: 1,
      name: "id",
      type: { type: types.byName("int4")!, typmod: -1 },
      notNull: true,
    },
    {
      number: 3,
      name: "e",
      type: { type: types.byName("vector")!, typmod: 512 },
      notNull: false,
      defaultSql: "'[1]'",
    },
  ],
  options: { fillfactor: "70" },
};

const INDEX: IndexEntry = {
  kind: "index",
  id: 20_001,
  storageId: 20_001,
  schema: "public",
  name: "t_pkey",
  tableId: 20_000,
  accessMethod: "btree",
  columns: [{
    columnNumber: 1,
    operatorClass: "int4_ops",
    descending: true,
    nullsFirst: false,
  }],
  unique: true,
  primary: true,
  constraintName: "t_pkey",
  options: {},
};

const SCHEMA: SchemaEntry = {
  kind: "schema",
  id: 20_003,
  name: 'S "x"',
  comment: "what is apart",
};

const VIEW: ViewEntry = {
  kind: "view",
  id: 20_002,
  schema: "public",
  name: "v",
  columns: [{ ...TABLE.columns[0]!, comment: "the key", notNull: false }],
  sql: "SELECT id FROM public.t",
  checkOption: "local",
  dependencies: [
    { id: 20_000, column: 1, kind: "normal" },
    { id: 20_001, kind: "auto" },
  ],
};

const ALL: readonly CatalogEntry[] = [TABLE, INDEX, SCHEMA, VIEW];

Deno.test("rows that were written before there were schemas and views are read", () => {
  // As written by the version before; they must open for ever.
  const stored = [
    `{"version":1,"kind":"table","id":16384,"storageId":16384,"schema":"public","name":"t","accessMethod":"lsm_s3","columns":[{"number":1,"name":"a","notNull":true,"defaultSql":"1","type":[23,-1]}],"options":{}}`,
    `{"version":1,"kind":"index","id":16385,"storageId":16385,"schema":"public","tableId":16384,"name":"t_pkey","accessMethod":"btree","columns":[{"columnNumber":1,"operatorClass":"int4_ops","descending":false,"nullsFirst":false}],"unique":true,"primary":true,"constraintName":"t_pkey","options":{}}`,
  ];
  const [table, index] = stored.map((text) =>
    decodeEntry(utf8Encode(text), types)
  );
  assert(table?.kind === "table" && index?.kind === "index");
  assertEquals(table.columns[0]?.defaultSql, "1");
  assertEquals(table.columns[0]?.type.type.name, "int4");
  assertEquals([table.name, index.tableId, index.primary], ["t", 16384, true]);
});

Deno.test("a relation is read as it was written", () => {
  for (const entry of [...ALL, { ...INDEX, columns: [] }]) {
    assertEquals(decodeEntry(encodeEntry(entry), types), entry);
  }
});

/** Decodes; the error must be `corrupt`, and the result that of a relation. */
function decodeDamaged(bytes: Uint8Array): CatalogEntry | undefined {
  try {
    return decodeEntry(bytes, types);
  } catch (error) {
    assert(error instanceof KriyaError && error.kind === "corrupt", `${error}`);
    return undefined;
  }
}

Deno.test("a damaged relation is corrupt, or another relation, never half of one", () => {
  const good = ALL.map(encodeEntry);
  fc.assert(
    fc.property(
      fc.constantFrom(...good),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      (bytes, at, mask, cut) => {
        const damaged = bytes.slice(0, cut ? at % bytes.length : bytes.length);
        if (!cut) damaged[at % bytes.length]! ^= mask;
        const decoded = decodeDamaged(damaged);
        if (decoded === undefined) return;
        assert(!cut, "half a relation was taken");
        assertEquals(decodeEntry(encodeEntry(decoded), types), decoded);
      },
    ),
    { numRuns: 2000 },
  );
});

const OPTIONAL = ["constraintName", "comment", "checkOption", "dependencies"];

Deno.test("a relation with a field of another kind is corrupt", () => {
  for (const entry of ALL) {
    const fields = JSON.parse(new TextDecoder().decode(encodeEntry(entry)));
    for (const name of Object.keys(fields)) {
      for (const wrong of [null, -1, 0.5, {}, [null], [{}], "wrong", 2 ** 33]) {
        const text = JSON.stringify({ ...fields, [name]: wrong });
        const decoded = decodeDamaged(utf8Encode(text));
        if (decoded === undefined) continue;
        assertEquals(typeof decoded[name as "name"], typeof wrong, name);
      }
      const { [name]: _, ...rest } = fields;
      const optional = OPTIONAL.includes(name);
      const decoded = decodeDamaged(utf8Encode(JSON.stringify(rest)));
      assertEquals(decoded !== undefined, optional, `without ${name}`);
    }
  }
  const text = new TextDecoder().decode(encodeEntry(ALL[0]!));
  assertEquals(text.includes("[23,-1]"), true);
  assertEquals(
    decodeDamaged(utf8Encode(text.replace("[23,-1]", "[23,-0]"))),
    undefined,
    "JSON can say -0, which no number of ours is",
  );
  for (const text of ["", "null", "[]", "{}", '"x"', "{", '{"version":2}']) {
    assertEquals(decodeDamaged(utf8Encode(text)), undefined, text);
  }
});

Deno.test("a counter is read as it was written, and checked", () => {
  for (const value of [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 48, 2 ** 53 - 1]) {
    assertEquals(decodeCounter(encodeCounter(value)), value);
  }
  for (const bytes of [[], [1, 2, 3], [255, 0, 0, 0, 0, 0, 0, 0]]) {
    assertThrows(() => decodeCounter(Uint8Array.from(bytes)), KriyaError);
  }
});

Deno.test("an enumeration is read as it was written, and a label needs its order", () => {
  const mood: CatalogEntry = {
    kind: "enum",
    id: 20_010,
    arrayId: 20_011,
    schema: "public",
    name: "mood",
    labels: [{ label: "sad", order: 1 }, { label: "ok", order: 1.5 }],
  };
  assertEquals(decodeEntry(encodeEntry(mood), types), mood);
  const text = new TextDecoder().decode(encodeEntry(mood));
  const damaged = utf8Encode(text.replace('"order":1.5', '"order":"1"'));
  assertEquals(decodeDamaged(damaged), undefined);
});
