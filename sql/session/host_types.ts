/**
 * Types that an application writes in TypeScript: `Database.type`.
 *
 * The catalog has what the rest of the database needs to know of them: in which
 * form they are stored, what orders them. The code is handed to the type of the
 * open database (`types/host/host_type.ts`).
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type { HostTypeEntry } from "../catalog/entries.ts";
import { withSearchPath } from "../catalog/search_path.ts";
import { valueKindOf } from "../encoding/value_kind.ts";
import { isKeyType } from "../encoding/key_bytes.ts";
import { SqlError } from "../errors/sql_error.ts";
import { addEntry, replaceEntry } from "../executor/catalog_change.ts";
import { newTypeId } from "../executor/type_definition.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { DataType, SqlValue, TypeCategory } from "../types/data_type.ts";
import type { HostTypeCode } from "../types/host/host_type.ts";
import type { DatabaseCore } from "./database_core.ts";
import { guarded, type JsValue, typeNamed } from "./host_functions.ts";
import type { Settings } from "./settings.ts";

/** What the modifiers of a type mean: the numbers in `money_of(3)`. */
export interface TypeModifiers<V> {
  /** The modifiers as one number that is not negative. */
  readonly input: (modifiers: readonly number[]) => number;
  /** That number as text, brackets included (default: `(n)`). */
  readonly output?: (typmod: number) => string;
  /** A value as the modifiers want it; `explicit` in a cast (default: as it is). */
  readonly fit?: (value: V, typmod: number, explicit: boolean) => V;
}

/** What `Database.type` has to know. */
export interface TypeOptions<S extends string, K extends string> {
  /**
   * The built-in type in whose form values are stored, and come to these functions
   * (default `text`); no array, range or row.
   */
  readonly storedAs?: S;
  /** The schema (default: by the search path). */
  readonly schema?: string;
  /** The value that a text means; what it throws is the statement's error. */
  readonly input: (text: string) => JsValue<S>;
  /** The text of a value, which `input` has to understand. */
  readonly output: (value: JsValue<S>) => string;
  /**
   * The order of values: `stored` for that of the stored type, or that of keys of a
   * built-in type which are made of them. Values are equal where their keys are. It
   * brings `=`, `<` and their kin, `min`, `max`, ORDER BY, DISTINCT, GROUP BY,
   * indexes, keys and foreign keys. Absent: values are not compared.
   */
  readonly order?: "stored" | {
    readonly type: K;
    readonly key: (value: JsValue<S>) => JsValue<K>;
  };
  /** The binary form (default: the text). */
  readonly send?: (value: JsValue<S>) => Uint8Array;
  /** The value that a binary form means (default: what `input` says). */
  readonly receive?: (bytes: Uint8Array) => JsValue<S>;
  /** The value of a parameter (default: what `input` says of its text). */
  readonly fromJs?: (value: unknown) => JsValue<S>;
  /** The value in result rows (default: the text). */
  readonly toJs?: (value: JsValue<S>) => unknown;
  /** Modifiers in brackets (default: there are none). */
  readonly modifiers?: TypeModifiers<JsValue<S>>;
  /** PostgreSQL's category of the type (default `U`). */
  readonly category?: TypeCategory;
  /** Whether it is the preferred type of its category (default false). */
  readonly preferred?: boolean;
}

type AnyOptions = TypeOptions<string, string>;
type Facts = Pick<
  HostTypeEntry,
  "storedAs" | "orderedBy" | "category" | "preferred" | "hasModifiers"
>;

/** How often a definition is tried that others were in the way of. */
const TRIES_MAX = 10;

/** Makes the type, if it is not there, and gives it its code. */
export async function registerHostType(
  core: DatabaseCore,
  settings: Settings,
  name: string,
  options: AnyOptions,
): Promise<void> {
  const facts = factsOf(core, name, options);
  const id = await defined(core, settings, { name, options, facts });
  const type = core.types.hostType(id);
  if (type === undefined) {
    throw new SqlError("42704", `type "${name}" does not exist`);
  }
  type.attach(codeOf(name, options, facts));
  core.plans.clear();
}

function factsOf(core: DatabaseCore, name: string, options: AnyOptions): Facts {
  if (name === "" || name.includes("\0")) {
    throw new SqlError("42602", "invalid type name");
  }
  const { storedAs: word = "text", order, category = "U" } = options;
  const storedAs = builtIn(core, word);
  if (typeof valueKindOf(storedAs) !== "number") {
    throw new SqlError(
      "42809",
      `type "${name}" cannot be stored as ${storedAs.displayName}`,
    );
  }
  if (!/^[A-Z]$/.test(category) || category === "P") {
    throw new SqlError(
      "22023",
      `invalid type category "${category}": must be simple ASCII`,
    );
  }
  return {
    storedAs,
    orderedBy: orderOf(core, name, storedAs, order),
    category,
    preferred: options.preferred ?? false,
    hasModifiers: options.modifiers !== undefined,
  };
}

function builtIn(core: DatabaseCore, word: string): DataType {
  const type = typeNamed(core, word);
  const { extension } = type.element ?? type;
  if (core.types.byName(type.name) === type && extension === undefined) {
    return type;
  }
  throw new SqlError("42809", `type "${word}" is no built-in type`);
}

function orderOf(
  core: DatabaseCore,
  name: string,
  storedAs: DataType,
  order: AnyOptions["order"],
): Facts["orderedBy"] {
  if (order === undefined) return undefined;
  const type = order === "stored" ? storedAs : builtIn(core, order.type);
  if (!isKeyType(type)) {
    throw new SqlError(
      "42704",
      `type "${name}" cannot have the order of ${type.displayName}`,
      { hint: "Keys of indexes cannot be of that type." },
    );
  }
  if (order === "stored") return "stored";
  if (storedAs.storage !== "reference") {
    throw new SqlError(
      "0A000",
      `type "${name}", stored as ${storedAs.displayName}, cannot have another order`,
      { hint: "Store it as text, bytea, bigint or numeric." },
    );
  }
  return type;
}

/** A definition as an application gives it. */
interface Definition {
  readonly name: string;
  readonly options: AnyOptions;
  readonly facts: Facts;
}

/** The id of the type in the catalog, where it is made or changed to be it. */
async function defined(
  core: DatabaseCore,
  settings: Settings,
  definition: Definition,
): Promise<number> {
  for (let tries = 1;; tries++) {
    const committed = core.catalog.committed;
    const known = entryOf(core, settings, definition);
    if (known !== undefined && isSame(known, definition)) return known.id;
    if (core.store.readOnly) {
      throw new SqlError(
        "25006",
        "cannot execute CREATE TYPE in a read-only transaction",
      );
    }
    const transaction = core.begin(settings);
    try {
      const id = known === undefined
        ? create(core, settings, definition, transaction)
        : change(known, definition, transaction);
      await core.commit(transaction);
      return id;
    } catch (error) {
      core.rollback(transaction);
      const isInTheWay = error instanceof KriyaError &&
        error.kind === "conflict" && tries < TRIES_MAX &&
        core.catalog.committed !== committed;
      if (!isInTheWay) throw error;
    }
  }
}

/** The type of that name. @throws {SqlError} `42710`, `42804`. */
function entryOf(
  { catalog, types }: DatabaseCore,
  settings: Settings,
  { name, options: { schema }, facts }: Definition,
): HostTypeEntry | undefined {
  const taken = (): SqlError =>
    new SqlError("42710", `type "${name}" already exists`);
  if (types.byName(name) !== undefined) throw taken();
  const named = withSearchPath(catalog.committed, settings.searchPath);
  const entry = named.type(schema, name);
  if (entry === undefined) return undefined;
  if (entry.kind !== "base") throw taken();
  const shown = (order: Facts["orderedBy"]): string =>
    typeof order === "object" ? order.displayName : order ?? "no order";
  if (entry.storedAs !== facts.storedAs) {
    throw new SqlError(
      "42804",
      `type "${name}" is stored as ${entry.storedAs.displayName}, not as ${facts.storedAs.displayName}`,
    );
  }
  if (entry.orderedBy !== facts.orderedBy) {
    throw new SqlError(
      "42804",
      `type "${name}" is ordered as ${shown(entry.orderedBy)}, not as ${
        shown(facts.orderedBy)
      }`,
    );
  }
  if (entry.hasModifiers !== facts.hasModifiers) {
    throw new SqlError(
      "42804",
      `type "${name}" takes ${entry.hasModifiers ? "" : "no "}modifiers`,
    );
  }
  return entry;
}

function isSame(entry: HostTypeEntry, { facts }: Definition): boolean {
  return entry.category === facts.category &&
    entry.preferred === facts.preferred;
}

function create(
  core: DatabaseCore,
  settings: Settings,
  { name, options, facts }: Definition,
  transaction: Transaction,
): number {
  const named = withSearchPath(transaction.catalog, settings.searchPath);
  const schema = options.schema ?? named.creationSchema;
  if (schema === undefined) {
    throw new SqlError("3F000", "no schema has been selected to create in");
  }
  if (!named.hasSchema(schema)) {
    throw new SqlError("3F000", `schema "${schema}" does not exist`);
  }
  const counters = { counters: core.catalog.counters, types: core.types };
  const id = newTypeId(counters);
  const arrayId = newTypeId(counters);
  const entry: HostTypeEntry = {
    kind: "base",
    id,
    name,
    schema,
    arrayId,
    ...facts,
  };
  addEntry(entry, { transaction });
  return id;
}

function change(
  entry: HostTypeEntry,
  { facts }: Definition,
  transaction: Transaction,
): number {
  replaceEntry(entry, { ...entry, ...facts }, transaction);
  return entry.id;
}

/** The application's functions over stored values. */
function codeOf(
  name: string,
  options: AnyOptions,
  { storedAs, orderedBy }: Facts,
): HostTypeCode {
  const run = <T>(part: string, work: () => T): T =>
    guarded(`${part} of type ${name}`, work);
  const read = (part: string, work: () => unknown): SqlValue =>
    valueOf(`${part} of type ${name}`, run(part, work), storedAs);
  const shown = (value: SqlValue): unknown => storedAs.toJs(value);
  const { order, send, receive, fromJs, toJs, modifiers } = options;
  const { fit } = modifiers ?? {};
  return {
    input: (text) => read("input", () => options.input(text)),
    output: (value) =>
      textOf(
        `output of type ${name}`,
        run("output", () => options.output(shown(value))),
      ),
    ...typeof order === "object" && typeof orderedBy === "object" && {
      sortKey: (value) =>
        valueOf(
          `key of type ${name}`,
          run("key", () => order.key(shown(value))),
          orderedBy,
        ),
    },
    ...send && {
      send: (value) =>
        bytesOf(`send of type ${name}`, run("send", () => send(shown(value)))),
    },
    ...receive && {
      receive: (bytes) => read("receive", () => receive(bytes)),
    },
    ...fromJs && { fromJs: (value) => read("fromJs", () => fromJs(value)) },
    ...toJs && { toJs: (value) => run("toJs", () => toJs(shown(value))) },
    ...modifiers && {
      typmodInput: (given) =>
        typmodOf(name, run("modifiers", () => modifiers.input(given))),
    },
    ...modifiers?.output && {
      typmodOutput: (typmod) => modifiers.output!(typmod),
    },
    ...fit && {
      applyTypmod: (value, typmod, explicit) =>
        read("fit", () => fit(shown(value), typmod, explicit)),
    },
  };
}

/** `39004`, `39000`: what code of an application must not give. */
function valueOf(what: string, value: unknown, type: DataType): SqlValue {
  if (value === null || value === undefined) {
    throw new SqlError("39004", `${what} gave NULL`);
  }
  if (value instanceof Promise) {
    value.catch(() => {});
    throw new SqlError("39000", `${what} gave a promise`, {
      hint: "Functions of types are synchronous.",
    });
  }
  return type.fromJs(value);
}

function textOf(what: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new SqlError("39000", `${what} gave no text`);
}

function bytesOf(what: string, value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new SqlError("39000", `${what} gave no bytes`);
}

function typmodOf(name: string, typmod: unknown): number {
  const isNumber = typeof typmod === "number" && Number.isInteger(typmod) &&
    typmod >= 0 && typmod < 2 ** 31;
  if (isNumber) return typmod;
  throw new SqlError("22023", `invalid modifiers of type ${name}`);
}
