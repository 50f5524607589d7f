/**
 * RAISE, ASSERT and EXCEPTION: errors that PL/pgSQL makes, and how it knows those
 * that it catches.
 *
 * @module
 */
import { KriyaError } from "../../../../base/errors.ts";
import { CONDITION_CODES } from "../../../errors/condition_names.ts";
import { SqlError } from "../../../errors/sql_error.ts";
import type {
  PlpgsqlHandler,
  PlpgsqlRaise,
} from "../../../parser/plpgsql/plpgsql_syntax.ts";
import type { Work } from "../drive.ts";
import { asStackDepth } from "../routine_session.ts";
import type { PlpgsqlFrame } from "./plpgsql_frame.ts";

/** The SQLSTATE of a condition. */
export function codeOf(
  condition: PlpgsqlHandler["conditions"][number],
): string {
  if (condition.kind === "sqlstate") return condition.code;
  const code = CONDITION_CODES.get(condition.name);
  if (code !== undefined) return code;
  throw new SqlError(
    "42704",
    `unrecognized exception condition "${condition.name}"`,
  );
}

/** What was caught; `undefined` where it goes on. */
export function caught(error: unknown): SqlError | undefined {
  const known = asStackDepth(error);
  if (known instanceof SqlError) return known;
  if (known instanceof KriyaError && known.kind === "invalid") {
    return new SqlError(known.code, known.message, { cause: known });
  }
  return undefined;
}

/** Whether a handler is for an error. */
export function handles(
  { conditions }: PlpgsqlHandler,
  { code }: SqlError,
): boolean {
  return conditions.some((condition) => {
    if (condition.kind === "name" && condition.name === "others") {
      return code !== "57014" && code !== "P0004";
    }
    const wanted = codeOf(condition);
    return wanted === code ||
      (wanted.endsWith("000") && wanted.slice(0, 2) === code.slice(0, 2));
  });
}

/** Runs RAISE; `current` is the error that is being handled. */
export function* runRaise(
  frame: PlpgsqlFrame,
  raise: PlpgsqlRaise,
  current: SqlError | undefined,
): Work<void> {
  const { level, condition, message, options } = raise;
  const isBare = condition === undefined && message === undefined &&
    options.length === 0;
  if (isBare) {
    if (current !== undefined) throw current;
    throw new SqlError(
      "0Z002",
      "RAISE without parameters cannot be used outside an exception handler",
    );
  }
  const given = yield* readOptions(frame, raise);
  const code = given.get("errcode") ??
    (condition === undefined
      ? level === "exception" ? "P0001" : "00000"
      : codeOf(condition));
  const text = given.get("message") ??
    (message === undefined
      ? condition?.kind === "name" ? condition.name : nameOf(code)
      : yield* formatted(frame, raise));
  if (level === "exception") throw errorOf(code, text, given);
  if (level === "debug" || level === "log") return;
  const detail = given.get("detail");
  frame.session.notice({
    severity: level === "warning" ? "WARNING" : "NOTICE",
    code: level === "warning" && code === "00000" ? "01000" : code,
    message: text,
    ...(detail === undefined ? {} : { detail }),
  });
}

function nameOf(code: string): string {
  for (const [name, each] of CONDITION_CODES) if (each === code) return name;
  return code;
}

function* readOptions(
  frame: PlpgsqlFrame,
  { options, condition, message }: PlpgsqlRaise,
): Work<Map<string, string>> {
  const given = new Map<string, string>();
  for (const { name, value } of options) {
    if (!OPTIONS.has(name)) {
      throw new SqlError(
        "42601",
        `unrecognized RAISE statement option at or near "${name}"`,
      );
    }
    const isTwice = given.has(name) ||
      (name === "message" && message !== undefined) ||
      (name === "errcode" && condition !== undefined);
    if (isTwice) {
      throw new SqlError(
        "42601",
        `RAISE option already specified: ${name.toUpperCase()}`,
      );
    }
    const text = yield* frame.textOf(value);
    if (text === null) {
      throw new SqlError("22004", "RAISE statement option cannot be null");
    }
    given.set(
      name,
      name === "errcode" && !/^[0-9A-Z]{5}$/.test(text)
        ? codeOf({ kind: "name", name: text })
        : text,
    );
  }
  return given;
}

const OPTIONS: ReadonlySet<string> = new Set([
  "message",
  "detail",
  "hint",
  "errcode",
  "column",
  "constraint",
  "datatype",
  "table",
  "schema",
]);

/** The message, each `%` replaced by an argument. */
function* formatted(
  frame: PlpgsqlFrame,
  { message, args }: PlpgsqlRaise,
): Work<string> {
  const texts: string[] = [];
  for (const each of args) texts.push((yield* frame.textOf(each)) ?? "<NULL>");
  let next = 0;
  return message!.replace(
    /%%|%/g,
    (mark) => mark === "%%" ? "%" : texts[next++] ?? "",
  );
}

function errorOf(
  code: string,
  message: string,
  given: ReadonlyMap<string, string>,
): SqlError {
  const facts = ["detail", "hint", "column", "constraint", "table", "schema"]
    .flatMap((name) => given.has(name) ? [[name, given.get(name)!]] : []);
  return new SqlError(code, message, Object.fromEntries(facts));
}

/** What GET STACKED DIAGNOSTICS says of an error. */
export function diagnosticOf(error: SqlError, item: string): string {
  switch (item) {
    case "returned_sqlstate":
      return error.code;
    case "message_text":
      return error.message;
    case "pg_exception_detail":
      return error.detail ?? "";
    case "pg_exception_hint":
      return error.hint ?? "";
    case "column_name":
      return error.column ?? "";
    case "constraint_name":
      return error.constraint ?? "";
    case "table_name":
      return error.table ?? "";
    case "schema_name":
      return error.schema ?? "";
    case "pg_exception_context":
      return error.where ?? "";
    case "pg_datatype_name":
      return "";
    default:
      throw new SqlError("42601", `unrecognized GET DIAGNOSTICS item`);
  }
}
