/**
 * Statements about roles, and who may do what.
 *
 * @module
 */
import type { RelationName, TypeName } from "./expression_syntax.ts";

/** A role as a statement names it. */
export type RoleSpec =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "current" }
  | { readonly kind: "session" }
  | { readonly kind: "public" };

/** Options of CREATE and ALTER ROLE: those that were given. */
export interface RoleOptions {
  readonly flags: Readonly<Record<string, boolean>>;
  readonly connectionLimit: number | undefined;
  readonly validUntil: string | undefined;
  /** IN ROLE */
  readonly inRoles: readonly RoleSpec[];
  /** ROLE, and ADMIN */
  readonly members: readonly RoleSpec[];
  readonly admins: readonly RoleSpec[];
}

/** What privileges or an owner are of. */
export interface AccessTarget {
  readonly object:
    | "table"
    | "sequence"
    | "schema"
    | "type"
    | "function"
    | "database"
    | "other";
  /** What a person calls the kind. */
  readonly word: string;
  readonly name: RelationName;
  /** The types of a function's arguments; absent: they were not given. */
  readonly types: readonly TypeName[] | undefined;
}

/** A statement about roles or privileges. */
export type AccessSyntax =
  | {
    readonly kind: "create_role";
    readonly name: string;
    readonly login: boolean;
    readonly options: RoleOptions;
  }
  | {
    readonly kind: "alter_role";
    readonly role: RoleSpec;
    readonly options: RoleOptions;
    /** ALTER GROUP … DROP USER. */
    readonly drops: boolean;
  }
  | {
    readonly kind: "alter_role_set";
    /** Absent: ALL. */
    readonly role: RoleSpec | undefined;
    /** Absent: RESET ALL. */
    readonly name: string | undefined;
    /** Absent: RESET. */
    readonly value: string | undefined;
  }
  | {
    readonly kind: "rename_role";
    readonly name: string;
    readonly newName: string;
  }
  | {
    readonly kind: "drop_role";
    readonly roles: readonly RoleSpec[];
    readonly ifExists: boolean;
  }
  | {
    readonly kind: "grant_role";
    readonly grant: boolean;
    readonly roles: readonly string[];
    readonly members: readonly RoleSpec[];
    readonly admin: boolean;
  }
  | {
    readonly kind: "grant";
    readonly grant: boolean;
    readonly targets: readonly AccessTarget[];
    /** ALL TABLES IN SCHEMA and its kin: the schemas. */
    readonly inSchemas: readonly string[];
    /** The kind of object that `inSchemas` is about. */
    readonly object: AccessTarget["object"];
    /** Absent: ALL. */
    readonly privileges: readonly string[] | undefined;
    readonly grantees: readonly RoleSpec[];
    readonly option: boolean;
  }
  | { readonly kind: "default_privileges" }
  | {
    readonly kind: "set_owner";
    readonly target: AccessTarget;
    readonly owner: RoleSpec;
    readonly ifExists: boolean;
  }
  | {
    readonly kind: "reassign_owned";
    readonly roles: readonly RoleSpec[];
    readonly owner: RoleSpec;
  };
