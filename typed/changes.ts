/**
 * INSERT, UPDATE and DELETE as values: written once, shown, run, with what they
 * return.
 *
 * ```ts
 * import { open } from "@kriyadb/kriyadb";
 * import { column, insertInto, table, update } from "@kriyadb/kriyadb/typed";
 *
 * const items = table("items", {
 *   id: column.identity(),
 *   name: column.text().notNull(),
 *   price: column.numeric(),
 * });
 * await using db = await open("memory:");
 * await items.create(db);
 *
 * const [row] = await insertInto(items, [{ name: "red" }])
 *   .returning("id").rows(db);
 * console.assert(row?.id === 1); // row has no other column
 *
 * const dearer = update(items, { name: "red" }, { price: "2.50" });
 * console.log(dearer.toSql()); // UPDATE "items" SET "price" = $1 WHERE …
 * console.assert(await dearer.run(db) === 1);
 * ```
 *
 * Nothing here changes: `returning` gives another statement.
 *
 * @module
 */
import { type Queryable, SqlError } from "../mod.ts";
import { type Conditions, conditionText } from "./conditions.ts";
import { quoted, quotedPath } from "./names.ts";
import type {
  Columns,
  InsertOfColumns,
  RowOfColumns,
  UpdateOfColumns,
} from "./rows.ts";
import type { SqlText } from "./sql_text.ts";

/** The table of a change. */
export interface ChangedTable<C extends Columns> {
  /** Its name, as it was given. */
  readonly name: string;
  /** Its columns. */
  readonly columns: C;
}

/** What becomes of rows that are there already. */
export interface ConflictOptions<C extends Columns> {
  /** The columns of a key: a row with the same values is there already. */
  readonly columns: readonly (keyof C & string)[];
  /** The columns that take the new row's values; without them it is left. */
  readonly update?: readonly (keyof C & string)[];
}

/** How rows are inserted. */
export interface InsertOptions<C extends Columns> {
  /** What becomes of rows that are there already (default: an error). */
  readonly onConflict?: ConflictOptions<C>;
}

/** A change without the types of its rows. */
export interface ChangeFacts<C extends Columns> {
  readonly table: ChangedTable<C>;
  /** The statement before RETURNING; nothing where there is nothing to do. */
  readonly write: (values: unknown[]) => string | undefined;
  /** The columns after RETURNING. */
  readonly returning: readonly string[];
}

/** A statement that changes rows, and returns rows of the type `R`. */
export class Change<C extends Columns, R> {
  readonly #facts: ChangeFacts<C>;

  /** Used by {@linkcode insertInto} and the functions beside it. */
  constructor(facts: ChangeFacts<C>) {
    this.#facts = facts;
  }

  /** With the columns of the rows that it changes; without names all of them. */
  returning(): Change<C, RowOfColumns<C>>;
  /** With these columns of the rows that it changes. */
  returning<const K extends keyof C & string>(
    ...names: readonly [K, ...K[]]
  ): Change<C, Pick<RowOfColumns<C>, K>>;
  returning(...names: readonly string[]): Change<C, unknown> {
    const all = Object.keys(this.#facts.table.columns);
    const returning = names.length === 0 ? all : names;
    return new Change({ ...this.#facts, returning });
  }

  /**
   * The statement, its values as parameters.
   *
   * @throws {SqlError} `42601` where it would change nothing or everything by
   * mistake, `42703` for a column that is not there.
   */
  toSql(): SqlText {
    const sql = this.#text();
    if (sql === undefined) {
      throw new SqlError("42601", "there are no rows to insert");
    }
    return sql;
  }

  /** Runs it; resolves with what it returns, as {@linkcode returning} says. */
  async rows(db: Queryable): Promise<R[]> {
    const sql = this.#text();
    if (sql === undefined) return [];
    const result = await db.query<R & Record<string, unknown>>(sql.text, [
      ...sql.values,
    ]);
    return result.rows;
  }

  /** Runs it; resolves with how many rows it changed. */
  async run(db: Queryable): Promise<number> {
    const sql = this.#text();
    if (sql === undefined) return 0;
    return (await db.query(sql.text, [...sql.values])).affectedRows;
  }

  #text(): SqlText | undefined {
    const { table, write, returning } = this.#facts;
    const values: unknown[] = [];
    const text = write(values);
    if (text === undefined) return undefined;
    if (returning.length === 0) return { text, values };
    const list = returning.map((name) => columnText(table, name));
    return { text: `${text} RETURNING ${list.join(", ")}`, values };
  }
}

/** INSERT of rows, all or none; without rows it does nothing. */
export function insertInto<C extends Columns>(
  table: ChangedTable<C>,
  rows: readonly InsertOfColumns<C>[],
  { onConflict }: InsertOptions<C> = {},
): Change<C, never> {
  const write = (values: unknown[]): string | undefined => {
    if (rows.length === 0) return undefined;
    const given = rows as readonly Record<string, unknown>[];
    const names = Object.keys(table.columns).filter((name) =>
      given.some((row) => row[name] !== undefined)
    );
    if (names.length === 0) {
      throw new SqlError("42601", "the rows have no values");
    }
    const tuples = given.map((row) => {
      const items = names.map((name) =>
        row[name] === undefined ? "DEFAULT" : `$${values.push(row[name])}`
      );
      return `(${items.join(", ")})`;
    });
    const into = `${quotedPath(table.name)} (${names.map(quoted).join(", ")})`;
    const conflict = onConflict === undefined
      ? ""
      : conflictText(table, onConflict);
    return `INSERT INTO ${into} VALUES ${tuples.join(", ")}${conflict}`;
  };
  return new Change({ table, write, returning: [] });
}

/** UPDATE of the rows of which all conditions hold. */
export function update<C extends Columns>(
  table: ChangedTable<C>,
  where: Conditions<UpdateOfColumns<C>>,
  set: UpdateOfColumns<C>,
): Change<C, never> {
  const write = (values: unknown[]): string => {
    const changes = Object.entries(set).filter(([, value]) =>
      value !== undefined
    ).map(([name, value]) =>
      `${columnText(table, name)} = $${values.push(value)}`
    );
    if (changes.length === 0) {
      throw new SqlError("42601", "there is nothing to change");
    }
    return `UPDATE ${quotedPath(table.name)} SET ${changes.join(", ")}${
      whereText(table, where, values)
    }`;
  };
  return new Change({ table, write, returning: [] });
}

/** DELETE of the rows of which all conditions hold. */
export function deleteFrom<C extends Columns>(
  table: ChangedTable<C>,
  where: Conditions<UpdateOfColumns<C>>,
): Change<C, never> {
  const write = (values: unknown[]): string =>
    `DELETE FROM ${quotedPath(table.name)}${whereText(table, where, values)}`;
  return new Change({ table, write, returning: [] });
}

/**
 * A column of a table, quoted.
 *
 * @throws {SqlError} `42703` for a name that is none of the columns.
 */
export function columnText<C extends Columns>(
  table: ChangedTable<C>,
  name: string,
): string {
  if (Object.hasOwn(table.columns, name)) return quoted(name);
  throw new SqlError("42703", `column "${name}" does not exist`);
}

/** ` WHERE …` of conditions, nothing without any; values are added to `values`. */
export function whereText<C extends Columns>(
  table: ChangedTable<C>,
  where: Conditions<UpdateOfColumns<C>>,
  values: unknown[],
): string {
  const texts = Object.entries(where).map(([name, condition]) =>
    conditionText(columnText(table, name), condition, values)
  );
  return texts.length === 0 ? "" : ` WHERE ${texts.join(" AND ")}`;
}

/** @throws {SqlError} `42601` without the columns of a key. */
function conflictText<C extends Columns>(
  table: ChangedTable<C>,
  { columns, update = [] }: ConflictOptions<C>,
): string {
  if (columns.length === 0) {
    throw new SqlError("42601", "onConflict has no columns");
  }
  const target = columns.map((name) => columnText(table, name)).join(", ");
  const changes = update.map((name) => {
    const column = columnText(table, name);
    return `${column} = excluded.${column}`;
  });
  const action = changes.length === 0
    ? "NOTHING"
    : `UPDATE SET ${changes.join(", ")}`;
  return ` ON CONFLICT (${target}) DO ${action}`;
}
