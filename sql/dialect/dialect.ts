/**
 * The dialects that statements can be written in, and how their texts differ
 * before they are parsed: which quotes make a text and which a name, what a
 * comment is, where a backslash escapes.
 *
 * Sources: the manuals of MySQL 8.4 ch. 11 (Language Structure), MariaDB,
 * SQLite (lang_expr), Transact-SQL (Database identifiers, Constants), BigQuery
 * and Snowflake (Lexical structure, String literals).
 *
 * @module
 */

/** What `dialect` of a query takes. */
export type Dialect =
  | "postgresql"
  | "mysql"
  | "mariadb"
  | "sqlite"
  | "bigquery"
  | "snowflake"
  | "tsql";

/** A dialect that is translated. */
export type ForeignDialect = Exclude<Dialect, "postgresql">;

/** How texts of a dialect are read and what its words mean. */
export interface DialectRules {
  /** The dialect. */
  readonly dialect: ForeignDialect;
  /** Its name, for messages. */
  readonly title: string;
  /** What quotes texts. */
  readonly textQuotes: string;
  /** What opens a quoted name. */
  readonly nameQuotes: string;
  /** Whether `\` escapes in texts. */
  readonly backslash: boolean;
  /** What begins a comment to the end of the line, besides `--`. */
  readonly lineComments: readonly string[];
  /** Conditions are numbers: `TRUE` is 1, and `WHERE n` means `n <> 0`. */
  readonly numericConditions: boolean;
  /** LIKE does not tell upper from lower case. */
  readonly foldingLike: boolean;
  /** The escape of LIKE where none is given. */
  readonly likeEscape: "\\" | "";
  /** What `/` of two integers is. */
  readonly division: "integer" | "fraction";
  /** Whether a division by zero is NULL. */
  readonly nullByZero: boolean;
  /** Whether a quoted name in lower case is another than the unquoted one. */
  readonly quotedNames: "folded" | "upper";
}

const COMMON = {
  textQuotes: "'",
  nameQuotes: '"',
  backslash: false,
  lineComments: [],
  numericConditions: false,
  foldingLike: false,
  likeEscape: "\\",
  division: "fraction",
  nullByZero: false,
  quotedNames: "folded",
} as const;

const MYSQL = {
  ...COMMON,
  textQuotes: `'"`,
  nameQuotes: "`",
  backslash: true,
  lineComments: ["#"],
  numericConditions: true,
  foldingLike: true,
  nullByZero: true,
} as const;

const RULES: Readonly<Record<ForeignDialect, DialectRules>> = {
  mysql: { ...MYSQL, dialect: "mysql", title: "MySQL" },
  mariadb: { ...MYSQL, dialect: "mariadb", title: "MariaDB" },
  sqlite: {
    ...COMMON,
    dialect: "sqlite",
    title: "SQLite",
    nameQuotes: '"`[',
    numericConditions: true,
    foldingLike: true,
    likeEscape: "",
    division: "integer",
    nullByZero: true,
  },
  bigquery: {
    ...COMMON,
    dialect: "bigquery",
    title: "BigQuery",
    textQuotes: `'"`,
    nameQuotes: "`",
    backslash: true,
    lineComments: ["#"],
  },
  snowflake: {
    ...COMMON,
    dialect: "snowflake",
    title: "Snowflake",
    backslash: true,
    lineComments: ["//"],
    quotedNames: "upper",
  },
  tsql: {
    ...COMMON,
    dialect: "tsql",
    title: "T-SQL",
    nameQuotes: '"[',
    foldingLike: true,
    likeEscape: "",
    division: "integer",
  },
};

/** The rules of a dialect; `undefined` if it is none. */
export function rulesOf(dialect: string): DialectRules | undefined {
  return Object.hasOwn(RULES, dialect)
    ? RULES[dialect as ForeignDialect]
    : undefined;
}

/** The names of all dialects. */
export const DIALECTS: readonly Dialect[] = [
  "postgresql",
  ...Object.keys(RULES) as ForeignDialect[],
];
