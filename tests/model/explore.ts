/**
 * Exhaustive exploration of a small state space, breadth first, so that the
 * trace of the first violation is a shortest one.
 *
 * A state is made of parts, plain values that are never changed. Parts are
 * numbered by their JSON, each when it is first seen, and a state is known by
 * the numbers of its parts: exactly, not by a hash. A step changes few parts,
 * and the others keep their numbers without being looked at.
 *
 * @module
 */
import { StateTable } from "./state_table.ts";

/** A system to explore. */
export interface System<State> {
  /** Where it begins. */
  readonly initial: State;
  /** The parts of a state: always as many, and in one order. */
  parts(state: State): readonly unknown[];
  /** Calls `emit` for every step that may come next. */
  next(state: State, emit: (label: string, next: State) => void): void;
  /** What is wrong with a step, if anything. */
  wrong(before: State, after: State): string | undefined;
}

/** What an exploration found. */
export interface Exploration {
  /** How many different states there are (or were, up to the violation). */
  readonly states: number;
  /** How many steps were tried. */
  readonly steps: number;
  /** The longest shortest path to a state. */
  readonly depth: number;
  /** Labels of the steps, without what follows their first space. */
  readonly labels: ReadonlySet<string>;
  /** The first violation, if there is one. */
  readonly violation: Violation | undefined;
}

/** A property that does not hold, and how to get there. */
export interface Violation {
  /** What is wrong. */
  readonly wrong: string;
  /** The labels of the steps from the initial state. */
  readonly trace: readonly string[];
}

/** A state with its parts and their numbers. */
interface Visit<State> {
  readonly index: number;
  readonly state: State;
  readonly parts: readonly unknown[];
}

/** Every state that was reached, and from where. */
class Visits<State> {
  readonly #system: System<State>;
  readonly #numbers = new Map<string, number>();
  /** The numbers of the parts of every state. */
  readonly #states: StateTable;
  /** The numbers of the state that steps are taken from; those of the next. */
  readonly #from: Int32Array;
  readonly #row: Int32Array;
  readonly #parents: number[] = [];
  readonly #labels: string[] = [];

  constructor(system: System<State>) {
    this.#system = system;
    const { length } = system.parts(system.initial);
    this.#states = new StateTable(length);
    this.#from = new Int32Array(length);
    this.#row = new Int32Array(length);
  }

  /** How many states there are. */
  get count(): number {
    return this.#parents.length;
  }

  /** Says from where the states come that are entered next. */
  leave(from: Visit<State>): void {
    this.#states.read(from.index, this.#from);
  }

  /** Enters a state; undefined if it is known. */
  enter(
    state: State,
    label: string,
    from: Visit<State> | undefined,
  ): Visit<State> | undefined {
    const parts = this.#system.parts(state);
    for (let i = 0; i < parts.length; i++) {
      this.#row[i] = from !== undefined && parts[i] === from.parts[i]
        ? this.#from[i]!
        : this.#numberOf(parts[i]);
    }
    const index = this.#states.add(this.#row);
    if (index < 0) return undefined;
    this.#parents.push(from?.index ?? -1);
    this.#labels.push(label);
    return { index, state, parts };
  }

  #numberOf(part: unknown): number {
    const text = JSON.stringify(part);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(text, number);
    return number;
  }

  /** The labels of the way to a state. */
  traceTo(visit: Visit<State>): string[] {
    const trace: string[] = [];
    for (let at = visit.index; at > 0; at = this.#parents[at]!) {
      trace.push(this.#labels[at]!);
    }
    return trace.reverse();
  }
}

/**
 * Visits every state that `system` can reach, or stops at the first violation.
 *
 * Throws when there are more than `statesMax` states: a bound that is hit
 * would otherwise pass for a proof.
 */
export function explore<State>(
  system: System<State>,
  statesMax: number,
): Exploration {
  const visits = new Visits(system);
  const labels = new Set<string>();
  let level = [visits.enter(system.initial, "", undefined)!];
  let depth = 0;
  let steps = 0;
  let violation: Violation | undefined;
  while (level.length > 0 && violation === undefined) {
    const nextLevel: typeof level = [];
    for (const visit of level) {
      visits.leave(visit);
      system.next(visit.state, (label, next) => {
        if (violation !== undefined) return;
        steps++;
        const wrong = system.wrong(visit.state, next);
        if (wrong !== undefined) {
          violation = { wrong, trace: [...visits.traceTo(visit), label] };
          return;
        }
        const entered = visits.enter(next, label, visit);
        if (entered === undefined) return;
        const space = label.indexOf(" ");
        labels.add(space < 0 ? label : label.slice(0, space));
        nextLevel.push(entered);
      });
      if (violation !== undefined) break;
    }
    if (visits.count > statesMax) {
      throw new Error(`More than ${statesMax} states: raise the bound`);
    }
    level = nextLevel;
    if (level.length > 0) depth++;
  }
  return { states: visits.count, steps, depth, labels, violation };
}

/** A violation as text: its trace, a step a line, and what is wrong. */
export function formatViolation(violation: Violation): string {
  const lines = violation.trace.map((label, i) => `${i + 1}. ${label}`);
  return [...lines, `=> ${violation.wrong}`].join("\n");
}
