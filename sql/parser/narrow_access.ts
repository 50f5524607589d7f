/**
 * Raw nodes of statements about roles and privileges to `access_syntax.ts`.
 *
 * @module
 */
import type {
  AccessSyntax,
  AccessTarget,
  RoleOptions,
  RoleSpec,
} from "./access_syntax.ts";
import { optionValue } from "./narrow_definition.ts";
import { narrowTypeName } from "./narrow_expression.ts";
import { narrowRelation } from "./narrow_from.ts";
import { narrowSet } from "./narrow_utility.ts";
import {
  flagOf,
  listOf,
  nodeOf,
  type RawFields,
  type RawNode,
  type RawReader,
  stringOf,
  textOf,
} from "./raw_node.ts";

/** A `RoleSpec`. */
export function narrowRole(value: unknown): RoleSpec {
  const fields = value as RawFields;
  switch (fields["roletype"]) {
    case "ROLESPEC_CURRENT_USER":
    case "ROLESPEC_CURRENT_ROLE":
      return { kind: "current" };
    case "ROLESPEC_SESSION_USER":
      return { kind: "session" };
    case "ROLESPEC_PUBLIC":
      return { kind: "public" };
    default:
      return { kind: "name", name: textOf(fields["rolename"])! };
  }
}

function rolesOf(value: unknown): RoleSpec[] {
  return listOf(value).map((item) => narrowRole(nodeOf(item).fields));
}

/** The roles in the argument of an option. */
function rolesIn(value: unknown): RoleSpec[] {
  return rolesOf(nodeOf(value).fields["items"]);
}

function optionsOf(value: unknown): RoleOptions {
  const flags: Record<string, boolean> = {};
  const options = {
    connectionLimit: undefined as number | undefined,
    validUntil: undefined as string | undefined,
    inRoles: [] as RoleSpec[],
    members: [] as RoleSpec[],
    admins: [] as RoleSpec[],
  };
  for (const item of listOf(value)) {
    const { fields } = nodeOf(item);
    const arg = fields["arg"];
    switch (fields["defname"]) {
      case "connectionlimit":
        options.connectionLimit = Number(optionValue(arg) ?? "0");
        break;
      case "validUntil":
        options.validUntil = optionValue(arg);
        break;
      case "addroleto":
        options.inRoles.push(...rolesIn(arg));
        break;
      case "rolemembers":
        options.members.push(...rolesIn(arg));
        break;
      case "adminmembers":
        options.admins.push(...rolesIn(arg));
        break;
      default: {
        const node = arg === undefined ? undefined : nodeOf(arg);
        if (node?.type !== "Boolean") break;
        flags[textOf(fields["defname"])!] = flagOf(node.fields["boolval"]);
      }
    }
  }
  return { flags, ...options };
}

/** A statement about roles or privileges; `undefined` for another. */
export function narrowAccess(
  reader: RawReader,
  node: RawNode,
): AccessSyntax | undefined {
  const { fields } = node;
  switch (node.type) {
    case "CreateRoleStmt":
      return {
        kind: "create_role",
        name: textOf(fields["role"])!,
        login: fields["stmt_type"] === "ROLESTMT_USER",
        options: optionsOf(fields["options"]),
      };
    case "AlterRoleStmt":
      return {
        kind: "alter_role",
        role: narrowRole(fields["role"]),
        options: optionsOf(fields["options"]),
        drops: fields["action"] === -1,
      };
    case "AlterRoleSetStmt":
      return narrowRoleSetting(reader, fields);
    case "DropRoleStmt":
      return {
        kind: "drop_role",
        roles: rolesOf(fields["roles"]),
        ifExists: flagOf(fields["missing_ok"]),
      };
    case "GrantRoleStmt":
      return narrowGrantRole(fields);
    case "GrantStmt":
      return narrowGrant(reader, fields);
    case "AlterDefaultPrivilegesStmt":
      return { kind: "default_privileges" };
    case "AlterOwnerStmt":
      return {
        kind: "set_owner",
        target: targetOf(reader, fields["objectType"], fields["object"]),
        owner: narrowRole(fields["newowner"]),
        ifExists: false,
      };
    case "ReassignOwnedStmt":
      return {
        kind: "reassign_owned",
        roles: rolesOf(fields["roles"]),
        owner: narrowRole(fields["newrole"]),
      };
    case "AlterTableStmt":
      return narrowTableOwner(reader, fields);
    case "RenameStmt":
      return fields["renameType"] !== "OBJECT_ROLE" ? undefined : {
        kind: "rename_role",
        name: textOf(fields["subname"])!,
        newName: textOf(fields["newname"])!,
      };
    default:
      return undefined;
  }
}

function narrowRoleSetting(
  reader: RawReader,
  fields: RawFields,
): AccessSyntax {
  const set = narrowSet(reader, {
    type: "VariableSetStmt",
    fields: fields["setstmt"] as RawFields,
  });
  const role = fields["role"] === undefined
    ? undefined
    : narrowRole(fields["role"]);
  return {
    kind: "alter_role_set",
    role,
    name: set.kind === "set" ? set.name : undefined,
    value: set.kind === "set" ? set.values?.join(", ") : undefined,
  };
}

function narrowGrantRole(fields: RawFields): AccessSyntax {
  const options = listOf(fields["opt"]).map((item) => nodeOf(item).fields);
  return {
    kind: "grant_role",
    grant: flagOf(fields["is_grant"]),
    roles: listOf(fields["granted_roles"]).map((item) =>
      textOf(nodeOf(item).fields["priv_name"])!
    ),
    members: rolesOf(fields["grantee_roles"]),
    admin: options.some((option) =>
      option["defname"] === "admin" &&
      (option["arg"] === undefined ||
        flagOf(nodeOf(option["arg"]).fields["boolval"]))
    ),
  };
}

function narrowGrant(reader: RawReader, fields: RawFields): AccessSyntax {
  const privileges = fields["privileges"];
  const inSchema = fields["targtype"] === "ACL_TARGET_ALL_IN_SCHEMA";
  const type = fields["objtype"];
  const objects = listOf(fields["objects"]);
  return {
    kind: "grant",
    grant: flagOf(fields["is_grant"]),
    targets: inSchema
      ? []
      : objects.map((item) => targetOf(reader, type, item)),
    inSchemas: inSchema ? objects.map(stringOf) : [],
    object: objectOf(type),
    privileges: privileges === undefined
      ? undefined
      : listOf(privileges).map((item) =>
        textOf(nodeOf(item).fields["priv_name"]) ?? ""
      ),
    grantees: rolesOf(fields["grantees"]),
    option: flagOf(fields["grant_option"]),
  };
}

const OBJECTS: Readonly<Record<string, AccessTarget["object"]>> = {
  OBJECT_TABLE: "table",
  OBJECT_VIEW: "table",
  OBJECT_MATVIEW: "table",
  OBJECT_INDEX: "table",
  OBJECT_SEQUENCE: "sequence",
  OBJECT_SCHEMA: "schema",
  OBJECT_TYPE: "type",
  OBJECT_DOMAIN: "type",
  OBJECT_FUNCTION: "function",
  OBJECT_PROCEDURE: "function",
  OBJECT_ROUTINE: "function",
  OBJECT_DATABASE: "database",
};

function objectOf(type: unknown): AccessTarget["object"] {
  return OBJECTS[type as string] ?? "other";
}

/** The object that a statement names. */
function targetOf(
  reader: RawReader,
  type: unknown,
  value: unknown,
): AccessTarget {
  const word = (type as string).replace("OBJECT_", "").toLowerCase()
    .replace("matview", "materialized view");
  const object = objectOf(type);
  const { type: nodeType, fields } = nodeOf(value);
  const common = { object, word, types: undefined };
  if (nodeType === "RangeVar") {
    return { ...common, name: narrowRelation(reader, fields) };
  }
  const path = nodeType === "ObjectWithArgs"
    ? listOf(fields["objname"]).map(stringOf)
    : nodeType === "List"
    ? listOf(fields["items"]).map(stringOf)
    : nodeType === "TypeName"
    ? listOf(fields["names"]).map(stringOf)
    : [stringOf(value)];
  const name = { schema: path.at(-2), name: path.at(-1)!, offset: -1 };
  const args = fields["objargs"];
  return nodeType !== "ObjectWithArgs" || flagOf(fields["args_unspecified"])
    ? { ...common, name }
    : {
      object,
      word,
      name,
      types: listOf(args).map((item) =>
        narrowTypeName(reader, nodeOf(item).fields)
      ),
    };
}

/** ALTER TABLE … OWNER TO, alone. */
function narrowTableOwner(
  reader: RawReader,
  fields: RawFields,
): AccessSyntax | undefined {
  const [first, ...others] = listOf(fields["cmds"]);
  if (first === undefined || others.length > 0) return undefined;
  const command = nodeOf(first).fields;
  if (command["subtype"] !== "AT_ChangeOwner") return undefined;
  const type = fields["objtype"];
  return {
    kind: "set_owner",
    target: targetOf(reader, type, { RangeVar: fields["relation"] }),
    owner: narrowRole(command["newowner"]),
    ifExists: flagOf(fields["missing_ok"]),
  };
}
