/**
 * Raw arguments of calls, some with names, to `expression_syntax.ts`.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { CallSyntax, Expression } from "./expression_syntax.ts";
import {
  listOf,
  nodeOf,
  type RawFields,
  type RawReader,
  textOf,
} from "./raw_node.ts";

/** The arguments of a call; `narrow` reads each. */
export function narrowArguments(
  reader: RawReader,
  value: unknown,
  narrow: (reader: RawReader, value: unknown) => Expression,
): Pick<CallSyntax, "args" | "argNames"> {
  const items = listOf(value);
  const isNamed = (item: unknown): boolean =>
    nodeOf(item).type === "NamedArgExpr";
  if (!items.some(isNamed)) {
    return { args: items.map((item) => narrow(reader, item)) };
  }
  const names: (string | undefined)[] = [];
  const args = items.map((item) => {
    const { type, fields } = nodeOf(item);
    if (type !== "NamedArgExpr") {
      if (names.some((name) => name !== undefined)) {
        throw misplaced(reader, item);
      }
      names.push(undefined);
      return narrow(reader, item);
    }
    const name = textOf(fields["name"])!;
    if (names.includes(name)) {
      throw new SqlError(
        "42601",
        `argument name "${name}" used more than once`,
        { offset: reader.offsetOf(fields) },
      );
    }
    names.push(name);
    return narrow(reader, fields["arg"]);
  });
  return { args, argNames: names };
}

function misplaced(reader: RawReader, item: unknown): SqlError {
  const { fields } = nodeOf(item);
  const offset = "location" in fields
    ? reader.offsetOf(fields as RawFields)
    : -1;
  return new SqlError(
    "42601",
    "positional argument cannot follow named argument",
    offset < 0 ? {} : { offset },
  );
}
