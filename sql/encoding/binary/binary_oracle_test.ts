/**
 * The binary form of random values beside what PostgreSQL's send functions give,
 * and back again.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType, SqlValue } from "../../types/data_type.ts";
import { int4 } from "../../types/int_types.ts";
import { hexOf } from "../../types/js_value.ts";
import { record } from "../../types/row/row_type.ts";
import { SqlRow } from "../../types/row/row_value.ts";
import { regconfig } from "../../types/text_search/ts_types.ts";
import { text } from "../../types/text_types.ts";
import {
  differences,
  quoteLiteral,
  seedOr,
  SqlOracle,
} from "../../../tests/support/sql_oracle.ts";
import {
  arbitraryOf,
  COLUMN_TYPES,
} from "../../../tests/support/sql_values.ts";
import { decodeBinary, encodeBinary } from "./binary_values.ts";

/** Those whose bytes are PostgreSQL's: a configuration's OID is not. */
const TYPES = COLUMN_TYPES.filter((type) => type !== regconfig);

/** How many values of each type. */
const RUNS = 60;

function samples(type: DataType): SqlValue[] {
  return fc.sample(arbitraryOf(type), { numRuns: RUNS, seed: seedOr(42) });
}

function literal(type: DataType, value: SqlValue): string {
  return `${quoteLiteral(type.output(value))}::"${type.name}"`;
}

// PGlite keeps its module and timers for the life of the process.
const leaky = { sanitizeResources: false, sanitizeOps: false };

Deno.test(
  "the bytes of values are those that PostgreSQL sends",
  leaky,
  async () => {
    const oracle = await SqlOracle.create();
    for (const type of TYPES) {
      const [named] = await oracle.query<{ send: string }>(
        `SELECT typsend::text AS send FROM pg_type
       WHERE oid = '"${type.name}"'::regtype`,
      );
      const values = samples(type);
      const names = values.map((value) => literal(type, value));
      const theirs = await oracle.evaluate(
        names.map((value) => `encode(${named!.send}(${value}), 'hex')`),
      );
      const ours = values.map((value) => ({
        value: hexOf(encodeBinary(type, value)),
      }));
      assertEquals(differences(names, ours, theirs), []);
    }
    const fields = [
      { name: "a", type: { type: int4, typmod: -1 } },
      { name: "b", type: { type: text, typmod: -1 } },
    ];
    const row = new SqlRow(fields, [7, null]);
    const [bytes] = await oracle.evaluate([
      "encode(record_send(ROW(7, NULL::text)), 'hex')",
    ]);
    assertEquals(bytes, { value: hexOf(encodeBinary(record, row)) });
  },
);

for (const type of COLUMN_TYPES) {
  Deno.test(`${type.name} comes back from its bytes`, () => {
    for (const value of samples(type)) {
      const back = decodeBinary(type, encodeBinary(type, value));
      assertEquals(type.output(back), type.output(value));
    }
  });

  Deno.test(`damaged bytes of ${type.name} are an error of SQL, or a value`, () => {
    fc.assert(
      fc.property(
        arbitraryOf(type),
        fc.nat({ max: 40 }),
        fc.nat({ max: 255 }),
        (value, at, byte) => {
          const bytes = encodeBinary(type, value).slice(0, at + 8);
          if (at < bytes.length) bytes[at] = byte;
          try {
            type.output(decodeBinary(type, bytes));
          } catch (error) {
            assert(
              error instanceof Error && "code" in error,
              `${error}: ${hexOf(bytes)}`,
            );
          }
        },
      ),
      { seed: seedOr(7), numRuns: 200 },
    );
  });
}

Deno.test("bytes that are left are refused", () => {
  assertThrows(
    () => decodeBinary(int4, new Uint8Array(5)),
    SqlError,
    "incorrect binary data format",
  );
  assertThrows(
    () => decodeBinary(int4, new Uint8Array(3)),
    SqlError,
    "insufficient data left in message",
  );
});
