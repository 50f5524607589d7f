/**
 * PRIMARY KEY and UNIQUE as they are defined.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { KeySyntax } from "../../parser/constraint_syntax.ts";
import { columnsName, objectName } from "../object_name.ts";
import type { BoundKey } from "./bound_constraint.ts";

/** A table as its keys see it. */
interface KeyedTable {
  readonly name: string;
  readonly columns: readonly {
    readonly name: string;
    /** Whether it was said to take NULL. */
    readonly isNullable?: boolean;
  }[];
}

/** `42P16`: one primary key is enough. */
export function secondPrimaryKey(table: string, offset?: number): SqlError {
  return new SqlError(
    "42P16",
    `multiple primary keys for table "${table}" are not allowed`,
    { offset },
  );
}

/**
 * The keys of a new table: the primary one first; what repeats another is left
 * out.
 */
export function bindKeys(
  table: KeyedTable,
  syntaxes: readonly KeySyntax[],
): BoundKey[] {
  const keys: BoundKey[] = [];
  for (const syntax of syntaxes) {
    const key = bindKey(table, syntax);
    if (key.form === "primary_key") {
      if (keys[0]?.form === "primary_key") {
        throw secondPrimaryKey(table.name, syntax.offset);
      }
      keys.unshift(key);
    } else {
      keys.push(key);
    }
  }
  return keys.filter((key, i) => {
    const first = keys.findIndex((other) =>
      other.columns.length === key.columns.length &&
      other.nullsNotDistinct === key.nullsNotDistinct &&
      other.deferrable === key.deferrable &&
      other.initiallyDeferred === key.initiallyDeferred &&
      other.columns.every((column, j) => column === key.columns[j])
    );
    return first === i || key.name !== undefined;
  });
}

/**
 * Binds a key of a table.
 *
 * @throws {SqlError} `42703`, `42701`, `42601`.
 */
export function bindKey(
  { name: table, columns }: KeyedTable,
  { form, name, offset, ...syntax }: KeySyntax,
): BoundKey {
  if (syntax.usingIndex !== undefined) {
    throw new SqlError(
      "0A000",
      "cannot use an existing index in CREATE TABLE",
      { offset },
    );
  }
  const positions: number[] = [];
  for (const column of syntax.columns) {
    const position = columns.findIndex((other) => other.name === column);
    if (position < 0) {
      throw new SqlError(
        "42703",
        `column "${column}" named in key does not exist`,
        { offset },
      );
    }
    if (positions.includes(position)) {
      const what = form === "primary_key" ? "primary key" : "unique";
      throw new SqlError(
        "42701",
        `column "${column}" appears twice in ${what} constraint`,
        { offset },
      );
    }
    if (form === "primary_key" && columns[position]!.isNullable === true) {
      throw new SqlError(
        "42601",
        `conflicting NULL/NOT NULL declarations for column "${column}" of table "${table}"`,
        { offset },
      );
    }
    positions.push(position);
  }
  const { nullsNotDistinct, deferrable, initiallyDeferred } = syntax;
  const defaultName = form === "primary_key"
    ? objectName(table, undefined, "pkey")
    : objectName(
      table,
      columnsName([...syntax.columns, ...syntax.include]),
      "key",
    );
  const include = syntax.include.map((column) => {
    const position = columns.findIndex((each) => each.name === column);
    if (position >= 0) return position;
    throw new SqlError(
      "42703",
      `column "${column}" named in key does not exist`,
      { offset },
    );
  });
  return {
    form,
    name,
    defaultName,
    columns: positions,
    include,
    nullsNotDistinct,
    deferrable,
    initiallyDeferred,
  };
}
