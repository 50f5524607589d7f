/**
 * `JSON_EXISTS`, `JSON_VALUE` and `JSON_QUERY`, and what the columns of
 * JSON_TABLE have in common with them.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { pathCallFunction } from "../../functions/json/sql_json/path_calls.ts";
import type {
  JsonBehavior,
  PathResult,
} from "../../functions/json/sql_json/path_result.ts";
import { bool } from "../../types/bool_type.ts";
import type { DataType, TypeRef } from "../../types/data_type.ts";
import { jsonb } from "../../types/json_types.ts";
import { jsonpath } from "../../types/jsonpath/jsonpath_type.ts";
import { text } from "../../types/text_types.ts";
import type { Binding } from "../binding.ts";
import type { BoundExpression } from "../bound_expression.ts";
import { offsetOf } from "../coerce.ts";
import { isSetCall } from "../set_calls.ts";
import { someExpression } from "../walk.ts";
import {
  type ArgumentSyntax,
  type BehaviorSyntax,
  bindFormatted,
  JSONB_TYPE,
  type QuerySyntax,
  type ResultSyntax,
  returnedType,
} from "./json_values.ts";

/** The values of PASSING. */
export interface BoundArguments {
  readonly names: readonly string[];
  readonly values: readonly BoundExpression[];
}

/** Types that a path takes as they are; others become JSON. */
const PLAIN: ReadonlySet<string> = new Set(
  ("numeric bool int2 int4 int8 float4 float8 date time timetz timestamp " +
    "timestamptz").split(" "),
);

/** Binds PASSING. */
export function bindPassing(
  binding: Binding,
  passing: readonly ArgumentSyntax[],
): BoundArguments {
  const values = passing.map(({ value }) => {
    const bound = binding.coercer.settleUnknown(binding.bind(value.value));
    const { type } = bound.type;
    const isPlain = PLAIN.has(type.name) || type.category === "S";
    return isPlain && !value.isFormatted ? bound : bindFormatted(
      binding,
      value,
      { byDefault: true, target: JSONB_TYPE },
      bound,
    );
  });
  return { names: passing.map(({ name }) => name), values };
}

/** Collects the values of DEFAULT: the last arguments of a call. */
export class DefaultArguments {
  readonly values: BoundExpression[] = [];
  readonly #binding: Binding;
  readonly #first: number;

  /** Those that come behind `first` other arguments. */
  constructor(binding: Binding, first: number) {
    this.#binding = binding;
    this.#first = first;
  }

  /** The types of the values. */
  get types(): DataType[] {
    return this.values.map(({ type }) => type.type);
  }

  /** A behavior whose DEFAULT is of type `target`. */
  bind(syntax: BehaviorSyntax, target: TypeRef): JsonBehavior {
    const { kind, value } = syntax;
    if (kind === "empty") return { kind: "empty_array" };
    if (kind !== "default") return { kind };
    const bound = this.#binding.bind(value!);
    this.#check(bound);
    const coerced = this.#binding.coercer.coerce(bound, target, {
      context: "explicit",
    });
    if (coerced === undefined) {
      throw new SqlError(
        "42846",
        `cannot cast behavior expression of type ${bound.type.type.displayName} to ${target.type.displayName}`,
        { offset: offsetOf(bound) },
      );
    }
    this.values.push(coerced);
    return { kind, argument: this.#first + this.values.length - 1 };
  }

  #check(bound: BoundExpression): void {
    const fail = (message: string): SqlError =>
      new SqlError("42804", message, { offset: offsetOf(bound) });
    const isColumn = (part: BoundExpression): boolean =>
      part.kind === "column" || part.kind === "outer";
    if (!DEFAULTS.has(bound.kind)) {
      throw fail(
        "can only specify a constant, non-aggregate function, or operator expression for DEFAULT",
      );
    }
    if (someExpression(bound, isColumn)) {
      throw fail("DEFAULT expression must not contain column references");
    }
    if (someExpression(bound, isSetCall)) {
      throw fail("DEFAULT expression must not return a set");
    }
  }
}

/** What an expression of DEFAULT may be. */
const DEFAULTS: ReadonlySet<string> = new Set([
  "constant",
  "call",
  "cast",
  "parameter",
]);

/** What each form may do on an error or where nothing is found. */
const ALLOWED: Readonly<
  Record<
    PathResult["form"],
    { readonly kinds: string; readonly words: string; readonly columns: string }
  >
> = {
  exists: {
    kinds: "error true false unknown",
    words: "ERROR, TRUE, FALSE, or UNKNOWN",
    columns: "EXISTS",
  },
  value: {
    kinds: "error null default",
    words: "ERROR, NULL, or DEFAULT expression",
    columns: "scalar",
  },
  query: {
    kinds: "error null empty empty_array empty_object default",
    words: "ERROR, NULL, EMPTY ARRAY, EMPTY OBJECT, or DEFAULT expression",
    columns: "formatted",
  },
};

function checkBehavior(
  behavior: BehaviorSyntax | undefined,
  event: "ON ERROR" | "ON EMPTY",
  form: PathResult["form"],
  column: string | undefined,
): void {
  if (behavior === undefined) return;
  const { kinds, words, columns } = ALLOWED[form];
  if (kinds.split(" ").includes(behavior.kind)) return;
  const ofColumn = column === undefined ? "" : ` for column "${column}"`;
  const where = column === undefined
    ? `JSON_${form.toUpperCase()}()`
    : `${columns} columns`;
  throw new SqlError("42601", `invalid ${event} behavior${ofColumn}`, {
    detail: `Only ${words} is allowed in ${event} for ${where}.`,
    offset: behavior.offset,
  });
}

/** How what a path finds becomes a value of `type`. */
export function bindResult(
  form: PathResult["form"],
  type: TypeRef,
  syntax: ResultSyntax,
  defaults: DefaultArguments,
  column?: string,
): PathResult {
  const { wrapper, quotes, onEmpty, onError } = syntax;
  checkBehavior(onEmpty, "ON EMPTY", form, column);
  checkBehavior(onError, "ON ERROR", form, column);
  const wraps = wrapper === "conditional" || wrapper === "unconditional";
  if (wraps && quotes !== "default") {
    throw new SqlError(
      "42601",
      "SQL/JSON QUOTES behavior must not be specified when WITH WRAPPER is used",
    );
  }
  return {
    form,
    type,
    wrapper: wrapper === "default" ? "none" : wrapper,
    omitsQuotes: quotes === "omit",
    onEmpty: onEmpty === undefined ? NULL : defaults.bind(onEmpty, type),
    onError: onError === undefined
      ? form === "exists" ? FALSE : NULL
      : defaults.bind(onError, type),
    column,
  };
}

const NULL: JsonBehavior = { kind: "null" };
const FALSE: JsonBehavior = { kind: "false" };

/** `JSON_EXISTS(…)`, `JSON_VALUE(…)`, `JSON_QUERY(…)` */
export function bindJsonQuery(
  binding: Binding,
  syntax: QuerySyntax,
): BoundExpression {
  const { form, returning, offset } = syntax;
  if (form === "value" && returning?.isFormatted === true) {
    throw new SqlError(
      "42601",
      "cannot specify FORMAT JSON in RETURNING clause of JSON_VALUE()",
      { offset: returning.formatOffset },
    );
  }
  const document = bindFormatted(binding, syntax.input, {
    byDefault: true,
    target: JSONB_TYPE,
  });
  const path = bindPath(binding, syntax);
  const passing = bindPassing(binding, syntax.passing);
  const type = form === "exists"
    ? { type: bool, typmod: -1 }
    : returning === undefined
    ? { type: form === "value" ? text : jsonb, typmod: -1 }
    : returnedType(binding, returning);
  const defaults = new DefaultArguments(binding, 2 + passing.values.length);
  const result = bindResult(form, type, syntax, defaults);
  const variables = {
    names: passing.names,
    types: passing.values.map((value) => value.type.type),
  };
  return {
    kind: "call",
    function: pathCallFunction(result, variables, defaults.types),
    args: [document, path, ...passing.values, ...defaults.values],
    type,
    operator: undefined,
    offset,
  };
}

function bindPath(binding: Binding, { path }: QuerySyntax): BoundExpression {
  const bound = binding.bind(path);
  const target = { type: jsonpath, typmod: -1 };
  const result = binding.coercer.coerce(bound, target, { context: "explicit" });
  if (result !== undefined) return result;
  throw new SqlError(
    "42804",
    `JSON path expression must be of type jsonpath, not of type ${bound.type.type.displayName}`,
    { offset: offsetOf(bound) },
  );
}
