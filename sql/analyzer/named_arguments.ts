/**
 * Arguments given by name to functions that every database has, put in the order
 * of their parameters: `make_interval(days => 1)` is `make_interval(0, 0, 0, 1)`.
 *
 * @module
 */
import {
  type NamedParameter,
  parametersNamed,
} from "../functions/parameter_names.ts";
import type { CallSyntax, Expression } from "../parser/expression_syntax.ts";

/**
 * The call with all its arguments by place, where its names are those of a
 * function that every database has; else as it is.
 */
export function withArgumentsInOrder(syntax: CallSyntax): CallSyntax {
  const { schema, name, args, argNames } = syntax;
  if (argNames === undefined) return syntax;
  if (schema !== undefined && schema !== "pg_catalog") return syntax;
  for (const parameters of parametersNamed(name)) {
    const inOrder = arranged(parameters, args, argNames);
    if (inOrder === undefined) continue;
    const { argNames: _, ...call } = syntax;
    return { ...call, args: inOrder };
  }
  return syntax;
}

function arranged(
  parameters: readonly NamedParameter[],
  args: readonly Expression[],
  names: readonly (string | undefined)[],
): Expression[] | undefined {
  const given = new Map<number, Expression>();
  for (const [i, arg] of args.entries()) {
    const name = names[i];
    const place = name === undefined
      ? i
      : parameters.findIndex((each) => each.name === name);
    const isFree = place >= 0 && place < parameters.length && !given.has(place);
    if (!isFree) return undefined;
    given.set(place, arg);
  }
  const count = Math.max(...given.keys(), required(parameters)) + 1;
  const inOrder: Expression[] = [];
  for (const [i, { fallback }] of parameters.slice(0, count).entries()) {
    const arg = given.get(i) ?? (fallback === undefined ? undefined : {
      kind: "constant" as const,
      literal: { form: "string" as const, text: fallback },
      offset: -1,
    });
    if (arg === undefined) return undefined;
    inOrder.push(arg);
  }
  return inOrder;
}

/** The place of the last parameter that has to be given. */
function required(parameters: readonly NamedParameter[]): number {
  return parameters.findLastIndex(({ fallback }) => fallback === undefined);
}
