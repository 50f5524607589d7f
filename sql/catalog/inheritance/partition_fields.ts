/**
 * Partition keys and bounds as the catalog stores them.
 *
 * @module
 */
import type { TypeRegistry } from "../../types/type_registry.ts";
import { decodeIndexColumn, indexColumnFields } from "../index_fields.ts";
import {
  corrupt,
  type Fields,
  idAt,
  isRecord,
  listAt,
  wordAt,
} from "../stored_fields.ts";
import type {
  PartitionBound,
  PartitionKey,
  RangePoint,
} from "./partition_entry.ts";

/** The fields of a key, for JSON. */
export function partitionKeyFields(
  { strategy, columns }: PartitionKey,
): Fields {
  return { strategy, columns: columns.map(indexColumnFields) };
}

/** Reads a stored key. */
export function decodePartitionKey(
  value: unknown,
  types: TypeRegistry,
): PartitionKey {
  if (!isRecord(value)) throw corrupt("a partition key is no record");
  return {
    strategy: wordAt(value, "strategy", ["list", "range", "hash"] as const),
    columns: listAt(value, "columns").map((column) =>
      decodeIndexColumn(column, types)
    ),
  };
}

/** Reads a stored bound. */
export function decodePartitionBound(value: unknown): PartitionBound {
  if (!isRecord(value)) throw corrupt("a partition bound is no record");
  const kinds = ["default", "list", "range", "hash"] as const;
  const kind = wordAt(value, "kind", kinds);
  switch (kind) {
    case "default":
      return { kind };
    case "list": {
      const { values } = value;
      if (Array.isArray(values) && values.every(isTextOrNull)) {
        return { kind, values };
      }
      throw corrupt("the values of a partition are no texts");
    }
    case "range":
      return {
        kind,
        from: listAt(value, "from").map(decodePoint),
        to: listAt(value, "to").map(decodePoint),
      };
    case "hash":
      return {
        kind,
        modulus: idAt(value, "modulus"),
        remainder: idAt(value, "remainder"),
      };
  }
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

function decodePoint(fields: Fields): RangePoint {
  const kinds = ["value", "minvalue", "maxvalue"] as const;
  const kind = wordAt(fields, "kind", kinds);
  if (kind !== "value") return { kind };
  const { value } = fields;
  if (typeof value !== "string") throw corrupt("a bound has no value");
  return { kind, value };
}
