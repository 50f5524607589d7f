/**
 * `connectby`: the rows below one, by keys and the keys of parents.
 *
 * | column | |
 * | --- | --- |
 * | key, parent's key | of the type of the table's key |
 * | level | 0 for where it begins |
 * | branch | the keys on the way, if a delimiter is given |
 * | number | in what order, if there is one |
 *
 * @module
 */
import { then } from "../../../../base/maybe_promise.ts";
import { SqlError } from "../../../errors/sql_error.ts";
import type { DataType, Nullable } from "../../../types/data_type.ts";
import { int4 } from "../../../types/int_types.ts";
import { record } from "../../../types/row/row_type.ts";
import { text } from "../../../types/text_types.ts";
import type { FunctionDefinition, QueryRows } from "../../definition.ts";
import { rowsSource, type SetColumn } from "../../sets/set_source.ts";
import { converters, queriesOf } from "./query_values.ts";

/** What a call asks for. */
interface Tree {
  readonly start: string;
  /** How deep; 0: all of it. */
  readonly depth: number;
  /** What stands between keys of a branch; absent: there is no such column. */
  readonly delimiter: string | undefined;
  readonly isNumbered: boolean;
}

function invalidReturn(detail: string): SqlError {
  return new SqlError("42804", "invalid connectby return type", { detail });
}

function checkColumns(
  columns: readonly SetColumn[],
  { delimiter, isNumbered }: Tree,
): void {
  const wanted = 3 + (delimiter === undefined ? 0 : 1) + (isNumbered ? 1 : 0);
  if (columns.length !== wanted) {
    throw invalidReturn(
      `Return row must have ${wanted} columns, not ${columns.length}.`,
    );
  }
  const types = columns.map(({ type }) => type.type);
  if (types[0] !== types[1]) {
    throw invalidReturn(
      `Source key type ${
        types[0]!.displayName
      } does not match source parent key type ${types[1]!.displayName}.`,
    );
  }
  const check = (place: number, name: string, type: DataType): void => {
    if (types[place] === type) return;
    throw invalidReturn(
      `Column "${name}" must be of type ${type.displayName}.`,
    );
  };
  check(2, "level", int4);
  if (delimiter !== undefined) check(3, "branch", text);
  if (isNumbered) check(wanted - 1, "serial", int4);
}

/** Keys by the text of their parent's. */
function childrenOf({ fields, rows }: QueryRows): Map<string, string[]> {
  const [key, parent] = fields.map((field) => field.type.type);
  const children = new Map<string, string[]>();
  for (const [own, above] of rows) {
    const name = parent!.output(above!);
    const list = children.get(name);
    if (list === undefined) children.set(name, [key!.output(own!)]);
    else list.push(key!.output(own!));
  }
  return children;
}

/** The rows of a tree, each before those below it. */
function* walk(
  children: ReadonlyMap<string, readonly string[]>,
  { start, depth, delimiter, isNumbered }: Tree,
): Iterable<Nullable[]> {
  let number = 0;
  const row = (path: readonly string[]): Nullable[] => [
    path.at(-1)!,
    path.at(-2) ?? null,
    path.length - 1,
    ...delimiter === undefined ? [] : [path.join(delimiter)],
    ...isNumbered ? [++number] : [],
  ];
  const paths: string[][] = [[start]];
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
    yield row(path);
    if (depth > 0 && path.length > depth) continue;
    const below = children.get(path.at(-1)!) ?? [];
    for (const key of below.toReversed()) {
      if (path.includes(key)) {
        throw new SqlError("42P19", "infinite recursion detected");
      }
      paths.push([...path, key]);
    }
  }
}

function connectby(
  isNumbered: boolean,
  hasBranch: boolean,
): FunctionDefinition {
  const argumentTypes = [
    text,
    text,
    text,
    ...isNumbered ? [text] : [],
    text,
    int4,
    ...hasBranch ? [text] : [],
  ];
  return {
    name: "connectby",
    argumentTypes,
    returnType: record,
    strict: true,
    volatility: "stable",
    columns: "record",
    set: (args, context, columns) => {
      const [table, key, parent] = args;
      const rest = args.slice(isNumbered ? 4 : 3);
      const tree: Tree = {
        start: rest[0] as string,
        depth: rest[1] as number,
        delimiter: hasBranch ? rest[2] as string : undefined,
        isNumbered,
      };
      checkColumns(columns, tree);
      const order = isNumbered ? ` ORDER BY ${args[3]}` : "";
      const sql =
        `SELECT ${key}, ${parent} FROM ${table} WHERE ${parent} IS NOT NULL AND ${key} IS NOT NULL AND ${key} <> ${parent}${order}`;
      return then(queriesOf(context).query(sql), (source) => {
        const type = source.fields[0]!.type.type;
        if (type !== columns[0]!.type.type) {
          throw invalidReturn(
            `Source key type ${type.displayName} does not match return key type ${
              columns[0]!.type.type.displayName
            }.`,
          );
        }
        const texts = columns.map(({ name }, i) => ({
          name,
          type: i < 2 ? TEXT : columns[i]!.type,
        }));
        const converted = converters(texts, columns, context);
        const rows = walk(childrenOf(source), tree);
        return rowsSource([...rows].map(converted));
      });
    },
  };
}

const TEXT = { type: text, typmod: -1 };

/** All of `connectby`. */
export const connectbyFunctions: readonly FunctionDefinition[] = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
].map(([isNumbered, hasBranch]) => connectby(isNumbered!, hasBranch!));
