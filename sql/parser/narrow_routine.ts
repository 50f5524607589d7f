/**
 * Raw nodes of functions and procedures to `routine_syntax.ts`.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { narrowExpression, narrowTypeName } from "./narrow_expression.ts";
import { narrowSet } from "./narrow_utility.ts";
import {
  flagOf,
  listOf,
  nodeOf,
  type RawFields,
  type RawNode,
  type RawReader,
  stringOf,
  textOf,
} from "./raw_node.ts";
import { sourceTokens } from "./source_tokens.ts";
import type {
  AlterRoutineSyntax,
  CallProcedureSyntax,
  CallSyntax,
  CreateRoutineSyntax,
  DoSyntax,
  DropRoutineSyntax,
  RelationName,
  RoutineName,
  RoutineOption,
  RoutineParameterSyntax,
  RoutineTypeName,
  RoutineWord,
} from "./syntax.ts";

/** A name in a list of `String` nodes. */
export function nameInList(value: unknown): RelationName {
  const names = listOf(value).map(stringOf);
  return {
    schema: names.length > 1 ? names.at(-2) : undefined,
    name: names.at(-1)!,
    offset: -1,
  };
}

/** A `CreateFunctionStmt`. */
export function narrowCreateRoutine(
  reader: RawReader,
  { fields }: RawNode,
): CreateRoutineSyntax {
  const { returnType } = fields as { returnType?: RawFields };
  return {
    kind: "create_routine",
    routine: flagOf(fields["is_procedure"]) ? "procedure" : "function",
    replace: flagOf(fields["replace"]),
    name: nameInList(fields["funcname"]),
    parameters: listOf(fields["parameters"]).map((each) =>
      narrowParameter(reader, nodeOf(each).fields)
    ),
    returns: returnType && narrowRoutineType(reader, returnType),
    options: optionsIn(reader, fields["options"]),
    body: fields["sql_body"] === undefined
      ? undefined
      : bodyText(reader.source.text),
  };
}

/** The statements in RETURN or BEGIN ATOMIC, which end a definition. */
function bodyText(text: string): string {
  const tokens = [...sourceTokens(text)].filter(({ kind, depth }) =>
    kind === "word" && depth === 0
  );
  for (const [i, token] of tokens.entries()) {
    const word = token.text.toUpperCase();
    const next = tokens[i + 1]?.text.toUpperCase();
    if (word === "BEGIN" && next === "ATOMIC") {
      const end = tokens.findLast((each) => each.text.toUpperCase() === "END")!;
      return text.slice(tokens[i + 1]!.end, end.start).trim();
    }
    // RETURNS NULL ON NULL INPUT is another word.
    if (word === "RETURN") return `SELECT ${text.slice(token.end).trim()}`;
  }
  return "";
}

const MODES: Readonly<Record<string, RoutineParameterSyntax["mode"]>> = {
  FUNC_PARAM_IN: "in",
  FUNC_PARAM_OUT: "out",
  FUNC_PARAM_INOUT: "inout",
  FUNC_PARAM_VARIADIC: "variadic",
  FUNC_PARAM_TABLE: "table",
  FUNC_PARAM_DEFAULT: "default",
};

/** A `FunctionParameter`. */
export function narrowParameter(
  reader: RawReader,
  fields: RawFields,
): RoutineParameterSyntax {
  return {
    name: textOf(fields["name"]),
    mode: MODES[fields["mode"] as string] ?? "default",
    type: narrowRoutineType(reader, fields["argType"] as RawFields),
    default: fields["defexpr"] === undefined
      ? undefined
      : narrowExpression(reader, fields["defexpr"]),
    offset: reader.offsetOf(fields["argType"] as RawFields),
  };
}

/** A type with SETOF or %TYPE. */
export function narrowRoutineType(
  reader: RawReader,
  fields: RawFields,
): RoutineTypeName {
  const { setof, pct_type: isColumn, ...rest } = fields;
  return {
    name: narrowTypeName(reader, rest),
    column: isColumn === true
      ? listOf(fields["names"]).map(stringOf)
      : undefined,
    setOf: flagOf(setof),
  };
}

function optionsIn(reader: RawReader, value: unknown): RoutineOption[] {
  const seen = new Set<string>();
  return listOf(value).map((each) => {
    const { fields } = nodeOf(each);
    const name = textOf(fields["defname"])!;
    if (seen.has(name) && name !== "set") {
      throw new SqlError("42601", "conflicting or redundant options", {
        offset: reader.offsetOf(fields),
      });
    }
    seen.add(name);
    return optionOf(reader, name, nodeOf(fields["arg"]));
  });
}

function optionOf(
  reader: RawReader,
  name: string,
  { type, fields }: RawNode,
): RoutineOption {
  const text = textOf(fields["sval"]) ?? "";
  const flag = flagOf(fields["boolval"]);
  switch (name) {
    case "language":
      return { name, value: text.toLowerCase() };
    case "volatility":
      return { name, value: text as "immutable" };
    case "strict":
    case "security":
    case "leakproof":
    case "window":
      return { name, value: flag };
    case "parallel":
      return { name, value: text };
    case "cost":
    case "rows":
      return {
        name,
        value: type === "Float"
          ? Number(fields["fval"])
          : fields["ival"] as number ?? 0,
      };
    case "support":
      return { name, value: text };
    case "as":
      return { name, value: listOf(fields["items"]).map(stringOf) };
    case "set":
      return settingOf(reader, { type, fields });
    default:
      throw reader.unsupported(name.toUpperCase());
  }
}

function settingOf(reader: RawReader, node: RawNode): RoutineOption {
  const set = narrowSet(reader, node);
  if (set.kind === "reset_all") {
    return { name: "set", setting: "all", value: undefined };
  }
  if (set.kind !== "set") throw reader.unsupported("SET TRANSACTION here");
  const { name: setting, values } = set;
  return { name: "set", setting, value: values?.join(", ") };
}

/** The word of an object's kind; `undefined` if it is no routine's. */
export function routineWord(value: unknown): RoutineWord | undefined {
  switch (value) {
    case "OBJECT_FUNCTION":
      return "function";
    case "OBJECT_PROCEDURE":
      return "procedure";
    case "OBJECT_AGGREGATE":
      return "aggregate";
    case "OBJECT_ROUTINE":
      return "routine";
    default:
      return undefined;
  }
}

/** An `ObjectWithArgs`. */
export function narrowRoutineName(
  reader: RawReader,
  value: unknown,
): RoutineName {
  const { fields } = nodeOf(value);
  return {
    name: nameInList(fields["objname"]),
    types: flagOf(fields["args_unspecified"])
      ? undefined
      : listOf(fields["objargs"]).map((each) =>
        narrowRoutineType(reader, nodeOf(each).fields)
      ),
  };
}

/** A `DropStmt` of routines. */
export function narrowDropRoutine(
  reader: RawReader,
  { fields }: RawNode,
  word: RoutineWord,
): DropRoutineSyntax {
  return {
    kind: "drop_routine",
    word,
    names: listOf(fields["objects"]).map((each) =>
      narrowRoutineName(reader, each)
    ),
    ifExists: flagOf(fields["missing_ok"]),
    cascade: fields["behavior"] === "DROP_CASCADE",
  };
}

/** An `AlterFunctionStmt`. */
export function narrowAlterRoutine(
  reader: RawReader,
  { fields }: RawNode,
): AlterRoutineSyntax {
  return alterRoutine(
    reader,
    routineWord(fields["objtype"]) ?? "function",
    { ObjectWithArgs: fields["func"] },
    { kind: "options", options: optionsIn(reader, fields["actions"]) },
  );
}

/** A change of the routine in `object`. */
export function alterRoutine(
  reader: RawReader,
  word: RoutineWord,
  object: unknown,
  action: AlterRoutineSyntax["action"],
): AlterRoutineSyntax {
  const name = narrowRoutineName(reader, object);
  return { kind: "alter_routine", word, name, action };
}

/** A `CallStmt`. */
export function narrowCallProcedure(
  reader: RawReader,
  { fields }: RawNode,
): CallProcedureSyntax {
  const call = narrowExpression(reader, { FuncCall: fields["funccall"] });
  return { kind: "call_procedure", call: call as CallSyntax };
}

/** A `DoStmt`. */
export function narrowDo({ fields }: RawNode): DoSyntax {
  let language = "plpgsql";
  let body: string | undefined;
  for (const each of listOf(fields["args"])) {
    const { fields: option } = nodeOf(each);
    const text = textOf(nodeOf(option["arg"]).fields["sval"]) ?? "";
    if (option["defname"] === "language") language = text.toLowerCase();
    else body = text;
  }
  if (body === undefined) {
    throw new SqlError("42601", "no inline code specified");
  }
  return { kind: "do", language, body };
}
