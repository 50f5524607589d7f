/**
 * Functions that several dialects share.
 *
 * @module
 */
import type {
  FunctionCall,
  FunctionRule,
  FunctionRules,
} from "../function_call.ts";
import { unsupported } from "../tree_node.ts";

/** Calls another function with the same arguments. */
export function renamed(name: string): FunctionRule {
  return (call) => call.aggregate(name, call.all());
}

/** What has no translation. */
export function refused(call: FunctionCall): never {
  throw unsupported(call.describe());
}

/** IF of three arguments. */
export function conditional(call: FunctionCall): string {
  if (call.count !== 3) refused(call);
  return `CASE WHEN ${call.condition(0)} THEN ${call.text(1)} ELSE ${
    call.text(2)
  } END`;
}

/** Concatenation in which one NULL makes NULL. */
export function strictConcat(call: FunctionCall): string {
  return call.count === 0
    ? "''"
    : call.args.map((_, i) => `${call.value(i)}::text`).join(" || ");
}

/** GREATEST and LEAST in which one NULL makes NULL. */
export function strictExtreme(name: "greatest" | "least"): FunctionRule {
  return (call) => {
    const nulls = call.args.map((_, i) => `${call.value(i)} IS NULL`)
      .join(" OR ");
    return `CASE WHEN ${nulls} THEN NULL ELSE ${name}(${call.all()}) END`;
  };
}

/** `field` of a date or time, as an integer. */
export function fieldOf(field: string): FunctionRule {
  return (call) => `extract(${field} FROM ${call.text(0)})::int`;
}

/** The units in which differences of times are told. */
const SECONDS: Readonly<Record<string, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
};

/** How many boundaries of a unit lie between two times. */
export function boundariesBetween(
  unit: string,
  from: string,
  to: string,
  call: FunctionCall,
): string {
  const start = `(${from})::timestamp`;
  const end = `(${to})::timestamp`;
  const word = unit.toLowerCase();
  const seconds = SECONDS[word];
  if (seconds !== undefined) {
    return `div(extract(epoch FROM date_trunc('${word}', ${end}) - date_trunc('${word}', ${start})), ${seconds})::int`;
  }
  const years =
    `(extract(year FROM ${end}) - extract(year FROM ${start}))::int`;
  switch (word) {
    case "day":
      return `(${end}::date - ${start}::date)`;
    case "month":
      return `(${years} * 12 + (extract(month FROM ${end}) - extract(month FROM ${start}))::int)`;
    case "quarter":
      return `(${years} * 4 + (extract(quarter FROM ${end}) - extract(quarter FROM ${start}))::int)`;
    case "year":
      return years;
    default:
      return refused(call);
  }
}

/** The arguments of a trim: `BOTH 'x' FROM a`, which parsers give as words. */
const trim: FunctionRule = (call) => {
  const words = call.args.filter((each) => each.raw("type") === "origin")
    .map((each) => String(each.raw("value")).toUpperCase());
  const values = call.args.map((each, i) =>
    each.raw("type") === "origin" ? undefined : call.text(i)
  ).filter((each) => each !== undefined);
  const side = words.find((word) => word !== "FROM") ?? "BOTH";
  const [characters, text] = values.length > 1
    ? values
    : [undefined, values[0]];
  if (text === undefined || values.length > 2) return refused(call);
  return characters === undefined
    ? `trim(${side} FROM ${text})`
    : `trim(${side} ${characters} FROM ${text})`;
};

/** The functions. */
export const COMMON_FUNCTIONS: FunctionRules = {
  "exists": (call) => `EXISTS ${call.value(0)}`,
  "any": (call) => `ANY ${call.value(0)}`,
  "some": (call) => `ANY ${call.value(0)}`,
  "all": (call) => `ALL ${call.value(0)}`,
  "count": (call) =>
    call.count > 1
      // PostgreSQL counts rows of values; one with a NULL is not counted.
      ? call.aggregate("count", `ROW(${call.all()})`)
      : call.aggregate("count", call.all()),
  "ifnull": renamed("coalesce"),
  "nvl": renamed("coalesce"),
  "nvl2": (call) =>
    `CASE WHEN ${call.value(0)} IS NOT NULL THEN ${call.text(1)} ELSE ${
      call.text(2)
    } END`,
  "if": conditional,
  "iif": conditional,
  "iff": conditional,
  "round": (call) =>
    call.count === 2
      ? `round(${call.value(0)}::numeric, ${call.text(1)})`
      : `round(${call.text(0)})`,
  "ucase": renamed("upper"),
  "lcase": renamed("lower"),
  "len": (call) => `length(rtrim(${call.text(0)}))`,
  "trim": trim,
  "pow": renamed("power"),
  "current_timestamp": () => "CURRENT_TIMESTAMP",
  "current_date": () => "CURRENT_DATE",
  "year": fieldOf("year"),
  "month": fieldOf("month"),
  "day": fieldOf("day"),
  "hour": fieldOf("hour"),
  "minute": fieldOf("minute"),
};
