/**
 * The options of COPY: read, checked, defaults filled in.
 *
 * Rules and their order are those of PostgreSQL's ProcessCopyOptions.
 *
 * @module
 */
import type { TableEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { CopyOptionSyntax, CopySyntax } from "../../parser/syntax.ts";
import { namedPosition } from "../assign.ts";
import type { CopyFormat } from "./copy_format.ts";

/** Names of columns, or all of them. */
type Columns = readonly string[] | "all";

/** What was given; absent: nothing. */
interface Given {
  form?: CopyFormat["form"];
  delimiter?: string;
  nullText?: string;
  defaultText?: string;
  header?: CopyFormat["header"];
  quote?: string;
  escape?: string;
  forceQuote?: Columns;
  forceNotNull?: Columns;
  forceNull?: Columns;
  ignoreErrors?: boolean;
  rejectLimit?: number;
  verbosity?: CopyFormat["verbosity"];
}

/** The format that the options of `syntax` ask for; `columns` are copied. */
export function copyFormat(
  syntax: CopySyntax,
  columns: readonly string[],
  table: TableEntry | undefined,
): CopyFormat {
  const given = readOptions(syntax);
  checkOptions(given, syntax);
  const csv = given.form === "csv";
  const quote = given.quote ?? '"';
  const force = (wanted: Columns | undefined, what: string): boolean[] =>
    forced(wanted, { columns, table }, what);
  return {
    form: given.form ?? "text",
    delimiter: given.delimiter ?? (csv ? "," : "\t"),
    nullText: given.nullText ?? (csv ? "" : "\\N"),
    defaultText: given.defaultText,
    header: given.header ?? false,
    quote,
    escape: given.escape ?? quote,
    forceQuote: force(given.forceQuote, "FORCE_QUOTE"),
    forceNotNull: force(given.forceNotNull, "FORCE_NOT_NULL"),
    forceNull: force(given.forceNull, "FORCE_NULL"),
    ignoreErrors: given.ignoreErrors ?? false,
    rejectLimit: given.rejectLimit,
    verbosity: given.verbosity ?? "default",
  };
}

function readOptions(syntax: CopySyntax): Given {
  const given: Given = {};
  const seen = new Set<string>();
  for (const option of syntax.options) {
    const { name, offset } = option;
    if (seen.has(name)) {
      throw new SqlError("42601", "conflicting or redundant options", {
        offset,
      });
    }
    seen.add(name);
    readOption(given, option, syntax);
  }
  return given;
}

function readOption(
  given: Given,
  option: CopyOptionSyntax,
  { direction }: CopySyntax,
): void {
  switch (option.name) {
    case "format":
      given.form = formOf(option);
      return;
    case "freeze":
      booleanOf(option);
      return;
    case "delimiter":
      given.delimiter = textOf(option);
      return;
    case "null":
      given.nullText = textOf(option);
      return;
    case "default":
      given.defaultText = textOf(option);
      return;
    case "header":
      given.header = headerOf(option, direction);
      return;
    case "quote":
      given.quote = textOf(option);
      return;
    case "escape":
      given.escape = textOf(option);
      return;
    case "force_quote":
      given.forceQuote = columnsOf(option);
      return;
    case "force_not_null":
      given.forceNotNull = columnsOf(option);
      return;
    case "force_null":
      given.forceNull = columnsOf(option);
      return;
    case "encoding":
      checkEncoding(option);
      return;
    case "on_error":
      given.ignoreErrors = onErrorOf(option, direction);
      return;
    case "reject_limit":
      given.rejectLimit = limitOf(option);
      return;
    case "log_verbosity":
      given.verbosity = verbosityOf(option);
      return;
    default:
      throw new SqlError("42601", `option "${option.name}" not recognized`, {
        offset: option.offset,
      });
  }
}

function textOf({ name, value }: CopyOptionSyntax): string {
  if (typeof value === "string") return value;
  throw new SqlError("42601", `${name} requires a parameter`);
}

function booleanOf(option: CopyOptionSyntax): boolean {
  if (option.value === undefined) return true;
  const value = String(option.value).toLowerCase();
  if (["true", "on", "1"].includes(value)) return true;
  if (["false", "off", "0"].includes(value)) return false;
  throw new SqlError("42601", `${option.name} requires a Boolean value`);
}

function formOf(option: CopyOptionSyntax): CopyFormat["form"] {
  const value = textOf(option);
  if (value === "text" || value === "csv" || value === "binary") return value;
  throw new SqlError("22023", `COPY format "${value}" not recognized`, {
    offset: option.offset,
  });
}

function headerOf(
  option: CopyOptionSyntax,
  direction: CopySyntax["direction"],
): CopyFormat["header"] {
  if (String(option.value).toLowerCase() !== "match") {
    try {
      return booleanOf(option);
    } catch {
      throw new SqlError(
        "42601",
        'header requires a Boolean value or "match"',
      );
    }
  }
  if (direction === "from") return "match";
  throw new SqlError("0A000", 'cannot use "match" with HEADER in COPY TO');
}

function columnsOf({ name, value, offset }: CopyOptionSyntax): Columns {
  if (Array.isArray(value)) return value;
  if (typeof value === "object") return "all";
  throw new SqlError(
    "22023",
    `argument to option "${name}" must be a list of column names`,
    { offset },
  );
}

function checkEncoding(option: CopyOptionSyntax): void {
  const name = textOf(option).toLowerCase().replace(/[^a-z0-9]/g, "");
  if (["utf8", "unicode"].includes(name)) return;
  throw new SqlError(
    "0A000",
    `COPY ENCODING "${textOf(option)}" is not supported`,
    { hint: "Text is UTF-8.", offset: option.offset },
  );
}

function onErrorOf(
  option: CopyOptionSyntax,
  direction: CopySyntax["direction"],
): boolean {
  const { offset } = option;
  if (direction === "to") {
    throw new SqlError("22023", "COPY ON_ERROR cannot be used with COPY TO", {
      offset,
    });
  }
  const value = textOf(option);
  if (value === "stop" || value === "ignore") return value === "ignore";
  throw new SqlError("22023", `COPY ON_ERROR "${value}" not recognized`, {
    offset,
  });
}

function limitOf(option: CopyOptionSyntax): number {
  const text = textOf(option);
  const limit = Number(text);
  if (!/^-?\d+$/.test(text)) {
    throw new SqlError("42601", "reject_limit requires a numeric value");
  }
  if (limit > 0) return limit;
  throw new SqlError(
    "22023",
    `REJECT_LIMIT (${text}) must be greater than zero`,
  );
}

function verbosityOf(option: CopyOptionSyntax): CopyFormat["verbosity"] {
  const value = textOf(option);
  if (value === "silent" || value === "default" || value === "verbose") {
    return value;
  }
  throw new SqlError("22023", `COPY LOG_VERBOSITY "${value}" not recognized`, {
    offset: option.offset,
  });
}

function refuse(code: string, message: string): never {
  throw new SqlError(code, message);
}

/** Checks options against one another. */
function checkOptions(given: Given, { direction }: CopySyntax): void {
  const csv = given.form === "csv";
  if (given.form === "binary") checkBinary(given);
  const delimiter = given.delimiter ?? (csv ? "," : "\t");
  const nullText = given.nullText ?? (csv ? "" : "\\N");
  if (!isOneByte(delimiter)) {
    refuse("0A000", "COPY delimiter must be a single one-byte character");
  }
  if (/[\n\r]/.test(delimiter)) {
    refuse("22023", "COPY delimiter cannot be newline or carriage return");
  }
  if (/[\n\r]/.test(nullText)) {
    refuse(
      "22023",
      "COPY null representation cannot use newline or carriage return",
    );
  }
  if (given.defaultText !== undefined && /[\n\r]/.test(given.defaultText)) {
    refuse(
      "22023",
      "COPY default representation cannot use newline or carriage return",
    );
  }
  if (!csv && /[\\.a-z0-9]/.test(delimiter)) {
    refuse("22023", `COPY delimiter cannot be "${delimiter}"`);
  }
  checkCsv(given, delimiter, direction);
  if (nullText.includes(delimiter)) {
    refuse(
      "22023",
      "COPY delimiter character must not appear in the NULL specification",
    );
  }
  if (csv && nullText.includes(given.quote ?? '"')) {
    refuse(
      "22023",
      "CSV quote character must not appear in the NULL specification",
    );
  }
  checkDefault(given, { csv, delimiter, nullText, direction });
  if (given.rejectLimit !== undefined && given.ignoreErrors !== true) {
    refuse("22023", "COPY REJECT_LIMIT requires ON_ERROR to be set to IGNORE");
  }
}

function checkBinary(given: Given): void {
  const words = [
    ["DELIMITER", given.delimiter],
    ["NULL", given.nullText],
    ["DEFAULT", given.defaultText],
  ] as const;
  for (const [word, value] of words) {
    if (value !== undefined) {
      refuse("42601", `cannot specify ${word} in BINARY mode`);
    }
  }
  if (given.header !== undefined && given.header !== false) {
    refuse("0A000", "cannot specify HEADER in BINARY mode");
  }
  if (given.ignoreErrors === true) {
    refuse("42601", "only ON_ERROR STOP is allowed in BINARY mode");
  }
}

/** What is for CSV only, and for one direction only. */
function checkCsv(
  given: Given,
  delimiter: string,
  direction: CopySyntax["direction"],
): void {
  const csv = given.form === "csv";
  const needsCsv = (word: string, value: unknown): void => {
    if (!csv && value !== undefined) {
      refuse("0A000", `COPY ${word} requires CSV mode`);
    }
  };
  needsCsv("QUOTE", given.quote);
  const quote = given.quote ?? '"';
  if (csv && !isOneByte(quote)) {
    refuse("0A000", "COPY quote must be a single one-byte character");
  }
  if (csv && delimiter === quote) {
    refuse("22023", "COPY delimiter and quote must be different");
  }
  needsCsv("ESCAPE", given.escape);
  if (csv && given.escape !== undefined && !isOneByte(given.escape)) {
    refuse("0A000", "COPY escape must be a single one-byte character");
  }
  const forces = [
    ["FORCE_QUOTE", given.forceQuote, "to"],
    ["FORCE_NOT_NULL", given.forceNotNull, "from"],
    ["FORCE_NULL", given.forceNull, "from"],
  ] as const;
  for (const [word, value, wanted] of forces) {
    needsCsv(word, value);
    if (value !== undefined && direction !== wanted) {
      refuse(
        word === "FORCE_QUOTE" ? "0A000" : "22023",
        `COPY ${word} cannot be used with COPY ${direction.toUpperCase()}`,
      );
    }
  }
}

function checkDefault(
  { defaultText, quote }: Given,
  { csv, delimiter, nullText, direction }: {
    readonly csv: boolean;
    readonly delimiter: string;
    readonly nullText: string;
    readonly direction: CopySyntax["direction"];
  },
): void {
  if (defaultText === undefined) return;
  if (direction === "to") {
    refuse("0A000", "COPY DEFAULT cannot be used with COPY TO");
  }
  if (defaultText.includes(delimiter)) {
    refuse(
      "22023",
      "COPY delimiter character must not appear in the DEFAULT specification",
    );
  }
  if (csv && defaultText.includes(quote ?? '"')) {
    refuse(
      "22023",
      "CSV quote character must not appear in the DEFAULT specification",
    );
  }
  if (defaultText === nullText) {
    refuse(
      "0A000",
      "NULL specification and DEFAULT specification cannot be the same",
    );
  }
}

function isOneByte(text: string): boolean {
  return text.length === 1 && text.charCodeAt(0) < 128;
}

/** Which of the copied columns are named. */
function forced(
  wanted: Columns | undefined,
  { columns, table }: {
    readonly columns: readonly string[];
    readonly table: TableEntry | undefined;
  },
  what: string,
): boolean[] {
  if (wanted === undefined) return columns.map(() => false);
  if (wanted === "all") return columns.map(() => true);
  const missing = wanted.find((name) => !columns.includes(name));
  if (missing !== undefined) {
    if (table !== undefined) namedPosition(table, missing, -1);
    throw new SqlError(
      "42P10",
      `${what} column "${missing}" not referenced by COPY`,
    );
  }
  return columns.map((name) => wanted.includes(name));
}
