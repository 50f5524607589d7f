/**
 * Functions, operators and aggregates: what they are, and how a name with
 * argument types finds one.
 *
 * A function is registered once: in a scalar form, which defines it, and where
 * it pays in a column form that computes the same over a chunk. Resolution
 * follows PostgreSQL's chapter 10 (Type Conversion): exact match, then binary
 * coercible and implicit casts, preferred types, `unknown` literals last.
 *
 * A set-returning function is registered as any other, with a `set` form in the
 * place of the scalar one (short ways to write it: `sets/set_define.ts`):
 *
 * | the function gives | it says | seen as |
 * | --- | --- | --- |
 * | one column | `returnType` | a column named as the function, or its alias |
 * | one named column (an OUT parameter) | `columns`: that one | a column of that name |
 * | several columns | `columns` | columns of those names |
 * | `record` | `columns: "record"` | what `AS x (a int, …)` says; `set` is told |
 *
 * It may stand in FROM (with ordinality, among ROWS FROM, after what it refers
 * to) and, if it gives one column, in a select list, GROUP BY and ORDER BY; the
 * analyzer refuses it elsewhere. A strict one gives no rows for a NULL.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { DataType } from "../types/data_type.ts";
import type {
  AggregateDefinition,
  CatalogOperators,
  FunctionDefinition,
  OperatorDefinition,
} from "./definition.ts";
import { type Callable, choose, chooseOperator } from "./choice.ts";
import { extensionParts } from "./extensions/extension.ts";
import { namedOperators } from "./named_operators.ts";
import type { Candidate } from "./resolution.ts";
import { noFunction, noOperator } from "./unresolved.ts";

import type {
  HypotheticalDefinition,
  OrderedSetDefinition,
} from "./aggregates/ordered_set.ts";
import type { WindowFunctionDefinition } from "./window/window_function.ts";

export type * from "./definition.ts";
export type { CastDefinition } from "../types/cast_definition.ts";

/** A function with the types that its arguments must be coerced to. */
export interface ResolvedFunction {
  /** The function, specialized and with every argument's type spelled out. */
  readonly function: FunctionDefinition;
  /** The type of each argument given. */
  readonly argumentTypes: readonly DataType[];
}

/** An operator with the types that its operands must be coerced to. */
export interface ResolvedOperator {
  /** The operator. */
  readonly operator: OperatorDefinition;
  /** What computes it, specialized. */
  readonly function: FunctionDefinition;
  /** The types of the operands: one for a prefix operator, else two. */
  readonly argumentTypes: readonly DataType[];
}

/** An aggregate with the types that its arguments must be coerced to. */
export interface ResolvedAggregate {
  /** The aggregate, specialized. */
  readonly aggregate: AggregateDefinition;
  /** The type of each argument given. */
  readonly argumentTypes: readonly DataType[];
}

/** A window function with the types that its arguments must be coerced to. */
export interface ResolvedWindowFunction {
  /** The function, specialized. */
  readonly function: WindowFunctionDefinition;
  /** The type of each argument given. */
  readonly argumentTypes: readonly DataType[];
}

/**
 * Functions, operators and aggregates by name.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createFunctionRegistry } from "./default_registry.ts";
 * import { int2, int4 } from "../types/int_types.ts";
 *
 * const registry = createFunctionRegistry();
 * const plus = registry.resolveOperator("+", int2, int4);
 * assertEquals(plus.argumentTypes, [int4, int4]);
 * assertEquals(plus.function.returnType, int4);
 * ```
 */
export class FunctionRegistry {
  readonly #functions: Map<string, FunctionDefinition[]> = new Map();
  readonly #operators: Map<string, OperatorDefinition[]> = new Map();
  readonly #aggregates: Map<string, AggregateDefinition[]> = new Map();
  readonly #orderedSets: Map<string, OrderedSetDefinition[]> = new Map();
  readonly #hypothetical: Map<string, HypotheticalDefinition> = new Map();
  readonly #windows: Map<string, WindowFunctionDefinition[]> = new Map();

  /** Functions behind operators, made when a name is known by no other. */
  #named: ReadonlyMap<string, readonly FunctionDefinition[]> | undefined;

  /** What the application registered. */
  readonly #hosted: WeakSet<Callable> = new WeakSet();
  readonly #more: CatalogOperators | undefined;
  readonly #base: FunctionRegistry | undefined;

  /**
   * An empty registry; with `base` one that has what that has, now and later,
   * and `more` besides.
   */
  constructor(base?: FunctionRegistry, more?: CatalogOperators) {
    this.#more = more;
    if (base === undefined) return;
    this.#functions = base.#functions;
    this.#operators = base.#operators;
    this.#aggregates = base.#aggregates;
    this.#orderedSets = base.#orderedSets;
    this.#hypothetical = base.#hypothetical;
    this.#windows = base.#windows;
    this.#hosted = base.#hosted;
    this.#base = base;
  }

  /** What knows the functions of extensions, too, by their names. */
  readonly #extended = new Map<string, FunctionRegistry>();

  /**
   * The registry with what extensions add: the same one every time.
   *
   * REQUIRES: the extensions are loaded.
   */
  extended(extensions: readonly string[]): FunctionRegistry {
    if (extensions.length === 0) return this;
    const key = extensions.join();
    let registry = this.#extended.get(key);
    if (registry !== undefined) return registry;
    registry = new FunctionRegistry();
    registry.#take(this);
    for (
      const { functions, operators, aggregates } of extensions.map(
        extensionParts,
      )
    ) {
      registry.registerFunctions(functions ?? []);
      registry.registerOperators(operators ?? []);
      registry.registerAggregates(aggregates ?? []);
    }
    this.#extended.set(key, registry);
    return registry;
  }

  /** Begins with all that another one has. */
  #take(other: FunctionRegistry): void {
    copyInto(this.#functions, other.#functions);
    copyInto(this.#operators, other.#operators);
    copyInto(this.#aggregates, other.#aggregates);
    copyInto(this.#orderedSets, other.#orderedSets);
    copyInto(this.#windows, other.#windows);
    for (const [name, each] of other.#hypothetical) {
      this.#hypothetical.set(name, each);
    }
    this.#named = other.#namedOperators();
  }

  /** Adds functions; a later one does not replace an earlier one. */
  registerFunctions(definitions: Iterable<FunctionDefinition>): void {
    for (const definition of definitions) {
      append(this.#functions, definition.name, definition);
    }
  }

  /**
   * Adds operators. Their functions are not known by name unless registered
   * too.
   */
  registerOperators(definitions: Iterable<OperatorDefinition>): void {
    this.#extended.clear();
    for (const definition of definitions) {
      append(this.#operators, definition.name, definition);
    }
  }

  /** Adds aggregates. */
  registerAggregates(definitions: Iterable<AggregateDefinition>): void {
    this.#extended.clear();
    for (const definition of definitions) {
      append(this.#aggregates, definition.name, definition);
    }
  }

  /**
   * Adds a function of the application; one that it registered before with the
   * same argument types is replaced.
   *
   * @throws {SqlError} `42723` when a function of the database has them.
   */
  registerHostFunction(definition: FunctionDefinition): void {
    this.#registerHost(this.#functions, definition);
  }

  /** The same for an aggregate. */
  registerHostAggregate(definition: AggregateDefinition): void {
    this.#registerHost(this.#aggregates, definition);
  }

  /**
   * The same for an operator.
   *
   * @throws {SqlError} `42723` when every database has one of these operands.
   */
  registerHostOperator(definition: OperatorDefinition): void {
    const { name, left, right } = definition;
    const list = this.#operators.get(name) ?? [];
    const at = list.findIndex((each) =>
      each.left === left && each.right === right
    );
    if (at >= 0 && !this.#hosted.has(list[at]!.function)) {
      throw new SqlError("42723", `operator ${name} already exists`);
    }
    this.#hosted.add(definition.function);
    this.#extended.clear();
    this.#operators.set(
      name,
      at < 0 ? [...list, definition] : list.with(at, definition),
    );
  }

  #registerHost<T extends Callable & { readonly name: string }>(
    map: Map<string, T[]>,
    definition: T,
  ): void {
    const { name, argumentTypes } = definition;
    const isSame = (other: Callable): boolean =>
      other.argumentTypes.length === argumentTypes.length &&
      other.argumentTypes.every((type, i) => type === argumentTypes[i]);
    const kinds = [this.#functions, this.#aggregates, this.#windows];
    for (const kind of kinds) {
      const known = (kind.get(name) ?? []).find(isSame);
      if (known === undefined) continue;
      if (!this.#hosted.has(known) || kind !== map as unknown) {
        const list = argumentTypes.map((type) => type.displayName).join(", ");
        throw new SqlError(
          "42723",
          `function "${name}(${list})" already exists with same argument types`,
        );
      }
    }
    this.#hosted.add(definition);
    this.#extended.clear();
    const list = map.get(name) ?? [];
    const at = list.findIndex(isSame);
    map.set(name, at < 0 ? [...list, definition] : list.with(at, definition));
  }

  /** Adds window functions. */
  registerWindowFunctions(
    definitions: Iterable<WindowFunctionDefinition>,
  ): void {
    for (const definition of definitions) {
      append(this.#windows, definition.name, definition);
    }
  }

  /** Whether there is a window function (no aggregate) of that name. */
  isWindowFunction(name: string): boolean {
    return this.#windows.has(name);
  }

  /** Adds aggregates over ordered rows. */
  registerOrderedSets(
    definitions: Iterable<OrderedSetDefinition>,
    hypothetical: Iterable<HypotheticalDefinition>,
  ): void {
    for (const definition of definitions) {
      append(this.#orderedSets, definition.aggregate.name, definition);
    }
    for (const definition of hypothetical) {
      this.#hypothetical.set(definition.name, definition);
    }
  }

  /** Whether an aggregate of that name wants WITHIN GROUP. */
  isOrderedSet(name: string): boolean {
    return this.#orderedSets.has(name);
  }

  /** The hypothetical aggregate of that name. */
  hypothetical(name: string): HypotheticalDefinition | undefined {
    return this.#hypothetical.get(name);
  }

  /**
   * The aggregate over ordered rows that is called with arguments of these
   * types, as `resolveAggregate`; the first `directCount` are direct ones.
   */
  resolveOrderedSet(
    name: string,
    directCount: number | undefined,
    types: readonly DataType[],
    offset?: number,
  ): ResolvedAggregate {
    const items = (this.#orderedSets.get(name) ?? [])
      .filter((each) =>
        directCount === undefined || each.directCount === directCount
      )
      .map(({ aggregate }) => aggregate);
    const found = choose(items, types, [], this.#more?.casts);
    if (typeof found === "string") throw noFunction(found, name, types, offset);
    const { item, types: argumentTypes } = found;
    return {
      aggregate: item.specialize?.(argumentTypes) ?? item,
      argumentTypes,
    };
  }

  /** Whether there is an aggregate of that name. */
  isAggregate(name: string): boolean {
    return this.#aggregates.has(name);
  }

  /** Whether a function of that name gives rows. */
  isSetFunction(name: string): boolean {
    return this.#functions.get(name)?.some(({ set }) => set !== undefined) ===
      true;
  }

  /** Whether a function of that name waits for storage. */
  isWaiting(name: string): boolean {
    return this.#functions.get(name)?.some(({ async: form }) =>
      form !== undefined
    ) === true;
  }

  /** Whether there is a function (no aggregate) of that name. */
  isFunction(name: string): boolean {
    return this.#functionsNamed(name).length > 0;
  }

  /** Every function, operators' own included only if registered by name. */
  functions(): FunctionDefinition[] {
    return [...this.#functions.values()].flat();
  }

  #functionsNamed(name: string): readonly FunctionDefinition[] {
    return this.#functions.get(name) ?? this.#namedOperators().get(name) ?? [];
  }

  #namedOperators(): ReadonlyMap<string, readonly FunctionDefinition[]> {
    const base = this.#base;
    return this.#named ??= base === undefined
      ? namedOperators(this.#functions, this.operators())
      : base.#namedOperators();
  }

  /** Every operator. */
  operators(): OperatorDefinition[] {
    return [...this.#operators.values()].flat();
  }

  /** Every aggregate. */
  aggregates(): AggregateDefinition[] {
    return [...this.#aggregates.values()].flat();
  }

  /**
   * The function that `name(types…)` calls; `unknown` stands for a literal or
   * parameter whose type is open. `offset` is where the call stands, for
   * errors; `more` are candidates that the catalog has.
   *
   * @throws {SqlError} `42883` when there is none, `42725` when several fit.
   */
  resolveFunction(
    name: string,
    types: readonly DataType[],
    offset?: number,
    more: readonly Candidate<FunctionDefinition>[] = [],
  ): ResolvedFunction {
    const known = this.#functionsNamed(name);
    const found = choose(known, types, more, this.#more?.casts);
    if (typeof found === "string") throw noFunction(found, name, types, offset);
    const { item, types: argumentTypes } = found;
    const specialized = item.specialize === undefined
      ? item
      : item.specialize(argumentTypes);
    return { function: specialized, argumentTypes };
  }

  /** The aggregate that `name(types…)` calls, as `resolveFunction`. */
  resolveAggregate(
    name: string,
    types: readonly DataType[],
    offset?: number,
    more: readonly Candidate<AggregateDefinition>[] = [],
  ): ResolvedAggregate {
    const known = this.#aggregates.get(name) ?? [];
    const found = choose(known, types, more, this.#more?.casts);
    if (typeof found === "string") throw noFunction(found, name, types, offset);
    const { item, types: argumentTypes } = found;
    const specialized = item.specialize === undefined
      ? item
      : item.specialize(argumentTypes);
    return { aggregate: specialized, argumentTypes };
  }

  /** The window function that `name(types…)` calls, as `resolveFunction`. */
  resolveWindowFunction(
    name: string,
    types: readonly DataType[],
    offset?: number,
  ): ResolvedWindowFunction {
    const known = this.#windows.get(name) ?? [];
    const found = choose(known, types, [], this.#more?.casts);
    if (typeof found === "string") throw noFunction(found, name, types, offset);
    const { item, types: argumentTypes } = found;
    return {
      function: item.specialize?.(argumentTypes) ?? item,
      argumentTypes,
    };
  }

  /**
   * The operator between operands of these types; `left` is `undefined` for a
   * prefix operator.
   *
   * `schema`: where it has to be; absent: by the search path.
   *
   * @throws {SqlError} `42883` when there is none, `42725` when several fit.
   */
  resolveOperator(
    name: string,
    left: DataType | undefined,
    right: DataType,
    offset?: number,
    schema?: string,
  ): ResolvedOperator {
    const types = left === undefined ? [right] : [left, right];
    const known = schema === undefined || schema === "pg_catalog" ||
        schema === "public"
      ? this.#operators.get(name) ?? []
      : [];
    const own = this.#more?.operators(schema, name) ?? [];
    const all = own.length === 0
      ? known
      : schema === "public"
      ? [...own, ...known]
      : [...known, ...own];
    const found = chooseOperator(all, types, this.#more?.casts);
    if (typeof found === "string") {
      const shown = schema === undefined ? name : `${schema}.${name}`;
      throw noOperator(found, shown, types, offset);
    }
    const operator = found.item;
    const { specialize } = operator.function;
    return {
      operator,
      function: specialize === undefined
        ? operator.function
        : specialize(found.types),
      argumentTypes: found.types,
    };
  }

  /**
   * The operator declared for exactly these types, if there is one: what an
   * operator class names.
   */
  exactOperator(
    name: string,
    left: DataType,
    right: DataType,
  ): OperatorDefinition | undefined {
    return this.#operators.get(name)?.find((operator) =>
      operator.left === left && operator.right === right
    );
  }
}

function copyInto<T>(to: Map<string, T[]>, from: Map<string, T[]>): void {
  for (const [name, list] of from) to.set(name, [...list]);
}

function append<T>(map: Map<string, T[]>, name: string, item: T): void {
  const list = map.get(name);
  if (list === undefined) map.set(name, [item]);
  else list.push(item);
}
