/**
 * The expressions of SQL/JSON as they were written: constructors, tests and
 * queries. What they are made of is told by parameters, so that expressions may
 * stand in them and they in expressions: `Part` is an expression, `Type` the
 * name of a type, `Sort` an entry of ORDER BY, `Window` what OVER says, `Query`
 * a query. The union of them is in `expression_syntax.ts`.
 *
 * @module
 */

/** `value [FORMAT JSON [ENCODING …]]` */
export interface JsonValueSyntax<Part> {
  readonly value: Part;
  readonly isFormatted: boolean;
  /** `utf8`, `utf16`, `utf32`; absent: none was given. */
  readonly encoding: string | undefined;
  /** Where FORMAT stands; -1 without. */
  readonly formatOffset: number;
}

/** `RETURNING type [FORMAT JSON]` */
export interface JsonReturningSyntax<Type> {
  readonly type: Type;
  readonly isFormatted: boolean;
  readonly encoding: string | undefined;
  readonly formatOffset: number;
}

/** What happens on an error, or when nothing is found. */
export interface JsonBehaviorSyntax<Part> {
  readonly kind:
    | "null"
    | "error"
    | "empty"
    | "true"
    | "false"
    | "unknown"
    | "empty_array"
    | "empty_object"
    | "default";
  /** What DEFAULT gives. */
  readonly value: Part | undefined;
  readonly offset: number;
}

/** `PASSING value AS name` */
export interface JsonArgumentSyntax<Part> {
  readonly name: string;
  readonly value: JsonValueSyntax<Part>;
}

/** How what a path finds becomes a value. */
export interface JsonResultSyntax<Part> {
  readonly wrapper: "default" | "none" | "conditional" | "unconditional";
  readonly quotes: "default" | "keep" | "omit";
  readonly onEmpty: JsonBehaviorSyntax<Part> | undefined;
  readonly onError: JsonBehaviorSyntax<Part> | undefined;
}

/** `JSON_EXISTS(…)`, `JSON_VALUE(…)`, `JSON_QUERY(…)` */
export interface JsonQuerySyntax<Part, Type> extends JsonResultSyntax<Part> {
  readonly kind: "json_query";
  readonly form: "exists" | "value" | "query";
  readonly input: JsonValueSyntax<Part>;
  readonly path: Part;
  readonly passing: readonly JsonArgumentSyntax<Part>[];
  readonly returning: JsonReturningSyntax<Type> | undefined;
  readonly offset: number;
}

/** `key: value`, `key VALUE value`; without a key an item of an array. */
export interface JsonMemberSyntax<Part> {
  readonly key: Part | undefined;
  readonly value: JsonValueSyntax<Part>;
}

/** What constructors and aggregates share. */
interface JsonMaking<Type> {
  readonly form: "object" | "array";
  /** Whether a NULL is left out. */
  readonly absentOnNull: boolean;
  /** Whether a key may come once only. */
  readonly unique: boolean;
  readonly returning: JsonReturningSyntax<Type> | undefined;
  readonly offset: number;
}

/** `JSON_OBJECT(…)`, `JSON_ARRAY(…)` */
export interface JsonConstructorSyntax<Part, Type> extends JsonMaking<Type> {
  readonly kind: "json_constructor";
  readonly members: readonly JsonMemberSyntax<Part>[];
}

/** `JSON_OBJECTAGG(…)`, `JSON_ARRAYAGG(…)` */
export interface JsonAggregateSyntax<Part, Type, Sort, Window>
  extends JsonMaking<Type> {
  readonly kind: "json_aggregate";
  readonly member: JsonMemberSyntax<Part>;
  readonly filter: Part | undefined;
  readonly orderBy: readonly Sort[];
  readonly over: Window | undefined;
}

/** `JSON_ARRAY(SELECT …)` */
export interface JsonArrayQuerySyntax<Query> {
  readonly kind: "json_array_query";
  readonly query: Query;
  /** The query that aggregates the rows of the other one. */
  readonly aggregated: Query;
  readonly offset: number;
}

/** `value IS JSON [OBJECT | ARRAY | SCALAR] [WITH UNIQUE KEYS]` */
export interface JsonTestSyntax<Part> {
  readonly kind: "json_test";
  readonly value: Part;
  readonly form: "any" | "object" | "array" | "scalar";
  readonly unique: boolean;
  readonly offset: number;
}

/** `JSON(…)`, `JSON_SCALAR(…)`, `JSON_SERIALIZE(…)` */
export interface JsonConversionSyntax<Part, Type> {
  readonly kind: "json_conversion";
  readonly form: "parse" | "scalar" | "serialize";
  readonly input: JsonValueSyntax<Part>;
  readonly unique: boolean;
  readonly returning: JsonReturningSyntax<Type> | undefined;
  readonly offset: number;
}

/** A column of JSON_TABLE. */
export interface JsonColumnSyntax<Part, Type> extends JsonResultSyntax<Part> {
  readonly form: "ordinality" | "regular" | "formatted" | "exists" | "nested";
  /** Absent: NESTED without a name. */
  readonly name: string | undefined;
  readonly type: Type | undefined;
  readonly encoding: string | undefined;
  readonly path: Part | undefined;
  /** Those of NESTED. */
  readonly columns: readonly JsonColumnSyntax<Part, Type>[];
  readonly offset: number;
}

/** `JSON_TABLE(…)` */
export interface JsonTableSyntax<Part, Type> {
  readonly kind: "json_table";
  readonly input: JsonValueSyntax<Part>;
  readonly path: Part;
  readonly pathName: string | undefined;
  readonly passing: readonly JsonArgumentSyntax<Part>[];
  readonly columns: readonly JsonColumnSyntax<Part, Type>[];
  readonly onError: JsonBehaviorSyntax<Part> | undefined;
  readonly offset: number;
}
