/**
 * The types of the dialects in PostgreSQL's words.
 *
 * | a type | becomes |
 * | --- | --- |
 * | an unsigned integer | the next larger one, and a check that it is not negative |
 * | a boolean where conditions are numbers, BIT of T-SQL | `smallint` |
 * | ENUM | `text` with a check |
 * | JSON, VARIANT, OBJECT | `jsonb` |
 *
 * @module
 */
import type { ForeignDialect } from "./dialect.ts";
import { writeValue } from "./condition.ts";
import type { Translation } from "./translation.ts";
import { type TreeNode, unsupported } from "./tree_node.ts";

/** A type, and what a column of it must satisfy. */
export interface WrittenType {
  /** The type's text. */
  readonly type: string;
  /** The condition of a column; `undefined` for none. */
  readonly check?: ((column: string) => string) | undefined;
}

/** The names that most have in common; `n` means that a length is kept. */
const COMMON: Readonly<Record<string, string>> = {
  "tinyint": "smallint",
  "smallint": "smallint",
  "mediumint": "integer",
  "int": "integer",
  "integer": "integer",
  "bigint": "bigint",
  "decimal": "numeric n",
  "numeric": "numeric n",
  "number": "numeric n",
  "dec": "numeric n",
  "float": "real",
  "real": "real",
  "double": "double precision",
  "double precision": "double precision",
  "bool": "boolean",
  "boolean": "boolean",
  "char": "char n",
  "character": "char n",
  "varchar": "varchar n",
  "text": "text",
  "string": "text",
  "blob": "bytea",
  "binary": "bytea",
  "varbinary": "bytea",
  "bytes": "bytea",
  "date": "date",
  "time": "time",
  "datetime": "timestamp",
  "timestamp": "timestamp",
  "json": "jsonb",
  "uuid": "uuid",
};

const MYSQL: Readonly<Record<string, string>> = {
  "bool": "smallint",
  "boolean": "smallint",
  "tinytext": "text",
  "mediumtext": "text",
  "longtext": "text",
  "tinyblob": "bytea",
  "mediumblob": "bytea",
  "longblob": "bytea",
  "timestamp": "timestamptz",
  "year": "smallint",
  "bit": "bit n",
  "signed": "bigint",
  "unsigned": "bigint",
};

const OWN: Readonly<Record<ForeignDialect, Readonly<Record<string, string>>>> =
  {
    mysql: MYSQL,
    mariadb: MYSQL,
    sqlite: {
      "int": "bigint",
      "integer": "bigint",
      "real": "double precision",
      "float": "double precision",
      "varchar": "text",
      "char": "text",
      "bool": "smallint",
      "boolean": "smallint",
    },
    tsql: {
      "bit": "smallint",
      "nvarchar": "varchar n",
      "nchar": "char n",
      "ntext": "text",
      "float": "double precision",
      "money": "numeric(19,4)",
      "smallmoney": "numeric(10,4)",
      "datetime2": "timestamp",
      "smalldatetime": "timestamp",
      "datetimeoffset": "timestamptz",
      "uniqueidentifier": "uuid",
      "image": "bytea",
    },
    bigquery: {
      "int64": "bigint",
      "int": "bigint",
      "float64": "double precision",
      "bignumeric": "numeric n",
      "timestamp": "timestamptz",
    },
    snowflake: {
      "int": "bigint",
      "integer": "bigint",
      "float": "double precision",
      "variant": "jsonb",
      "object": "jsonb",
      "timestamp_ntz": "timestamp",
      "timestamp_tz": "timestamptz",
      "timestamp_ltz": "timestamptz",
    },
  };

const UNSIGNED: Readonly<Record<string, string>> = {
  "smallint": "integer",
  "integer": "bigint",
  "bigint": "numeric(20)",
};

/** A type of the dialect in PostgreSQL's words. @throws {SqlError} `0A000`. */
export function writeType(
  node: TreeNode,
  translation: Translation,
): WrittenType {
  const { dialect } = translation.rules;
  const word = (node.text("dataType") ?? "").toLowerCase();
  const written =
    (typeof node.raw("suffix") === "string"
      ? [node.raw("suffix")]
      : node.raw("suffix")) as readonly unknown[] | undefined;
  const suffixes = (written ?? []).map((each) => String(each).toLowerCase());
  node.raw("quoted");
  if (word === "enum") return writeEnum(node, translation);
  if (word === "array") {
    node.raw("anglebracket");
    const [item] = node.list("definition");
    if (item === undefined) throw unsupported("An array of this kind");
    const { type } = writeType(item.need("field_type"), translation);
    return { type: `${type}[]` };
  }
  const known = OWN[dialect][word] ?? COMMON[word];
  if (known === undefined) throw unsupported(`The type ${word.toUpperCase()}`);
  const type = withLength(known, node);
  node.done();
  if (!suffixes.includes("unsigned")) return { type };
  return {
    type: UNSIGNED[type] ?? type,
    check: (column) => `${column} >= 0`,
  };
}

function withLength(known: string, node: TreeNode): string {
  const length = node.raw("length");
  const scale = node.raw("scale");
  if (!known.endsWith(" n")) return known;
  const type = known.slice(0, -2);
  if (String(length).toLowerCase() === "max") return "text";
  if (length === null || length === undefined) return type;
  const numbers = [length, scale]
    .filter((each) => each !== null && each !== undefined);
  return `${type}(${numbers.join(", ")})`;
}

function writeEnum(node: TreeNode, translation: Translation): WrittenType {
  const labels = node.need("expr").list("value")
    .map((each) => writeValue(each, translation)).join(", ");
  node.done();
  return { type: "text", check: (column) => `${column} IN (${labels})` };
}
