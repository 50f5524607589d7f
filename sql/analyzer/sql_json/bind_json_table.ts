/**
 * JSON_TABLE: a function of FROM whose columns say how they come out of JSON.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import {
  type JsonTableColumn,
  jsonTableFunction,
  type JsonTablePlan,
} from "../../functions/json/sql_json/path_calls.ts";
import type { PathResult } from "../../functions/json/sql_json/path_result.ts";
import type { SetColumn } from "../../functions/sets/set_source.ts";
import type { Expression } from "../../parser/expression_syntax.ts";
import type { TypeRef } from "../../types/data_type.ts";
import { int4 } from "../../types/int_types.ts";
import { quoteJson } from "../../types/json_tree.ts";
import { jsonpath } from "../../types/jsonpath/jsonpath_type.ts";
import { isRowType } from "../../types/row/row_type.ts";
import type { Binding } from "../binding.ts";
import { bindTypeName } from "../bind_type.ts";
import type { BoundExpression } from "../bound_expression.ts";
import { positioned } from "../coerce.ts";
import {
  bindPassing,
  bindResult,
  DefaultArguments,
} from "./bind_json_query.ts";
import {
  bindFormatted,
  type ColumnSyntax,
  isJsonType,
  JSONB_TYPE,
  type TableSyntax,
} from "./json_values.ts";

/** `JSON_TABLE(…)` */
export function bindJsonTable(
  binding: Binding,
  syntax: TableSyntax,
): BoundExpression {
  const { onError, offset } = syntax;
  if (onError !== undefined && !TOP.has(onError.kind)) {
    throw new SqlError("42601", "invalid ON ERROR behavior", {
      detail:
        "Only EMPTY [ ARRAY ] or ERROR is allowed in the top-level ON ERROR clause.",
      offset: onError.offset,
    });
  }
  refuseSameNames(syntax);
  const document = bindFormatted(binding, syntax.input, {
    byDefault: true,
    target: JSONB_TYPE,
  });
  const passing = bindPassing(binding, syntax.passing);
  const first = 1 + passing.values.length;
  const defaults = new DefaultArguments(binding, first);
  const failsOnError = onError?.kind === "error";
  const planner = new TablePlanner(binding, defaults);
  const plan = planner.plan(pathText(binding, syntax.path), syntax.columns);
  const types = passing.values.map((value) => value.type.type);
  const definition = jsonTableFunction(
    plan,
    planner.columns,
    { names: passing.names, types },
    defaults.types,
    failsOnError,
  );
  return {
    kind: "call",
    function: definition,
    args: [document, ...passing.values, ...defaults.values],
    type: { type: definition.returnType, typmod: -1 },
    operator: undefined,
    offset,
  };
}

const TOP: ReadonlySet<string> = new Set(["empty", "empty_array", "error"]);

/** The names of columns and paths are all different. */
function refuseSameNames({ pathName, columns }: TableSyntax): void {
  const seen = new Set<string>(pathName === undefined ? [] : [pathName]);
  const visit = (list: readonly ColumnSyntax[]): void => {
    for (const { name, columns: nested, offset } of list) {
      if (name !== undefined) {
        if (seen.has(name)) {
          throw new SqlError(
            "42712",
            `duplicate JSON_TABLE column or path name: ${name}`,
            { offset },
          );
        }
        seen.add(name);
      }
      visit(nested);
    }
  };
  visit(columns);
}

/** The path that a constant is. */
function pathText(binding: Binding, path: Expression): string {
  if (path.kind !== "constant" || path.literal.form !== "string") {
    throw new SqlError(
      "0A000",
      "only string constants are supported in JSON_TABLE path specification",
      { offset: path.offset },
    );
  }
  try {
    return jsonpath.input(
      path.literal.text,
      -1,
      binding.state.inputContext,
    ) as string;
  } catch (error) {
    throw positioned(error, path.offset);
  }
}

/** Collects the columns of all paths in the order in which they are written. */
class TablePlanner {
  readonly columns: SetColumn[] = [];
  readonly #binding: Binding;
  readonly #defaults: DefaultArguments;

  constructor(binding: Binding, defaults: DefaultArguments) {
    this.#binding = binding;
    this.#defaults = defaults;
  }

  plan(path: string, written: readonly ColumnSyntax[]): JsonTablePlan {
    const columns: JsonTableColumn[] = [];
    const nested: JsonTablePlan[] = [];
    let hasOrdinality = false;
    for (const column of written) {
      if (column.form === "nested") {
        const inner = pathText(this.#binding, column.path!);
        nested.push(this.plan(inner, column.columns));
        continue;
      }
      if (column.form === "ordinality") {
        if (hasOrdinality) {
          throw new SqlError(
            "42601",
            "only one FOR ORDINALITY column is allowed",
            { offset: column.offset },
          );
        }
        hasOrdinality = true;
      }
      columns.push(this.#column(column));
    }
    return { path, columns, nested };
  }

  #column(syntax: ColumnSyntax): JsonTableColumn {
    const name = syntax.name!;
    const position = this.columns.length;
    if (syntax.form === "ordinality") {
      this.columns.push({ name, type: { type: int4, typmod: -1 } });
      return { position, result: undefined, path: "$" };
    }
    const type = bindTypeName(this.#binding.state, syntax.type!);
    this.columns.push({ name, type });
    const path = syntax.path === undefined
      ? `$.${quoteJson(name)}`
      : pathText(this.#binding, syntax.path);
    const form = formOf(syntax, type);
    const { onEmpty } = syntax;
    const result = bindResult(form, type, syntax, this.#defaults, name);
    return {
      position,
      path,
      result: onEmpty === undefined || form !== "exists"
        ? result
        : { ...result, onEmpty: { kind: "null" } },
    };
  }
}

/** JSON and what is made of several values comes by JSON_QUERY. */
function formOf(
  { form, wrapper, quotes }: ColumnSyntax,
  { type }: TypeRef,
): PathResult["form"] {
  if (form === "exists") return "exists";
  const isComposed = isJsonType(type) || type.element !== undefined ||
    isRowType(type);
  return form === "formatted" || isComposed || wrapper !== "default" ||
      quotes !== "default"
    ? "query"
    : "value";
}
