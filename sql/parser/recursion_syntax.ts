/**
 * SEARCH and CYCLE of a recursive query of WITH.
 *
 * @module
 */

/** `SEARCH BREADTH FIRST BY columns SET column` */
export interface SearchClause {
  readonly columns: readonly string[];
  readonly breadthFirst: boolean;
  readonly sequence: string;
  readonly offset: number;
}

/** `CYCLE columns SET mark TO value DEFAULT value USING path` */
export interface CycleClause<Expression> {
  readonly columns: readonly string[];
  readonly mark: string;
  readonly value: Expression;
  readonly otherwise: Expression;
  readonly path: string;
  readonly offset: number;
}
