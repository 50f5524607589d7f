/**
 * The values of settings as texts: what SET takes, and what SHOW prints.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { formatSixDigits } from "../types/float_text.ts";
import { configurationOf } from "../types/text_search/ts_types.ts";
import { type SettingDefinition, spelledName } from "./setting_definitions.ts";

/** The configuration of full text search that SET was given. */
function configurationNamed(name: string, text: string): string {
  try {
    return configurationOf(text);
  } catch {
    throw new SqlError(
      "22023",
      `invalid value for parameter "${name}": "${text}"`,
    );
  }
}

/** The text that SHOW prints for a text that SET was given. */
export function normalizeValue(
  definition: SettingDefinition,
  text: string,
): string {
  const { type } = definition;
  const name = spelledName(definition.name);
  switch (type.kind) {
    case "string":
    case "time_zone":
    case "date_style":
    case "names":
    case "role":
      return text;
    case "encoding":
      if (/^(utf_?-?8|unicode)$/i.test(text)) return "UTF8";
      throw new SqlError(
        "22023",
        `invalid value for parameter "${name}": "${text}"`,
        { hint: "Texts are UTF-8." },
      );
    case "text_search":
      return `pg_catalog.${configurationNamed(name, text)}`;
    case "boolean": {
      const value = parseBoolean(text);
      if (value === false && name === "standard_conforming_strings") {
        throw new SqlError(
          "0A000",
          "standard_conforming_strings = off is not supported",
        );
      }
      if (value === undefined) {
        throw new SqlError(
          "22023",
          `parameter "${name}" requires a Boolean value`,
        );
      }
      return value ? "on" : "off";
    }
    case "enum": {
      const value = type.values.find((each) =>
        each.toLowerCase() === text.toLowerCase()
      );
      if (value !== undefined) return value;
      throw new SqlError(
        "22023",
        `invalid value for parameter "${name}": "${text}"`,
        { hint: `Available values: ${type.values.join(", ")}.` },
      );
    }
    case "integer":
      return printInteger(definition, parseInteger(definition, text));
    case "real": {
      const value = text.trim() === "" ? Number.NaN : Number(text);
      if (Number.isNaN(value)) {
        throw new SqlError(
          "22023",
          `invalid value for parameter "${name}": "${text}"`,
        );
      }
      if (value < type.min || value > type.max) {
        throw new SqlError(
          "22023",
          `${value} is outside the valid range for parameter "${name}" (${type.min} .. ${
            formatSixDigits(type.max)
          })`,
        );
      }
      return String(value);
    }
  }
}

function parseBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  const begins = (name: string, least = 1): boolean =>
    word.length >= least && name.startsWith(word);
  if (begins("true") || begins("yes") || begins("on", 2) || word === "1") {
    return true;
  }
  if (begins("false") || begins("no") || begins("off", 2) || word === "0") {
    return false;
  }
  return undefined;
}

const UNITS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ms: { us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 },
  s: { us: 1e-6, ms: 0.001, s: 1, min: 60, h: 3600, d: 86_400 },
  min: { us: 1e-6 / 60, ms: 0.001 / 60, s: 1 / 60, min: 1, h: 60, d: 1440 },
  B: { B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 },
  "8kB": {
    B: 1 / 8192,
    kB: 1 / 8,
    MB: 128,
    GB: 128 * 1024,
    TB: 128 * 1024 ** 2,
  },
  kB: { B: 1 / 1024, kB: 1, MB: 1024, GB: 1024 ** 2, TB: 1024 ** 3 },
  MB: { kB: 1 / 1024, MB: 1, GB: 1024, TB: 1024 ** 2 },
};

/** An integer in its setting's unit. @throws {SqlError} `22023`. */
export function parseInteger(
  definition: SettingDefinition,
  text: string,
): number {
  const { type, name } = definition;
  if (type.kind !== "integer") return Number.NaN;
  const match = /^\s*([-+]?\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(text);
  const units = type.unit === undefined ? {} : UNITS[type.unit]!;
  const scale = match === null
    ? undefined
    : match[2] === ""
    ? 1
    : units[match[2]!];
  if (match === null || scale === undefined) {
    throw new SqlError(
      "22023",
      `invalid value for parameter "${name}": "${text}"`,
      type.unit === undefined
        ? {}
        : { hint: `Valid units are ${Object.keys(units).join(", ")}.` },
    );
  }
  const value = Math.round(Number(match[1]) * scale);
  if (value < type.min || value > type.max) {
    const unit = type.unit === undefined ? "" : ` ${type.unit}`;
    throw new SqlError(
      "22023",
      `${value}${unit} is outside the valid range for parameter "${name}" (${type.min}${unit} .. ${type.max}${unit})`,
    );
  }
  return value;
}

/** Prints with the largest unit that divides the value, as PostgreSQL does. */
function printInteger(definition: SettingDefinition, value: number): string {
  const { type } = definition;
  if (type.kind !== "integer" || type.unit === undefined || value === 0) {
    return String(value);
  }
  const units = Object.entries(UNITS[type.unit]!)
    .filter(([, scale]) => scale >= 1)
    .toReversed();
  const [unit, scale] = units.find(([, scale]) => value % scale === 0)!;
  return `${value / scale}${unit}`;
}
