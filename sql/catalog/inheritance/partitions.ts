/**
 * The partitions of a table in the order of their bounds, and which of them has
 * a row.
 *
 * | strategy | order | found by |
 * | --- | --- | --- |
 * | list | the smallest value | a map of the values |
 * | range | the bounds, which do not overlap | binary search |
 * | hash | modulus, then remainder | the remainder of the greatest modulus |
 *
 * The default partition comes last, and has what no other has.
 *
 * @module
 */
import type { DataType, Nullable, TypeRef } from "../../types/data_type.ts";
import type { CatalogView, IndexColumn, TableEntry } from "../entries.ts";
import { partitionHash } from "./hash_partition.ts";
import type { PartitionKey, RangePoint } from "./partition_entry.ts";

/** A bound with its values in the forms of their types. */
export type BoundValue =
  | { readonly kind: "value"; readonly value: Nullable }
  | { readonly kind: "minvalue" | "maxvalue" };

/** A partition of RANGE. */
interface RangePart {
  readonly from: readonly BoundValue[];
  readonly to: readonly BoundValue[];
  readonly position: number;
}

/** The type of a key column. */
export function keyTypeOf(
  { columns }: TableEntry,
  { columnNumber, expression }: IndexColumn,
): TypeRef {
  return expression?.type ??
    columns.find(({ number }) => number === columnNumber)!.type;
}

/** The partitions of a table. */
export class Partitions {
  readonly key: PartitionKey;
  /** The partitioned table. */
  readonly parent: TableEntry;
  /** In the order of their bounds, the default one last. */
  readonly tables: readonly TableEntry[];
  readonly types: readonly DataType[];
  /** Where the default one is; -1: there is none. */
  readonly defaultPosition: number;
  readonly ranges: readonly RangePart[];
  readonly #lists = new Map<unknown, number>();
  #nullPosition = -1;
  readonly #modulus: number;
  readonly #remainders: readonly number[];

  /** The partitions `children` of a table. */
  constructor(parent: TableEntry, children: readonly TableEntry[]) {
    const key = parent.partitionKey!;
    this.parent = parent;
    this.key = key;
    this.types = key.columns.map((column) => keyTypeOf(parent, column).type);
    this.tables = sortedByBound(key, this.types, children);
    this.defaultPosition = this.tables.findIndex(({ partitionBound }) =>
      partitionBound?.kind === "default"
    );
    const ranges: RangePart[] = [];
    const hashes: { modulus: number; remainder: number; position: number }[] =
      [];
    this.tables.forEach(({ partitionBound: bound }, position) => {
      if (bound?.kind === "list") this.#addList(bound.values, position);
      else if (bound?.kind === "range") {
        ranges.push({
          from: pointsOf(bound.from, this.types),
          to: pointsOf(bound.to, this.types),
          position,
        });
      } else if (bound?.kind === "hash") hashes.push({ ...bound, position });
    });
    this.ranges = ranges;
    this.#modulus = hashes.reduce(
      (most, { modulus }) => Math.max(most, modulus),
      1,
    );
    const remainders = new Array<number>(this.#modulus).fill(-1);
    for (const { modulus, remainder, position } of hashes) {
      for (let at = remainder; at < this.#modulus; at += modulus) {
        remainders[at] = position;
      }
    }
    this.#remainders = remainders;
  }

  #addList(values: readonly (string | null)[], position: number): void {
    const type = this.types[0]!;
    for (const value of values) {
      if (value === null) this.#nullPosition = position;
      else this.#lists.set(type.hashKey(type.input(value, -1)), position);
    }
  }

  /** Where the partition of a value is that LIST names; -1: nowhere. */
  listed(value: Nullable): number {
    if (value === null) return this.#nullPosition;
    return this.#lists.get(this.types[0]!.hashKey(value)) ?? -1;
  }

  /** The position of the partition that has rows of a key; -1: none. */
  find(values: readonly Nullable[]): number {
    switch (this.key.strategy) {
      case "list": {
        const found = this.listed(values[0]!);
        return found < 0 ? this.defaultPosition : found;
      }
      case "hash": {
        const hash = partitionHash(this.types, values);
        return this.#remainders[Number(hash % BigInt(this.#modulus))]!;
      }
      case "range":
        return this.#inRange(values);
    }
  }

  #inRange(values: readonly Nullable[]): number {
    if (values.includes(null)) return this.defaultPosition;
    const point = values.map((value): BoundValue => ({ kind: "value", value }));
    const { ranges } = this;
    let low = 0;
    let high = ranges.length;
    // The last one that does not begin after the point.
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (comparePoints(ranges[middle]!.from, point, this.types) <= 0) {
        low = middle + 1;
      } else high = middle;
    }
    const range = ranges[low - 1];
    return range !== undefined &&
        comparePoints(point, range.to, this.types) < 0
      ? range.position
      : this.defaultPosition;
  }
}

const known = new WeakMap<
  CatalogView,
  Map<number, { readonly parent: TableEntry; readonly parts: Partitions }>
>();

/** The partitions of a partitioned table. */
export function partitionsOf(
  catalog: CatalogView,
  table: TableEntry,
): Partitions {
  let all = known.get(catalog);
  if (all === undefined) known.set(catalog, all = new Map());
  const there = all.get(table.id);
  if (there?.parent === table) return there.parts;
  const children: TableEntry[] = [];
  for (const each of catalog.relations()) {
    const isPart = each.kind === "table" &&
      each.partitionBound !== undefined && each.parents?.[0] === table.id;
    if (isPart) children.push(each);
  }
  const parts = new Partitions(table, children);
  all.set(table.id, { parent: table, parts });
  return parts;
}

/** Points with their values read. */
export function pointsOf(
  points: readonly RangePoint[],
  types: readonly DataType[],
): BoundValue[] {
  return points.map((point, i) =>
    point.kind === "value"
      ? { kind: "value", value: types[i]!.input(point.value, -1) }
      : point
  );
}

/** The order of two bounds; after MINVALUE or MAXVALUE nothing counts. */
export function comparePoints(
  a: readonly BoundValue[],
  b: readonly BoundValue[],
  types: readonly DataType[],
): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const left = a[i]!;
    const right = b[i]!;
    if (left.kind !== "value" || right.kind !== "value") {
      const order = rankOf(left) - rankOf(right);
      if (order !== 0 || left.kind !== "value") return order;
      continue;
    }
    const order = types[i]!.compare(left.value!, right.value!);
    if (order !== 0) return order;
  }
  return 0;
}

function rankOf({ kind }: BoundValue): number {
  return kind === "minvalue" ? -1 : kind === "maxvalue" ? 1 : 0;
}

function sortedByBound(
  { strategy }: PartitionKey,
  types: readonly DataType[],
  tables: readonly TableEntry[],
): TableEntry[] {
  const isDefault = ({ partitionBound }: TableEntry): boolean =>
    partitionBound?.kind === "default";
  const others = tables.filter((each) => !isDefault(each));
  const order = strategy === "list"
    ? listOrder(types[0]!)
    : strategy === "range"
    ? rangeOrder(types)
    : hashOrder;
  return [...others.sort(order), ...tables.filter(isDefault)];
}

type Order = (a: TableEntry, b: TableEntry) => number;

function listOrder(type: DataType): Order {
  const least = (table: TableEntry): Nullable | undefined => {
    const { partitionBound: bound } = table;
    if (bound?.kind !== "list") return undefined;
    const values = bound.values.filter((each) => each !== null)
      .map((each) => type.input(each, -1));
    return values.sort((a, b) => type.compare(a, b))[0];
  };
  return (a, b) => {
    const left = least(a);
    const right = least(b);
    // A partition of NULL alone comes after the others.
    if (left === undefined || left === null) return right === undefined ? 0 : 1;
    if (right === undefined || right === null) return -1;
    return type.compare(left, right);
  };
}

function rangeOrder(types: readonly DataType[]): Order {
  const from = ({ partitionBound: bound }: TableEntry): BoundValue[] =>
    bound?.kind === "range" ? pointsOf(bound.from, types) : [];
  return (a, b) => comparePoints(from(a), from(b), types);
}

const hashOrder: Order = (
  { partitionBound: a },
  { partitionBound: b },
) =>
  a?.kind === "hash" && b?.kind === "hash"
    ? a.modulus - b.modulus || a.remainder - b.remainder
    : 0;
