/**
 * CREATE, ALTER and DROP ROLE, and GRANT of roles to roles.
 *
 * @module
 */
import { kindWord } from "../../catalog/dependencies.ts";
import {
  type Membership,
  OWNER_ID,
  type RoleAttributes,
  type RoleEntry,
} from "../../catalog/role_entry.ts";
import { objectsOfRole, rolesOf } from "../../catalog/roles.ts";
import { SqlError } from "../../errors/sql_error.ts";
import {
  addEntry,
  removeEntry,
  replaceEntry,
} from "../../executor/catalog_change.ts";
import type {
  AccessSyntax,
  RoleOptions,
  RoleSpec,
} from "../../parser/access_syntax.ts";
import {
  type AccessRun,
  currentRoleId,
  nameOfRole,
  openRole,
  roleId,
} from "./role_names.ts";

type Of<K extends AccessSyntax["kind"]> = Extract<AccessSyntax, { kind: K }>;

const FLAGS: ReadonlyMap<string, keyof RoleAttributes> = new Map([
  ["superuser", "superuser"],
  ["inherit", "inherit"],
  ["createrole", "createRole"],
  ["createdb", "createDb"],
  ["canlogin", "canLogin"],
  ["isreplication", "replication"],
  ["bypassrls", "bypassRls"],
]);

function attributesOf(
  before: RoleAttributes,
  { flags, connectionLimit }: RoleOptions,
): RoleAttributes {
  const given = Object.entries(flags).flatMap(([word, on]) => {
    const name = FLAGS.get(word);
    return name === undefined ? [] : [[name, on] as const];
  });
  if (connectionLimit !== undefined && connectionLimit < -1) {
    throw new SqlError("22023", `invalid connection limit: ${connectionLimit}`);
  }
  return {
    ...before,
    ...Object.fromEntries(given),
    ...connectionLimit !== undefined && { connectionLimit },
  };
}

function refuseReserved(name: string): void {
  if (name === "public" || name === "none") {
    throw new SqlError("42939", `role name "${name}" is reserved`);
  }
  if (!name.startsWith("pg_")) return;
  throw new SqlError("42939", `role name "${name}" is reserved`, {
    detail: 'Role names starting with "pg_" are reserved.',
  });
}

/** Runs CREATE ROLE, USER and GROUP. */
export function createRole(
  run: AccessRun,
  { name, login, options }: Of<"create_role">,
): void {
  refuseReserved(name);
  refuseTaken(run, name);
  const attributes = attributesOf({
    superuser: false,
    inherit: true,
    createRole: false,
    createDb: false,
    canLogin: login,
    replication: false,
    bypassRls: false,
    connectionLimit: -1,
  }, options);
  const { context } = run;
  const memberOf = options.inRoles.map((role): Membership => ({
    roleId: roleId(run, role),
    grantorId: currentRoleId(run),
    admin: false,
  }));
  const role: RoleEntry = {
    kind: "role",
    schema: "",
    id: context.counters.newId(),
    name,
    attributes,
    ...options.validUntil !== undefined && { validUntil: options.validUntil },
    memberOf,
    config: [],
  };
  addEntry(role, context);
  addMembers(run, role.id, options.members, false);
  addMembers(run, role.id, options.admins, true);
}

function refuseTaken({ core, context }: AccessRun, name: string): void {
  const taken = name === core.user ||
    rolesOf(context.transaction.catalog).has(name);
  if (taken) throw new SqlError("42710", `role "${name}" already exists`);
}

function addMembers(
  run: AccessRun,
  id: number,
  members: readonly RoleSpec[],
  admin: boolean,
): void {
  for (const member of members) {
    const before = openRole(run, member);
    refuseCircle(run, before, id);
    const others = before.memberOf.filter((each) => each.roleId !== id);
    const grantorId = currentRoleId(run);
    const memberOf = [...others, { roleId: id, grantorId, admin }];
    replaceEntry(before, { ...before, memberOf }, run.context.transaction);
  }
}

/** @throws {SqlError} `0LP01` when the role `id` is a member of `member`. */
function refuseCircle(run: AccessRun, member: RoleEntry, id: number): void {
  const { catalog } = run.context.transaction;
  const seen = new Set<number>();
  const visit = (next: number): void => {
    if (seen.has(next)) return;
    seen.add(next);
    if (next === member.id) {
      const role = catalog.byId(id);
      throw new SqlError(
        "0LP01",
        `role "${role?.name}" is a member of role "${member.name}"`,
      );
    }
    const entry = catalog.byId(next);
    if (entry?.kind !== "role") return;
    for (const { roleId } of entry.memberOf) visit(roleId);
  };
  visit(id);
}

/** Runs ALTER ROLE. */
export function alterRole(
  run: AccessRun,
  { role: spec, options, drops }: Of<"alter_role">,
): void {
  // Options that change nothing of the first user are taken: a password.
  if (
    roleId(run, spec) === OWNER_ID && Object.keys(options.flags).length === 0 &&
    options.members.length === 0
  ) return;
  const before = openRole(run, spec);
  if (options.members.length > 0) {
    if (drops) removeMembers(run, before.id, options.members);
    else addMembers(run, before.id, options.members, false);
    return;
  }
  const after = {
    ...before,
    attributes: attributesOf(before.attributes, options),
    ...options.validUntil !== undefined && { validUntil: options.validUntil },
  };
  replaceEntry(before, after, run.context.transaction);
}

function removeMembers(
  run: AccessRun,
  id: number,
  members: readonly RoleSpec[],
): void {
  for (const member of members) {
    const before = openRole(run, member);
    const memberOf = before.memberOf.filter((each) => each.roleId !== id);
    replaceEntry(before, { ...before, memberOf }, run.context.transaction);
  }
}

/** Runs ALTER ROLE … SET and RESET: kept, and shown in `pg_roles`. */
export function setForRole(
  run: AccessRun,
  { role: spec, name, value }: Of<"alter_role_set">,
): void {
  if (name !== undefined && value !== undefined) {
    run.settings.copy().set(name, [value], false);
  }
  if (spec === undefined || roleId(run, spec) === OWNER_ID) {
    run.context.notice(
      "settings of roles are kept for those that CREATE ROLE makes",
    );
    return;
  }
  const before = openRole(run, spec);
  const others = name === undefined
    ? []
    : before.config.filter((each) => !each.startsWith(`${name}=`));
  const config = value === undefined ? others : [...others, `${name}=${value}`];
  replaceEntry(before, { ...before, config }, run.context.transaction);
}

/** Runs ALTER ROLE … RENAME. */
export function renameRole(
  run: AccessRun,
  { name, newName }: Of<"rename_role">,
): void {
  const before = openRole(run, { kind: "name", name });
  if (name === run.settings.currentUser) {
    throw new SqlError("0A000", "current user cannot be renamed");
  }
  refuseReserved(newName);
  refuseTaken(run, newName);
  const after = { ...before, name: newName };
  replaceEntry(before, after, run.context.transaction);
}

/** Runs DROP ROLE. */
export function dropRoles(
  run: AccessRun,
  { roles, ifExists }: Of<"drop_role">,
): void {
  const { transaction } = run.context;
  for (const spec of roles) {
    const name = nameOfRole(run, spec);
    if (
      ifExists && name !== run.core.user &&
      !rolesOf(transaction.catalog).has(name)
    ) {
      run.context.notice(`role "${name}" does not exist, skipping`);
      continue;
    }
    if (name === run.settings.currentUser || name === run.core.user) {
      throw new SqlError("55006", "current user cannot be dropped");
    }
    const role = openRole(run, spec);
    refuseNeeded(run, role);
    for (const member of rolesOf(transaction.catalog).values()) {
      const memberOf = member.memberOf.filter((each) =>
        each.roleId !== role.id
      );
      if (memberOf.length === member.memberOf.length) continue;
      replaceEntry(member, { ...member, memberOf }, transaction);
    }
    removeEntry(transaction.catalog.byId(role.id)!, transaction);
  }
}

/** @throws {SqlError} `2BP01` while it owns something, or has a privilege. */
function refuseNeeded({ context }: AccessRun, role: RoleEntry): void {
  const objects = objectsOfRole(context.transaction.catalog, role.id);
  if (objects.length === 0) return;
  throw new SqlError(
    "2BP01",
    `role "${role.name}" cannot be dropped because some objects depend on it`,
    {
      detail: objects.map(({ entry, owns }) =>
        `${owns ? "owner of" : "privileges for"} ${
          kindWord(entry)
        } ${entry.name}`
      ).join("\n"),
    },
  );
}

/** Runs GRANT and REVOKE of roles. */
export function grantRoles(
  run: AccessRun,
  { grant, roles, members, admin }: Of<"grant_role">,
): void {
  for (const name of roles) {
    const id = roleId(run, { kind: "name", name });
    if (grant) addMembers(run, id, members, admin);
    else removeMembers(run, id, members);
  }
}
