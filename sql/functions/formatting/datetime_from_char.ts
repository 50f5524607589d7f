/**
 * `to_timestamp` and `to_date`: reads the fields of a date by a template.
 *
 * Without `FX`, blanks before a pattern are skipped, a separator in the template
 * matches a separator or nothing, and text in the template skips as many
 * characters as were not skipped before. A pattern of digits takes as many as
 * there are, unless more digits come behind it in the template. By SQL/JSON's
 * standard separators and text are what they are in the template, and the text
 * ends where the template does.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { findAbbreviation } from "../../types/time_zone/time_zone.ts";
import { emptyFields, type ReadField, type ReadFields } from "./read_fields.ts";
import {
  type DateConvention,
  isSeparator,
  isSpace,
  type TemplateNode,
} from "./datetime_template.ts";

type Pattern = Extract<TemplateNode, { kind: "pattern" }>;

const MONTHS = ("january february march april may june july august september " +
  "october november december").split(" ");
const SHORT_MONTHS = MONTHS.map((name) => name.slice(0, 3));
const DAYS = "sunday monday tuesday wednesday thursday friday saturday".split(
  " ",
);
const SHORT_DAYS = DAYS.map((name) => name.slice(0, 3));
const ROMAN_MONTHS = "xii xi x ix viii vii vi v iv iii ii i".split(" ");

/** A year of less than four digits is the one nearest to 2020. */
function nearestYear(year: number): number {
  if (year < 70) return year + 2000;
  if (year < 100) return year + 1900;
  if (year < 520) return year + 2000;
  return year < 1000 ? year + 1000 : year;
}

/** What each length of digits behind the point is worth. */
function scaled(value: number, length: number, digits: number): number {
  return length < digits ? value * 10 ** (digits - length) : value;
}

function badValue(text: string, name: string, detail: string): SqlError {
  return new SqlError("22007", `invalid value "${text}" for "${name}"`, {
    detail,
  });
}

const DIGITS = /[+-]?\d+/y;

/** Reads a text by a template. */
export class DateTimeTemplateReader {
  readonly #nodes: readonly TemplateNode[];
  readonly #text: string;
  #at = 0;
  /** Blanks that were skipped and that the template does not have. */
  #skipped = 0;
  readonly #isStandard: boolean;
  #exact: boolean;
  readonly fields: ReadFields = emptyFields();

  constructor(
    nodes: readonly TemplateNode[],
    text: string,
    rules: "usual" | "standard" = "usual",
  ) {
    this.#nodes = nodes;
    this.#text = text;
    this.#isStandard = rules === "standard";
    this.#exact = this.#isStandard;
  }

  /** Reads all of the text that the template speaks of. */
  read(): ReadFields {
    const nodes = this.#nodes;
    let i = 0;
    for (; i < nodes.length && this.#at < this.#text.length; i++) {
      const node = nodes[i]!;
      const isPattern = node.kind === "pattern";
      if (
        !this.#exact && (i === 0 || isPattern) &&
        !(isPattern && node.field === "FX")
      ) this.#skipBlanks();
      if (!isPattern) {
        this.#skip(node);
        continue;
      }
      this.#setConvention(node.convention);
      this.#pattern(node, i);
      if (!this.#exact) {
        this.#skipped = 0;
        this.#skipBlanks();
      }
    }
    if (this.#isStandard) this.#checkEnd(i);
    return this.fields;
  }

  /** Nothing of the template and of the text may remain. */
  #checkEnd(nodesRead: number): void {
    if (nodesRead < this.#nodes.length) {
      throw new SqlError(
        "22007",
        "input string is too short for datetime format",
      );
    }
    this.#skipBlanks();
    if (this.#at >= this.#text.length) return;
    throw new SqlError(
      "22007",
      "trailing characters remain in input string after datetime format",
    );
  }

  #skipBlanks(): void {
    while (isSpace(this.#text[this.#at])) {
      this.#at++;
      this.#skipped++;
    }
  }

  #skip(node: Exclude<TemplateNode, Pattern>): void {
    const next = this.#text[this.#at];
    if (this.#isStandard && !this.#text.startsWith(node.character, this.#at)) {
      const what = node.kind === "text" ? "character" : "separator";
      throw new SqlError(
        "22007",
        `unmatched format ${what} "${node.character}"`,
      );
    }
    if (this.#exact) {
      this.#step();
    } else if (node.kind === "text") {
      if (this.#skipped > 0) this.#skipped--;
      else this.#step();
    } else {
      this.#skipped--;
      if (isSpace(next) || isSeparator(next)) {
        this.#at++;
        this.#skipped++;
      }
    }
  }

  /** Skips one character. */
  #step(): void {
    const code = this.#text.codePointAt(this.#at);
    if (code !== undefined) this.#at += code > 0xffff ? 2 : 1;
  }

  #setConvention(convention: DateConvention): void {
    if (convention === undefined) return;
    const { fields } = this;
    if (fields.convention !== undefined && fields.convention !== convention) {
      throw new SqlError("22007", "invalid combination of date conventions", {
        hint: "Do not mix Gregorian and ISO week date conventions in a " +
          "formatting template.",
      });
    }
    fields.convention = convention;
  }

  #set(field: ReadField, value: number, node: Pattern): void {
    const { fields } = this;
    if (fields[field] !== 0 && fields[field] !== value) {
      throw new SqlError(
        "22007",
        `conflicting values for "${node.name}" field in formatting string`,
        {
          detail:
            "This value contradicts a previous setting for the same field type.",
        },
      );
    }
    fields[field] = value;
  }

  /** Reads digits into a field; gives how many characters they had. */
  #integer(
    field: ReadField | undefined,
    node: Pattern,
    index: number,
    length: number = node.name.length,
  ): number {
    const start = this.#at;
    while (isSpace(this.#text[this.#at])) this.#at++;
    const rest = this.#text.slice(this.#at, this.#at + length);
    const digits = node.fill || this.#endsDigits(index)
      ? this.#allDigits()
      : this.#exactly(node, rest, length);
    if (digits === undefined) {
      throw badValue(rest, node.name, "Value must be an integer.");
    }
    this.#at += digits.length;
    const value = Number(digits);
    if (value < -2147483648 || value > 2147483647) {
      throw new SqlError(
        "22008",
        `value for "${node.name}" in source string is out of range`,
        { detail: "Value must be in the range -2147483648 to 2147483647." },
      );
    }
    if (field !== undefined) this.#set(field, value + 0, node);
    const read = this.#at - start;
    const isZone = node.field === "OF" || node.field.startsWith("TZ");
    if (node.ordinal !== undefined && !isZone) {
      this.#step();
      this.#step();
    }
    return read;
  }

  /** As many digits as there are. */
  #allDigits(): string | undefined {
    DIGITS.lastIndex = this.#at;
    return DIGITS.exec(this.#text)?.[0];
  }

  /** Exactly as many digits as the pattern has. */
  #exactly(
    node: Pattern,
    rest: string,
    length: number,
  ): string | undefined {
    const hint =
      'If your source string is not fixed-width, try using the "FM" modifier.';
    if (rest.length < length) {
      throw new SqlError(
        "22007",
        `source string too short for "${node.name}" formatting field`,
        {
          detail: `Field requires ${length} characters, but only ` +
            `${rest.length} remain.`,
          hint,
        },
      );
    }
    const digits = /^\s*[+-]?\d+/.exec(rest)?.[0];
    if (digits !== undefined && digits.length < length) {
      throw new SqlError(
        "22007",
        `invalid value "${rest}" for "${node.name}"`,
        {
          detail: `Field requires ${length} characters, but only ` +
            `${digits.length} could be parsed.`,
          hint,
        },
      );
    }
    return digits;
  }

  /** Whether what comes behind the pattern cannot be a digit of it. */
  #endsDigits(index: number): boolean {
    const node = this.#nodes[index]!;
    if (node.kind === "pattern" && node.ordinal !== undefined) return true;
    const next = this.#nodes[index + 1];
    if (next === undefined) return true;
    return next.kind === "pattern"
      ? !next.isDigits
      : !/^[0-9]$/.test(next.character);
  }

  /** Reads one of some words; gives which. */
  #word(words: readonly string[], node: Pattern): number {
    const rest = this.#text.slice(this.#at, this.#at + 20).toLowerCase();
    const found = words.findIndex((word) => rest.startsWith(word));
    if (found < 0) {
      const shown = /^[^ \t\n\r\f\v]*/.exec(this.#text.slice(this.#at))![0];
      throw badValue(
        shown,
        node.name,
        "The given value did not match any of the allowed values for this " +
          "field.",
      );
    }
    this.#at += words[found]!.length;
    return found;
  }

  #pattern(node: Pattern, index: number): void {
    const integer = (field: ReadField | undefined, length?: number): number =>
      this.#integer(field, node, index, length);
    const { fields } = this;
    switch (node.field) {
      case "FX":
        this.#exact = true;
        return;
      case "A.M.":
      case "P.M.":
        this.#set("afternoon", this.#word(["a.m.", "p.m."], node), node);
        fields.twelveHours = true;
        return;
      case "AM":
      case "PM":
        this.#set("afternoon", this.#word(["am", "pm"], node), node);
        fields.twelveHours = true;
        return;
      case "HH":
      case "HH12":
        fields.twelveHours = true;
        integer("hour", 2);
        return;
      case "HH24":
        integer("hour", 2);
        return;
      case "MI":
        integer("minute");
        return;
      case "SS":
        integer("second");
        return;
      case "SSSS":
      case "SSSSS":
        integer("secondsOfDay");
        return;
      case "MS":
        {
          const length = integer("milliseconds", 3);
          fields.milliseconds = scaled(fields.milliseconds, length, 3);
        }
        return;
      default:
        if (!this.#dayPattern(node, integer)) this.#otherPattern(node, index);
    }
  }

  /** Patterns of the calendar; whether it was one. */
  #dayPattern(
    node: Pattern,
    integer: (field: ReadField | undefined, length?: number) => number,
  ): boolean {
    const { fields } = this;
    switch (node.field) {
      case "A.D.":
      case "B.C.":
        this.#set("beforeChrist", this.#word(["a.d.", "b.c."], node), node);
        return true;
      case "AD":
      case "BC":
        this.#set("beforeChrist", this.#word(["ad", "bc"], node), node);
        return true;
      case "MONTH":
        this.#set("month", this.#word(MONTHS, node) + 1, node);
        return true;
      case "MON":
        this.#set("month", this.#word(SHORT_MONTHS, node) + 1, node);
        return true;
      case "RM":
        this.#set("month", 12 - this.#word(ROMAN_MONTHS, node), node);
        return true;
      case "DAY":
        this.#set("weekday", this.#word(DAYS, node), node);
        fields.weekday++;
        return true;
      case "DY":
        this.#set("weekday", this.#word(SHORT_DAYS, node), node);
        fields.weekday++;
        return true;
      case "ID":
        integer("weekday", 1);
        if (++fields.weekday > 7) fields.weekday = 1;
        return true;
      case "IDDD":
        integer("dayOfYear", 3);
        return true;
      case "Y,YYY":
        this.#yearWithComma(node);
        return true;
    }
    const field = PLAIN[node.field];
    if (field !== undefined) integer(field);
    else if (node.field === "Q") integer(undefined);
    else if (/^I?Y+$|^I$/.test(node.field)) this.#year(node, integer);
    else return false;
    return true;
  }

  #year(
    node: Pattern,
    integer: (field: ReadField | undefined, length?: number) => number,
  ): void {
    const { fields } = this;
    const digits = node.field.length;
    const length = integer("year");
    if (digits < 4 && length < 4) fields.year = nearestYear(fields.year);
    fields.yearDigits = digits;
  }

  #yearWithComma(node: Pattern): void {
    const match = /^\s*([+-]?\d+),(\d{1,3})/.exec(this.#text.slice(this.#at));
    if (match === null) {
      throw new SqlError(
        "22007",
        `invalid value "${this.#text.slice(this.#at)}" for "Y,YYY"`,
      );
    }
    const year = Number(match[1]) * 1000 + Number(match[2]);
    if (Math.abs(year) > 2147483647) {
      throw new SqlError(
        "22008",
        'value for "Y,YYY" in source string is out of range',
      );
    }
    this.#set("year", year, node);
    this.fields.yearDigits = 4;
    this.#at += match[0].length;
    if (node.ordinal !== undefined) this.#at += 2;
  }

  #otherPattern(node: Pattern, index: number): void {
    const { fields } = this;
    switch (node.field) {
      case "FF1":
      case "FF2":
      case "FF3":
      case "FF4":
      case "FF5":
      case "FF6":
      case "US": {
        const digits = node.field === "US" ? 6 : Number(node.field[2]);
        if (node.field !== "US") fields.precision = digits;
        const length = this.#integer("microseconds", node, index, digits);
        fields.microseconds = scaled(fields.microseconds, length, 6);
        return;
      }
      case "TZ":
        if (this.#abbreviation(node)) return;
        return this.#offset(node, index, true);
      case "OF":
        return this.#offset(node, index, true);
      case "TZH":
        return this.#offset(node, index, false);
      case "TZM":
        if (fields.zoneSign === 0) fields.zoneSign = 1;
        this.#integer("zoneMinutes", node, index, 2);
    }
  }

  #abbreviation(node: Pattern): boolean {
    const rest = this.#text.slice(this.#at);
    const letters = /^[a-z]+/i.exec(rest)?.[0] ?? "";
    for (let length = letters.length; length > 0; length--) {
      const zone = findAbbreviation(letters.slice(0, length));
      if (zone === undefined) continue;
      this.fields.zone = zone;
      this.fields.zoneSign = 0;
      this.#at += length;
      return true;
    }
    if (letters === "") return false;
    throw badValue(
      rest,
      node.name,
      "Time zone abbreviation is not recognized.",
    );
  }

  #offset(node: Pattern, index: number, withMinutes: boolean): void {
    const { fields } = this;
    const next = this.#text[this.#at];
    if (next === "+" || next === "-" || next === " ") {
      fields.zoneSign = next === "-" ? -1 : 1;
      this.#at++;
    } else {
      // The sign may have been taken for a separator.
      const isNegative = this.#skipped > 0 && this.#text[this.#at - 1] === "-";
      fields.zoneSign = isNegative ? -1 : 1;
    }
    this.#integer("zoneHours", node, index, 2);
    if (withMinutes && this.#text[this.#at] === ":") {
      this.#at++;
      this.#integer("zoneMinutes", node, index, 2);
    }
  }
}

/** Patterns of digits that fill a field. */
const PLAIN: Readonly<Record<string, ReadField>> = {
  MM: "month",
  DDD: "dayOfYear",
  DD: "day",
  D: "weekday",
  WW: "week",
  IW: "week",
  W: "weekOfMonth",
  CC: "century",
  J: "julian",
};
