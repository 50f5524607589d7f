/**
 * What holds of the rows of a partition, as a condition in PostgreSQL's words:
 * `((k IS NOT NULL) AND (k >= 0) AND (k < 10))`.
 *
 * @module
 */
import type { DataType } from "../../types/data_type.ts";
import type { CatalogView, TableEntry } from "../entries.ts";
import { keyColumnText, literal } from "./bound_text.ts";
import type { PartitionBound, RangePoint } from "./partition_entry.ts";
import { keyTypeOf } from "./partitions.ts";
import { childrenOf, partitionAncestors } from "./table_tree.ts";

/** A column of a key: how it is written, and its type. */
interface Key {
  readonly text: string;
  readonly type: DataType;
}

/** The condition of a partition, those of what it is in too; `null`: none. */
export function partitionConstraintText(
  catalog: CatalogView,
  table: TableEntry,
): string | null {
  const parts: string[] = [];
  let part = table;
  for (const parent of partitionAncestors(catalog, table)) {
    parts.unshift(...conditionsOf(catalog, parent, part));
    part = parent;
  }
  return parts.length === 0 ? null : all(parts);
}

function all(parts: readonly string[]): string {
  return parts.length === 1 ? parts[0]! : `(${parts.join(" AND ")})`;
}

function any(parts: readonly string[]): string {
  return parts.length === 1 ? parts[0]! : `(${parts.join(" OR ")})`;
}

function conditionsOf(
  catalog: CatalogView,
  parent: TableEntry,
  { partitionBound: bound }: TableEntry,
): string[] {
  if (bound === undefined) return [];
  const { strategy, columns } = parent.partitionKey!;
  const keys = columns.map((column): Key => ({
    text: keyColumnText(parent, column),
    type: keyTypeOf(parent, column).type,
  }));
  if (bound.kind !== "default") return boundConditions(parent, keys, bound);
  const others = [...childrenOf(catalog, parent.id)].flatMap((child) =>
    child.partitionBound === undefined ||
      child.partitionBound.kind === "default"
      ? []
      : [child.partitionBound]
  );
  if (others.length === 0) return [];
  if (strategy === "list") {
    const values = others.flatMap((each) =>
      each.kind === "list" ? each.values : []
    );
    return [`(NOT ${all(listConditions(keys[0]!, values))})`];
  }
  const each = others.map((each) => all(boundConditions(parent, keys, each)));
  return [`(NOT ${any(each)})`];
}

function boundConditions(
  parent: TableEntry,
  keys: readonly Key[],
  bound: PartitionBound,
): string[] {
  switch (bound.kind) {
    case "default":
      return [];
    case "hash": {
      const { modulus, remainder } = bound;
      const columns = keys.map(({ text }) => text).join(", ");
      return [
        `satisfies_hash_partition('${parent.id}'::oid, ${modulus}, ${remainder}, ${columns})`,
      ];
    }
    case "list":
      return listConditions(keys[0]!, bound.values);
    case "range":
      return rangeConditions(keys, bound.from, bound.to);
  }
}

function listConditions(
  { text, type }: Key,
  values: readonly (string | null)[],
): string[] {
  const constants = values.filter((value) => value !== null)
    .map((value) => constant(type, value));
  const equal = constants.length === 0
    ? []
    : constants.length === 1
    ? [`(${text} = ${constants[0]})`]
    : [`(${text} = ANY (ARRAY[${constants.join(", ")}]))`];
  return constants.length < values.length
    ? [any([`(${text} IS NULL)`, ...equal])]
    : [`(${text} IS NOT NULL)`, ...equal];
}

function rangeConditions(
  keys: readonly Key[],
  from: readonly RangePoint[],
  to: readonly RangePoint[],
): string[] {
  const conditions = keys.map(({ text }) => `(${text} IS NOT NULL)`);
  let first = 0;
  for (; first < keys.length; first++) {
    const [low, high] = [from[first]!, to[first]!];
    const isSame = low.kind === "value" && high.kind === "value" &&
      low.value === high.value;
    if (!isSame) break;
    const { text, type } = keys[first]!;
    conditions.push(`(${text} = ${constant(type, low.value)})`);
  }
  for (
    const [points, beyond, last] of [
      [from, ">", ">="],
      [to, "<", "<"],
    ] as const
  ) {
    const arms = rangeArms(keys, points, first, [beyond, last]);
    if (arms.length > 0) conditions.push(any(arms));
  }
  return conditions;
}

/** `a > 1`, `a = 1 AND b >= 2`: one of them holds of rows beyond a point. */
function rangeArms(
  keys: readonly Key[],
  points: readonly RangePoint[],
  first: number,
  [beyond, last]: readonly [string, string],
): string[] {
  const arms: string[] = [];
  const equal: string[] = [];
  for (let i = first; i < keys.length; i++) {
    const { text, type } = keys[i]!;
    const point = points[i]!;
    if (point.kind !== "value") break;
    const value = constant(type, point.value);
    const next = points[i + 1];
    // What has no limit behind it includes the value, or all beyond it.
    const endless = next !== undefined && next.kind !== "value";
    const includes = endless &&
      next.kind === (beyond === ">" ? "minvalue" : "maxvalue");
    const operator = i === keys.length - 1
      ? last
      : includes
      ? `${beyond}=`
      : beyond;
    arms.push(all([...equal, `(${text} ${operator} ${value})`]));
    if (endless) break;
    equal.push(`(${text} = ${value})`);
  }
  return arms;
}

/** A value as a constant of its type. */
function constant(type: DataType, value: string): string {
  const text = literal(type, value);
  return text.startsWith("'") ? `${text}::${type.displayName}` : text;
}
