/**
 * `JSON_EXISTS`, `JSON_VALUE`, `JSON_QUERY` and `JSON_TABLE` as functions: what
 * the analyzer makes for one call of them.
 *
 * The arguments are the document (`jsonb`), the path (not of JSON_TABLE, whose
 * paths are constants), the values of PASSING, and those of DEFAULT.
 *
 * @module
 */
import type { DataType, Nullable } from "../../../types/data_type.ts";
import { parseJson } from "../../../types/json_text.ts";
import {
  canonicalObject,
  type JsonNode,
  JsonObject,
} from "../../../types/json_tree.ts";
import { jsonb } from "../../../types/json_types.ts";
import { jsonpath } from "../../../types/jsonpath/jsonpath_type.ts";
import { record } from "../../../types/row/row_type.ts";
import { define } from "../../define.ts";
import type { FunctionContext, FunctionDefinition } from "../../registry.ts";
import { rowsSource, type SetColumn } from "../../sets/set_source.ts";
import { nullable } from "../json_build.ts";
import { textVolatility } from "./text_volatility.ts";
import {
  isDataError,
  pathItems,
  type PathResult,
  resultOfPath,
} from "./path_result.ts";

/** Values that a path may name. */
export interface PathVariables {
  /** Their names, in the order of the arguments. */
  readonly names: readonly string[];
  /** Their types. */
  readonly types: readonly DataType[];
}

/** The values of PASSING, those in `args` from `first` on. */
function variablesOf(
  { names, types }: PathVariables,
  args: readonly Nullable[],
  first: number,
  context: FunctionContext,
): JsonObject {
  if (names.length === 0) return NO_VARIABLES;
  return canonicalObject(
    names,
    types.map((type, i) =>
      parseJson(nullable(type, context.datetime)(args[first + i]!))
    ),
  );
}

const NO_VARIABLES = new JsonObject([], []);

/** A result as a text that tells it from others. */
function keyOf(parts: unknown): string {
  return JSON.stringify(
    parts,
    (_, value) =>
      typeof value === "object" && value !== null && "oid" in value
        ? value.oid
        : value,
  );
}

/** `JSON_EXISTS`, `JSON_VALUE` or `JSON_QUERY` of arguments of `types`. */
export function pathCallFunction(
  result: PathResult,
  variables: PathVariables,
  defaults: readonly DataType[],
): FunctionDefinition {
  const name = `JSON_${result.form.toUpperCase()}`;
  return {
    ...define(
      `${name} ${keyOf([result, variables.names])}`,
      [jsonb, jsonpath, ...variables.types, ...defaults],
      result.type.type,
      (args, context) => {
        const [document, path] = args;
        if (document === null || path === null) return null;
        return resultOfPath(
          result,
          {
            document: parseJson(document as string),
            path: path as string,
            variables: variablesOf(variables, args, 2, context),
          },
          args,
          context,
        );
      },
      {
        strict: false,
        volatility: textVolatility([
          result.type.type,
          ...variables.types,
        ]),
      },
    ),
    deparse: ([document, path, ...rest]) =>
      `${name}(${document}, ${path}${passingText(variables.names, rest)})`,
  };
}

function passingText(
  names: readonly string[],
  values: readonly string[],
): string {
  if (names.length === 0) return "";
  const parts = names.map((name, i) => `${values[i]} AS ${name}`);
  return ` PASSING ${parts.join(", ")}`;
}

/** A column of the rows that one path of JSON_TABLE finds. */
export interface JsonTableColumn {
  /** Where it stands among all columns. */
  readonly position: number;
  /** Absent: the number of the row. */
  readonly result: PathResult | undefined;
  readonly path: string;
}

/** The rows of one path of JSON_TABLE. */
export interface JsonTablePlan {
  readonly path: string;
  readonly columns: readonly JsonTableColumn[];
  /** Those of NESTED: one row for each of theirs, or one without them. */
  readonly nested: readonly JsonTablePlan[];
}

/** `JSON_TABLE` with these columns. */
export function jsonTableFunction(
  plan: JsonTablePlan,
  columns: readonly SetColumn[],
  variables: PathVariables,
  defaults: readonly DataType[],
  failsOnError: boolean,
): FunctionDefinition {
  return {
    name: "json_table",
    argumentTypes: [jsonb, ...variables.types, ...defaults],
    returnType: record,
    strict: false,
    volatility: "stable",
    columns,
    set: (args, context) => {
      const [document] = args;
      if (document === null) return rowsSource([]);
      const run = new TableRun(args, context, failsOnError, columns.length);
      run.variables = variablesOf(variables, args, 1, context);
      return rowsSource(run.rows(plan, parseJson(document as string)));
    },
    deparse: ([document]) => `JSON_TABLE(${document}, '${plan.path}')`,
  };
}

/** The rows of one call of JSON_TABLE. */
class TableRun {
  variables = NO_VARIABLES;
  readonly #args: readonly Nullable[];
  readonly #context: FunctionContext;
  readonly #failsOnError: boolean;
  readonly #width: number;

  constructor(
    args: readonly Nullable[],
    context: FunctionContext,
    failsOnError: boolean,
    width: number,
  ) {
    this.#args = args;
    this.#context = context;
    this.#failsOnError = failsOnError;
    this.#width = width;
  }

  /** The rows of a plan over a document. */
  *rows(plan: JsonTablePlan, document: JsonNode): Generator<Nullable[]> {
    let number = 0;
    for (const item of this.#items(plan.path, document)) {
      number++;
      const own = new Array<Nullable>(this.#width).fill(null);
      for (const { position, result, path } of plan.columns) {
        own[position] = result === undefined ? number : resultOfPath(
          result,
          { document: item, path, variables: this.variables },
          this.#args,
          this.#context,
        );
      }
      yield* this.#withNested(plan, own, item);
    }
  }

  *#withNested(
    plan: JsonTablePlan,
    own: Nullable[],
    item: JsonNode,
  ): Generator<Nullable[]> {
    let isAlone = true;
    for (const nested of plan.nested) {
      for (const row of this.rows(nested, item)) {
        isAlone = false;
        for (const { position } of plan.columns) row[position] = own[position]!;
        yield row;
      }
    }
    if (isAlone) yield own;
  }

  #items(path: string, document: JsonNode): readonly JsonNode[] {
    try {
      const { variables } = this;
      return pathItems({ document, path, variables }, this.#context);
    } catch (error) {
      if (this.#failsOnError || !isDataError(error)) throw error;
      return [];
    }
  }
}
