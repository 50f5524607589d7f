/**
 * CREATE [OR REPLACE] AGGREGATE.
 *
 * @module
 */
import type { AggregateParts } from "../../catalog/aggregate_entry.ts";
import { type RoutineEntry, signatureOf } from "../../catalog/routine_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type {
  AggregateOption,
  CreateAggregateSyntax,
  RoutineTypeName,
} from "../../parser/syntax.ts";
import type { DataType, TypeRef } from "../../types/data_type.ts";
import { isPolymorphic } from "../../types/pseudo_types.ts";
import { creationSchema } from "../bind_schema.ts";
import type { StatementState } from "../statement_state.ts";
import {
  findPart,
  type FoundPart,
  isBinaryCoercible,
} from "./aggregate_part.ts";
import {
  bindParameters,
  invalidDefinition,
  requireKnown,
} from "./bind_parameters.ts";
import { refuseChange } from "./bind_create_routine.ts";
import type { BoundChangeEntry } from "./bound_routine.ts";
import { bindRoutineType } from "./routine_type.ts";
import { toStored, typeDependencies } from "./stored_type.ts";

/** The options, by what they are called today. */
type Options = ReadonlyMap<string, AggregateOption>;

const OLD_NAMES: Readonly<Record<string, string>> = {
  sfunc1: "sfunc",
  stype1: "stype",
  initcond1: "initcond",
};

/** What changes nothing here. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  "sspace",
  "parallel",
  "finalfunc_modify",
]);

const KNOWN: ReadonlySet<string> = new Set([
  "sfunc",
  "stype",
  "initcond",
  "finalfunc",
  "finalfunc_extra",
  "basetype",
]);

const UNSUPPORTED: ReadonlySet<string> = new Set([
  "combinefunc",
  "serialfunc",
  "deserialfunc",
  "msfunc",
  "minvfunc",
  "mfinalfunc",
  "mfinalfunc_extra",
  "mfinalfunc_modify",
  "mstype",
  "msspace",
  "minitcond",
  "sortop",
  "hypothetical",
]);

/** Binds CREATE AGGREGATE. */
export function bindCreateAggregate(
  state: StatementState,
  syntax: CreateAggregateSyntax,
): BoundChangeEntry {
  const { name } = syntax;
  const schema = creationSchema(state, name.schema, name.offset);
  if (syntax.isOrdered) {
    throw new SqlError("0A000", "ordered-set aggregates are not supported");
  }
  const notices: string[] = [];
  const options = optionsOf(syntax.options, notices);
  const { parameters, types } = inputsOf(state, syntax, options);
  const built = partsOf(state, options, types.map(({ type }) => type));
  const { aggregate, returns } = built;
  const before = replaced(state, schema, syntax, { parameters });
  const parts = [aggregate.transition.id, aggregate.final?.id];
  const after: RoutineEntry = {
    kind: "routine",
    id: before?.id ?? 0,
    schema,
    name: name.name,
    routine: "aggregate",
    language: "internal",
    parameters,
    returns: toStored({ type: returns, typmod: -1 }),
    returnsSet: false,
    body: "aggregate_dummy",
    atomic: false,
    strict: false,
    volatility: "immutable",
    securityDefiner: false,
    leakproof: false,
    parallel: parallelOf(options),
    cost: 1,
    rows: 0,
    config: [],
    aggregate,
    dependencies: [
      ...typeDependencies(state.options, [
        ...types,
        built.stateType,
        { type: returns, typmod: -1 },
      ]),
      ...[...new Set(parts)].filter((id) => id !== undefined)
        .map((id) => ({ id, kind: "normal" }) as const),
    ],
    ...(before?.comment === undefined ? {} : { comment: before.comment }),
  };
  if (before !== undefined) refuseChange(state, before, after);
  return {
    kind: "change_entry",
    tag: "CREATE AGGREGATE",
    before,
    after,
    notices,
  };
}

function optionsOf(
  list: readonly AggregateOption[],
  notices: string[],
): Options {
  const options = new Map<string, AggregateOption>();
  for (const option of list) {
    const name = OLD_NAMES[option.name] ?? option.name;
    if (UNSUPPORTED.has(name)) {
      throw new SqlError(
        "0A000",
        `aggregate attribute "${name}" is not supported`,
      );
    }
    if (KNOWN.has(name) || WITHOUT_EFFECT.has(name)) options.set(name, option);
    else notices.push(`aggregate attribute "${option.name}" not recognized`);
  }
  return options;
}

function parallelOf(options: Options): RoutineEntry["parallel"] {
  const word = options.get("parallel")?.text ?? "unsafe";
  if (word === "unsafe" || word === "restricted" || word === "safe") {
    return word;
  }
  throw new SqlError(
    "42601",
    'parameter "parallel" must be SAFE, RESTRICTED, or UNSAFE',
  );
}

function inputsOf(
  state: StatementState,
  { parameters }: CreateAggregateSyntax,
  options: Options,
): ReturnType<typeof bindParameters> {
  const base = options.get("basetype");
  if (parameters === undefined) {
    if (base === undefined) {
      throw invalidDefinition("aggregate input type must be specified");
    }
    if (base.text?.toLowerCase() === "any") {
      return { parameters: [], types: [] };
    }
    return bindParameters(state, [{
      name: undefined,
      mode: "in",
      type: requireType(base),
      default: undefined,
      offset: -1,
    }]);
  }
  if (base !== undefined) {
    throw invalidDefinition(
      "basetype is redundant with aggregate input type specification",
    );
  }
  for (const { mode, default: value } of parameters) {
    if (mode === "variadic") {
      throw new SqlError("0A000", "VARIADIC aggregates are not supported");
    }
    if (mode !== "default" && mode !== "in") {
      throw invalidDefinition("aggregates cannot have output arguments");
    }
    if (value !== undefined) {
      throw invalidDefinition(
        "only input parameters can have default values",
      );
    }
  }
  return bindParameters(state, parameters);
}

function requireType({ name, type }: AggregateOption): RoutineTypeName {
  if (type !== undefined) return type;
  throw new SqlError("42601", `argument of ${name} must be a type name`);
}

interface Built {
  readonly aggregate: AggregateParts;
  readonly stateType: TypeRef;
  readonly returns: DataType;
}

function partsOf(
  state: StatementState,
  options: Options,
  types: readonly DataType[],
): Built {
  const stype = options.get("stype");
  if (stype === undefined) {
    throw invalidDefinition("aggregate stype must be specified");
  }
  const sfunc = options.get("sfunc");
  if (sfunc === undefined) {
    throw invalidDefinition("aggregate sfunc must be specified");
  }
  const stateType = bindRoutineType(state, requireType(stype));
  const { type } = stateType;
  if (type.category === "P" && !isPolymorphic(type)) {
    throw invalidDefinition(
      `aggregate transition data type cannot be ${type.displayName}`,
    );
  }
  requireKnown(type, types, "transition data type");
  const transition = part(state, sfunc, [type, ...types]);
  if (transition.returnType !== type) {
    throw new SqlError(
      "42804",
      `return type of transition function ${transition.part.name} is not ${type.displayName}`,
    );
  }
  const initial = options.get("initcond")?.text;
  if (
    transition.strict && initial === undefined && !isOpening(types[0], type)
  ) {
    throw invalidDefinition(
      "must not omit initial value when transition function is strict and transition type is not compatible with input type",
    );
  }
  if (initial !== undefined && !isPolymorphic(type)) {
    type.input(initial, -1, state.inputContext);
  }
  const extra = options.get("finalfunc_extra");
  const finalExtra = extra !== undefined && extra.text !== "false";
  const named = options.get("finalfunc");
  const final = named &&
    part(state, named, [type, ...finalExtra ? types : []]);
  if (final?.strict === true && finalExtra) {
    throw invalidDefinition(
      "final function with extra arguments must not be declared STRICT",
    );
  }
  const returns = final?.returnType ?? type;
  requireKnown(returns, types);
  return {
    stateType,
    returns,
    aggregate: {
      transition: transition.part,
      stateType: toStored({ type, typmod: -1 }),
      ...(initial === undefined ? {} : { initial }),
      ...(final === undefined ? {} : { final: final.part }),
      finalExtra,
    },
  };
}

/** Whether the first argument may become the first state. */
function isOpening(first: DataType | undefined, state: DataType): boolean {
  return first !== undefined && isBinaryCoercible(first, state);
}

function part(
  state: StatementState,
  option: AggregateOption,
  types: readonly DataType[],
): FoundPart {
  const { type, text } = option;
  const name = type?.name.name ?? text ?? "";
  return findPart(state, { schema: type?.name.schema, name }, types);
}

/** The aggregate that is replaced. */
function replaced(
  state: StatementState,
  schema: string,
  { name, replace }: CreateAggregateSyntax,
  signature: Pick<RoutineEntry, "parameters">,
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
