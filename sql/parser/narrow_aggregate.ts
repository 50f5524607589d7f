/**
 * Raw nodes of CREATE AGGREGATE to `routine_syntax.ts`.
 *
 * @module
 */
import {
  nameInList,
  narrowParameter,
  narrowRoutineType,
} from "./narrow_routine.ts";
import {
  flagOf,
  listOf,
  nodeOf,
  type RawFields,
  type RawNode,
  type RawReader,
  textOf,
} from "./raw_node.ts";
import type { AggregateOption, CreateAggregateSyntax } from "./syntax.ts";

/** A `DefineStmt` of an aggregate. */
export function narrowCreateAggregate(
  reader: RawReader,
  { fields }: RawNode,
): CreateAggregateSyntax {
  // The first is empty where the aggregate takes nothing: `a(*)`.
  const [first, last] = listOf(fields["args"]) as readonly RawFields[];
  const list = first?.["List"] as RawFields | undefined;
  const direct = last?.["Integer"] as RawFields | undefined;
  const parameters = flagOf(fields["oldstyle"])
    ? undefined
    : listOf(list?.["items"]).map((each) =>
      narrowParameter(reader, nodeOf(each).fields)
    );
  return {
    kind: "create_aggregate",
    replace: flagOf(fields["replace"]),
    name: nameInList(fields["defnames"]),
    parameters,
    isOrdered: Number(direct?.["ival"] ?? -1) !== -1,
    options: listOf(fields["definition"]).map((each) =>
      narrowOption(reader, nodeOf(each).fields)
    ),
  };
}

/** A `DefElem` of a definition. */
export function narrowOption(
  reader: RawReader,
  fields: RawFields,
): AggregateOption {
  const name = textOf(fields["defname"])!;
  if (fields["arg"] === undefined) {
    return { name, text: undefined, type: undefined };
  }
  const arg = nodeOf(fields["arg"]);
  const type = arg.type === "TypeName"
    ? narrowRoutineType(reader, arg.fields)
    : undefined;
  const { sval, fval, ival, boolval } = arg.fields;
  const value = sval ?? fval ?? ival ?? boolval;
  return {
    name,
    text: type?.name.name ?? (value === undefined ? "0" : String(value)),
    type,
  };
}
