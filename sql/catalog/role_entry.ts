/**
 * Roles, and who was granted what: kept and shown, so that dumps and migrations
 * run; nothing is refused to anybody for want of a privilege.
 *
 * The user whom the database was opened with has no row: he is
 * {@linkcode OWNER_ID}, under the name he was opened with.
 *
 * @module
 */
import type { AclItem, EntryCommon } from "./entry_common.ts";
import {
  booleanAt,
  type Fields,
  idAt,
  isInteger,
  listAt,
  optional,
  textAt,
} from "./stored_fields.ts";

/** The OID of the user who owns what has no other owner. */
export const OWNER_ID = 10;

/** The OID that stands for PUBLIC in grants. */
export const PUBLIC_ID = 0;

/** What a role may have in its definition. */
export interface RoleAttributes {
  readonly superuser: boolean;
  readonly inherit: boolean;
  readonly createRole: boolean;
  readonly createDb: boolean;
  readonly canLogin: boolean;
  readonly replication: boolean;
  readonly bypassRls: boolean;
  readonly connectionLimit: number;
}

/** That a role is a member of another. */
export interface Membership {
  readonly roleId: number;
  readonly grantorId: number;
  readonly admin: boolean;
}

/** A role. */
export interface RoleEntry extends EntryCommon {
  /** Tells it from others. */
  readonly kind: "role";
  /** Where roles are: in no schema that can be named. */
  readonly schema: "";
  readonly attributes: RoleAttributes;
  /** VALID UNTIL, as it was written. */
  readonly validUntil?: string | undefined;
  readonly memberOf: readonly Membership[];
  /** ALTER ROLE … SET: `name=value`. */
  readonly config: readonly string[];
}

const FLAGS = [
  "superuser",
  "inherit",
  "createRole",
  "createDb",
  "canLogin",
  "replication",
  "bypassRls",
] as const;

/** Reads the fields of a role's row. */
export function decodeRole(
  fields: Fields,
): Omit<RoleEntry, keyof EntryCommon> {
  const attributes = fields["attributes"] as Fields;
  const flags = Object.fromEntries(
    FLAGS.map((name) => [name, booleanAt(attributes, name)]),
  ) as Omit<RoleAttributes, "connectionLimit">;
  const limit = attributes["connectionLimit"];
  const config = fields["config"];
  return {
    kind: "role",
    schema: "",
    attributes: { ...flags, connectionLimit: isInteger(limit) ? limit : -1 },
    ...optional(
      "validUntil",
      fields["validUntil"],
      () => textAt(fields, "validUntil"),
    ),
    memberOf: listAt(fields, "memberOf").map((each) => ({
      roleId: idAt(each, "roleId"),
      grantorId: idAt(each, "grantorId"),
      admin: booleanAt(each, "admin"),
    })),
    config: Array.isArray(config) ? config.map(String) : [],
  };
}

/** Reads the owner and the grants of an object's row. */
export function decodeAccess(
  fields: Fields,
): Pick<EntryCommon, "ownerId" | "acl"> {
  return {
    ...optional("ownerId", fields["ownerId"], () => idAt(fields, "ownerId")),
    ...optional(
      "acl",
      fields["acl"],
      () =>
        listAt(fields, "acl").map((item): AclItem => ({
          granteeId: idAt(item, "granteeId"),
          grantorId: idAt(item, "grantorId"),
          privileges: textAt(item, "privileges"),
          grantable: textAt(item, "grantable"),
        })),
    ),
  };
}
