/**
 * What functions answer about abilities of access methods, of indexes and of
 * their columns: `pg_indexam_has_property`, `pg_index_has_property`,
 * `pg_index_column_has_property`.
 *
 * @module
 */
import type { IndexAccessMethod } from "../access/index_access.ts";
import { accessMethodId } from "../access/system/system_rows.ts";
import type { IndexEntry } from "../catalog/entries.ts";
import type { Nullable } from "../types/data_type.ts";
import { RegValue } from "../types/reg_value.ts";
import type { Answer, Asked } from "./catalog_question.ts";

function isOrdered({ openRange }: IndexAccessMethod): boolean {
  return openRange !== undefined;
}

/** Methods whose entries alone may answer a query, or whose order is theirs. */
function isOne(method: IndexAccessMethod, ...names: string[]): boolean {
  return names.includes(method.name);
}

/** What a method can; `undefined`: no property is called so. */
function methodProperty(
  method: IndexAccessMethod,
  property: string,
): boolean | undefined {
  switch (property) {
    case "can_order":
      return isOrdered(method);
    case "can_unique":
      return method.canBeUnique;
    case "can_multi_col":
      return method.columnsMax > 1;
    case "can_exclude":
      return method.canExclude === true;
    case "can_include":
      return isOrdered(method);
    default:
      return undefined;
  }
}

function indexProperty(
  method: IndexAccessMethod,
  property: string,
): boolean | undefined {
  switch (property) {
    case "clusterable":
      return isOne(method, "btree", "gist");
    case "index_scan":
      return !isOne(method, "gin");
    case "bitmap_scan":
      return isOne(method, "btree", "hash", "gist", "gin");
    case "backward_scan":
      return isOne(method, "btree", "hash");
    default:
      return undefined;
  }
}

/** Of a column of an index, counted from 1. */
function columnProperty(
  method: IndexAccessMethod,
  { columns, include = [] }: IndexEntry,
  number: number,
  property: string,
): boolean | undefined {
  if (number < 1 || number > columns.length + include.length) return undefined;
  const key = columns[number - 1];
  const ordered = isOrdered(method);
  switch (property) {
    case "asc":
      return key && (ordered && !key.descending);
    case "desc":
      return key && (ordered && key.descending);
    case "nulls_first":
      return key && (ordered && key.nullsFirst);
    case "nulls_last":
      return key && (ordered && !key.nullsFirst);
    case "orderable":
      return key !== undefined && ordered;
    case "distance_orderable":
      return key !== undefined && method.openNearest !== undefined;
    case "returnable":
      return isOne(method, "btree");
    case "search_array":
      return key && isOne(method, "btree");
    case "search_nulls":
      return key && isOne(method, "btree", "gist");
    default:
      return undefined;
  }
}

/** The index that a value names, with its method. */
function indexOf(
  { core, catalog }: Asked,
  which: Nullable,
): { index: IndexEntry; method: IndexAccessMethod } | undefined {
  const id = which instanceof RegValue ? which.oid : which as number;
  const index = catalog.relationById(id);
  if (index?.kind !== "index") return undefined;
  return { index, method: core.access.index(index.accessMethod) };
}

/** The answers. */
export const INDEX_PROPERTIES: readonly (readonly [string, Answer])[] = [
  [
    "pg_indexam_has_property",
    ({ core }, [id, property]) => {
      const { access } = core;
      const found = access.names().find(({ name }) =>
        accessMethodId({ access }, name) === id
      );
      if (found === undefined || found.kind !== "index") return null;
      const method = access.index(found.name);
      return methodProperty(method, (property as string).toLowerCase()) ?? null;
    },
  ],
  [
    "pg_index_has_property",
    (asked, [which, property]) => {
      const found = indexOf(asked, which!);
      if (found === undefined) return null;
      return indexProperty(found.method, (property as string).toLowerCase()) ??
        null;
    },
  ],
  [
    "pg_index_column_has_property",
    (asked, [which, number, property]) => {
      const found = indexOf(asked, which!);
      if (found === undefined) return null;
      return columnProperty(
        found.method,
        found.index,
        number as number,
        (property as string).toLowerCase(),
      ) ?? null;
    },
  ],
];
