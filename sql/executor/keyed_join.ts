/**
 * What joins by equal keys have in common: the keys of both sides, what the
 * condition says besides, and the types of the rows.
 *
 * @module
 */
import { conjunction } from "../planner/conjuncts.ts";
import { joinConditionOf } from "../planner/join_keys.ts";
import type { JoinNode } from "../planner/logical_plan.ts";
import { outputOf } from "../planner/plan_tree.ts";
import type { DataType } from "../types/data_type.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { compileExpression } from "./expression_compiler.ts";
import { compileFilter, type Filter } from "./filter_expression.ts";
import { layoutOf, layoutOfIds } from "./layout.ts";
import { typesOf } from "./output_types.ts";

/** A join by keys, compiled. */
export class KeyedJoin {
  readonly node: JoinNode;
  readonly leftKeys: readonly ColumnExpression[];
  readonly rightKeys: readonly ColumnExpression[];
  readonly leftKeyTypes: readonly DataType[];
  readonly keyTypes: readonly DataType[];
  /** What the condition says besides the keys, over a pair. */
  readonly rest: Filter | undefined;
  readonly leftTypes: readonly DataType[];
  readonly rightTypes: readonly DataType[];

  /** Compiles the keys and conditions of a join. */
  constructor(node: JoinNode) {
    this.node = node;
    const { keys, rest } = joinConditionOf(node);
    const leftLayout = layoutOf(node.left);
    const rightLayout = layoutOf(node.right);
    this.leftKeys = keys.map((key) => compileExpression(key.left, leftLayout));
    this.rightKeys = keys.map((key) =>
      compileExpression(key.right, rightLayout)
    );
    this.leftKeyTypes = keys.map(({ left }) => left.type.type);
    this.keyTypes = keys.map(({ right }) => right.type.type);
    const condition = conjunction(rest);
    this.rest = condition === undefined ? undefined : compileFilter(
      condition,
      layoutOfIds([...outputOf(node.left), ...outputOf(node.right)]),
    );
    this.leftTypes = typesOf(node.left);
    this.rightTypes = typesOf(node.right);
  }
}
