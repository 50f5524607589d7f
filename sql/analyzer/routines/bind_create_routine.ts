/**
 * CREATE [OR REPLACE] FUNCTION and PROCEDURE.
 *
 * @module
 */
import {
  inputsOf,
  outputsOf,
  type RoutineEntry,
  type RoutineLanguage,
  signatureOf,
} from "../../catalog/routine_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type {
  CreateRoutineSyntax,
  RoutineOption,
} from "../../parser/syntax.ts";
import { creationSchema } from "../bind_schema.ts";
import type { StatementState } from "../statement_state.ts";
import {
  bindSignature,
  type BoundSignature,
  invalidDefinition,
} from "./bind_parameters.ts";
import type { BoundChangeEntry } from "./bound_routine.ts";
import { routineSignature } from "./routine_names.ts";
import { typeDependencies } from "./stored_type.ts";

/** Binds CREATE FUNCTION and CREATE PROCEDURE. */
export function bindCreateRoutine(
  state: StatementState,
  syntax: CreateRoutineSyntax,
): BoundChangeEntry {
  const { name, routine } = syntax;
  const schema = creationSchema(state, name.schema, name.offset);
  const signature = bindSignature(state, syntax);
  const { types, ...declared } = signature;
  const isSet = declared.returnsSet;
  const attributes = attributesOf(syntax, isSet);
  const before = replaced(state, schema, syntax, signature);
  const after: RoutineEntry = {
    kind: "routine",
    id: before?.id ?? 0,
    schema,
    name: name.name,
    routine,
    ...declared,
    ...defaultAttributes(isSet),
    ...attributes,
    dependencies: typeDependencies(state.options, types),
    ...(before?.comment === undefined ? {} : { comment: before.comment }),
  };
  if (before !== undefined) refuseChange(state, before, after);
  return {
    kind: "change_entry",
    tag: `CREATE ${routine.toUpperCase()}`,
    before,
    after,
    notices: [],
  };
}

type Attributes = Pick<
  RoutineEntry,
  | "strict"
  | "volatility"
  | "securityDefiner"
  | "leakproof"
  | "parallel"
  | "cost"
  | "rows"
  | "config"
>;

function defaultAttributes(isSet: boolean): Attributes {
  return {
    strict: false,
    volatility: "volatile",
    securityDefiner: false,
    leakproof: false,
    parallel: "unsafe",
    cost: 100,
    rows: isSet ? 1000 : 0,
    config: [],
  };
}

/** The options of CREATE, the language and the body. */
function attributesOf(
  { routine, options, body }: CreateRoutineSyntax,
  isSet: boolean,
): Partial<Attributes> & Pick<RoutineEntry, "language" | "body" | "atomic"> {
  const attributes = changedAttributes(options, routine, isSet, []);
  const named = options.find(({ name }) => name === "language");
  const text = options.find((each) => each.name === "as");
  if (named === undefined && body === undefined) {
    throw invalidDefinition("no language specified");
  }
  const language = languageNamed(String(named?.value ?? "sql"));
  if (options.some(({ name, value }) => name === "window" && value === true)) {
    throw new SqlError("0A000", "WINDOW functions are not supported");
  }
  if (text !== undefined && body !== undefined) {
    throw invalidDefinition("duplicate function body specified");
  }
  if (text === undefined && body === undefined) {
    throw invalidDefinition("no function body specified");
  }
  if (body !== undefined && language !== "sql") {
    throw invalidDefinition(
      "inline SQL function body only valid for language SQL",
    );
  }
  const [source, second] = text?.value ?? [];
  if (second !== undefined) {
    throw invalidDefinition(
      `only one AS item needed for language "${language}"`,
    );
  }
  return {
    ...attributes,
    language,
    body: body ?? source ?? "",
    atomic: body !== undefined,
  };
}

/** @throws {SqlError} `42704` for a language that there is none of. */
export function languageNamed(name: string): RoutineLanguage {
  if (name === "sql" || name === "plpgsql") return name;
  if (name === "c" || name === "internal") {
    throw new SqlError("42501", `permission denied for language ${name}`);
  }
  throw new SqlError("42704", `language "${name}" does not exist`);
}

/** What options say of a routine. */
export function changedAttributes(
  options: readonly RoutineOption[],
  routine: RoutineEntry["routine"],
  isSet: boolean,
  config: Attributes["config"],
): Partial<Attributes> {
  let changed: Partial<Attributes> = {};
  let settings = config;
  for (const option of options) {
    refuseOfProcedure(option, routine);
    if (option.name === "set") settings = withSetting(settings, option);
    else changed = { ...changed, ...attributeOf(option, isSet) };
  }
  return settings === config ? changed : { ...changed, config: settings };
}

const OF_FUNCTIONS: readonly string[] = [
  "volatility",
  "strict",
  "leakproof",
  "window",
  "parallel",
  "cost",
  "rows",
  "support",
];

function refuseOfProcedure(
  { name }: RoutineOption,
  routine: RoutineEntry["routine"],
): void {
  if (routine !== "procedure" || !OF_FUNCTIONS.includes(name)) return;
  throw invalidDefinition("invalid attribute in procedure definition");
}

function attributeOf(
  option: Exclude<RoutineOption, { readonly name: "set" }>,
  isSet: boolean,
): Partial<Attributes> {
  switch (option.name) {
    case "volatility":
      return { volatility: option.value };
    case "strict":
      return { strict: option.value };
    case "security":
      return { securityDefiner: option.value };
    case "leakproof":
      return { leakproof: option.value };
    case "parallel":
      return { parallel: parallelNamed(option.value) };
    case "cost":
      if (option.value > 0) return { cost: option.value };
      throw new SqlError("22023", "COST must be positive");
    case "rows":
      if (option.value <= 0) {
        throw new SqlError("22023", "ROWS must be positive");
      }
      if (isSet) return { rows: option.value };
      throw new SqlError(
        "22023",
        "ROWS is not applicable when function does not return a set",
      );
    case "support":
      throw new SqlError("0A000", "SUPPORT of functions is not supported");
    default:
      return {};
  }
}

function parallelNamed(word: string): RoutineEntry["parallel"] {
  if (word === "unsafe" || word === "restricted" || word === "safe") {
    return word;
  }
  throw new SqlError(
    "42601",
    'parameter "parallel" must be SAFE, RESTRICTED, or UNSAFE',
  );
}

function withSetting(
  config: Attributes["config"],
  { setting, value }: RoutineOption & { readonly name: "set" },
): Attributes["config"] {
  if (value === undefined && setting === "all") return [];
  const rest = config.filter(([name]) => name !== setting);
  return value === undefined ? rest : [...rest, [setting, value]];
}

/** The routine that is replaced. */
function replaced(
  state: StatementState,
  schema: string,
  { name, replace }: CreateRoutineSyntax,
  signature: BoundSignature,
): RoutineEntry | undefined {
  const wanted = signatureOf(signature);
  const found = state.options.catalog.routines(schema, name.name)
    .find((each) => signatureOf(each) === wanted);
  if (found === undefined || replace) return found;
  throw new SqlError(
    "42723",
    `function "${name.name}" already exists with same argument types`,
  );
}

/** @throws {SqlError} `42P13`, `42809` where OR REPLACE changes too much. */
export function refuseChange(
  { options: { catalog } }: StatementState,
  before: RoutineEntry,
  after: RoutineEntry,
): void {
  const shown = routineSignature(catalog, before);
  const hint = `Use DROP ${before.routine.toUpperCase()} ${shown} first.`;
  if (before.routine !== after.routine) {
    throw new SqlError("42809", "cannot change routine kind", {
      detail: before.routine === "aggregate"
        ? `"${before.name}" is an aggregate function.`
        : `"${before.name}" is a ${before.routine}.`,
    });
  }
  if (
    before.returns.oid !== after.returns.oid ||
    before.returnsSet !== after.returnsSet
  ) {
    throw invalidDefinition(
      before.routine === "procedure"
        ? "cannot change whether a procedure has output parameters"
        : "cannot change return type of existing function",
      { hint },
    );
  }
  const row = (entry: RoutineEntry): string =>
    JSON.stringify(outputsOf(entry).map(({ name, type }) => [name, type.oid]));
  if (
    (outputsOf(before).length > 1 || outputsOf(after).length > 1) &&
    row(before) !== row(after)
  ) {
    throw invalidDefinition("cannot change return type of existing function", {
      detail: "Row type defined by OUT parameters is different.",
      hint,
    });
  }
  const inputs = inputsOf(after);
  for (const [i, { name, defaultSql }] of inputsOf(before).entries()) {
    const other = inputs[i]!;
    if (name !== "" && other.name !== name) {
      throw invalidDefinition(
        `cannot change name of input parameter "${name}"`,
        { hint },
      );
    }
    if (defaultSql !== undefined && other.defaultSql === undefined) {
      throw invalidDefinition(
        "cannot remove parameter defaults from existing function",
        { hint },
      );
    }
  }
}
