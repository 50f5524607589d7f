/**
 * What CREATE INDEX … USING lsm_hnsw can say: operator classes and options.
 *
 * @module
 */
import {
  canQuantize,
  type QuantizationChoice,
  QUANTIZATIONS,
} from "../../vector/codes/quantization.ts";
import {
  type Metric,
  metricsOf,
  type VectorElement,
} from "../../vector/distance/metric.ts";
import { dimsMaxOf } from "../../vector/hnsw/row_form.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { TypeRef } from "../types/data_type.ts";
import type { OperatorClass } from "./index_access.ts";
import { keyTypes } from "./index_keys.ts";
import { checkEnum } from "./index_options.ts";

/** The name of the access method. */
export const HNSW_METHOD = "lsm_hnsw";

/** Other names of the access method: pgvector's. */
export const HNSW_ALIASES: readonly string[] = ["hnsw"];

/** An operator class, its metric and what its vectors are made of. */
interface MetricClass extends OperatorClass {
  readonly metric: Metric;
  readonly element: VectorElement;
}

/** What each metric is called in a class, and its operator. */
const METRIC_OPERATORS: Readonly<Record<string, readonly [string, string]>> = {
  l2: ["l2", "<->"],
  cosine: ["cosine", "<=>"],
  "inner_product": ["ip", "<#>"],
  l1: ["l1", "<+>"],
  hamming: ["hamming", "<~>"],
  jaccard: ["jaccard", "<%>"],
};

/** The types that can be indexed, and what their vectors are made of. */
const TYPE_ELEMENTS: readonly (readonly [string, VectorElement])[] = [
  ["vector", "float32"],
  ["halfvec", "float16"],
  ["sparsevec", "sparse"],
  ["bit", "bit"],
];

/**
 * The operator classes: `lsm_vector_l2_ops` and its kin, also called as in
 * pgvector, `vector_l2_ops`. L2 is the default, of bits Hamming.
 */
export const HNSW_OPERATOR_CLASSES: readonly MetricClass[] = TYPE_ELEMENTS
  .flatMap(([typeName, element]) =>
    metricsOf(element).map((metric, place): MetricClass => {
      const [word, operator] = METRIC_OPERATORS[metric]!;
      return {
        name: `lsm_${typeName}_${word}_ops`,
        aliases: [`${typeName}_${word}_ops`],
        typeName,
        orderingOperators: [operator],
        searchOperators: [],
        isDefault: place === 0,
        metric,
        element,
      };
    })
  );

/** What an index is built with. */
export interface HnswDefinition {
  /** The metric of its operator class. */
  readonly metric: Metric;
  /** What its vectors are made of. */
  readonly element: VectorElement;
  /** Links a node. */
  readonly m: number;
  /** Search width while building. */
  readonly efConstruction: number;
  /** What walks look at. */
  readonly quantization: QuantizationChoice;
  /** Where its vectors are kept, besides in its objects. */
  readonly vectors: VectorResidence;
  /** How old rows that are in no segment may get, in seconds; 0: any age. */
  readonly flushIntervalSeconds: number;
  /** How many MB these may hold. */
  readonly flushSizeMb: number;
  /** The dimensions its column's type says; 0: any, fixed by the first row. */
  readonly dims: number;
}

/** Where vectors are kept: see `hnsw_residence.ts`. */
export type VectorResidence = "auto" | "memory" | "bucket";

const RESIDENCES: readonly VectorResidence[] = ["auto", "memory", "bucket"];

/** What WITH can say. */
const OPTIONS: readonly string[] = [
  "m",
  "ef_construction",
  "quantization",
  "vectors",
  "flush_interval",
  "flush_size",
];

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
    if (!OPTIONS.includes(name)) {
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
  const { metric, element } = HNSW_OPERATOR_CLASSES.find(({ name }) =>
    name === key!.operatorClass
  )!;
  const [{ type, typmod }] = keyTypes(index, table) as [TypeRef];
  // The length of a varying bit string is not said by its type.
  const dims = type.name === "varbit" ? 0 : Math.max(0, typmod);
  checkDimsMax(element, dims);
  const quantization = quantizationOf(index, element, metric);
  const vectors = enumOption(index, "vectors", RESIDENCES);
  if (vectors === "bucket") {
    checkResidence(index, { element, metric, quantization });
  }
  return {
    metric,
    element,
    m,
    efConstruction,
    quantization,
    vectors,
    flushIntervalSeconds: option(index, "flush_interval", 600, 0, 2_147_483),
    flushSizeMb: option(index, "flush_size", 100, 1, 1_000_000),
    dims,
  };
}

/** Fails unless vectors can be left in the bucket: there have to be codes. */
function checkResidence(
  index: IndexEntry,
  { element, metric, quantization }: Pick<
    HnswDefinition,
    "element" | "metric" | "quantization"
  >,
): void {
  if (!canQuantize(element, metric)) throw cannotQuantize(index);
  if (quantization !== "none") return;
  throw new SqlError(
    "22023",
    "vectors cannot be left in the bucket without quantization",
    { hint: 'Leave out "quantization", or use "rabitq".' },
  );
}

function cannotQuantize(index: IndexEntry): SqlError {
  const [key] = index.columns;
  return new SqlError(
    "0A000",
    `operator class "${key!.operatorClass}" does not support quantization`,
  );
}

/** What WITH says of a name with a few values; `auto` if nothing. */
function enumOption<T extends string>(
  index: IndexEntry,
  name: string,
  valid: readonly T[],
): T {
  const text = index.options[name] ?? "auto";
  checkEnum(name, text, valid);
  return text.toLowerCase() as T;
}

/** What WITH (quantization = …) says; `auto` if nothing. */
function quantizationOf(
  index: IndexEntry,
  element: VectorElement,
  metric: Metric,
): QuantizationChoice {
  const valid = [...QUANTIZATIONS, "auto"] as const;
  const choice = enumOption(index, "quantization", valid);
  const isAnywhere = choice === "auto" || choice === "none";
  if (isAnywhere || canQuantize(element, metric)) return choice;
  throw cannotQuantize(index);
}

/** Fails (54000) for vectors that are too long for any index. */
export function checkDimsMax(element: VectorElement, dims: number): void {
  const most = dimsMaxOf(element);
  if (dims <= most) return;
  throw new SqlError(
    "54000",
    `column cannot have more than ${most} dimensions for hnsw index`,
  );
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
