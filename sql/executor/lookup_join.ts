/**
 * Operator: a join that asks an index of the right side for the partners of each
 * row of the left, and reads those of many rows at once.
 *
 * What the condition and the lookup's own filter say is evaluated over the pairs
 * of such a batch. The first batch is of few rows, for nobody may ask for more.
 *
 * @module
 */
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { LocatedChunk } from "../access/table_access.ts";
import {
  type Chunk,
  CHUNK_ROWS,
  type Column,
  selectedCount,
  valueAt,
} from "../chunk/chunk.ts";
import { conjunction, conjunctsOf } from "../planner/conjuncts.ts";
import { keyPositions } from "../planner/index_only.ts";
import type { IndexEntry } from "../catalog/entries.ts";
import type { JoinNode } from "../planner/logical_plan.ts";
import { outputOf } from "../planner/plan_tree.ts";
import { viewOf } from "../transaction/transaction_view.ts";
import type { DataType } from "../types/data_type.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { constantColumn, countOf, gather } from "./column_tools.ts";
import type { DependentJoinPlan } from "./dependent_join.ts";
import { compileExpression } from "./expression_compiler.ts";
import { compileFilter, type Filter } from "./filter_expression.ts";
import {
  type Lookup,
  lookupColumns,
  overPairs,
  splitFilter,
} from "./lookup_keys.ts";
import { PartnerList } from "./partner_list.ts";
import { findPartners, FOUND_BYTES, type FoundRows } from "./row_partners.ts";
import { layoutOf, layoutOfIds } from "./layout.ts";
import type { Operator } from "./operator.ts";
import { typesOf } from "./output_types.ts";
import { openInput, type PhysicalPlan } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";
import type { ScanFilter } from "./scan_filter.ts";
import { TableColumns } from "./table_columns.ts";

/** The rows of the left side that are looked up at first. */
const FIRST_ROWS = 16;

/** Partners that a batch finds at most, unless one row has more. */
const FOUND_MAX = 8 * CHUNK_ROWS;

/** Whether the right side of a join is one lookup whose rows come in any order. */
export function isLookupJoin(node: JoinNode): boolean {
  const { right, captures } = node;
  if (captures.length === 0 || node.join === "full") return false;
  return right.kind === "index_lookup"
    ? right.keys.length === 1 && right.unnests !== true
    : right.kind === "index_scan" && !right.ordered &&
      (keyPositions(right) === undefined || asksForAny(node));
}

/** Whether all that is asked is if the index has an entry. */
function asksForAny({ join, condition, right }: JoinNode): boolean {
  return (join === "semi" || join === "anti") && condition === undefined &&
    right.kind === "index_scan" && right.filter === undefined;
}

/** A compiled join. */
export class LookupJoinPlan implements PhysicalPlan {
  readonly node: JoinNode;
  readonly lookup: Lookup;
  readonly captures: readonly ColumnExpression[];
  /** What is asked of partners while they are read. */
  readonly rowFilter: ScanFilter | undefined;
  /** What holds for a pair besides … */
  readonly pairFilter: Filter | undefined;
  /** Whether rows of the right side have to be looked at. */
  readonly needsRows: boolean;
  /** … and with that: for tables of which nothing is asked before. */
  readonly condition: Filter | undefined;
  /** What is looked up for each row, where many can be at once. */
  readonly keys: readonly ColumnExpression[] | undefined;
  readonly columns: TableColumns;
  readonly rightTypes: readonly DataType[];
  readonly #left: PhysicalPlan;
  readonly #observed: DependentJoinPlan;

  /**
   * Compiles a join; `observed` is the same row by row, for when somebody looks
   * at what the right side does.
   *
   * REQUIRES: {@linkcode isLookupJoin}.
   */
  constructor(
    node: JoinNode,
    left: PhysicalPlan,
    observed: DependentJoinPlan,
  ) {
    this.node = node;
    this.lookup = node.right as Lookup;
    this.#left = left;
    this.#observed = observed;
    const layout = layoutOf(node.left);
    this.captures = node.captures.map(({ expression }) =>
      compileExpression(expression, layout)
    );
    this.keys = lookupColumns(node, layout);
    const { table, columns } = this.lookup;
    this.columns = new TableColumns(table.table, columns);
    const { rows, pairs } = splitFilter(this.lookup, this.columns.wanted);
    const layoutOfPairs = layoutOfIds([
      ...outputOf(node.left),
      ...outputOf(node.right),
    ]);
    const ofPairs = (
      filter: readonly BoundExpression[],
    ): Filter | undefined => {
      const condition = conjunction([
        ...filter.map((each) => overPairs(each, node)),
        ...conjunctsOf(node.condition),
      ]);
      return condition && compileFilter(condition, layoutOfPairs);
    };
    this.rowFilter = rows;
    this.pairFilter = ofPairs(pairs);
    this.condition = rows === undefined
      ? this.pairFilter
      : ofPairs(conjunctsOf(this.lookup.filter));
    this.needsRows = this.condition !== undefined ||
      (node.join !== "semi" && node.join !== "anti");
    this.rightTypes = typesOf(node.right);
  }

  /** Opens it. */
  open(run: RunState): Operator {
    if (run.observe !== undefined) return this.#observed.open(run);
    return new LookupJoin(this, openInput(this.#left, run), run);
  }
}

/** Partners that were found, not read yet, of rows of the left chunk. */
interface Found {
  readonly locators: ArrayLike<number>;
  /** The row that each is for. */
  readonly rows: ArrayLike<number>;
}

const NOTHING_FOUND: Found = { locators: [], rows: [] };

class LookupJoin implements Operator {
  readonly #plan: LookupJoinPlan;
  readonly #left: Operator;
  readonly #run: RunState;
  #chunk: Chunk | undefined;
  #captured: readonly Column[] = [];
  /** What is looked up for the rows of the chunk at once. */
  #keys: readonly Column[] | undefined;
  /** The next row to look up, and where the batch began. */
  #position = 0;
  #batchStart = 0;
  #batchRows = FIRST_ROWS;
  /** Rows of this chunk that have not too many partners together. */
  #batchRowsMax = CHUNK_ROWS;
  #found: Found = NOTHING_FOUND;
  /** How many of those found were read. */
  #read = 0;
  #isReading = false;
  #matched = new Uint8Array(0);
  #isDone = false;

  constructor(plan: LookupJoinPlan, left: Operator, run: RunState) {
    this.#plan = plan;
    this.#left = left;
    this.#run = run;
  }

  next(): MaybePromise<Chunk | undefined> {
    for (;;) {
      if (this.#isDone) return undefined;
      this.#run.checkAborted();
      const pause = this.#run.pause();
      if (pause !== undefined) return pause.then(() => this.next());
      const step = this.#step();
      if (isPromise(step)) return step.then((chunk) => chunk ?? this.next());
      if (step !== undefined) return step;
    }
  }

  /** Goes on by a chunk, a batch or what was found for it. */
  #step(): MaybePromise<Chunk | undefined> {
    if (this.#isReading) {
      return this.#read < this.#found.locators.length
        ? this.#readSome()
        : this.#endBatch();
    }
    const chunk = this.#chunk;
    if (chunk !== undefined && this.#position < selectedCount(chunk)) {
      this.#batchStart = this.#position;
      return then(this.#find(), () => {
        this.#isReading = true;
        if (!this.#plan.needsRows) this.#matchFound();
        return undefined;
      });
    }
    return then(this.#left.next(), (some) => this.#start(some));
  }

  #start(chunk: Chunk | undefined): undefined {
    this.#chunk = chunk;
    this.#position = 0;
    if (chunk === undefined) {
      this.#isDone = true;
      return;
    }
    const { captures, keys, lookup } = this.#plan;
    const { access } = this.#run.context;
    const valuesOf = (expression: ColumnExpression): Column =>
      expression(chunk, chunk.selection, this.#run);
    const method = access.index(indexOf(lookup).accessMethod);
    this.#keys = method.lookupEach === undefined
      ? undefined
      : keys?.map(valuesOf);
    if (this.#keys === undefined) this.#captured = captures.map(valuesOf);
    this.#matched = new Uint8Array(chunk.rowCount);
    this.#batchRowsMax = CHUNK_ROWS;
  }

  /** Finds the partners of the rows of a batch. */
  #find(): MaybePromise<void> {
    // It may have been closed while it waited.
    if (this.#chunk === undefined) return;
    const { selection, rowCount } = this.#chunk;
    const end = Math.min(
      countOf(selection, rowCount),
      this.#batchStart + Math.min(this.#batchRows, this.#batchRowsMax),
    );
    return this.#keys === undefined
      ? this.#findEach(selection, end, { locators: [], rows: [] })
      : this.#findTogether(this.#keys, selection, end);
  }

  /** Finds the partners of the rows up to `end` at once. */
  #findTogether(
    columns: readonly Column[],
    selection: Uint32Array | undefined,
    end: number,
  ): MaybePromise<void> {
    const start = this.#batchStart;
    const rows = new Uint32Array(end - start);
    for (let i = 0; i < rows.length; i++) {
      rows[i] = selection === undefined ? start + i : selection[start + i]!;
    }
    const list = new PartnerList(
      rows.length,
      rows.length === 1 ? Infinity : FOUND_MAX,
      !this.#plan.needsRows,
    );
    const { lookup } = this.#plan;
    const { access, transaction } = this.#run.context;
    const index = indexOf(lookup);
    const finding = access.index(index.accessMethod).lookupEach!(
      index,
      lookup.table.table,
      lookup.kind === "index_scan" ? viewOf(transaction) : transaction,
      { columns, rows },
      list,
    );
    return then(finding, () => {
      if (list.isOver) {
        this.#batchRowsMax = Math.max(1, rows.length >>> 2);
        return this.#find();
      }
      this.#run.account(FOUND_BYTES * list.count);
      this.#found = list.inOrder(rows);
      this.#position = end;
    });
  }

  /** Finds the partners of one row after the other. */
  #findEach(
    selection: Uint32Array | undefined,
    end: number,
    found: FoundRows,
  ): MaybePromise<void> {
    this.#found = found;
    while (this.#position < end && found.rows.length < CHUNK_ROWS) {
      const position = this.#position++;
      const row = selection === undefined ? position : selection[position]!;
      const { captures } = this.#plan.node;
      for (let i = 0; i < captures.length; i++) {
        const value = valueAt(this.#captured[i]!, row);
        this.#run.setSlot(captures[i]!.slot, value);
      }
      const finding = findPartners(this.#plan.lookup, this.#run, row, found);
      if (isPromise(finding)) {
        return finding.then(() => this.#findEach(selection, end, found));
      }
    }
  }

  /** That there is a partner is all that is asked. */
  #matchFound(): void {
    const { rows } = this.#found;
    for (let i = 0; i < rows.length; i++) this.#matched[rows[i]!] = 1;
    this.#read = rows.length;
  }

  /** Reads some of the partners that were found. */
  #readSome(): MaybePromise<Chunk | undefined> {
    const { lookup, columns } = this.#plan;
    const { table } = lookup.table;
    const { access, transaction, signal } = this.#run.context;
    const from = this.#read;
    const { locators } = this.#found;
    const some = new Float64Array(
      Math.min(CHUNK_ROWS, locators.length - from),
    );
    for (let i = 0; i < some.length; i++) some[i] = locators[from + i]!;
    this.#read = from + some.length;
    const reads = lookup.kind === "index_scan"
      ? viewOf(transaction)
      : transaction;
    const method = access.table(table.accessMethod);
    const filter = method.filters === true
      ? this.#plan.rowFilter?.(this.#run)
      : undefined;
    const condition = filter === undefined
      ? this.#plan.condition
      : this.#plan.pairFilter;
    const located = method.fetch(
      table,
      reads,
      some,
      { columns: columns.wanted, filter, signal },
    );
    return then(located, (rows) => this.#pairs(rows, some, from, condition));
  }

  /** The pairs for which the condition is true; none of a semi- or anti-join. */
  #pairs(
    located: LocatedChunk,
    wanted: Float64Array,
    from: number,
    condition: Filter | undefined,
  ): Chunk | undefined {
    const chunk = this.#chunk;
    const { rowCount } = located.chunk;
    if (chunk === undefined || rowCount === 0) return undefined;
    const lefts = new Uint32Array(rowCount);
    // Rows come in the order asked for, without those that are not there.
    let at = 0;
    for (let i = 0; i < rowCount; i++) {
      while (wanted[at] !== located.locators[i]) at++;
      lefts[i] = this.#found.rows[from + at++]!;
    }
    const { node, columns } = this.#plan;
    const all: Chunk = {
      columns: [
        ...chunk.columns.map((column) => gather(column, lefts)),
        ...columns.chunkOf(located).columns,
      ],
      rowCount,
    };
    const selection = condition?.(all, this.#run);
    const count = countOf(selection, rowCount);
    if (node.join === "inner") {
      return count === 0 ? undefined : { ...all, selection };
    }
    for (let i = 0; i < count; i++) {
      this.#matched[lefts[selection === undefined ? i : selection[i]!]!] = 1;
    }
    return node.join !== "left" || count === 0
      ? undefined
      : { ...all, selection };
  }

  /** What the rows of a batch give once all their partners are known. */
  #endBatch(): Chunk | undefined {
    const chunk = this.#chunk!;
    const { join } = this.#plan.node;
    this.#forget();
    this.#read = 0;
    this.#isReading = false;
    this.#batchRows = Math.min(CHUNK_ROWS, this.#batchRows * 4);
    if (join === "inner") return undefined;
    const { selection, columns, rowCount } = chunk;
    const wanted = join === "semi" ? 1 : 0;
    const rows: number[] = [];
    for (let i = this.#batchStart; i < this.#position; i++) {
      const row = selection === undefined ? i : selection[i]!;
      if (this.#matched[row] === wanted) rows.push(row);
    }
    if (rows.length === 0) return undefined;
    const some = Uint32Array.from(rows);
    if (join !== "left") return { columns, rowCount, selection: some };
    return {
      columns: [
        ...columns.map((column) => gather(column, some)),
        ...this.#plan.rightTypes.map((type) =>
          constantColumn(type, null, some.length)
        ),
      ],
      rowCount: some.length,
    };
  }

  close(): void {
    this.#isDone = true;
    this.#left.close();
    this.#chunk = undefined;
    this.#forget();
  }

  #forget(): void {
    this.#run.account(-FOUND_BYTES * this.#found.rows.length);
    this.#found = NOTHING_FOUND;
  }
}

function indexOf(lookup: Lookup): IndexEntry {
  return lookup.kind === "index_scan" ? lookup.range.index : lookup.index;
}
