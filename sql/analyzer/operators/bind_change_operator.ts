/**
 * ALTER, DROP and COMMENT ON OPERATOR.
 *
 * @module
 */
import type { OperatorEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type {
  AlterOperatorSyntax,
  DropOperatorSyntax,
  OperatorOption,
  OperatorTarget,
} from "../../parser/operator_syntax.ts";
import type { DataType } from "../../types/data_type.ts";
import { bindTypeName } from "../bind_type.ts";
import { otherSchema } from "../bind_schema.ts";
import type { BoundDrop } from "../bound_tree.ts";
import { isMissing } from "../routines/bind_change_routine.ts";
import { invalidDefinition } from "../routines/bind_parameters.ts";
import type { BoundChangeEntry } from "../routines/bound_routine.ts";
import type { StatementState } from "../statement_state.ts";
import { exactOwnOperator } from "./catalog_operators.ts";
import {
  estimatorOf,
  isSet,
  operatorNamed,
  refuseMeaningless,
} from "./operator_options.ts";

/** The operator that a statement names. */
interface Found {
  readonly entry: OperatorEntry | undefined;
  /** As messages name one that is not there. */
  readonly shown: string;
  /** Whether every database has it. */
  readonly isBuiltin: boolean;
}

function find(
  state: StatementState,
  { name: { schema, name }, left, right }: OperatorTarget,
): Found {
  if (right === undefined) {
    throw new SqlError("42601", "postfix operators are not supported");
  }
  const first = left && bindTypeName(state, left.name).type;
  const second = bindTypeName(state, right.name).type;
  const { catalog, functions } = state.options;
  const isKnown = schema === undefined || catalog.hasSchema(schema);
  const entry = isKnown
    ? exactOwnOperator(catalog, schema, name, {
      left: first?.oid ?? 0,
      right: second.oid,
    })
    : undefined;
  const full = schema === undefined ? name : `${schema}.${name}`;
  const sides = [first?.displayName, full, second.displayName];
  return {
    entry,
    shown: sides.filter((each) => each !== undefined).join(" "),
    isBuiltin: (schema === undefined || schema === "pg_catalog") &&
      functions.operators().some((each) =>
        each.name === name && each.left === first && each.right === second
      ),
  };
}

/**
 * The operator that a statement names.
 *
 * @throws {SqlError} `42883`, `2BP01` for one that every database has.
 */
function open(
  state: StatementState,
  target: OperatorTarget,
  what: string,
): OperatorEntry {
  const { entry, shown, isBuiltin } = find(state, target);
  if (entry !== undefined) return entry;
  if (!isBuiltin) {
    throw new SqlError("42883", `operator does not exist: ${shown}`);
  }
  const typeName = (type: OperatorTarget["left"]): string =>
    type === undefined ? "NONE" : displayOf(state, type);
  const name = `operator ${target.name.name}(${typeName(target.left)},${
    typeName(target.right)
  })`;
  throw new SqlError(
    "2BP01",
    `cannot ${what} ${name} because it is required by the database system`,
  );
}

function displayOf(
  state: StatementState,
  type: NonNullable<OperatorTarget["left"]>,
): string {
  const found: DataType = bindTypeName(state, type.name).type;
  return found.displayName;
}

/** Binds ALTER OPERATOR. */
export function bindAlterOperator(
  state: StatementState,
  { operator, action }: AlterOperatorSyntax,
): BoundChangeEntry {
  const before = open(state, operator, "alter");
  return {
    kind: "change_entry",
    tag: action.kind === "comment" ? "COMMENT" : "ALTER OPERATOR",
    before,
    after: altered(state, before, action),
    notices: [],
  };
}

function altered(
  state: StatementState,
  before: OperatorEntry,
  action: AlterOperatorSyntax["action"],
): OperatorEntry {
  switch (action.kind) {
    case "owner":
      return before;
    case "comment": {
      const { comment: _, ...rest } = before;
      const { text } = action;
      return text === undefined || text === ""
        ? rest
        : { ...rest, comment: text };
    }
    case "set_schema":
      return {
        ...before,
        schema: otherSchema(state, before.schema, action.schema),
      };
    case "options":
      return withOptions(state, before, action.options);
  }
}

const FIXED: readonly string[] = [
  "leftarg",
  "rightarg",
  "function",
  "procedure",
];

const CHANGED: readonly string[] = [
  "restrict",
  "join",
  "commutator",
  "negator",
  "merges",
  "hashes",
];

function withOptions(
  state: StatementState,
  before: OperatorEntry,
  list: readonly OperatorOption[],
): OperatorEntry {
  const options = new Map(list.map((option) => [option.name, option]));
  for (const name of options.keys()) {
    if (CHANGED.includes(name)) continue;
    throw new SqlError(
      "42601",
      `operator attribute "${name}" ${
        FIXED.includes(name) ? "cannot be changed" : "not recognized"
      }`,
    );
  }
  const after = { ...before };
  for (const name of ["restrict", "join"] as const) {
    if (!options.has(name)) continue;
    after[name] = estimatorOf(options, name);
  }
  for (const name of ["commutator", "negator"] as const) {
    if (!options.has(name)) continue;
    const wanted = existing(state, before, options.get(name)!, name);
    if (before[name] !== undefined && !isSame(before[name], wanted)) {
      throw alreadySet(name);
    }
    after[name] = wanted;
  }
  for (const name of ["merges", "hashes"] as const) {
    if (!options.has(name)) continue;
    const value = isSet(options, name);
    if (before[name] && !value) throw alreadySet(name);
    after[name] = value;
  }
  refuseMeaningless(after);
  return after;
}

type Named = { readonly schema: string; readonly name: string };

function isSame(a: Named, b: Named): boolean {
  return a.schema === b.schema && a.name === b.name;
}

/** The operator that becomes a commutator or negator: it has to be there. */
function existing(
  state: StatementState,
  { left, right, schema, name }: OperatorEntry,
  option: OperatorOption,
  role: "commutator" | "negator",
): Named {
  const operands = role === "commutator"
    ? { left: right, right: left }
    : { left, right };
  const named = operatorNamed(state, option, schema)!;
  const given = option.operator?.schema;
  const found = exactOwnOperator(
    state.options.catalog,
    given,
    named.name,
    operands,
  );
  if (found === undefined) {
    const typeName = (oid: number): string =>
      state.options.types.byOid(oid)?.displayName ?? "???";
    const shown = [
      ...operands.left === 0 ? [] : [typeName(operands.left)],
      given === undefined ? named.name : `${given}.${named.name}`,
      typeName(operands.right),
    ].join(" ");
    throw new SqlError("42883", `operator does not exist: ${shown}`);
  }
  const isItself = found.schema === schema && found.name === name;
  if (role === "negator" && isItself) {
    throw invalidDefinition("operator cannot be its own negator");
  }
  return { schema: found.schema, name: found.name };
}

function alreadySet(name: string): SqlError {
  return invalidDefinition(
    `operator attribute "${name}" cannot be changed if it has already been set`,
  );
}

/** Binds DROP OPERATOR. */
export function bindDropOperator(
  state: StatementState,
  { operators, ifExists, cascade }: DropOperatorSyntax,
): Omit<BoundDrop, "parameterTypes" | "cacheable"> {
  const entries: OperatorEntry[] = [];
  const notices: string[] = [];
  for (const target of operators) {
    try {
      entries.push(open(state, target, "drop"));
    } catch (error) {
      if (!ifExists || !isMissing(error)) throw error;
      const { message, code } = error as SqlError;
      notices.push(
        code === "42883"
          ? `operator ${target.name.name} does not exist, skipping`
          : `${message}, skipping`,
      );
    }
  }
  return {
    kind: "drop",
    object: "operator",
    entries: [...new Set(entries)],
    cascade,
    notices,
  };
}
