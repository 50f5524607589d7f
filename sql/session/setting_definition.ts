/**
 * What there is to say of a setting.
 *
 * | effect | meaning |
 * | --- | --- |
 * | `session` | followed by the session that set it |
 * | `store` | changes the open store, for all sessions |
 * | `address` | says where a database is: what is open stays where it is |
 * | `database` | kept with the database, for all who open it: by ALTER SYSTEM |
 * | `opening` | said when the database is opened, for as long as it is open |
 * | `fixed` | can be shown only |
 * | `kept` | nothing: kept and shown |
 *
 * @module
 */

/** The units of integers. */
export type IntegerUnit = "ms" | "s" | "min" | "B" | "kB" | "8kB" | "MB";

/** What a setting takes. */
export type SettingType =
  | { readonly kind: "boolean" }
  | {
    readonly kind: "integer";
    readonly min: number;
    readonly max: number;
    /** The unit of a number without one; text forms with units are taken. */
    readonly unit?: IntegerUnit;
  }
  | {
    readonly kind: "real";
    readonly min: number;
    readonly max: number;
    /** The unit, for people. */
    readonly unit?: string;
  }
  | { readonly kind: "enum"; readonly values: readonly string[] }
  | { readonly kind: "string" }
  /** A list of names; what SET is given is quoted where it must be. */
  | { readonly kind: "names" }
  | { readonly kind: "time_zone" }
  | { readonly kind: "date_style" }
  | { readonly kind: "encoding" }
  /** A configuration of full text search. */
  | { readonly kind: "text_search" }
  /** A role, or what stands for one. */
  | { readonly kind: "role" };

/** What a change of the setting does. */
export type SettingEffect =
  | "session"
  | "store"
  | "address"
  | "database"
  | "opening"
  | "fixed"
  | "kept";

/** A setting. */
export interface SettingDefinition {
  /** The name as SHOW ALL prints it. */
  readonly name: string;
  /** What it takes. */
  readonly type: SettingType;
  /** Its value where nobody set it, as SHOW prints it. */
  readonly initial: string;
  /** What a change does. */
  readonly effect: SettingEffect;
  /** What it is, in a sentence. */
  readonly description: string;
  /** Where PostgreSQL's `pg_settings` has it. */
  readonly category?: string | undefined;
  /** Who may set it there. */
  readonly context?: string | undefined;
  /** Whether SHOW ALL and `pg_settings` leave it out. */
  readonly hidden?: boolean | undefined;
}
