/**
 * Raw nodes of partitions to `partition_syntax.ts`.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import {
  narrowCollation,
  narrowExpression,
  narrowExpressions,
} from "./narrow_expression.ts";
import type {
  PartitionBoundSyntax,
  PartitionBySyntax,
  PartitionElement,
  RangePointSyntax,
} from "./partition_syntax.ts";
import {
  flagOf,
  listOf,
  nodeOf,
  type RawFields,
  type RawReader,
  stringOf,
  textOf,
} from "./raw_node.ts";

const STRATEGIES: Readonly<Record<string, PartitionBySyntax["strategy"]>> = {
  PARTITION_STRATEGY_LIST: "list",
  PARTITION_STRATEGY_RANGE: "range",
  PARTITION_STRATEGY_HASH: "hash",
};

/** A `PartitionSpec`. */
export function narrowPartitionBy(
  reader: RawReader,
  fields: RawFields,
): PartitionBySyntax {
  return {
    strategy: STRATEGIES[fields["strategy"] as string]!,
    elements: listOf(fields["partParams"]).map((item) =>
      narrowElement(reader, nodeOf(item).fields)
    ),
    offset: reader.offsetOf(fields),
  };
}

function narrowElement(reader: RawReader, fields: RawFields): PartitionElement {
  const { collation } = fields;
  return {
    key: fields["expr"] === undefined
      ? textOf(fields["name"])!
      : narrowExpression(reader, fields["expr"]),
    operatorClass: listOf(fields["opclass"]).map(stringOf).at(-1),
    collation: collation === undefined
      ? undefined
      : narrowCollation(reader, { collname: collation }),
    offset: reader.offsetOf(fields),
  };
}

/** A `PartitionBoundSpec`. */
export function narrowPartitionBound(
  reader: RawReader,
  fields: RawFields,
): PartitionBoundSyntax {
  const offset = reader.offsetOf(fields);
  if (flagOf(fields["is_default"])) return { kind: "default", offset };
  switch (fields["strategy"]) {
    case "l": {
      const values = narrowExpressions(reader, fields["listdatums"]);
      return { kind: "list", values, offset };
    }
    case "r":
      return {
        kind: "range",
        from: narrowPoints(reader, fields["lowerdatums"]),
        to: narrowPoints(reader, fields["upperdatums"]),
        offset,
      };
    default:
      return {
        kind: "hash",
        modulus: numberOf(fields["modulus"]),
        remainder: numberOf(fields["remainder"]),
        offset,
      };
  }
}

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

/** Points of a range; after an infinite one all are the same. */
function narrowPoints(reader: RawReader, value: unknown): RangePointSyntax[] {
  let infinite: "minvalue" | "maxvalue" | undefined;
  return listOf(value).map((item) => {
    const { type, fields } = nodeOf(item);
    const names = type === "ColumnRef" ? listOf(fields["fields"]) : [];
    const name = names.length === 1 && nodeOf(names[0]).type === "String"
      ? stringOf(names[0])
      : undefined;
    const point = name === "minvalue" || name === "maxvalue"
      ? name
      : narrowExpression(reader, item);
    if (infinite !== undefined && point !== infinite) {
      throw new SqlError(
        "42804",
        `every bound following ${infinite.toUpperCase()} must also be ${infinite.toUpperCase()}`,
        { offset: reader.offsetOf(fields) },
      );
    }
    if (typeof point === "string") infinite = point;
    return point;
  });
}
