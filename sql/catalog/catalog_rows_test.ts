import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { utf8Encode } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import { createTypeRegistry } from "../types/type_registry.ts";
import {
  decodeCounter,
  decodeRelation,
  encodeCounter,
  encodeRelation,
} from "./catalog_rows.ts";
import type { IndexEntry, RelationEntry, TableEntry } from "./entries.ts";

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

Deno.test("a relation is read as it was written", () => {
  for (const entry of [TABLE, INDEX, { ...INDEX, columns: [] }]) {
    assertEquals(decodeRelation(encodeRelation(entry), types), entry);
  }
});

/** Decodes; the error must be `corrupt`, and the result that of a relation. */
function decodeDamaged(bytes: Uint8Array): RelationEntry | undefined {
  try {
    return decodeRelation(bytes, types);
  } catch (error) {
    assert(error instanceof KriyaError && error.kind === "corrupt", `${error}`);
    return undefined;
  }
}

Deno.test("a damaged relation is corrupt, or another relation, never half of one", () => {
  const good = [TABLE, INDEX].map(encodeRelation);
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
        assertEquals(decodeRelation(encodeRelation(decoded), types), decoded);
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("a relation with a field of another kind is corrupt", () => {
  for (const entry of [TABLE, INDEX]) {
    const fields = JSON.parse(new TextDecoder().decode(encodeRelation(entry)));
    for (const name of Object.keys(fields)) {
      for (const wrong of [null, -1, 0.5, {}, [null], [{}], "wrong", 2 ** 33]) {
        const text = JSON.stringify({ ...fields, [name]: wrong });
        const decoded = decodeDamaged(utf8Encode(text));
        if (decoded === undefined) continue;
        assertEquals(typeof decoded[name as "name"], typeof wrong, name);
      }
      const { [name]: _, ...rest } = fields;
      const optional = ["constraintName"].includes(name);
      const decoded = decodeDamaged(utf8Encode(JSON.stringify(rest)));
      assertEquals(decoded !== undefined, optional, `without ${name}`);
    }
  }
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
