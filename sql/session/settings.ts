/**
 * The values of settings: in force for the database, for a session, for a
 * transaction (SET LOCAL).
 *
 * As in PostgreSQL, a SET inside a transaction is undone when it is rolled
 * back, and a SET LOCAL ends with it.
 *
 * @module
 */
import { KEPT_SETTINGS } from "./kept_settings.ts";
import { normalizeValue, parseInteger } from "./setting_values.ts";
import {
  type PlanningSettings,
  planningSettingsOf,
  plansKeyOf,
} from "./planning_settings.ts";
import { quoteIdentifier } from "../parser/quote.ts";
import { parseSearchPath } from "../catalog/search_path.ts";
import { SqlError } from "../errors/sql_error.ts";
import { SessionObjects } from "./session_objects.ts";
import { TemporarySpace } from "../transaction/temporary/temporary_space.ts";
import { DrawnNumbers } from "./drawn_numbers.ts";
import type { DateTimeSettings } from "../types/datetime_settings.ts";
import {
  datetimeSettingsOf,
  normalizeDateStyle,
  normalizeTimeZone,
} from "./datetime_values.ts";
import {
  SETTING_DEFINITIONS,
  type SettingDefinition,
  spelledName,
} from "./setting_definitions.ts";

const DEFINITIONS = [...SETTING_DEFINITIONS, ...KEPT_SETTINGS].sort((a, b) =>
  a.name < b.name ? -1 : 1
);

const BY_NAME = new Map(
  DEFINITIONS.map((definition) => [definition.name, definition]),
);

/** What a setting of a transaction is where there is none: the next one's. */
const OF_NEXT: ReadonlyMap<string, string> = new Map([
  ["transaction_isolation", "default_transaction_isolation"],
  ["transaction_read_only", "default_transaction_read_only"],
]);

/** A value that was set. */
interface Assigned {
  readonly value: string;
  readonly local: boolean;
}

/** The values at one moment, to go back to. */
export interface SettingsMark {
  /** What was set. */
  readonly values: ReadonlyMap<string, Assigned>;
  /** What SET LOCAL hid. */
  readonly hidden: ReadonlyMap<string, Assigned | undefined>;
}

const NOTHING_HIDDEN: ReadonlyMap<string, Assigned | undefined> = new Map();

/** `values` with another, or none, of a name. */
function withValue(
  values: ReadonlyMap<string, Assigned>,
  name: string,
  value: Assigned | undefined,
): ReadonlyMap<string, Assigned> {
  return value === undefined
    ? without(values, name)
    : new Map(values).set(name, value);
}

function without<T>(
  values: ReadonlyMap<string, T>,
  name: string,
): ReadonlyMap<string, T> {
  if (!values.has(name)) return values;
  const fewer = new Map(values);
  fewer.delete(name);
  return fewer;
}

/** The settings of a session. */
export class Settings {
  readonly #defaults: ReadonlyMap<string, string>;
  /** Never changed, always replaced: transactions and savepoints keep it. */
  #values: ReadonlyMap<string, Assigned> = new Map();
  /** Session values that a SET LOCAL hides until the transaction ends. */
  #hidden: ReadonlyMap<string, Assigned | undefined> = NOTHING_HIDDEN;
  #saved: ReadonlyMap<string, Assigned> | undefined;
  /** Settings of applications: `my.setting`. */
  readonly #custom = new Map<string, SettingDefinition>();
  /** What was read since the last change: every statement asks for some. */
  readonly #integers = new Map<string, number>();
  readonly #booleans = new Map<string, boolean>();
  #searchPath: readonly string[] | undefined;
  #datetime: DateTimeSettings | undefined;
  /** What settings add to the key of plans. */
  #planSettings: string | undefined;
  #planning: PlanningSettings | undefined;
  #version = 0;

  /** What the session drew from sequences; a copy shares it. */
  readonly drawn: DrawnNumbers;
  /** What else the session has. */
  readonly objects: SessionObjects;
  /** The session's temporary objects; a copy shares them. */
  readonly temporary: TemporarySpace;

  /** Settings whose defaults are `defaults` where they are given. */
  constructor(
    defaults: ReadonlyMap<string, string> = new Map(),
    drawn: DrawnNumbers = new DrawnNumbers(),
    objects: SessionObjects = new SessionObjects(),
    temporary: TemporarySpace = new TemporarySpace(),
  ) {
    this.#defaults = defaults;
    for (const name of defaults.keys()) this.#definitionToSet(name);
    this.drawn = drawn;
    this.objects = objects;
    this.temporary = temporary;
  }

  /**
   * The value as SHOW prints it.
   *
   * @throws {SqlError} `42704` when there is no such setting.
   */
  show(name: string): string {
    const definition = this.#definition(name);
    return this.#values.get(definition.name)?.value ??
      this.#defaultOf(definition);
  }

  #definition(name: string): SettingDefinition {
    const definition = BY_NAME.get(name) ?? BY_NAME.get(name.toLowerCase()) ??
      this.#custom.get(name.toLowerCase());
    if (definition !== undefined) return definition;
    throw unrecognized(name);
  }

  /** A setting that is to be set: one of an application is made by that. */
  #definitionToSet(name: string): SettingDefinition {
    const lower = name.toLowerCase();
    const known = BY_NAME.get(lower) ?? this.#custom.get(lower);
    if (known !== undefined) return known;
    const definition = customSetting(name);
    this.#custom.set(lower, definition);
    return definition;
  }

  /** The name of a setting as SHOW has it above its value. */
  spelled(name: string): string {
    const { name: known } = this.#definition(name);
    return BY_NAME.has(known) ? spelledName(known) : name;
  }

  /** The value as SHOW prints it, `undefined` if there is no such setting. */
  find(name: string): string | undefined {
    const lower = name.toLowerCase();
    return BY_NAME.has(lower) || this.#custom.has(lower)
      ? this.show(lower)
      : undefined;
  }

  /** The value of an integer setting, in its unit. */
  integer(name: string): number {
    let value = this.#integers.get(name);
    if (value === undefined) {
      value = parseInteger(this.#definition(name), this.show(name));
      this.#integers.set(name, value);
    }
    return value;
  }

  /** The value of a boolean setting. */
  boolean(name: string): boolean {
    let value = this.#booleans.get(name);
    if (value === undefined) {
      value = this.show(name) === "on";
      this.#booleans.set(name, value);
    }
    return value;
  }

  /** The schemas of `search_path`, `"$user"` being the user's. */
  get searchPath(): readonly string[] {
    return this.#searchPath ??=
      (parseSearchPath(this.show("search_path")) ?? [])
        .map((name) => name === "$user" ? this.currentUser : name);
  }

  /** The role that statements run as. */
  get currentUser(): string {
    const role = this.show("role");
    return role === "none" ? this.show("session_authorization") : role;
  }

  /** How dates and times are read and written. */
  get datetime(): DateTimeSettings {
    return this.#datetime ??= datetimeSettingsOf((name) => this.show(name));
  }

  /** What a plan depends on besides the catalog; empty for the defaults. */
  get planKey(): string {
    const own = this.temporary.isEmpty ? "" : this.temporary.schema.name;
    const settings = this.#planSettings ??= plansKeyOf(
      this.datetime,
      this.planning,
      this.show("timezone"),
    );
    return settings === "" ? own : `${own}\0${settings}`;
  }

  /** Which ways a plan may go, and what it costs. */
  get planning(): PlanningSettings {
    return this.#planning ??= planningSettingsOf(this);
  }

  /**
   * Sets a value; without one, the default.
   *
   * @returns the definition, and the value as SHOW prints it now.
   *
   * @throws {SqlError} `42704`, `22023`, `55P02`.
   */
  set(
    name: string,
    values: readonly string[] | undefined,
    local: boolean,
  ): { readonly definition: SettingDefinition; readonly value: string } {
    const definition = this.#definitionToSet(name);
    refuseDatabaseSetting(definition);
    return this.#assign(
      definition,
      values && valuesText(definition, values),
      local,
    );
  }

  /**
   * Sets a value as its text, as `set_config` is given it: names are quoted in
   * it where they must be.
   *
   * @throws {SqlError} `42704`, `22023`, `55P02`.
   */
  setText(name: string, text: string | undefined, local: boolean): string {
    const definition = this.#definitionToSet(name);
    refuseDatabaseSetting(definition);
    return this.#assign(definition, text, local).value;
  }

  /** `set`, for what no session may change, too. */
  assign(
    name: string,
    values: readonly string[] | undefined,
  ): { readonly definition: SettingDefinition; readonly value: string } {
    const definition = this.#definitionToSet(name);
    const text = values && valuesText(definition, values);
    return this.#assign(definition, text, false);
  }

  /** Ends a SET LOCAL before its transaction does. */
  endLocal(name: string): void {
    const key = this.#definition(name).name;
    if (!this.#hidden.has(key)) return;
    this.#values = withValue(this.#values, key, this.#hidden.get(key));
    this.#hidden = without(this.#hidden, key);
    this.#forgetRead();
  }

  #assign(
    definition: SettingDefinition,
    text: string | undefined,
    local: boolean,
  ): { readonly definition: SettingDefinition; readonly value: string } {
    if (definition.effect === "fixed") throw fixedSetting(definition);
    const value = text === undefined
      ? this.#defaultOf(definition)
      : this.#normalize(definition, text);
    if (local) {
      if (!this.#hidden.has(definition.name)) {
        const before = this.#values.get(definition.name);
        this.#hidden = new Map(this.#hidden).set(definition.name, before);
      }
    } else this.#hidden = without(this.#hidden, definition.name);
    const assigned = { value, local };
    this.#values = withValue(this.#values, definition.name, assigned);
    this.#forgetRead();
    return { definition, value };
  }

  #normalize(definition: SettingDefinition, text: string): string {
    switch (definition.type.kind) {
      case "time_zone":
        return normalizeTimeZone(text);
      case "names":
        if (parseSearchPath(text) !== undefined) return text;
        throw new SqlError(
          "22023",
          `invalid value for parameter "${definition.name}": "${text}"`,
          { detail: "List syntax is invalid." },
        );
      case "date_style":
        return normalizeDateStyle(text, this.show(definition.name));
      default:
        return normalizeValue(definition, text);
    }
  }

  /** Sets every setting to its default. */
  resetAll(): void {
    this.#values = new Map();
    this.#hidden = NOTHING_HIDDEN;
    this.#forgetRead();
  }

  /** Every setting with its value, by name. */
  all(): { readonly definition: SettingDefinition; readonly value: string }[] {
    return [...DEFINITIONS, ...this.#custom.values()]
      .filter(({ hidden }) => hidden !== true)
      .map((definition) => ({ definition, value: this.show(definition.name) }));
  }

  /** Whether a transaction block is open. */
  get inTransaction(): boolean {
    return this.#saved !== undefined;
  }

  /**
   * Settings that begin with what is set here, of another session or, with its
   * objects, of this one.
   */
  copy(
    objects: SessionObjects = new SessionObjects(this.objects.statements),
  ): Settings {
    const copy = new Settings(
      this.#defaults,
      this.drawn,
      objects,
      this.temporary,
    );
    for (const [name, each] of this.#custom) copy.#custom.set(name, each);
    copy.#values = this.#shown();
    return copy;
  }

  /** A transaction begins. */
  begin(): void {
    this.#saved = this.#values;
  }

  /** The values as they are now, for a savepoint. */
  mark(): SettingsMark {
    return { values: this.#values, hidden: this.#hidden };
  }

  /** Takes back what was set after `mark`. */
  returnTo(mark: SettingsMark): void {
    this.#replace(mark.values);
    this.#hidden = mark.hidden;
  }

  /** The transaction ends. */
  end(committed: boolean): void {
    this.#replace(committed ? this.#shown() : this.#saved ?? this.#values);
    this.#hidden = NOTHING_HIDDEN;
    this.#saved = undefined;
  }

  /** The values without those of SET LOCAL. */
  #shown(): ReadonlyMap<string, Assigned> {
    let values = this.#values;
    for (const [name, before] of this.#hidden) {
      values = withValue(values, name, before);
    }
    return values;
  }

  /** What was read stays known if nothing was set. */
  #replace(values: ReadonlyMap<string, Assigned>): void {
    if (values === this.#values) return;
    this.#values = values;
    this.#forgetRead();
  }

  /** A number that is another one whenever a value may have changed. */
  get version(): number {
    return this.#version;
  }

  #forgetRead(): void {
    this.#version++;
    this.#datetime = undefined;
    this.#planSettings = undefined;
    this.#planning = undefined;
    this.#integers.clear();
    this.#booleans.clear();
    this.#searchPath = undefined;
  }

  #defaultOf(definition: SettingDefinition): string {
    const next = this.inTransaction ? undefined : OF_NEXT.get(definition.name);
    if (next !== undefined) return this.show(next);
    return this.#defaults.get(definition.name) ?? definition.initial;
  }
}

/** `42704` */
function unrecognized(name: string): SqlError {
  return new SqlError(
    "42704",
    `unrecognized configuration parameter "${name}"`,
  );
}

/** @throws {SqlError} `55P02` for one that is the database's. */
function refuseDatabaseSetting(definition: SettingDefinition): void {
  if (definition.effect === "opening") throw fixedSetting(definition);
  if (definition.effect !== "database") return;
  const words = `parameter "${definition.name}" cannot be changed now`;
  throw new SqlError("55P02", words, { hint: "Use ALTER SYSTEM." });
}

/** `55P02` */
function fixedSetting({ name, context }: SettingDefinition): SqlError {
  const how = context === "postmaster"
    ? " without restarting the server"
    : context === "sighup"
    ? " now"
    : "";
  return new SqlError("55P02", `parameter "${name}" cannot be changed${how}`);
}

/** Prefixes of settings that are all known. */
const RESERVED_PREFIXES = ["kriya", "lsm_hnsw", "lsm_s3"];

/**
 * A setting of an application.
 *
 * @throws {SqlError} `42704` for a name without a dot, `42602` for one that
 * cannot be.
 */
function customSetting(name: string): SettingDefinition {
  if (!name.includes(".")) throw unrecognized(name);
  const parts = name.split(".");
  const simple = parts.every((part) =>
    /^[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*$/.test(part)
  );
  const reserved = RESERVED_PREFIXES.find((each) =>
    each === parts[0]!.toLowerCase()
  );
  if (!simple || reserved !== undefined) {
    throw new SqlError(
      "42602",
      `invalid configuration parameter name "${name}"`,
      {
        detail: reserved === undefined
          ? "Custom parameter names must be two or more simple identifiers separated by dots."
          : `"${reserved}" is a reserved prefix.`,
      },
    );
  }
  return {
    name: name.toLowerCase(),
    type: { kind: "string" },
    initial: "",
    effect: "session",
    description: "",
    category: "Customized Options",
  };
}

/** What SET was given as one text: names of a list are quoted. */
function valuesText(
  { type }: SettingDefinition,
  values: readonly string[],
): string {
  const quoted = type.kind === "names" ? values.map(quoteIdentifier) : values;
  return quoted.join(", ");
}

/** The values that SET would have been given for a setting's text. */
export function settingValues(name: string, text: string): readonly string[] {
  const definition = BY_NAME.get(name.toLowerCase());
  return definition?.type.kind === "names"
    ? parseSearchPath(text) ?? [text]
    : [text];
}
