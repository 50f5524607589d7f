/**
 * `jsonb_path_query` and its kin, `@?` and `@@`.
 *
 * Variables are the members of an object; `silent` turns errors of the data into
 * NULL, or no rows. Only the `_tz` twins look at the session's time zone.
 *
 * @module
 */
import { SqlError } from "../../../errors/sql_error.ts";
import { bool } from "../../../types/bool_type.ts";
import type { DataType, Nullable } from "../../../types/data_type.ts";
import { parseJson } from "../../../types/json_text.ts";
import {
  formatJson,
  type JsonNode,
  JsonObject,
} from "../../../types/json_tree.ts";
import { jsonb } from "../../../types/json_types.ts";
import { jsonpath } from "../../../types/jsonpath/jsonpath_type.ts";
import { parseJsonPath } from "../../../types/jsonpath/path_parser.ts";
import { define, infix } from "../../define.ts";
import type {
  FunctionDefinition,
  OperatorDefinition,
  ScalarForm,
} from "../../registry.ts";
import { setFunction } from "../../sets/set_define.ts";
import { isSuppressible, PathEvaluation } from "./path_evaluation.ts";
import { type PathZone, pathZoneOf } from "./path_moments.ts";

const NO_VARIABLES = new JsonObject([], []);

/** What a path gives. */
interface Found {
  readonly items: readonly JsonNode[];
  /** Whether an error ended it that `silent` passes over. */
  readonly failed: boolean;
  readonly strict: boolean;
}

function query(
  [document, path, variables = null, silent = false]: readonly Nullable[],
  zone: PathZone,
): Found {
  const given = variables === null
    ? NO_VARIABLES
    : parseJson(variables as string);
  if (!(given instanceof JsonObject)) {
    throw new SqlError("22023", '"vars" argument is not an object', {
      detail: "Jsonpath parameters should be encoded as key-value pairs of " +
        '"vars" object.',
    });
  }
  const parsed = parseJsonPath(path as string);
  const evaluation = new PathEvaluation(
    parsed,
    parseJson(document as string),
    given,
    zone,
  );
  const items: JsonNode[] = [];
  const { strict } = parsed;
  try {
    evaluation.run(items);
  } catch (error) {
    if (silent !== true || !isSuppressible(error)) throw error;
    return { items, failed: true, strict };
  }
  return { items, failed: false, strict };
}

/** Whether there is anything; lax mode looks no further than the first. */
function exists(args: readonly Nullable[], zone: PathZone): Nullable {
  const [document, path, variables = null] = args;
  const { items, failed, strict } = query(
    [document!, path!, variables, true],
    zone,
  );
  if (!failed || (!strict && items.length > 0)) return items.length > 0;
  if (args[3] !== true) query(args, zone);
  return null;
}

function match(args: readonly Nullable[], zone: PathZone): Nullable {
  const { items } = query(args, zone);
  const [item] = items;
  if (items.length === 1 && (typeof item === "boolean" || item === null)) {
    return item;
  }
  if (args[3] === true) return null;
  throw new SqlError("22038", "single boolean result is expected");
}

function first(args: readonly Nullable[], zone: PathZone): Nullable {
  const [item] = query(args, zone).items;
  return item === undefined ? null : formatJson(item);
}

const ALL: readonly DataType[] = [jsonb, jsonpath, jsonb, bool];
const SIGNATURES = [2, 3, 4].map((count) => ALL.slice(0, count));

/** Functions of paths. */
export const jsonPathFunctions: readonly FunctionDefinition[] = ["", "_tz"]
  .flatMap((suffix) =>
    SIGNATURES.flatMap((types) => {
      const options = {
        volatility: suffix === "" ? "immutable" : "stable",
      } as const;
      const zoned = (
        form: (args: readonly Nullable[], zone: PathZone) => Nullable,
      ): ScalarForm =>
      (args, context) => form(args, pathZoneOf(context, suffix !== ""));
      return [
        define(
          `jsonb_path_exists${suffix}`,
          types,
          bool,
          zoned(exists),
          options,
        ),
        define(`jsonb_path_match${suffix}`, types, bool, zoned(match), options),
        define(
          `jsonb_path_query_first${suffix}`,
          types,
          jsonb,
          zoned(first),
          options,
        ),
        define(
          `jsonb_path_query_array${suffix}`,
          types,
          jsonb,
          zoned((args, zone) => formatJson(query(args, zone).items)),
          options,
        ),
        setFunction(
          `jsonb_path_query${suffix}`,
          types,
          jsonb,
          (args, context) =>
            query(args, pathZoneOf(context, suffix !== "")).items.map(
              formatJson,
            ),
          options,
        ),
      ];
    })
  );

/** Operators of paths. */
export const jsonPathOperators: readonly OperatorDefinition[] = [
  infix(
    define(
      "@?",
      [jsonb, jsonpath],
      bool,
      ([document, path], context) =>
        exists([document!, path!, null, true], pathZoneOf(context, false)),
    ),
  ),
  infix(
    define(
      "@@",
      [jsonb, jsonpath],
      bool,
      ([document, path], context) =>
        match([document!, path!, null, true], pathZoneOf(context, false)),
    ),
  ),
];
