import { assert, assertEquals } from "@std/assert";
import { utf8Encode } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import { createTypeRegistry } from "../types/type_registry.ts";
import { decodeEntry, encodeEntry } from "./catalog_rows.ts";
import type { CatalogEntry } from "./entries.ts";
import type { StatisticsEntry } from "./statistics_entry.ts";

const types = createTypeRegistry();

const STATISTICS: StatisticsEntry = {
  kind: "statistics",
  id: 20_020,
  schema: "public",
  name: "20000",
  tableId: 20_000,
  rows: 1000,
  pages: 12,
  analyzedAt: 817_000_000_000_000,
  columns: [{
    number: 1,
    type: "int4",
    nullFraction: 0.25,
    width: 4,
    distinct: -0.5,
    commonValues: ["7", "8"],
    commonShares: [0.2, 0.1],
    bounds: ["1", "5", "9"],
    correlation: 0.5,
  }],
};

/** What is read from the fields; `undefined` where they are corrupt. */
function decoded(fields: unknown): CatalogEntry | undefined {
  try {
    return decodeEntry(utf8Encode(JSON.stringify(fields)), types);
  } catch (error) {
    assert(error instanceof KriyaError && error.kind === "corrupt", `${error}`);
    return undefined;
  }
}

/** The fields as they are stored, to be changed. */
function stored(): Record<string, unknown> & {
  columns: Record<string, unknown>[];
} {
  return JSON.parse(new TextDecoder().decode(encodeEntry(STATISTICS)));
}

const HOSTILE: readonly unknown[] = [
  ...[null, -2, 0.5, 2 ** 53, {}, [null], [{}], "wrong", "", true, [[]]],
  ...[["7"], [2], [-1], [0.5, NaN], { length: 2 }, 1e308],
];

Deno.test("statistics are read as they were written", () => {
  assertEquals(decodeEntry(encodeEntry(STATISTICS), types), STATISTICS);
  const { correlation: _, ...column } = STATISTICS.columns[0]!;
  const without = { ...STATISTICS, columns: [column] };
  assertEquals(decodeEntry(encodeEntry(without), types), without);
  const { analyzedAt, ...rest } = STATISTICS;
  const byItself = { ...rest, autoAnalyzedAt: analyzedAt };
  assertEquals(decodeEntry(encodeEntry(byItself), types), byItself);
});

Deno.test("statistics with a field of another kind are corrupt, or say what they say", () => {
  for (const name of Object.keys(stored())) {
    for (const wrong of HOSTILE) {
      const entry = decoded({ ...stored(), [name]: wrong });
      if (entry === undefined) continue;
      const again = decodeEntry(encodeEntry(entry), types);
      assertEquals(again, entry, `${name} ${JSON.stringify(wrong)}`);
    }
    // Nobody may have asked for them yet.
    if (name === "analyzedAt") continue;
    const { [name]: _, ...rest } = stored();
    assertEquals(decoded(rest), undefined, `without ${name}`);
  }
});

Deno.test("a hostile field of a column's statistics is corrupt", () => {
  const [column] = stored().columns;
  for (const name of Object.keys(column!)) {
    for (const wrong of HOSTILE) {
      const columns = [{ ...column, [name]: wrong }];
      const entry = decoded({ ...stored(), columns });
      if (entry === undefined) continue;
      assert(entry.kind === "statistics");
      const value = entry.columns[0]![name as "distinct"] as unknown;
      assertEquals(value, wrong, name);
      const own = column![name];
      assertEquals(typeof value, typeof own, name);
      assertEquals(Array.isArray(value), Array.isArray(own), name);
    }
    const { [name]: _, ...rest } = column!;
    const entry = decoded({ ...stored(), columns: [rest] });
    assertEquals(entry !== undefined, name === "correlation", name);
  }
});

Deno.test("shares that do not go with values are corrupt", () => {
  const changes: readonly Record<string, unknown>[] = [
    { commonShares: [0.2] },
    { commonShares: [0.2, 0.1, 0.1] },
    { commonShares: [0.2, 1.5] },
    { nullFraction: 1.1 },
    { distinct: -1.5 },
    { correlation: 2 },
    { width: -1 },
  ];
  for (const change of changes) {
    const columns = [{ ...stored().columns[0], ...change }];
    const entry = decoded({ ...stored(), columns });
    assertEquals(entry, undefined, JSON.stringify(change));
  }
});
