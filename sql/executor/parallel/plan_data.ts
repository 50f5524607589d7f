/**
 * Plans as data, for other threads.
 *
 * A plan is a tree of plain objects with definitions in it. The tree is copied;
 * in place of what does not cross stands an object that has `crossing`:
 *
 * | crossing | stands for | by |
 * | --- | --- | --- |
 * | `definition` | a type, a function, an aggregate | its number |
 * | `constant` | a constant | its value as bytes |
 * | `cast` | what a cast converts by | types and context, which say it again |
 * | `table` | the table of a scan | the columns that are read |
 *
 * Whatever else is no plain data (a function of the application, a routine, a type
 * of the database, a query in an expression) does not cross: the plan then runs in
 * one thread. So does what may give something else in another thread: volatile
 * functions, and those that ask the catalog or the session.
 *
 * @module
 */
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import type { TableRelation } from "../../analyzer/bound_tree.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { columnOf, valueAt } from "../../chunk/chunk.ts";
import type { FunctionDefinition } from "../../functions/registry.ts";
import type { LogicalPlan } from "../../planner/logical_plan.ts";
import { compileCast, type Convert, findCast } from "../../types/cast.ts";
import type { DataType, Nullable, TypeRef } from "../../types/data_type.ts";
import { chunkShape, decodeRows, encodeRows } from "../spill/chunk_bytes.ts";
import { definitionAt, numberOf } from "./definition_numbers.ts";

/** A plan as data: of a {@linkcode GatherNode}. */
export interface PlanData {
  /** The tree. */
  readonly tree: unknown;
  /** The parameters that it asks for, and their types' numbers. */
  readonly parameters: readonly {
    readonly index: number;
    readonly type: number;
  }[];
}

/** Something that does not cross. */
class Stays extends Error {}

/** A plan as data; nothing where some of it has to stay. */
export function planData(plan: LogicalPlan): PlanData | undefined {
  const writer = new PlanWriter();
  try {
    const tree = writer.write(plan);
    return { tree, parameters: [...writer.parameters.values()] };
  } catch (error) {
    if (error instanceof Stays) return undefined;
    throw error;
  }
}

/** Kinds of expressions that speak of what is around the plan. */
const STAYING: ReadonlySet<unknown> = new Set([
  "subquery",
  "outer",
  "window",
  "grouping",
]);

class PlanWriter {
  readonly parameters = new Map<number, PlanData["parameters"][number]>();

  write(value: unknown): unknown {
    if (typeof value !== "object" || value === null) {
      if (typeof value === "function") throw new Stays();
      return value;
    }
    if (Array.isArray(value)) return value.map((each) => this.write(each));
    const number = numberOf(value);
    if (number !== undefined) {
      checkCalled(value);
      return { crossing: "definition", number };
    }
    if (Object.getPrototypeOf(value) !== Object.prototype) throw new Stays();
    const { kind } = value as { readonly kind?: unknown };
    if (STAYING.has(kind)) throw new Stays();
    switch (kind) {
      case "constant":
        return this.#constant(value as BoundOf<"constant">);
      case "cast":
        return this.#cast(value as BoundOf<"cast">);
      case "parameter":
        this.#parameter(value as BoundOf<"parameter">);
        break;
      case "scan":
        return this.#scan(value as Extract<LogicalPlan, { kind: "scan" }>);
    }
    return this.#fields(value);
  }

  #fields(value: object): Record<string, unknown> {
    const copy: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(value)) {
      // Columns of another order than that of their type: their types say it.
      if (name === "collation" && field !== undefined) throw new Stays();
      copy[name] = this.write(field);
    }
    return copy;
  }

  #constant({ type, value, offset }: BoundOf<"constant">): unknown {
    return {
      crossing: "constant",
      type: this.write(type),
      bytes: encodeValues([type.type], [value]),
      offset,
    };
  }

  #cast(cast: BoundOf<"cast">): unknown {
    const { convert, ...rest } = cast;
    if (convert !== undefined) compiledCast(cast);
    return {
      crossing: "cast",
      converts: convert !== undefined,
      cast: this.#fields(rest),
    };
  }

  #parameter({ index, type }: BoundOf<"parameter">): void {
    const number = numberOf(type.type);
    if (number === undefined) throw new Stays();
    this.parameters.set(index, { index, type: number });
  }

  #scan(
    { table, columns, filter }: Extract<LogicalPlan, { kind: "scan" }>,
  ): unknown {
    const { table: { id, columns: all }, relation } = table;
    return {
      crossing: "table",
      id,
      relation,
      columns,
      filter: this.write(filter),
      stored: columns.filter((place) => place >= 0).map((place) => {
        const { number, type, missing } = all[place]!;
        return { place, number, type: this.write(type), missing };
      }),
    };
  }
}

type BoundOf<K extends BoundExpression["kind"]> = Extract<
  BoundExpression,
  { readonly kind: K }
>;

/** Names of functions that ask the catalog or the session. */
const ASKING =
  /^(pg_|has_|current_|to_reg|txid_|obj_|col_|shobj_|session_|set_|lsm_|inet_|row_security|query_to|table_to|schema_|database_to|cursor_to|version|nextval|lastval|setval)/;

/** Refuses what may give something else in another thread. */
function checkCalled(definition: object): void {
  const { name, oid } = definition as DataType;
  // Names of objects are looked up.
  if (oid !== undefined && name.startsWith("reg")) throw new Stays();
  const { volatility, async, set } = definition as FunctionDefinition;
  if (volatility === undefined) return;
  if (
    volatility === "volatile" || async !== undefined || set !== undefined ||
    (volatility === "stable" && ASKING.test(name))
  ) throw new Stays();
}

/** The plan that data says. */
export function planOf({ tree }: PlanData): LogicalPlan {
  return read(tree) as LogicalPlan;
}

/** What converts as a cast does; that of one database stays. */
function compiledCast(
  { operand, type, context }: Omit<BoundOf<"cast">, "convert">,
): Convert | undefined {
  const source = operand.type.type;
  if (findCast(source, type.type) === undefined) throw new Stays();
  return compileCast(source, type, context);
}

/** What stands in the place of something. */
type Crossing =
  | { readonly crossing: "definition"; readonly number: number }
  | {
    readonly crossing: "constant";
    readonly type: unknown;
    readonly bytes: Uint8Array;
    readonly offset: number;
  }
  | {
    readonly crossing: "cast";
    readonly converts: boolean;
    readonly cast: unknown;
  }
  | TableData;

/** A scan as data. */
interface TableData {
  readonly crossing: "table";
  readonly id: number;
  readonly relation: number;
  readonly columns: readonly number[];
  readonly filter: unknown;
  readonly stored: readonly {
    readonly place: number;
    readonly number: number;
    readonly type: unknown;
    readonly missing: string | undefined;
  }[];
}

function read(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(read);
  const data = value as Crossing;
  switch (data.crossing) {
    case "definition":
      return definitionAt(data.number);
    case "constant": {
      const type = read(data.type) as TypeRef;
      const [constant] = decodeValues([type.type], data.bytes);
      return { kind: "constant", type, value: constant, offset: data.offset };
    }
    case "cast": {
      const cast = read(data.cast) as BoundOf<"cast">;
      const convert = data.converts ? compiledCast(cast) : undefined;
      return { ...cast, convert };
    }
    case "table":
      return readScan(data);
    default: {
      const copy: Record<string, unknown> = {};
      for (const [name, field] of Object.entries(value)) {
        copy[name] = read(field);
      }
      return copy;
    }
  }
}

/** What tables are called whose rows come from another thread. */
const HANDED_ON = "handed on";

function readScan(data: TableData): LogicalPlan {
  const columns: TableEntry["columns"][number][] = [];
  for (const { place, number, type, missing } of data.stored) {
    columns[place] = {
      number,
      name: "",
      type: read(type) as TypeRef,
      notNull: false,
      missing,
    };
  }
  const entry: TableEntry = {
    kind: "table",
    id: data.id,
    name: "",
    schema: "",
    storageId: 0,
    accessMethod: HANDED_ON,
    columns,
    options: {},
  };
  const table: TableRelation = {
    kind: "table",
    relation: data.relation,
    table: entry,
    alias: "",
    columnNames: [],
  };
  return {
    kind: "scan",
    table,
    columns: data.columns,
    filter: read(data.filter) as BoundExpression | undefined,
  };
}

/** Values as bytes; what has no bytes stays. */
export function encodeValues(
  types: readonly DataType[],
  values: readonly Nullable[],
): Uint8Array {
  const shape = chunkShape(types);
  if (shape === undefined) throw new Stays();
  const columns = values.map((value, i) => columnOf(types[i]!, [value]));
  return encodeRows(shape, columns, ONE_ROW).slice();
}

const ONE_ROW = new Uint32Array(1);

/** The values that bytes say. */
export function decodeValues(
  types: readonly DataType[],
  bytes: Uint8Array,
): Nullable[] {
  const { columns } = decodeRows(chunkShape(types)!, bytes);
  return columns.map((column) => valueAt(column, 0));
}
