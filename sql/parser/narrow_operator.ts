/**
 * Raw nodes of definitions of operators and casts to `operator_syntax.ts`.
 *
 * @module
 */
import { narrowOption } from "./narrow_aggregate.ts";
import {
  nameInList,
  narrowRoutineName,
  narrowRoutineType,
} from "./narrow_routine.ts";
import type {
  AlterOperatorSyntax,
  CastTarget,
  OperatorOption,
  OperatorStatement,
  OperatorTarget,
} from "./operator_syntax.ts";
import {
  flagOf,
  listOf,
  nodeOf,
  type RawFields,
  type RawNode,
  type RawReader,
  textOf,
} from "./raw_node.ts";
import type { RoutineTypeName } from "./routine_syntax.ts";

/** A statement about operators or casts; `undefined` where it is another. */
export function narrowOperatorStatement(
  reader: RawReader,
  { type, fields }: RawNode,
): OperatorStatement | undefined {
  switch (type) {
    case "DefineStmt":
      return fields["kind"] !== "OBJECT_OPERATOR" ? undefined : {
        kind: "create_operator",
        name: nameInList(fields["defnames"]),
        options: optionsIn(reader, fields["definition"]),
      };
    case "AlterOperatorStmt":
      return altered(reader, { ObjectWithArgs: fields["opername"] }, {
        kind: "options",
        options: optionsIn(reader, fields["options"]),
      });
    case "AlterObjectSchemaStmt":
      return fields["objectType"] !== "OBJECT_OPERATOR"
        ? undefined
        : altered(reader, fields["object"], {
          kind: "set_schema",
          schema: textOf(fields["newschema"])!,
        });
    case "AlterOwnerStmt":
      return fields["objectType"] !== "OBJECT_OPERATOR"
        ? undefined
        : altered(reader, fields["object"], { kind: "owner" });
    case "CommentStmt":
      return narrowComment(reader, fields);
    case "CreateCastStmt":
      return narrowCreateCast(reader, fields);
    case "DropStmt":
      return narrowDrop(reader, fields);
    default:
      return undefined;
  }
}

function narrowComment(
  reader: RawReader,
  { objtype, object, comment }: RawFields,
): OperatorStatement | undefined {
  const text = textOf(comment);
  if (objtype === "OBJECT_CAST") {
    return { kind: "comment_cast", cast: castIn(reader, object), text };
  }
  return objtype !== "OBJECT_OPERATOR"
    ? undefined
    : altered(reader, object, { kind: "comment", text });
}

function narrowDrop(
  reader: RawReader,
  fields: RawFields,
): OperatorStatement | undefined {
  const objects = listOf(fields["objects"]);
  const how = {
    ifExists: flagOf(fields["missing_ok"]),
    cascade: fields["behavior"] === "DROP_CASCADE",
  };
  switch (fields["removeType"]) {
    case "OBJECT_OPERATOR":
      return {
        kind: "drop_operator",
        operators: objects.map((each) => operatorIn(reader, each)),
        ...how,
      };
    case "OBJECT_CAST":
      return { kind: "drop_cast", cast: castIn(reader, objects[0]), ...how };
    default:
      return undefined;
  }
}

function altered(
  reader: RawReader,
  object: unknown,
  action: AlterOperatorSyntax["action"],
): AlterOperatorSyntax {
  return {
    kind: "alter_operator",
    operator: operatorIn(reader, object),
    action,
  };
}

/** A type; as in PostgreSQL, errors do not say where it stands. */
function typeIn(reader: RawReader, fields: RawFields): RoutineTypeName {
  const type = narrowRoutineType(reader, fields);
  return { ...type, name: { ...type.name, offset: -1 } };
}

/** An `ObjectWithArgs`: one operand's type is `{}` where it says NONE. */
function operatorIn(reader: RawReader, value: unknown): OperatorTarget {
  const { fields } = nodeOf(value);
  const [left, right] = listOf(fields["objargs"]).map((each) =>
    Object.keys(each as RawFields).length === 0
      ? undefined
      : typeIn(reader, nodeOf(each).fields)
  );
  return { name: nameInList(fields["objname"]), left, right };
}

function optionsIn(reader: RawReader, value: unknown): OperatorOption[] {
  return listOf(value).map((each): OperatorOption => {
    const { fields } = nodeOf(each);
    const name = textOf(fields["defname"])!;
    if (fields["arg"] === undefined) {
      return { name, text: undefined, type: undefined, isNone: true };
    }
    const arg = nodeOf(fields["arg"]);
    if (arg.type === "List") {
      const operator = nameInList(arg.fields["items"]);
      return { name, text: operator.name, type: undefined, operator };
    }
    const option = narrowOption(reader, fields);
    return option.type === undefined && option.text === "none"
      ? { ...option, isNone: true }
      : option;
  });
}

function castIn(reader: RawReader, value: unknown): CastTarget {
  const [source, target] = listOf(nodeOf(value).fields["items"]).map((each) =>
    typeIn(reader, nodeOf(each).fields)
  );
  return { source: source!, target: target! };
}

const CONTEXTS = {
  COERCION_IMPLICIT: "implicit",
  COERCION_ASSIGNMENT: "assignment",
  COERCION_EXPLICIT: "explicit",
} as const;

/** A `CreateCastStmt`. */
function narrowCreateCast(
  reader: RawReader,
  fields: RawFields,
): OperatorStatement {
  const type = (name: string): RoutineTypeName =>
    narrowRoutineType(reader, fields[name] as RawFields);
  const { func, inout } = fields;
  return {
    kind: "create_cast",
    cast: { source: type("sourcetype"), target: type("targettype") },
    context: CONTEXTS[fields["context"] as keyof typeof CONTEXTS],
    method: func !== undefined
      ? "function"
      : flagOf(inout)
      ? "inout"
      : "binary",
    function: func === undefined
      ? undefined
      : narrowRoutineName(reader, { ObjectWithArgs: func }),
  };
}
