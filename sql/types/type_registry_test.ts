import { assertEquals, assertThrows } from "@std/assert";
import { int4 } from "./int_types.ts";
import { interval } from "./interval_type.ts";
import { numeric } from "./numeric_type.ts";
import { timestamptz } from "./temporal_types.ts";
import { bpchar, varchar } from "./text_types.ts";
import {
  BUILTIN_TYPES,
  createTypeRegistry,
  formatType,
} from "./type_registry.ts";
import { vector } from "./vector_type.ts";

Deno.test("types are found by the names the grammar gives", () => {
  const types = createTypeRegistry();
  const found = (name: string, schema?: string): string | undefined =>
    types.byName(name, schema)?.name;
  assertEquals(found("int4", "pg_catalog"), "int4");
  assertEquals(found("integer"), "int4");
  assertEquals(found("int"), "int4");
  assertEquals(found("bool", "pg_catalog"), "bool");
  assertEquals(found("lsmvector"), "vector");
  assertEquals(found("vector", "public"), "vector");
  assertEquals(found("vector", "pg_catalog"), undefined);
  assertEquals(found("_text", "pg_catalog"), "_text");
  assertEquals(found("nonsense"), undefined);
  assertEquals(types.byOid(1184)?.name, "timestamptz");
  assertEquals(types.byOid(1), undefined);
  assertThrows(() => types.register(int4));
  assertEquals([...types.all()].length, BUILTIN_TYPES.length);
});

Deno.test("formatType spells modifiers as format_type does", () => {
  const format = (
    type: typeof varchar,
    modifiers: readonly number[],
  ): string => formatType({ type, typmod: type.typmodInput!(modifiers) });
  assertEquals(format(varchar, [20]), "character varying(20)");
  assertEquals(format(bpchar, [3]), "character(3)");
  assertEquals(format(numeric, [10, 2]), "numeric(10,2)");
  assertEquals(format(numeric, [3, -2]), "numeric(3,-2)");
  assertEquals(format(timestamptz, [3]), "timestamp(3) with time zone");
  assertEquals(format(vector, [512]), "vector(512)");
  assertEquals(format(interval, [0x7fff, 3]), "interval(3)");
  assertEquals(format(interval, [1 << 3]), "interval day");
  assertEquals(formatType({ type: varchar, typmod: -1 }), "character varying");
});
