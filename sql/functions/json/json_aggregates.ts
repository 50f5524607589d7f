/**
 * Aggregates that make JSON: `jsonb_agg`, `jsonb_object_agg`, their `json` twins
 * and their forms that leave NULL out (`_strict`) or refuse a key that comes
 * twice (`_unique`).
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { parseJson } from "../../types/json_text.ts";
import {
  canonicalObject,
  formatJson,
  type JsonNode,
  quoteJson,
} from "../../types/json_tree.ts";
import { json, jsonb } from "../../types/json_types.ts";
import { anyElement, anyType } from "../../types/pseudo_types.ts";
import { unknown } from "../../types/text_types.ts";
import type { AggregateDefinition, AggregateState } from "../registry.ts";
import {
  checkKnown,
  finishText,
  keyOf,
  nullable,
  type Settings,
  type ToText,
} from "./json_build.ts";

/** What an aggregate makes, and of what. */
interface Kind {
  readonly target: DataType;
  /** Whether NULL is left out. */
  readonly strict?: boolean;
  /** Whether a key may come once only. */
  readonly unique?: boolean;
}

class ArrayState implements AggregateState {
  readonly #toText: ToText;
  readonly #target: DataType;
  readonly #isStructured: boolean;
  readonly #strict: boolean;
  #stepped = false;
  readonly #items: string[] = [];

  constructor(
    type: DataType,
    { target, strict }: Kind,
    settings: Settings,
  ) {
    this.#strict = strict === true;
    this.#isStructured = type.category === "A" || type.category === "C" ||
      type.name === "record";
    this.#toText = nullable(type, settings);
    this.#target = target;
  }

  step(args: readonly Nullable[]): void {
    const [value] = args;
    this.#stepped = true;
    if (this.#strict && value === null) return;
    // Arrays and rows begin a line each, but for the first.
    const isOwnLine = this.#isStructured && value !== null &&
      this.#items.length > 0;
    this.#items.push((isOwnLine ? "\n " : "") + this.#toText(value!));
  }

  finish(): Nullable {
    if (this.#items.length === 0 && !this.#stepped) return null;
    return finishText(this.#target, `[${this.#items.join(", ")}]`);
  }
}

class ObjectState implements AggregateState {
  readonly #keyType: DataType;
  readonly #settings: Settings;
  readonly #toText: ToText;
  readonly #kind: Kind;
  readonly #unique: Set<string> | undefined;
  #isTwice = false;
  #stepped = false;
  readonly #keys: string[] = [];
  readonly #values: string[] = [];

  constructor(
    types: readonly DataType[],
    kind: Kind,
    settings: Settings,
  ) {
    this.#kind = kind;
    this.#settings = settings;
    this.#keyType = types[0]!;
    this.#toText = nullable(types[1]!, settings);
    this.#unique = kind.unique === true ? new Set() : undefined;
  }

  step(args: readonly Nullable[]): void {
    const [key, value] = args;
    if (key === null) {
      throw this.#kind.target === jsonb
        ? new SqlError("22023", "field name must not be null")
        : new SqlError("22004", "null value not allowed for object key");
    }
    this.#stepped = true;
    const isLeftOut = this.#kind.strict === true && value === null;
    if (isLeftOut && this.#unique === undefined) return;
    const name = keyOf(this.#keyType, key!, this.#settings);
    this.#checkUnique(name);
    if (isLeftOut) return;
    this.#keys.push(name);
    this.#values.push(this.#toText(value!));
  }

  /** The first key that comes twice: `json` fails at once, `jsonb` at the end. */
  #checkUnique(name: string): void {
    if (this.#unique === undefined) return;
    if (!this.#unique.has(name)) {
      this.#unique.add(name);
    } else if (this.#kind.target === jsonb) {
      this.#isTwice = true;
    } else {
      throw new SqlError(
        "22030",
        `duplicate JSON object key value: ${quoteJson(name)}`,
      );
    }
  }

  finish(): Nullable {
    if (!this.#stepped) return null;
    if (this.#isTwice) {
      throw new SqlError("22030", "duplicate JSON object key value");
    }
    if (this.#kind.target === jsonb) {
      const values = this.#values.map((value): JsonNode => parseJson(value));
      // The null of JSON is left out too.
      const kept = this.#keys.map((_, i) => i)
        .filter((i) => this.#kind.strict !== true || values[i] !== null);
      return formatJson(
        canonicalObject(
          kept.map((i) => this.#keys[i]!),
          kept.map((i) => values[i]!),
        ),
      );
    }
    const members = this.#keys.map((key, i) =>
      `${quoteJson(key)} : ${this.#values[i]}`
    );
    return `{ ${members.join(", ")} }`;
  }
}

function arrayAggregate(name: string, kind: Kind): AggregateDefinition {
  const base = {
    name,
    argumentTypes: [anyElement],
    returnType: kind.target,
    strict: false,
    gathers: true,
  };
  return {
    ...base,
    create: ({ datetime }) => new ArrayState(unknown, kind, datetime),
    specialize([type]): AggregateDefinition {
      checkKnown(type!);
      return {
        ...base,
        argumentTypes: [type!],
        create: ({ datetime }) => new ArrayState(type!, kind, datetime),
      };
    },
  };
}

function objectAggregate(name: string, kind: Kind): AggregateDefinition {
  const base = {
    name,
    argumentTypes: [anyType, anyType],
    returnType: kind.target,
    strict: false,
    gathers: true,
  };
  return {
    ...base,
    create: ({ datetime }) =>
      new ObjectState([unknown, unknown], kind, datetime),
    specialize: (types) => ({
      ...base,
      argumentTypes: types,
      create: ({ datetime }) => new ObjectState(types, kind, datetime),
    }),
  };
}

const TARGETS = [json, jsonb];
const KINDS = [
  { suffix: "", strict: false, unique: false },
  { suffix: "_strict", strict: true, unique: false },
  { suffix: "_unique", strict: false, unique: true },
  { suffix: "_unique_strict", strict: true, unique: true },
];

/** Aggregates that make JSON. */
export const jsonAggregates: readonly AggregateDefinition[] = TARGETS.flatMap((
  target,
) => [
  arrayAggregate(`${target.name}_agg`, { target }),
  arrayAggregate(`${target.name}_agg_strict`, { target, strict: true }),
  ...KINDS.map(({ suffix, strict, unique }) =>
    objectAggregate(`${target.name}_object_agg${suffix}`, {
      target,
      strict,
      unique,
    })
  ),
]);
