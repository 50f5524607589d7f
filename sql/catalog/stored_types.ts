/**
 * The types that stored rows of the catalog speak of, made before anything is
 * read that has them: a column's type may be younger than its table, and an
 * attribute's younger than its composite type.
 *
 * @module
 */
import { utf8Decode } from "../../base/bytes.ts";
import type { TypeRegistry } from "../types/type_registry.ts";
import { decodeEntry } from "./catalog_rows.ts";
import { type CatalogEntry, isTypeEntry } from "./entries.ts";
import { isInteger, isRecord } from "./stored_fields.ts";

/** What a row says of itself before it is read; a damaged one: nothing. */
function kindOf(
  bytes: Uint8Array,
): { readonly kind: string; readonly id: number } | undefined {
  try {
    const fields: unknown = JSON.parse(utf8Decode(bytes));
    if (!isRecord(fields)) return undefined;
    const { kind, id } = fields;
    return typeof kind === "string" && isInteger(id) ? { kind, id } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads the rows of types, and hands each to `define`; the row types of tables
 * and views are there before that.
 *
 * @throws {KriyaError} `corrupt`.
 */
export function defineStoredTypes(
  rows: Iterable<Uint8Array>,
  types: TypeRegistry,
  define: (entry: CatalogEntry, bytes: Uint8Array) => void,
): void {
  let waiting: Uint8Array[] = [];
  for (const bytes of rows) {
    const row = kindOf(bytes);
    if (row === undefined) continue;
    if (isTypeEntry(row)) waiting.push(bytes);
    const hasRows = row.kind === "table" || row.kind === "view";
    if (hasRows) types.declareRowType(row.id);
  }
  while (waiting.length > 0) {
    const later: Uint8Array[] = [];
    let failure: unknown;
    for (const bytes of waiting) {
      try {
        define(decodeEntry(bytes, types), bytes);
      } catch (error) {
        failure = error;
        later.push(bytes);
      }
    }
    if (later.length === waiting.length) throw failure;
    waiting = later;
  }
}
