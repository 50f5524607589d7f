/**
 * What functions about partitions ask of the catalog.
 *
 * @module
 */
import type {
  CatalogView,
  IndexEntry,
  TableEntry,
} from "../catalog/entries.ts";
import { partitionKeyText } from "../catalog/inheritance/bound_text.ts";
import { partitionConstraintText } from "../catalog/inheritance/constraint_text.ts";
import {
  childrenOf,
  partitionAncestors,
} from "../catalog/inheritance/table_tree.ts";
import type { Nullable } from "../types/data_type.ts";
import type { RegValue } from "../types/reg_value.ts";
import { shownName } from "../analyzer/describe.ts";
import type { Answer } from "./catalog_question.ts";

type Part = TableEntry | IndexEntry;

/** What the functions ask, by their names. */
export const PARTITION_ANSWERS: readonly (readonly [string, Answer])[] = [
  [
    "pg_partition_ancestors",
    ({ catalog }, [which]) => {
      const entry = partOf(catalog, which!);
      const all = entry === undefined
        ? []
        : [entry, ...ancestorsOf(catalog, entry)];
      return JSON.stringify(all.map((each) => named(catalog, each)));
    },
  ],
  [
    "pg_partition_tree",
    ({ catalog }, [which]) => {
      const entry = partOf(catalog, which!);
      const rows: unknown[] = [];
      const add = (
        each: Part,
        parent: Part | undefined,
        level: number,
      ): void => {
        const isLeaf = each.kind === "table"
          ? each.partitionKey === undefined
          : partsOf(catalog, each).length === 0 && isLeafIndex(catalog, each);
        rows.push([
          named(catalog, each),
          parent === undefined ? null : named(catalog, parent),
          isLeaf,
          level,
        ]);
      };
      let level = 0;
      let row: [Part, Part | undefined][] = entry === undefined ? [] : [
        [entry, ancestorsOf(catalog, entry)[0]],
      ];
      for (; row.length > 0; level++) {
        for (const [each, parent] of row) add(each, parent, level);
        row = row.flatMap(([each]) =>
          partsOf(catalog, each).map((part): [Part, Part] => [part, each])
        );
      }
      return JSON.stringify(rows);
    },
  ],
  [
    "pg_get_partkeydef",
    ({ catalog }, [id]) => {
      const entry = catalog.byId(id as number);
      return entry?.kind === "table" && entry.partitionKey !== undefined
        ? partitionKeyText(entry)
        : null;
    },
  ],
  [
    "pg_get_partition_constraintdef",
    ({ catalog }, [id]) => {
      const entry = catalog.byId(id as number);
      return entry?.kind === "table"
        ? partitionConstraintText(catalog, entry)
        : null;
    },
  ],
];

/** A relation that is partitioned or a partition. */
function partOf(catalog: CatalogView, which: Nullable): Part | undefined {
  const entry = catalog.byId((which as RegValue).oid);
  if (entry?.kind === "table") {
    return entry.partitionKey ?? entry.partitionBound ? entry : undefined;
  }
  if (entry?.kind !== "index") return undefined;
  const isPart = entry.parentId !== undefined || !isLeafIndex(catalog, entry);
  return isPart ? entry : undefined;
}

function isLeafIndex(catalog: CatalogView, { tableId }: IndexEntry): boolean {
  const table = catalog.byId(tableId);
  return table?.kind !== "table" || table.partitionKey === undefined;
}

function ancestorsOf(catalog: CatalogView, part: Part): Part[] {
  if (part.kind === "table") return partitionAncestors(catalog, part);
  const found: Part[] = [];
  let above = part.parentId;
  while (above !== undefined) {
    const index = catalog.byId(above);
    if (index?.kind !== "index") break;
    found.push(index);
    above = index.parentId;
  }
  return found;
}

function partsOf(catalog: CatalogView, part: Part): Part[] {
  if (part.kind === "table") return [...childrenOf(catalog, part.id)];
  const parts: Part[] = [];
  for (const entry of catalog.relations()) {
    if (entry.kind === "index" && entry.parentId === part.id) parts.push(entry);
  }
  return parts;
}

function named(catalog: CatalogView, entry: Part): readonly [number, string] {
  return [entry.id, shownName(catalog, entry)];
}
