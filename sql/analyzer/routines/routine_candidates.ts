/**
 * The routines of the catalog that a call may mean, as candidates beside the
 * functions that every database has.
 *
 * What is given goes to parameters by place, then by name; what is left has to
 * have a default. A VARIADIC parameter takes any number of elements, or with
 * VARIADIC in the call their array.
 *
 * @module
 */
import {
  inputsOf,
  type RoutineEntry,
  type RoutineParameter,
} from "../../catalog/routine_entry.ts";
import type { FunctionDefinition } from "../../functions/registry.ts";
import type { Candidate } from "../../functions/resolution.ts";
import type { DataType } from "../../types/data_type.ts";
import {
  anyArray,
  anyCompatible,
  anyCompatibleArray,
  anyElement,
} from "../../types/pseudo_types.ts";
import { storedType, type TypeSource } from "./stored_type.ts";

/** How a call is written. */
export interface CallForm {
  /** How many arguments it has. */
  readonly count: number;
  /** Their names, where they have any. */
  readonly names: readonly (string | undefined)[];
  /** Whether the last one is the array of a VARIADIC parameter. */
  readonly isVariadic: boolean;
  /** Whether it is CALL. */
  readonly isCall: boolean;
}

/** A routine, and which of its parameters a call's arguments go to. */
export interface RoutineCandidate extends FunctionDefinition {
  readonly entry: RoutineEntry;
  /** The parameters that a call gives, in order. */
  readonly inputs: readonly RoutineParameter[];
  /** Their types, as they are declared. */
  readonly inputTypes: readonly DataType[];
  /** For each argument, the position of its parameter. */
  readonly targets: readonly number[];
  /** Whether the arguments of the last parameter are elements of its array. */
  readonly gathers: boolean;
}

/** Whether a definition is a candidate of this file. */
export function isRoutineCandidate(
  definition: FunctionDefinition,
): definition is RoutineCandidate {
  return "targets" in definition;
}

/** The parameters that a call gives: with CALL, those that only give back too. */
export function calledParameters(
  entry: RoutineEntry,
  isCall: boolean,
): readonly RoutineParameter[] {
  return isCall
    ? entry.parameters.filter(({ mode }) => mode !== "table")
    : inputsOf(entry);
}

/** The candidates among `entries`; of equal ones, who has fewest defaults. */
export function routineCandidates(
  source: TypeSource,
  entries: readonly RoutineEntry[],
  form: CallForm,
): Candidate<RoutineCandidate>[] {
  const found = entries.map((entry) => candidateOf(source, entry, form))
    .filter((each) => each !== undefined)
    .sort((a, b) => missing(a.item) - missing(b.item));
  const seen = new Set<string>();
  return found.filter(({ item, types }) => {
    const key = types.map(({ oid }) => oid).join(" ");
    if (seen.has(key) && missing(item) > 0) return false;
    if (seen.has(key) && item.gathers) return false;
    seen.add(key);
    return true;
  });
}

function missing({ inputs, targets }: RoutineCandidate): number {
  return inputs.length - new Set(targets).size;
}

function candidateOf(
  source: TypeSource,
  entry: RoutineEntry,
  form: CallForm,
): Candidate<RoutineCandidate> | undefined {
  const inputs = calledParameters(entry, form.isCall);
  const last = inputs.length - 1;
  const isGathering = inputs[last]?.mode === "variadic" && !form.isVariadic;
  if (form.isVariadic && inputs[last]?.mode !== "variadic") return undefined;
  const targets = targetsOf(inputs, form, isGathering);
  if (targets === undefined) return undefined;
  const given = new Set(targets);
  const isComplete = inputs.every(({ defaultSql }, i) =>
    given.has(i) || defaultSql !== undefined
  );
  if (!isComplete) return undefined;
  const inputTypes = inputs.map(({ type }) => storedType(source, type).type);
  const types = targets.map((target) =>
    isGathering && target === last
      ? elementOf(inputTypes[last]!)
      : inputTypes[target]!
  );
  return {
    types,
    item: {
      name: entry.name,
      argumentTypes: types,
      returnType: storedType(source, entry.returns).type,
      strict: entry.strict,
      volatility: entry.volatility,
      entry,
      inputs,
      inputTypes,
      targets,
      gathers: isGathering && given.has(last),
    },
  };
}

function elementOf(type: DataType): DataType {
  if (type === anyArray) return anyElement;
  if (type === anyCompatibleArray) return anyCompatible;
  return type.element ?? type;
}

/** The parameter of each argument; `undefined` where one has none. */
function targetsOf(
  inputs: readonly RoutineParameter[],
  { count, names }: CallForm,
  gathers: boolean,
): number[] | undefined {
  const last = inputs.length - 1;
  const targets: number[] = [];
  for (let i = 0; i < count; i++) {
    const name = names[i];
    const target = name === undefined
      ? gathers ? Math.min(i, last) : i
      : inputs.findIndex((each) => each.name === name);
    if (target < 0 || target > last) return undefined;
    if (targets.includes(target) && !(gathers && target === last)) {
      return undefined;
    }
    targets.push(target);
  }
  return targets;
}
