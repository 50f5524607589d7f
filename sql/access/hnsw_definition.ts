/**
 * What CREATE INDEX … USING lsm_hnsw can say: operator classes and options.
 *
 * @module
 */
import type { Metric } from "../../vector/distance/metric.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { TypeRef } from "../types/data_type.ts";
import type { OperatorClass } from "./index_access.ts";
import { keyTypes } from "./index_keys.ts";

/** The name of the access method. */
export const HNSW_METHOD = "lsm_hnsw";

/** An operator class and its metric. */
interface MetricClass extends OperatorClass {
  readonly metric: Metric;
}

function metricClass(
  name: string,
  operator: string,
  metric: Metric,
): MetricClass {
  return {
    name,
    typeName: "vector",
    orderingOperators: [operator],
    searchOperators: [],
    isDefault: metric === "l2",
    metric,
  };
}

/** The operator classes. L2 is the default. */
export const HNSW_OPERATOR_CLASSES: readonly MetricClass[] = [
  metricClass("lsm_vector_l2_ops", "<->", "l2"),
  metricClass("lsm_vector_cosine_ops", "<=>", "cosine"),
  metricClass("lsm_vector_ip_ops", "<#>", "inner_product"),
];

/** What an index is built with. */
export interface HnswDefinition {
  /** The metric of its operator class. */
  readonly metric: Metric;
  /** Links a node. */
  readonly m: number;
  /** Search width while building. */
  readonly efConstruction: number;
  /** The dimensions its column's type says; 0: any, fixed by the first row. */
  readonly dims: number;
}

/**
 * Reads the definition of an index.
 *
 * @throws {SqlError} `22023` for an option that is unknown or out of range.
 */
export function hnswDefinition(
  index: IndexEntry,
  table: TableEntry,
): HnswDefinition {
  for (const name of Object.keys(index.options)) {
    if (name !== "m" && name !== "ef_construction") {
      throw new SqlError("22023", `unrecognized parameter "${name}"`);
    }
  }
  const m = option(index, "m", 16, 2, 100);
  const efConstruction = option(index, "ef_construction", 200, 4, 1000);
  if (efConstruction < 2 * m) {
    throw new SqlError(
      "22023",
      "ef_construction must be greater than or equal to 2 * m",
    );
  }
  const [key] = index.columns;
  const metric =
    HNSW_OPERATOR_CLASSES.find(({ name }) => name === key!.operatorClass)!
      .metric;
  const [{ typmod }] = keyTypes(index, table) as [TypeRef];
  return { metric, m, efConstruction, dims: Math.max(0, typmod) };
}

function option(
  index: IndexEntry,
  name: string,
  initial: number,
  min: number,
  max: number,
): number {
  const text = index.options[name];
  if (text === undefined) return initial;
  const value = Number(text);
  if (!/^\s*[-+]?\d+\s*$/.test(text)) {
    throw new SqlError(
      "22023",
      `invalid value for integer option "${name}": ${text}`,
    );
  }
  if (value < min || value > max) {
    throw new SqlError(
      "22023",
      `value ${text} out of bounds for option "${name}"`,
      { detail: `Valid values are between "${min}" and "${max}".` },
    );
  }
  return value;
}
