/**
 * Base types that an application defines in TypeScript (`Database.type`).
 *
 * A value of such a type is one of a built-in type, in whose form it is stored;
 * what its text is, and what order it has, the application's code says. That code
 * is of the open database, not of the bucket: until it is registered, rows can be
 * read and written around the column, and whatever needs the code fails.
 *
 * Keys of indexes are bytes that the tree orders, so an order is never a function
 * that compares two values: it is that of the stored type, or of a key of a
 * built-in type that is made of each value.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { makeArrayType } from "../array/array_type.ts";
import type {
  DataType,
  SortKey,
  SqlValue,
  TypeCategory,
} from "../data_type.ts";
import { textOfJs } from "../js_value.ts";
import { shownTypeName } from "../shown_type_name.ts";

/** What the catalog knows of such a type. */
export interface HostTypeDefinition {
  /** The OID of the type. */
  readonly id: number;
  /** The OID of the type of its arrays. */
  readonly arrayId: number;
  readonly name: string;
  /** The schema it is in. */
  readonly schema?: string;
  /** The built-in type in whose form values are stored. */
  readonly storedAs: DataType;
  /** The type of the keys that order values; absent: they have no order. */
  readonly orderedBy?: DataType | "stored" | undefined;
  /** pg_type.typcategory. */
  readonly category: TypeCategory;
  /** pg_type.typispreferred. */
  readonly preferred: boolean;
  /** Whether the type takes modifiers. */
  readonly hasModifiers: boolean;
}

/** What the application's code does for its type, over stored values. */
export interface HostTypeCode {
  input(text: string): SqlValue;
  output(value: SqlValue): string;
  sortKey?(value: SqlValue): SqlValue;
  send?(value: SqlValue): Uint8Array;
  receive?(bytes: Uint8Array): SqlValue;
  fromJs?(value: unknown): SqlValue;
  toJs?(value: SqlValue): unknown;
  typmodInput?(modifiers: readonly number[]): number;
  typmodOutput?(typmod: number): string;
  applyTypmod?(value: SqlValue, typmod: number, explicit: boolean): SqlValue;
}

/** A type of an application; its name and its code may change. */
export class HostType {
  /** The type. */
  readonly type: DataType;
  /** The type of its arrays. */
  readonly arrayType: DataType;
  #definition: HostTypeDefinition;
  #shown: string;
  #code: HostTypeCode | undefined;

  /** The type that `definition` says, without code. */
  constructor(definition: HostTypeDefinition) {
    this.#definition = definition;
    this.#shown = shownTypeName(definition);
    this.type = this.#makeType(definition);
    this.arrayType = makeArrayType(this.type, definition.arrayId);
  }

  /** What it is. */
  get definition(): HostTypeDefinition {
    return this.#definition;
  }

  /** Gives it another name, or what else may change. */
  change(definition: HostTypeDefinition): void {
    this.#definition = definition;
    this.#shown = shownTypeName(definition);
  }

  /** Gives it the code that it runs. */
  attach(code: HostTypeCode): void {
    this.#code = code;
  }

  /** @throws {SqlError} `55000` while the application has not registered it. */
  #running(): HostTypeCode {
    if (this.#code !== undefined) return this.#code;
    const { name } = this.#definition;
    throw new SqlError(
      "55000",
      `type "${name}" is defined by the application, which has not registered it`,
      {
        hint:
          "Call the method type of the database after opening it, before values of the type are used.",
      },
    );
  }

  #makeType({ id, storedAs, orderedBy }: HostTypeDefinition): DataType {
    const definition = (): HostTypeDefinition => this.#definition;
    const shown = (): string => this.#shown;
    const running = (): HostTypeCode => this.#running();
    return {
      oid: id,
      get name() {
        return definition().name;
      },
      get displayName() {
        return shown();
      },
      get category() {
        return definition().category;
      },
      get preferred() {
        return definition().preferred;
      },
      length: storedAs.length,
      storage: storedAs.storage,
      storedAs,
      host: {
        isRegistered: () => this.#code !== undefined,
        send: (value) => {
          const code = running();
          return code.send?.(value) ??
            new TextEncoder().encode(code.output(value));
        },
        receive: (bytes) => received(running(), bytes),
      },
      input: (text) => running().input(text),
      output: (value) => running().output(value),
      fromJs: (value) => fromJs(running(), value),
      toJs: (value) => {
        const code = running();
        return code.toJs === undefined ? code.output(value) : code.toJs(value);
      },
      ...orderOf(storedAs, orderedBy, running),
      ...this.#definition.hasModifiers && {
        ...modifiersOf(running),
        typmodOutput: (typmod: number): string =>
          this.#code?.typmodOutput?.(typmod) ?? `(${typmod})`,
      },
    };
  }
}

/** A value given in binary form. */
function received(code: HostTypeCode, bytes: Uint8Array): SqlValue {
  if (code.receive !== undefined) return code.receive(bytes);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new SqlError("22021", 'invalid byte sequence for encoding "UTF8"');
  }
  return code.input(text);
}

function fromJs(code: HostTypeCode, value: unknown): SqlValue {
  return code.fromJs === undefined
    ? code.input(textOfJs(value))
    : code.fromJs(value);
}

type Order = Pick<DataType, "compare" | "hashKey" | "sortKey" | "comparable">;

function orderOf(
  storedAs: DataType,
  orderedBy: DataType | "stored" | undefined,
  running: () => HostTypeCode,
): Order {
  if (orderedBy === undefined || orderedBy === "stored") {
    return {
      compare: storedAs.compare,
      hashKey: storedAs.hashKey,
      ...orderedBy === undefined && { comparable: false },
    };
  }
  const sortKey: SortKey = {
    type: orderedBy,
    of: (value) => running().sortKey!(value),
  };
  return {
    sortKey,
    compare: (a, b) => orderedBy.compare(sortKey.of(a), sortKey.of(b)),
    hashKey: (value) => orderedBy.hashKey(sortKey.of(value)),
  };
}

function modifiersOf(
  running: () => HostTypeCode,
): Pick<DataType, "typmodInput" | "applyTypmod"> {
  return {
    typmodInput: (modifiers) => running().typmodInput!(modifiers),
    applyTypmod: (value, typmod, explicit) =>
      running().applyTypmod?.(value, typmod, explicit) ?? value,
  };
}
