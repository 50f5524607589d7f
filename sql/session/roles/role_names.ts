/**
 * Roles as statements name them.
 *
 * @module
 */
import {
  OWNER_ID,
  PUBLIC_ID,
  type RoleEntry,
} from "../../catalog/role_entry.ts";
import { roleIdOf, rolesOf } from "../../catalog/roles.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { RoleSpec } from "../../parser/access_syntax.ts";
import type { DefinitionContext } from "../../executor/catalog_change.ts";
import type { DatabaseCore } from "../database_core.ts";
import type { Settings } from "../settings.ts";

/** What a statement about roles runs with. */
export interface AccessRun {
  readonly core: DatabaseCore;
  readonly settings: Settings;
  readonly context: DefinitionContext;
}

/** The name that a specification means. */
export function nameOfRole({ settings }: AccessRun, spec: RoleSpec): string {
  switch (spec.kind) {
    case "name":
      return spec.name;
    case "current":
      return settings.currentUser;
    case "session":
      return settings.show("session_authorization");
    case "public":
      return "public";
  }
}

/** The OID of a role. @throws {SqlError} `42704`. */
export function roleId(run: AccessRun, spec: RoleSpec): number {
  if (spec.kind === "public") return PUBLIC_ID;
  const name = nameOfRole(run, spec);
  const { catalog } = run.context.transaction;
  const id = roleIdOf(catalog, run.core.user, name);
  if (id !== undefined) return id;
  throw new SqlError("42704", `role "${name}" does not exist`);
}

/** The role that statements run as. */
export function currentRoleId(run: AccessRun): number {
  return roleId(run, { kind: "current" });
}

/**
 * A role that can be changed: not the one that the database was opened with.
 *
 * @throws {SqlError} `42704`; `0A000` for that one.
 */
export function openRole(run: AccessRun, spec: RoleSpec): RoleEntry {
  const name = nameOfRole(run, spec);
  const role = rolesOf(run.context.transaction.catalog).get(name);
  if (role !== undefined) return role;
  if (roleId(run, spec) !== OWNER_ID) {
    throw new SqlError("42704", `role "${name}" does not exist`);
  }
  throw new SqlError(
    "0A000",
    `role "${name}" cannot be changed: the database was opened with it`,
  );
}

/** The owner of a new object; absent: the user of the database. */
export function newOwner(
  run: AccessRun,
  named: RoleSpec | undefined,
): number | undefined {
  if (named === undefined && run.settings.currentUser === run.core.user) {
    return undefined;
  }
  const id = named === undefined ? currentRoleId(run) : roleId(run, named);
  return id === OWNER_ID ? undefined : id;
}
