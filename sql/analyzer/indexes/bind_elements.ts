/**
 * The key columns of an index with their operator classes, as an access method
 * has them.
 *
 * @module
 */
import type {
  IndexAccessMethod,
  OperatorClass,
} from "../../access/index_access.ts";
import type { IndexColumn } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { IndexElement } from "../../parser/index_syntax.ts";
import type { CreateIndexSyntax } from "../../parser/syntax.ts";
import { findCast } from "../../types/cast.ts";
import type { DataType } from "../../types/data_type.ts";
import { isPolymorphic } from "../../types/pseudo_types.ts";
import type { StatementState } from "../statement_state.ts";
import {
  bindIndexKey,
  type IndexedTable,
  type IndexKey,
} from "./bind_index_key.ts";
import { isKeyType } from "../../encoding/key_bytes.ts";
import { classTypeName } from "./class_type_name.ts";

/** The key columns of an index, bound; their names, then those it includes. */
export function bindElements(
  state: StatementState,
  table: IndexedTable,
  { accessMethod, elements, include }: Pick<
    CreateIndexSyntax,
    "accessMethod" | "elements" | "include"
  >,
): {
  readonly columns: readonly IndexColumn[];
  readonly keys: readonly IndexKey[];
  readonly names: readonly string[];
} {
  const method = state.options.access.index(accessMethod);
  const keys = elements.map(({ key }) => bindIndexKey(state, table, key));
  const names = distinctNames([...keys.map(({ name }) => name), ...include]);
  const named = { method, name: accessMethod };
  const columns = elements.map((element, i) =>
    bindElement(state, named, { ...keys[i]!, name: names[i]! }, element)
  );
  return { columns, keys, names };
}

/** Names as ChooseIndexColumnNames makes them: `expr`, `expr1`. */
function distinctNames(names: readonly string[]): string[] {
  const taken: string[] = [];
  for (const name of names) {
    let candidate = name;
    for (let n = 1; taken.includes(candidate); n++) candidate = `${name}${n}`;
    taken.push(candidate);
  }
  return taken;
}

/** @throws {SqlError} `0A000`, `54011` for what the method cannot do. */
export function requireAbilities(
  method: IndexAccessMethod,
  { elements, unique, include }: Pick<
    CreateIndexSyntax,
    "elements" | "unique" | "include"
  >,
): void {
  const refuse = (what: string): never => {
    throw new SqlError(
      "0A000",
      `access method "${method.name}" does not support ${what}`,
    );
  };
  if (unique && !method.canBeUnique) refuse("unique indexes");
  if (include.length > 0 && !isOrdered(method)) refuse("included columns");
  if (elements.length > method.columnsMax) {
    if (method.columnsMax === 1) refuse("multicolumn indexes");
    throw new SqlError(
      "54011",
      `cannot use more than ${method.columnsMax} columns in an index`,
    );
  }
  if (isOrdered(method)) return;
  for (const { direction, nulls } of elements) {
    if (direction !== "default") refuse("ASC/DESC options");
    if (nulls !== "default") refuse("NULLS FIRST/LAST options");
  }
}

/** Whether its entries have an order: ASC and DESC mean something. */
function isOrdered({ openRange }: IndexAccessMethod): boolean {
  return openRange !== undefined;
}

function bindElement(
  state: StatementState,
  method: NamedMethod,
  key: IndexKey,
  element: IndexElement,
): IndexColumn {
  const descending = element.direction === "descending";
  const nullsFirst = element.nulls === "default"
    ? descending
    : element.nulls === "first";
  const operatorClass = element.operatorClass === undefined
    ? defaultClass(state, method, key.type.type)
    : namedClass(state, method, key.type.type, element);
  return {
    columnNumber: key.number,
    ...key.expression && {
      expression: { ...key.expression, name: key.name },
    },
    operatorClass: operatorClass.name,
    descending,
    nullsFirst,
  };
}

/** Whether the class is for the column's type: itself, or one of its form. */
function accepts(
  state: StatementState,
  method: IndexAccessMethod,
  { typeName }: OperatorClass,
  type: DataType,
): boolean {
  const isOrdered = method.name === "btree" || method.name === "hash";
  if (isOrdered && !isKeyType(type)) return false;
  if (typeName === classTypeName(type)) return true;
  const wanted = state.options.types.byName(typeName);
  // `anyenum` is for enumerations alone, though all types become it.
  if (wanted === undefined || isPolymorphic(wanted)) return false;
  const cast = findCast(type, wanted);
  return cast?.context === "implicit" && cast.convert === undefined;
}

/** A kind of index, and what the statement calls it. */
interface NamedMethod {
  readonly method: IndexAccessMethod;
  readonly name: string;
}

function defaultClass(
  state: StatementState,
  { method, name }: NamedMethod,
  type: DataType,
): OperatorClass {
  const classes = method.operatorClasses.filter(({ isDefault }) => isDefault);
  const found =
    classes.find((candidate) =>
      candidate.typeName === classTypeName(type) &&
      accepts(state, method, candidate, type)
    ) ?? classes.find((candidate) => accepts(state, method, candidate, type));
  if (found !== undefined) return found;
  throw new SqlError(
    "42704",
    `data type ${type.displayName} has no default operator class for access method "${name}"`,
    {
      hint:
        "You must specify an operator class for the index or define a default operator class for the data type.",
    },
  );
}

function namedClass(
  state: StatementState,
  { method, name: methodName }: NamedMethod,
  type: DataType,
  element: IndexElement,
): OperatorClass {
  const name = element.operatorClass!;
  const extensions = state.options.catalog.extensions();
  const classes = method.operatorClasses.filter((candidate) =>
    (candidate.name === name || candidate.aliases?.includes(name) === true) &&
    (candidate.extension === undefined ||
      extensions.some((each) => each.name === candidate.extension))
  );
  const found = classes.find((candidate) =>
    accepts(state, method, candidate, type)
  );
  if (found !== undefined) return found;
  if (classes.length > 0) {
    throw new SqlError(
      "42804",
      `operator class "${name}" does not accept data type ${type.displayName}`,
    );
  }
  throw new SqlError(
    "42704",
    `operator class "${name}" does not exist for access method "${methodName}"`,
  );
}
