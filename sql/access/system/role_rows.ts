/**
 * The rows of roles: `pg_authid`, `pg_auth_members`.
 *
 * @module
 */
import { OWNER_ID, type RoleAttributes } from "../../catalog/role_entry.ts";
import { rolesOf } from "../../catalog/roles.ts";
import { timestamptz } from "../../types/temporal_types.ts";
import type { SystemRow, SystemSource } from "./system_rows.ts";

/** The user that a database is opened with. */
const ALL: RoleAttributes = {
  superuser: true,
  inherit: true,
  createRole: true,
  createDb: true,
  canLogin: true,
  replication: true,
  bypassRls: true,
  connectionLimit: -1,
};

function roleRow(
  oid: number,
  rolname: string,
  attributes: RoleAttributes,
): SystemRow {
  return {
    oid,
    rolname,
    rolsuper: attributes.superuser,
    rolinherit: attributes.inherit,
    rolcreaterole: attributes.createRole,
    rolcreatedb: attributes.createDb,
    rolcanlogin: attributes.canLogin,
    rolreplication: attributes.replication,
    rolbypassrls: attributes.bypassRls,
    rolconnlimit: attributes.connectionLimit,
  };
}

/** `pg_authid`. */
export function* roleRows(
  { catalog, user }: SystemSource,
): Iterable<SystemRow> {
  yield roleRow(OWNER_ID, user, ALL);
  for (const role of rolesOf(catalog).values()) {
    const { id, name, attributes, validUntil } = role;
    yield {
      ...roleRow(id, name, attributes),
      ...validUntil !== undefined && {
        rolvaliduntil: timestamptz.input(validUntil, -1),
      },
    };
  }
}

/** `pg_auth_members`. */
export function* membershipRows(
  { catalog }: SystemSource,
): Iterable<SystemRow> {
  for (const { id, memberOf, attributes } of rolesOf(catalog).values()) {
    for (const { roleId, grantorId, admin } of memberOf) {
      yield {
        oid: (0x6000_0000 + roleId * 1601 + id) >>> 0,
        roleid: roleId,
        member: id,
        grantor: grantorId,
        admin_option: admin,
        inherit_option: attributes.inherit,
        set_option: true,
      };
    }
  }
}
