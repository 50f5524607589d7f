/**
 * Functions and aggregates that an application writes in TypeScript:
 * `Database.function`, `Database.aggregate`.
 *
 * Types are named as in SQL (`integer`, `text`, `timestamptz`, `vector`,
 * `float8[]`). Values come as in result rows, and results go back as parameters
 * do; NULL is `null`. What the function throws fails the statement with `38000`,
 * unless it is an {@linkcode SqlError}.
 *
 * A function is known to the open database, not to the bucket: it has to be
 * registered again after every opening.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { SqlError } from "../errors/sql_error.ts";
import type {
  AggregateDefinition,
  AggregateState,
  FunctionContext,
  FunctionDefinition,
  Volatility,
} from "../functions/registry.ts";
import { arrayTypeOf } from "../types/array/array_type.ts";
import type { DataType, Nullable } from "../types/data_type.ts";
import type { CatalogView } from "../catalog/entries.ts";
import type { TypeRegistry } from "../types/type_registry.ts";

/** The JavaScript values of types that have one form only. */
export interface JsTypes {
  readonly bool: boolean;
  readonly boolean: boolean;
  readonly smallint: number;
  readonly int2: number;
  readonly int: number;
  readonly integer: number;
  readonly int4: number;
  readonly bigint: number | bigint;
  readonly int8: number | bigint;
  readonly real: number;
  readonly float4: number;
  readonly "double precision": number;
  readonly float8: number;
  readonly numeric: string;
  readonly text: string;
  readonly varchar: string;
  readonly uuid: string;
  readonly date: string;
  readonly time: string;
  readonly timestamp: Date | number | string;
  readonly timestamptz: Date | number | string;
  readonly interval: string;
  readonly bytea: Uint8Array;
}

/** The value of a type by its name; `any` type that is not listed is unknown. */
export type JsValue<T extends string> = T extends keyof JsTypes ? JsTypes[T]
  : unknown;

/** The arguments of a function; a strict one never sees NULL. */
export type JsArguments<A extends readonly string[], S extends boolean> = {
  -readonly [I in keyof A]: S extends true ? JsValue<A[I] & string>
    : JsValue<A[I] & string> | null;
};

/** What `Database.function` has to know. */
export interface FunctionOptions<
  A extends readonly string[],
  R extends string,
  S extends boolean,
> {
  /** The types of the arguments. */
  readonly arguments: A;
  /** The type of the result. */
  readonly returns: R;
  /**
   * Whether the result follows from the arguments alone (`immutable`: calls of
   * constants are computed once), may change between statements (`stable`), or
   * at any time (`volatile`, the default).
   */
  readonly volatility?: Volatility;
  /** Whether NULL in any argument gives NULL without a call (default false). */
  readonly strict?: S;
  /** Whether the last argument may be repeated (default false). */
  readonly variadic?: boolean;
}

/** What `Database.aggregate` has to know. */
export interface AggregateOptions<
  A extends readonly string[],
  R extends string,
  S extends boolean,
  T,
> {
  /** The types of the arguments. */
  readonly arguments: A;
  /** The type of the result. */
  readonly returns: R;
  /** Whether rows with NULL in an argument are left out (default false). */
  readonly strict?: S;
  /** The state of a new group. */
  readonly start: () => T;
  /** The state after one more row. */
  readonly step: (state: T, ...args: JsArguments<A, S>) => T;
  /** The result of a group; default: its state. */
  readonly finish?: (state: T) => JsValue<R> | null;
}

/** What knows types by their names: those built in, and the database's own. */
export interface NamedTypes {
  readonly types: TypeRegistry;
  readonly catalog: { readonly committed: CatalogView };
}

/**
 * The type that a word of the application names.
 *
 * @throws {SqlError} `42704` when there is none.
 */
export function typeNamed(
  { types, catalog }: NamedTypes,
  word: string,
): DataType {
  const element = /^(.*\S)\s*\[\]$/.exec(word.trim());
  const name = (element?.[1] ?? word).trim();
  const lower = name.toLowerCase();
  const entry = catalog.committed.type(undefined, name);
  const type = types.byName(ALIASES[lower] ?? lower) ??
    (entry && types.byOid(entry.id));
  const found = type !== undefined && element !== null
    ? arrayTypeOf(type)
    : type;
  if (found !== undefined && found.category !== "P") return found;
  throw new SqlError("42704", `type "${word}" does not exist`);
}

/** Names that the grammar of SQL resolves. */
const ALIASES: Readonly<Record<string, string>> = {
  int: "int4",
  dec: "numeric",
  decimal: "numeric",
  float: "float8",
  timestamp: "timestamp",
  time: "time",
};

/** What the code of an application throws, as an error of the statement. */
export function guarded<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof KriyaError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new SqlError("38000", message, {
      cause: error,
      where: what,
    });
  }
}

/** A result in the form of its type. */
function resultOf(
  name: string,
  value: unknown,
  type: DataType,
  context: FunctionContext,
): Nullable {
  if (value === null || value === undefined) return null;
  if (value instanceof Promise) {
    value.catch(() => {});
    throw new SqlError("39000", `function ${name} gave a promise`, {
      hint: "Functions of SQL are synchronous.",
    });
  }
  return type.fromJs(value, {
    now: () => context.transactionTimestamp,
    datetime: context.datetime,
  });
}

function checkName(name: string): void {
  if (name !== "" && !name.includes("\0")) return;
  throw new SqlError("42602", "invalid function name");
}

/** The definition of a function that an application wrote. */
export function hostFunction(
  types: NamedTypes,
  name: string,
  options: FunctionOptions<readonly string[], string, boolean>,
  implementation: (...args: never[]) => unknown,
): FunctionDefinition {
  checkName(name);
  const argumentTypes = options.arguments.map((word) => typeNamed(types, word));
  const returnType = typeNamed(types, options.returns);
  const variadic = options.variadic === true;
  if (variadic && argumentTypes.length === 0) {
    throw new SqlError("42P13", "a variadic function needs an argument");
  }
  const last = argumentTypes.length - 1;
  return {
    name,
    argumentTypes,
    returnType,
    strict: options.strict ?? false,
    volatility: options.volatility ?? "volatile",
    ...(variadic ? { variadic } : {}),
    scalar: (args, context) => {
      const given = args.map((value, i) =>
        value === null ? null : argumentTypes[Math.min(i, last)]!.toJs(value)
      );
      const value = guarded(
        `function ${name}`,
        () => implementation(...given as unknown as never[]),
      );
      return resultOf(name, value, returnType, context);
    },
  };
}

/** The definition of an aggregate that an application wrote. */
export function hostAggregate<T>(
  types: NamedTypes,
  name: string,
  options: AggregateOptions<readonly string[], string, boolean, T>,
): AggregateDefinition {
  checkName(name);
  const argumentTypes = options.arguments.map((word) => typeNamed(types, word));
  const returnType = typeNamed(types, options.returns);
  const { start, step, finish } = options;
  const take = step as (state: T, ...args: unknown[]) => T;
  return {
    name,
    argumentTypes,
    returnType,
    strict: options.strict ?? false,
    create(context): AggregateState {
      let state = guarded(`function ${name}`, start);
      return {
        step(args): void {
          const given = args.map((value, i) =>
            value === null ? null : argumentTypes[i]!.toJs(value)
          );
          state = guarded(`function ${name}`, () => take(state, ...given));
        },
        finish: () => {
          const value: unknown = finish === undefined
            ? state
            : guarded(`function ${name}`, () => finish(state));
          return resultOf(name, value, returnType, context);
        },
      };
    },
  };
}
