/**
 * An aggregate of the catalog as a call runs it.
 *
 * ```text
 * state = initial;  for each row: state = transition(state, arguments…)
 * result = final(state), or the state
 * ```
 *
 * A strict transition never sees a row with NULL; without a first state, the
 * first row's argument is it. A state that has become NULL stays so.
 *
 * @module
 */
import type { RoutineEntry } from "../../catalog/routine_entry.ts";
import { invariant } from "../../../base/invariant.ts";
import type {
  AggregateDefinition,
  AggregateState,
  FunctionContext,
  FunctionDefinition,
} from "../../functions/definition.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import type { StatementState } from "../statement_state.ts";
import { callablePart } from "./aggregate_part.ts";
import { settledResult, storedType } from "./stored_type.ts";

/** The types of a call. */
interface CallTypes {
  readonly declared: readonly DataType[];
  readonly actual: readonly DataType[];
  readonly offset: number;
}

/** What runs an aggregate in a call with arguments of these types. */
export function routineAggregate(
  state: StatementState,
  entry: RoutineEntry,
  { declared, actual, offset }: CallTypes,
): AggregateDefinition {
  const { aggregate } = entry;
  invariant(aggregate !== undefined, "an aggregate has no parts");
  state.references?.type({
    offset,
    id: entry.id,
    schema: entry.schema,
    name: entry.name,
  });
  const settled = (type: DataType): DataType =>
    settledResult(declared, actual, type);
  const stateType = settled(
    storedType(state.options, aggregate.stateType).type,
  );
  const transition = callablePart(state, aggregate.transition, [
    stateType,
    ...actual,
  ]);
  const extra = aggregate.finalExtra ? actual : [];
  const final = aggregate.final &&
    callablePart(state, aggregate.final, [stateType, ...extra]);
  return {
    name: entry.name,
    argumentTypes: actual,
    returnType: settled(storedType(state.options, entry.returns).type),
    strict: transition.strict,
    create: (context) =>
      new RoutineState(context, {
        transition,
        final,
        stateType,
        initial: aggregate.initial,
        extraCount: extra.length,
      }),
  };
}

/** What all states of a call share. */
interface Shared {
  readonly transition: FunctionDefinition;
  readonly final: FunctionDefinition | undefined;
  readonly stateType: DataType;
  readonly initial: string | undefined;
  /** How many NULLs follow the state in the call of `final`. */
  readonly extraCount: number;
}

class RoutineState implements AggregateState {
  readonly #context: FunctionContext;
  readonly #shared: Shared;
  #value: Nullable;
  /** Whether the next row's argument becomes the state. */
  #isOpen: boolean;

  constructor(context: FunctionContext, shared: Shared) {
    this.#context = context;
    this.#shared = shared;
    const { stateType, initial, transition } = shared;
    this.#value = initial === undefined ? null : stateType.input(initial, -1, {
      now: () => context.transactionTimestamp,
      datetime: context.datetime,
    });
    this.#isOpen = transition.strict && initial === undefined;
  }

  step(args: readonly Nullable[]): void {
    const { transition } = this.#shared;
    if (this.#isOpen) {
      this.#value = args[0] ?? null;
      this.#isOpen = false;
      return;
    }
    if (transition.strict && this.#value === null) return;
    this.#value = transition.scalar!([this.#value, ...args], this.#context);
  }

  finish(): Nullable {
    const { final, extraCount } = this.#shared;
    if (final === undefined) return this.#value;
    if (final.strict && this.#value === null) return null;
    const args: Nullable[] = [this.#value];
    for (let i = 0; i < extraCount; i++) args.push(null);
    return final.scalar!(args, this.#context);
  }
}
