/**
 * The expressions and queries that we accept, in one file, since each may stand
 * in the other. Nothing is resolved yet: names are as the grammar folded them.
 *
 * Every `offset` counts UTF-16 code units from the start of the whole text that
 * was parsed; -1 where PostgreSQL keeps none.
 *
 * @module
 */
import type { LockingSyntax } from "./locking_syntax.ts";
import type {
  CollationName,
  ColumnSyntax,
  ConstantSyntax,
  CteChange,
  DefaultSyntax,
  NiladicSyntax,
  ParameterSyntax,
  RelationName,
} from "./leaf_syntax.ts";
import type * as Json from "./json_syntax.ts";
import type { TokenizedRows } from "./tokenized_rows.ts";
import type { CycleClause, SearchClause } from "./recursion_syntax.ts";

export type * from "./leaf_syntax.ts";

/** The name of a type, with its modifiers. */
export interface TypeName {
  /** The schema, if one was given (or implied by the grammar). */
  readonly schema: string | undefined;
  /** The name: `int4`, `varchar`, `lsmvector`. */
  readonly name: string;
  /** What stands in parentheses after it. */
  readonly modifiers: readonly Expression[];
  /** Whether brackets follow: an array of it. Their number says nothing. */
  readonly isArray?: boolean;
  /** Where it stands. */
  readonly offset: number;
}

/** An operator and its operands; LIKE and its kin are operators too. */
export interface OperatorSyntax {
  readonly kind: "operator";
  readonly schema: string | undefined;
  /** The symbol: `<->`, `~~`. */
  readonly name: string;
  /** Absent for a prefix operator. */
  readonly left: Expression | undefined;
  readonly right: Expression;
  readonly offset: number;
}

/** AND, OR, NOT. */
export interface LogicalSyntax {
  readonly kind: "logical";
  readonly operation: "and" | "or" | "not";
  readonly operands: readonly Expression[];
  readonly offset: number;
}

/** `left [NOT] IN (…)`. */
export interface InSyntax {
  readonly kind: "in";
  readonly left: Expression;
  readonly items: readonly Expression[];
  readonly negated: boolean;
  readonly offset: number;
}

/** `operand [NOT] BETWEEN [SYMMETRIC] low AND high`. */
export interface BetweenSyntax {
  readonly kind: "between";
  readonly operand: Expression;
  readonly low: Expression;
  readonly high: Expression;
  readonly negated: boolean;
  readonly symmetric: boolean;
  readonly offset: number;
}

/** `left IS [NOT] DISTINCT FROM right`. */
export interface DistinctFromSyntax {
  readonly kind: "distinct_from";
  readonly left: Expression;
  readonly right: Expression;
  readonly negated: boolean;
  readonly offset: number;
}

/** `operand IS [NOT] NULL`. */
export interface NullTestSyntax {
  readonly kind: "null_test";
  readonly operand: Expression;
  readonly negated: boolean;
  readonly offset: number;
}

/** `operand IS [NOT] TRUE | FALSE | UNKNOWN`. */
export interface BooleanTestSyntax {
  readonly kind: "boolean_test";
  readonly operand: Expression;
  readonly test: "true" | "false" | "unknown";
  readonly negated: boolean;
  readonly offset: number;
}

/** `NULLIF(left, right)`. */
export interface NullIfSyntax {
  readonly kind: "null_if";
  readonly left: Expression;
  readonly right: Expression;
  readonly offset: number;
}

/** `COALESCE(…)`. */
export interface CoalesceSyntax {
  readonly kind: "coalesce";
  readonly operands: readonly Expression[];
  readonly offset: number;
}

/** `GREATEST(…)`, `LEAST(…)`. */
export interface ExtremeSyntax {
  readonly kind: "extreme";
  readonly greatest: boolean;
  readonly operands: readonly Expression[];
  readonly offset: number;
}

/** `CASE [operand] WHEN … THEN … ELSE … END`. */
export interface CaseSyntax {
  readonly kind: "case";
  readonly operand: Expression | undefined;
  readonly branches: readonly CaseBranchSyntax[];
  readonly otherwise: Expression | undefined;
  readonly offset: number;
}

/** One WHEN of a CASE. */
export interface CaseBranchSyntax {
  readonly condition: Expression;
  readonly result: Expression;
  readonly offset: number;
}

/** `operand::type`, `CAST(operand AS type)`, `type 'text'`. */
export interface CastSyntax {
  readonly kind: "cast";
  readonly operand: Expression;
  readonly type: TypeName;
  readonly offset: number;
}

/** `operand COLLATE name`. */
export interface CollateSyntax extends CollationName {
  readonly kind: "collate";
  readonly operand: Expression;
}

/** A function or aggregate call. */
export interface CallSyntax {
  readonly kind: "call";
  readonly schema: string | undefined;
  readonly name: string;
  readonly args: readonly Expression[];
  /** The names of arguments, `f(a => 1)`; absent: none has. */
  readonly argNames?: readonly (string | undefined)[];
  /** `f(VARIADIC array)`: the last argument is all further ones; else absent. */
  readonly isVariadic?: boolean;
  /** `count(*)` */
  readonly star: boolean;
  /** `count(DISTINCT x)` */
  readonly distinct: boolean;
  /** `string_agg(a, ',' ORDER BY b)` */
  readonly orderBy: readonly SortSyntax[];
  /** Whether the order was written WITHIN GROUP. */
  readonly withinGroup: boolean;
  /** `FILTER (WHERE …)` */
  readonly filter: Expression | undefined;
  /** `OVER …` */
  readonly over: WindowSyntax | undefined;
  readonly offset: number;
}

/** Where a frame of a window begins or ends. */
export interface FrameBoundSyntax {
  readonly kind:
    | "unbounded_preceding"
    | "preceding"
    | "current_row"
    | "following"
    | "unbounded_following";
  /** How far, for `preceding` and `following`. */
  readonly distance: Expression | undefined;
}

/** The frame of a window. */
export interface FrameSyntax {
  readonly mode: "range" | "rows" | "groups";
  readonly start: FrameBoundSyntax;
  readonly end: FrameBoundSyntax;
  readonly exclude: "no_others" | "current_row" | "group" | "ties";
}

/** `OVER name`, `OVER (…)`, `name AS (…)`. */
export interface WindowSyntax {
  /** The window that is meant (after OVER), or its own name (after WINDOW). */
  readonly name: string | undefined;
  /** The window that it begins from. */
  readonly base: string | undefined;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly SortSyntax[];
  /** Absent: the default. */
  readonly frame: FrameSyntax | undefined;
  readonly offset: number;
}

/** An entry of ORDER BY. */
export interface SortSyntax {
  readonly expression: Expression;
  readonly direction: "default" | "ascending" | "descending";
  readonly nulls: "default" | "first" | "last";
  /** `USING <` */
  readonly operator: string | undefined;
  readonly offset: number;
}

/** `(a, b)`, `ROW(a, b)`. */
export interface RowSyntax {
  readonly kind: "row";
  readonly items: readonly Expression[];
  readonly offset: number;
}

/** `ARRAY[a, b]` */
export interface ArraySyntax {
  readonly kind: "array";
  readonly items: readonly Expression[];
  readonly offset: number;
}

/** `[n]`, `[m:n]`: in a slice either bound may be absent. */
export interface SubscriptSyntax {
  readonly kind: "subscript";
  readonly isSlice: boolean;
  readonly lower: Expression | undefined;
  /** The subscript itself where it is no slice. */
  readonly upper: Expression | undefined;
}

/** A step into a value: a subscript, `.name`, `.*`. */
export type PartStep =
  | SubscriptSyntax
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "star" };

/** `(value)[1].field` */
export interface PartSyntax {
  readonly kind: "part";
  readonly operand: Expression;
  readonly steps: readonly PartStep[];
  readonly offset: number;
}

/** `left op ANY (array)`, `left op ALL (array)`. */
export interface ArrayComparisonSyntax {
  readonly kind: "array_comparison";
  readonly left: Expression;
  readonly operator: string;
  readonly array: Expression;
  readonly all: boolean;
  readonly offset: number;
}

/** An entry of GROUP BY. */
export type GroupSyntax =
  | { readonly kind: "group"; readonly expression: Expression }
  /** `(a, b)`: several that go together; `()`: none. */
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | {
    readonly kind: "rollup" | "cube" | "sets";
    readonly items: readonly GroupSyntax[];
    readonly offset: number;
  };

/** `GROUPING(a, b)`: which of these a row is not grouped by. */
export interface GroupingSyntax {
  readonly kind: "grouping";
  readonly args: readonly Expression[];
  readonly offset: number;
}

/** A query in an expression. */
export interface SubquerySyntax {
  readonly kind: "subquery";
  /** `(…)`, `EXISTS (…)`, `left op ANY (…)`, `left op ALL (…)`, `ARRAY(…)`. */
  readonly form: "scalar" | "exists" | "any" | "all" | "array";
  /** What ANY and ALL compare, with which operator. */
  readonly left: Expression | undefined;
  readonly operator: string;
  /** Whether it was written IN. */
  readonly isIn: boolean;
  readonly query: SelectSyntax;
  readonly offset: number;
}

/** An expression of SQL/JSON. */
export type JsonSyntax =
  | Json.JsonQuerySyntax<Expression, TypeName>
  | Json.JsonConstructorSyntax<Expression, TypeName>
  | Json.JsonAggregateSyntax<Expression, TypeName, SortSyntax, WindowSyntax>
  | Json.JsonArrayQuerySyntax<SelectSyntax>
  | Json.JsonTestSyntax<Expression>
  | Json.JsonConversionSyntax<Expression, TypeName>
  | Json.JsonTableSyntax<Expression, TypeName>;

/** An expression. */
export type Expression =
  | JsonSyntax
  | SubquerySyntax
  | ConstantSyntax
  | ColumnSyntax
  | ParameterSyntax
  | OperatorSyntax
  | LogicalSyntax
  | InSyntax
  | BetweenSyntax
  | DistinctFromSyntax
  | NullTestSyntax
  | BooleanTestSyntax
  | NullIfSyntax
  | CoalesceSyntax
  | ExtremeSyntax
  | CaseSyntax
  | CastSyntax
  | CollateSyntax
  | CallSyntax
  | NiladicSyntax
  | RowSyntax
  | ArraySyntax
  | PartSyntax
  | ArrayComparisonSyntax
  | GroupingSyntax
  | DefaultSyntax;

/** A table in FROM. */
export interface TableItem {
  readonly kind: "table";
  readonly relation: RelationName;
  /** `AS x` */
  readonly alias: string | undefined;
  /** `AS x (a, b)` */
  readonly columnAliases: readonly string[];
}

/** A part of a table's rows: `TABLESAMPLE method (…) REPEATABLE (…)`. */
export interface SampleItem {
  readonly kind: "sample";
  readonly table: TableItem;
  readonly method: string;
  readonly args: readonly Expression[];
  readonly repeatable: Expression | undefined;
  readonly offset: number;
}

/** A query in FROM. */
export interface SubqueryItem {
  readonly kind: "subquery_item";
  readonly query: SelectSyntax;
  /** Whether it sees the items before it. */
  readonly lateral: boolean;
  readonly alias: string | undefined;
  readonly columnAliases: readonly string[];
}

/** A column of the rows of a function of type `record`: `AS x (a int)`. */
export interface ColumnDefinitionSyntax {
  readonly name: string;
  readonly type: TypeName;
}

/** One of the functions of an item of FROM. */
export interface TableFunctionSyntax {
  readonly call: Expression;
  /** What ROWS FROM says of its columns. */
  readonly columns: readonly ColumnDefinitionSyntax[];
}

/** Functions in FROM; they always see the items before them. */
export interface FunctionItem {
  readonly kind: "function_item";
  /** Several under ROWS FROM. */
  readonly functions: readonly TableFunctionSyntax[];
  readonly ordinality: boolean;
  /** Whether it was written ROWS FROM. */
  readonly isRowsFrom: boolean;
  /** What the alias says of its columns. */
  readonly columns: readonly ColumnDefinitionSyntax[];
  readonly alias: string | undefined;
  readonly columnAliases: readonly string[];
}

/** A join. */
export interface JoinItem {
  readonly kind: "join";
  /** A cross join is an inner one without a condition. */
  readonly join: "inner" | "left" | "right" | "full";
  readonly natural: boolean;
  readonly left: FromItem;
  readonly right: FromItem;
  readonly using: readonly string[] | undefined;
  /** `USING (…) AS x` */
  readonly usingAlias: string | undefined;
  readonly on: Expression | undefined;
  /** `(… JOIN …) AS x (a, b)` */
  readonly alias: string | undefined;
  readonly columnAliases: readonly string[];
}

/** What stands in FROM. */
export type FromItem =
  | TableItem
  | SampleItem
  | SubqueryItem
  | FunctionItem
  | JoinItem;

/** An entry of a select list or RETURNING. */
export interface TargetSyntax {
  /** `AS x` */
  readonly name: string | undefined;
  readonly expression: Expression;
  readonly offset: number;
}

/** `SELECT …` */
export interface SelectBody {
  readonly kind: "select_body";
  readonly distinct: boolean;
  /** `DISTINCT ON (…)` */
  readonly distinctOn: readonly Expression[];
  readonly targets: readonly TargetSyntax[];
  readonly from: readonly FromItem[];
  readonly where: Expression | undefined;
  readonly groupBy: readonly GroupSyntax[];
  /** `GROUP BY DISTINCT`: no set of groups twice. */
  readonly groupDistinct: boolean;
  readonly having: Expression | undefined;
  /** `WINDOW name AS (…)` */
  readonly windows: readonly WindowSyntax[];
}

/** `VALUES (…), (…)` */
export interface ValuesBody {
  readonly kind: "values_body";
  readonly rows: readonly (readonly Expression[])[];
  /** The rows after the first when the fast path read them. */
  readonly more: TokenizedRows | undefined;
}

/** `… UNION …` and its kin. */
export interface SetOperationBody {
  readonly kind: "set_operation_body";
  readonly operation: "union" | "intersect" | "except";
  readonly all: boolean;
  readonly left: SelectSyntax;
  readonly right: SelectSyntax;
}

/** What a query reads. */
export type QueryBody = SelectBody | ValuesBody | SetOperationBody;

/** `name (columns) AS (…)` in WITH. */
export interface CteSyntax {
  readonly name: string;
  readonly columnAliases: readonly string[];
  readonly materialized: "default" | "always" | "never";
  readonly query: SelectSyntax | CteChange;
  readonly search?: SearchClause;
  readonly cycle?: CycleClause<Expression>;
  readonly offset: number;
}

/** WITH. */
export interface WithSyntax {
  readonly with: readonly CteSyntax[];
  readonly recursive: boolean;
}

/** A query. */
export interface SelectSyntax extends WithSyntax {
  readonly kind: "select";
  readonly body: QueryBody;
  readonly orderBy: readonly SortSyntax[];
  readonly limit: Expression | undefined;
  readonly offsetRows: Expression | undefined;
  readonly withTies: boolean;
  /** FOR UPDATE and its kin. */
  readonly locking: readonly LockingSyntax[];
}
