/**
 * CREATE OPERATOR: a symbol between operands of certain types, which calls a
 * function.
 *
 * @module
 */
import type { OperatorEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type {
  CreateOperatorSyntax,
  OperatorOption,
} from "../../parser/operator_syntax.ts";
import type { TypeRef } from "../../types/data_type.ts";
import { creationSchema } from "../bind_schema.ts";
import { declaredPart, type FoundPart } from "../routines/aggregate_part.ts";
import { invalidDefinition } from "../routines/bind_parameters.ts";
import type { BoundChangeEntry } from "../routines/bound_routine.ts";
import { bindRoutineType } from "../routines/routine_type.ts";
import { typeDependencies } from "../routines/stored_type.ts";
import type { StatementState } from "../statement_state.ts";
import { exactOwnOperator } from "./catalog_operators.ts";
import {
  estimatorOf,
  isSet,
  operatorNamed,
  type OperatorOptions,
  refuseMeaningless,
} from "./operator_options.ts";

const KNOWN: ReadonlySet<string> = new Set([
  "leftarg",
  "rightarg",
  "function",
  "commutator",
  "negator",
  "restrict",
  "join",
  "hashes",
  "merges",
]);

/** What older versions had, and what it says now. */
const OLD_NAMES: Readonly<Record<string, string>> = {
  procedure: "function",
  sort1: "merges",
  sort2: "merges",
  ltcmp: "merges",
  gtcmp: "merges",
};

/** Binds CREATE OPERATOR. */
export function bindCreateOperator(
  state: StatementState,
  { name: { schema: given, name, offset }, options: list }:
    CreateOperatorSyntax,
): BoundChangeEntry {
  const schema = creationSchema(state, given, offset);
  const notices: string[] = [];
  const options = optionsOf(list, notices);
  const left = operandOf(state, options.get("leftarg"));
  const right = operandOf(state, options.get("rightarg"));
  if (!options.has("function")) {
    throw invalidDefinition("operator function must be specified");
  }
  if (right === undefined) {
    throw left === undefined
      ? invalidDefinition("operator argument types must be specified")
      : new SqlError(
        "42P13",
        "operator right argument type must be specified",
        {
          detail: "Postfix operators are not supported.",
        },
      );
  }
  const operands = left === undefined ? [right] : [left, right];
  const found = functionOf(state, options.get("function")!, operands);
  const commutator = operatorNamed(state, options.get("commutator"), schema);
  const negator = operatorNamed(state, options.get("negator"), schema);
  const restrict = estimatorOf(options, "restrict");
  const join = estimatorOf(options, "join");
  const needs = found.part.id;
  const after: OperatorEntry = {
    kind: "operator",
    id: 0,
    schema,
    name,
    left: left?.type.oid ?? 0,
    right: right.type.oid,
    result: found.returnType.oid,
    function: found.part,
    ...commutator !== undefined && { commutator },
    ...negator !== undefined && { negator },
    ...restrict !== undefined && { restrict },
    ...join !== undefined && { join },
    hashes: isSet(options, "hashes"),
    merges: isSet(options, "merges"),
    dependencies: [
      ...typeDependencies(state.options, operands),
      ...needs === undefined ? [] : [{ id: needs, kind: "normal" } as const],
    ],
  };
  refuseMeaningless(after);
  const isOwnNegator = negator?.name === name && negator.schema === schema;
  if (isOwnNegator) {
    throw invalidDefinition("operator cannot be its own negator");
  }
  const { catalog } = state.options;
  if (exactOwnOperator(catalog, schema, name, after) !== undefined) {
    throw new SqlError("42723", `operator ${name} already exists`);
  }
  return {
    kind: "change_entry",
    tag: "CREATE OPERATOR",
    before: undefined,
    after,
    notices,
  };
}

function optionsOf(
  list: readonly OperatorOption[],
  notices: string[],
): OperatorOptions {
  const options = new Map<string, OperatorOption>();
  for (const option of list) {
    const name = OLD_NAMES[option.name] ?? option.name;
    if (KNOWN.has(name)) options.set(name, option);
    else notices.push(`operator attribute "${option.name}" not recognized`);
  }
  return options;
}

function operandOf(
  state: StatementState,
  option: OperatorOption | undefined,
): TypeRef | undefined {
  if (option === undefined || option.isNone === true) return undefined;
  if (option.type === undefined) {
    throw new SqlError(
      "42601",
      `argument of ${option.name} must be a type name`,
    );
  }
  if (option.type.setOf) {
    throw invalidDefinition("SETOF type not allowed for operator argument");
  }
  return bindRoutineType(state, option.type);
}

function functionOf(
  state: StatementState,
  { type, text }: OperatorOption,
  operands: readonly TypeRef[],
): FoundPart {
  const name = {
    schema: type?.name.schema,
    name: type?.name.name ?? text ?? "",
  };
  return declaredPart(state, name, operands.map((each) => each.type));
}
