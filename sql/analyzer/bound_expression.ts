/**
 * Expressions and queries with every name and type resolved: what the analyzer
 * makes and what the planner, the optimizer, the executor and the deparser read.
 * They are in one file, since each may stand in the other.
 *
 * The trees are immutable. Every node has its `type`; operands have been cast
 * to what their function wants, so that nothing below decides about types.
 *
 * Columns are named by relation and column number. The analyzer numbers the
 * relations of a statement from 0; the planner gives further numbers to what it
 * computes (groups, projections).
 *
 * A query within another is a function of its {@linkcode Capture}s: what it takes
 * from the row around it stands in it as {@linkcode BoundOuter}, and the captures
 * say what that is there. So who moves or replaces columns outside has to know
 * nothing of the inside.
 *
 * @module
 */
import type { ViewEntry } from "../catalog/entries.ts";
import type { Column } from "../chunk/chunk.ts";
import type {
  AggregateDefinition,
  FunctionDefinition,
} from "../functions/registry.ts";
import type { RangeOffset } from "../functions/window/range_offset.ts";
import type { WindowFunctionDefinition } from "../functions/window/window_function.ts";
import type {
  FrameBoundSyntax,
  FrameSyntax,
} from "../parser/expression_syntax.ts";
import type { SetColumn } from "../functions/sets/set_source.ts";
import type {
  BoundSort,
  CteRelation,
  ResultField,
  TableRelation,
} from "./bound_relation.ts";
import type {
  BoundCaseOperand,
  BoundColumn,
  BoundConstant,
  BoundOuter,
  BoundParameter,
} from "./bound_leaf.ts";
import type { CoercionContext, Convert } from "../types/cast.ts";
import type { Collation, TypeRef } from "../types/data_type.ts";

export type * from "./bound_leaf.ts";
export type * from "./bound_relation.ts";
export { CTID_COLUMN, TABLEOID_COLUMN } from "./bound_leaf.ts";

/** A call of a function, or of the function behind an operator. */
export interface BoundCall {
  readonly kind: "call";
  readonly function: FunctionDefinition;
  readonly args: readonly BoundExpression[];
  readonly type: TypeRef;
  /** The operator's symbol where it was written as one. */
  readonly operator: string | undefined;
  readonly offset: number;
}

/** A conversion to another type or modifier. */
export interface BoundCast {
  readonly kind: "cast";
  readonly operand: BoundExpression;
  /** The type it converts to. */
  readonly type: TypeRef;
  readonly context: CoercionContext;
  /** What converts; absent where the value stays as it is. */
  readonly convert: Convert | undefined;
  /** Whether nobody wrote it: not shown by EXPLAIN. */
  readonly hidden: boolean;
  /** COLLATE, which changes nothing of the value but its order. */
  readonly collation?: Collation | undefined;
  readonly offset: number;
}

/** AND, OR, NOT. */
export interface BoundLogical {
  readonly kind: "logical";
  readonly operation: "and" | "or" | "not";
  readonly operands: readonly BoundExpression[];
  readonly type: TypeRef;
  readonly offset: number;
}

/** `IS [NOT] NULL` */
export interface BoundNullTest {
  readonly kind: "null_test";
  readonly operand: BoundExpression;
  readonly negated: boolean;
  readonly type: TypeRef;
  readonly offset: number;
}

/** `IS [NOT] TRUE | FALSE | UNKNOWN` */
export interface BoundBooleanTest {
  readonly kind: "boolean_test";
  readonly operand: BoundExpression;
  readonly test: "true" | "false" | "unknown";
  readonly negated: boolean;
  readonly type: TypeRef;
  readonly offset: number;
}

/** `IS [NOT] DISTINCT FROM` */
export interface BoundDistinctFrom {
  readonly kind: "distinct_from";
  readonly left: BoundExpression;
  readonly right: BoundExpression;
  /** The function of `=`. */
  readonly equal: FunctionDefinition;
  readonly negated: boolean;
  readonly type: TypeRef;
  readonly offset: number;
}

/** `NULLIF`: the left operand, unless the two are equal. */
export interface BoundNullIf {
  readonly kind: "null_if";
  readonly left: BoundExpression;
  readonly right: BoundExpression;
  /** The function of `=`. */
  readonly equal: FunctionDefinition;
  readonly type: TypeRef;
  readonly offset: number;
}

/** `COALESCE` */
export interface BoundCoalesce {
  readonly kind: "coalesce";
  readonly operands: readonly BoundExpression[];
  readonly type: TypeRef;
  readonly offset: number;
}

/** `GREATEST`, `LEAST` */
export interface BoundExtreme {
  readonly kind: "extreme";
  readonly greatest: boolean;
  readonly operands: readonly BoundExpression[];
  readonly type: TypeRef;
  /** Whose order decides; absent: the type's. */
  readonly collation?: Collation | undefined;
  readonly offset: number;
}

/** `operand IN (…)` where all items have one type. */
export interface BoundIn {
  readonly kind: "in";
  readonly operand: BoundExpression;
  readonly items: readonly BoundExpression[];
  /** The function of `=`, or of `<>` where it is negated. */
  readonly function: FunctionDefinition;
  readonly negated: boolean;
  readonly type: TypeRef;
  readonly offset: number;
}

/** `operand op ANY (array)`, `operand op ALL (array)`. */
export interface BoundArrayComparison {
  readonly kind: "array_comparison";
  readonly operand: BoundExpression;
  readonly array: BoundExpression;
  /** The function of the operator, over the operand and an element. */
  readonly function: FunctionDefinition;
  /** The operator's symbol. */
  readonly operator: string;
  readonly all: boolean;
  readonly type: TypeRef;
  readonly offset: number;
}

/** A branch of CASE. */
export interface BoundCaseBranch {
  /** A boolean; {@linkcode BoundCaseOperand} stands for the operand. */
  readonly condition: BoundExpression;
  readonly result: BoundExpression;
}

/** `CASE` */
export interface BoundCase {
  readonly kind: "case";
  /** Evaluated once, before the conditions. */
  readonly operand: BoundExpression | undefined;
  readonly branches: readonly BoundCaseBranch[];
  /** NULL where nobody wrote ELSE. */
  readonly otherwise: BoundExpression;
  readonly type: TypeRef;
  /** The domain that the operand becomes; `type` is the base. */
  readonly domain?: TypeRef | undefined;
  readonly offset: number;
}

/** A key that the rows of an aggregate are ordered by. */
export interface BoundOrder {
  readonly expression: BoundExpression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** An aggregate; stands in select lists, HAVING and ORDER BY only. */
export interface BoundAggregate {
  readonly kind: "aggregate";
  readonly definition: AggregateDefinition;
  /** Under WITHIN GROUP the direct ones, then those of the order. */
  readonly args: readonly BoundExpression[];
  /** How many of them are direct. */
  readonly directCount: number;
  readonly star: boolean;
  readonly distinct: boolean;
  readonly filter: BoundExpression | undefined;
  /** The order in which it takes its rows; empty: as they come. */
  readonly orderBy: readonly BoundOrder[];
  readonly type: TypeRef;
  readonly offset: number;
}

/** `GROUPING(…)`; stands where aggregates do. */
export interface BoundGrouping {
  readonly kind: "grouping";
  readonly args: readonly BoundExpression[];
  readonly type: TypeRef;
  readonly offset: number;
}

/** Where a frame of a window begins or ends. */
export interface BoundFrameEnd {
  readonly kind: FrameBoundSyntax["kind"];
  /** How far, for `preceding` and `following`: no columns in it. */
  readonly distance: BoundExpression | undefined;
}

/** The frame of a window. */
export interface BoundFrame {
  readonly mode: FrameSyntax["mode"];
  readonly start: BoundFrameEnd;
  readonly end: BoundFrameEnd;
  readonly exclude: FrameSyntax["exclude"];
  /** How distances are measured, under RANGE with a distance. */
  readonly range: RangeOffset | undefined;
}

/** What is called over a window. */
export type WindowCallee =
  | { readonly kind: "aggregate"; readonly definition: AggregateDefinition }
  | {
    readonly kind: "window_function";
    readonly definition: WindowFunctionDefinition;
  };

/** A call over a window; stands in select lists and ORDER BY only. */
export interface BoundWindowCall {
  readonly kind: "window";
  readonly callee: WindowCallee;
  readonly args: readonly BoundExpression[];
  readonly star: boolean;
  readonly filter: BoundExpression | undefined;
  readonly partitionBy: readonly BoundExpression[];
  readonly orderBy: readonly BoundOrder[];
  readonly frame: BoundFrame;
  readonly type: TypeRef;
  readonly offset: number;
}

/** What a query within another takes from the row around it. */
export interface Capture {
  readonly slot: number;
  /** The value, over the columns around the query. */
  readonly expression: BoundExpression;
}

/** A query in an expression. */
export interface BoundSubquery {
  readonly kind: "subquery";
  readonly form: "scalar" | "row" | "exists" | "any" | "all" | "array";
  /** What makes an array of the rows' values, under `array`. */
  readonly gather?: AggregateDefinition;
  readonly query: BoundQuery;
  /** The number of the query's columns as a relation, in `test`. */
  readonly relation: number;
  readonly captures: readonly Capture[];
  /** The operands of ANY, ALL and comparisons of rows. */
  readonly operands: readonly BoundExpression[];
  /** The number of the operands as a relation, in `test`. */
  readonly operandRelation: number;
  /** The comparison of the operands with a row of the query. */
  readonly test: BoundExpression | undefined;
  readonly type: TypeRef;
  readonly offset: number;
}

/** A bound expression. */
export type BoundExpression =
  | BoundOuter
  | BoundSubquery
  | BoundConstant
  | BoundParameter
  | BoundColumn
  | BoundCall
  | BoundCast
  | BoundLogical
  | BoundNullTest
  | BoundBooleanTest
  | BoundDistinctFrom
  | BoundNullIf
  | BoundCoalesce
  | BoundExtreme
  | BoundIn
  | BoundArrayComparison
  | BoundCase
  | BoundCaseOperand
  | BoundAggregate
  | BoundGrouping
  | BoundWindowCall;

/** A VALUES list in a range table. */
export interface ValuesRelation {
  readonly kind: "values";
  readonly relation: number;
  readonly values: BoundValues;
}

/** A query in FROM. */
export interface QueryRelation {
  readonly kind: "subquery";
  readonly relation: number;
  readonly alias: string;
  readonly columnNames: readonly string[];
  readonly query: BoundQuery;
  /** LATERAL: what it takes from the relations before it. */
  readonly captures: readonly Capture[];
  /** The view whose query it is. */
  readonly view?: ViewEntry | undefined;
}

/** One of the functions of an item of FROM. */
export interface BoundTableFunction {
  /** A call of a set-returning function, or any other expression: one row. */
  readonly call: BoundExpression;
  /** The columns it gives. */
  readonly columns: readonly SetColumn[];
}

/** Functions in FROM, side by side. */
export interface FunctionRelation {
  readonly kind: "function";
  readonly relation: number;
  readonly alias: string;
  readonly columnNames: readonly string[];
  readonly functions: readonly BoundTableFunction[];
  /** Whether the rows are numbered, in the last column. */
  readonly ordinality: boolean;
  /** What it takes from the relations before it. */
  readonly captures: readonly Capture[];
}

/** Some rows of a table: those for which a condition is true. */
export interface SampleRelation {
  readonly kind: "sample";
  readonly table: TableRelation;
  readonly condition: BoundExpression;
}

/** A join. */
export interface JoinRelation {
  readonly kind: "join";
  readonly join: "inner" | "left" | "right" | "full";
  readonly left: BoundFrom;
  readonly right: BoundFrom;
  /** Absent: every pair of rows. */
  readonly condition: BoundExpression | undefined;
}

/** A side of a set operation. */
export interface SetSide {
  readonly query: BoundQuery;
  /** The relation number of the query's columns. */
  readonly relation: number;
  /** What they are in the result: over them, cast to its types. */
  readonly columns: readonly BoundExpression[];
}

/** UNION, INTERSECT, EXCEPT. */
export interface SetRelation {
  readonly kind: "set_operation";
  readonly relation: number;
  readonly operation: "union" | "intersect" | "except";
  readonly all: boolean;
  readonly left: SetSide;
  readonly right: SetSide;
  readonly columnNames: readonly string[];
}

/** A statement of WITH that changes a table; see `bound_change.ts`. */
export interface BoundCteChange {
  readonly kind: "insert" | "update" | "delete" | "merge";
  /** The fields of RETURNING. */
  readonly fields: readonly ResultField[];
}

/** A query of WITH. */
export interface BoundCte {
  readonly id: number;
  readonly name: string;
  readonly columnNames: readonly string[];
  readonly query: BoundQuery | BoundCteChange;
  /** Whether each of its rows may be computed more than once, or not at all. */
  readonly inlined: boolean;
  /** Its second part, where it reads itself. */
  readonly recursive: BoundRecursion | undefined;
}

/** `… UNION [ALL] …` where the second part reads the rows before. */
export interface BoundRecursion {
  /** The number under which the second part reads the rows. */
  readonly id: number;
  readonly all: boolean;
  readonly left: SetSide;
  readonly right: SetSide;
}

/** What a query reads. */
export type BoundFrom =
  | SetRelation
  | CteRelation
  | TableRelation
  | ValuesRelation
  | QueryRelation
  | FunctionRelation
  | SampleRelation
  | JoinRelation;

/** A cell of VALUES that is not a constant. */
export interface BoundCell {
  readonly row: number;
  readonly expression: BoundExpression;
}

/** A column of VALUES. */
export interface BoundValuesColumn {
  readonly name: string;
  readonly type: TypeRef;
  /** The constants; NULL where the cell is in `cells`. */
  readonly constants: Column;
  /** The other cells, ascending by row. */
  readonly cells: readonly BoundCell[];
}

/** A VALUES list, by column. */
export interface BoundValues {
  readonly rowCount: number;
  readonly columns: readonly BoundValuesColumn[];
}

/** An entry of a select list. */
export interface BoundTarget {
  /** The name it has in the result. */
  readonly name: string;
  readonly expression: BoundExpression;
  /** Whether it is in the result, or only for ORDER BY. */
  readonly visible: boolean;
}

/** A query. */
export interface BoundQuery {
  /** The queries of its WITH, in order. */
  readonly ctes: readonly BoundCte[];
  /** Absent: one row without columns. */
  readonly from: BoundFrom | undefined;
  readonly where: BoundExpression | undefined;
  /** Whether rows are grouped: GROUP BY, HAVING or an aggregate. */
  readonly grouped: boolean;
  readonly groupBy: readonly BoundExpression[];
  /** The sets of groups, by number; absent: one set of all. */
  readonly groupingSets: readonly (readonly number[])[] | undefined;
  readonly having: BoundExpression | undefined;
  readonly targets: readonly BoundTarget[];
  readonly distinct: boolean;
  /** DISTINCT ON: how many of the first sort keys; 0 without. */
  readonly distinctOn: number;
  readonly orderBy: readonly BoundSort[];
  /** An `int8`. */
  readonly limit: BoundExpression | undefined;
  /** An `int8`. */
  readonly offset: BoundExpression | undefined;
  readonly withTies: boolean;
  /** What is locked of its tables: FOR UPDATE. */
  readonly locks: readonly BoundLock[];
  readonly fields: readonly ResultField[];
}

/** A lock on the rows of a table that a query gives. */
export interface BoundLock {
  readonly table: TableRelation;
  readonly strength: "update" | "no key update" | "share" | "key share";
  readonly policy: "wait" | "nowait" | "skip";
}
