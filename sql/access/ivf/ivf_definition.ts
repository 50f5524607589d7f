/**
 * What CREATE INDEX … USING lsm_ivfflat can say: operator classes and options.
 *
 * @module
 */
import type { ProductMetric } from "../../../vector/codes/product/product_coder.ts";
import { canQuantize } from "../../../vector/codes/quantization.ts";
import type { Metric, VectorElement } from "../../../vector/distance/metric.ts";
import { dimsMaxOf, RowForm } from "../../../vector/hnsw/row_form.ts";
import { CentroidSet } from "../../../vector/ivf/centroid_set.ts";
import { VECTOR_DIMS_MAX } from "../../../vector/types/dense_text.ts";
import type { IndexEntry, TableEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { TypeRef } from "../../types/data_type.ts";
import { HNSW_OPERATOR_CLASSES } from "../hnsw_definition.ts";
import { keyTypes } from "../index_keys.ts";
import { checkOptions } from "../index_options.ts";
import type { CodesDefinition } from "./ivf_codes.ts";

/** The name of the access method. */
export const IVF_METHOD = "lsm_ivfflat";

/** Other names of the access method: pgvector's. */
export const IVF_ALIASES: readonly string[] = ["ivfflat"];

/** What `quantization` can be. */
const IVF_QUANTIZATIONS: readonly string[] = ["none", "pq"];

/** Clusters that `lists` may ask for. */
const LISTS_MAX = 32_768;

/**
 * The operator classes: those of lsm_hnsw but for sparse vectors, which have no
 * mean that is sparse.
 */
export const IVF_OPERATOR_CLASSES: typeof HNSW_OPERATOR_CLASSES =
  HNSW_OPERATOR_CLASSES.filter(({ element }) => element !== "sparse");

/** What an index is built with. */
export interface IvfDefinition {
  /** The metric of its operator class. */
  readonly metric: Metric;
  /** What its vectors are made of. */
  readonly element: VectorElement;
  /** The type of its key. */
  readonly type: TypeRef;
  /** How many clusters there are to be; absent: as many as the rows need. */
  readonly lists: number | undefined;
  /** What its codes are; absent: there are none. */
  readonly codes: CodesDefinition | undefined;
  /** The dimensions its key's type says; 0: any, fixed by the first row. */
  readonly dims: number;
}

/**
 * Reads the definition of an index.
 *
 * @throws {SqlError} `22023` for an option that is unknown or out of range.
 */
export function ivfDefinition(
  index: IndexEntry,
  table: TableEntry,
): IvfDefinition {
  checkOptions(index, {
    lists: { min: 1, max: LISTS_MAX },
    quantization: IVF_QUANTIZATIONS,
    pq_m: { min: 1, max: VECTOR_DIMS_MAX },
  });
  const { lists } = index.options;
  const [key] = index.columns;
  const { metric, element } = IVF_OPERATOR_CLASSES.find(({ name }) =>
    name === key!.operatorClass
  )!;
  const [type] = keyTypes(index, table) as [TypeRef];
  // The length of a varying bit string is not said by its type.
  const dims = type.type.name === "varbit" ? 0 : Math.max(0, type.typmod);
  checkIvfDims(element, dims);
  return {
    metric,
    element,
    type,
    lists: lists === undefined ? undefined : Number(lists),
    codes: codesOf(index, { element, metric, dims }),
    dims,
  };
}

/** What WITH says of codes. */
function codesOf(
  index: IndexEntry,
  { element, metric, dims }: Pick<IvfDefinition, "element" | "metric" | "dims">,
): CodesDefinition | undefined {
  const { options, columns: [key] } = index;
  const m = options["pq_m"];
  if (!hasCodes(index)) {
    if (m === undefined) return undefined;
    throw new SqlError("22023", '"pq_m" requires quantization = pq');
  }
  if (!canQuantize(element, metric)) {
    throw new SqlError(
      "0A000",
      `operator class "${key!.operatorClass}" does not support quantization`,
    );
  }
  const parts = m === undefined ? undefined : Number(m);
  if (parts !== undefined && dims > 0 && parts > dims) {
    throw new SqlError(
      "22023",
      `pq_m must be less than or equal to the ${dims} dimensions of the column`,
    );
  }
  return { metric: metric as ProductMetric, parts };
}

/** Fails (54000) for vectors that are too long for any index. */
export function checkIvfDims(element: VectorElement, dims: number): void {
  const most = dimsMaxOf(element);
  if (dims <= most) return;
  throw new SqlError(
    "54000",
    `column cannot have more than ${most} dimensions for ivfflat index`,
  );
}

/** Whether an index has codes. */
export function hasCodes({ options }: IndexEntry): boolean {
  return (options["quantization"] ?? "none").toLowerCase() !== "none";
}

/** The metric that vectors are gathered by: directions, where lengths count too. */
function clusteringMetric(metric: Metric): Metric {
  return metric === "inner_product" ? "cosine" : metric;
}

/** An empty set of centroids of an index whose vectors have a form. */
export function newCentroids({ element, metric, dims }: RowForm): CentroidSet {
  return new CentroidSet(new RowForm(element, clusteringMetric(metric), dims));
}
