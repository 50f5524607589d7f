/**
 * Statements about roles and privileges.
 *
 * @module
 */
import { unreachable } from "../../../base/invariant.ts";
import type { AccessSyntax } from "../../parser/access_syntax.ts";
import { type QueryResult, tagOnly } from "../result.ts";
import { grantPrivileges, reassignOwned, setOwner } from "./run_grants.ts";
import type { AccessRun } from "./role_names.ts";
import {
  alterRole,
  createRole,
  dropRoles,
  grantRoles,
  renameRole,
  setForRole,
} from "./run_roles.ts";

/** The command tag of a statement. */
export function accessTag(syntax: AccessSyntax): string {
  switch (syntax.kind) {
    case "create_role":
      return "CREATE ROLE";
    case "alter_role":
    case "alter_role_set":
    case "rename_role":
      return "ALTER ROLE";
    case "drop_role":
      return "DROP ROLE";
    case "grant_role":
      return syntax.grant ? "GRANT ROLE" : "REVOKE ROLE";
    case "grant":
      return syntax.grant ? "GRANT" : "REVOKE";
    case "default_privileges":
      return "ALTER DEFAULT PRIVILEGES";
    case "set_owner":
      return `ALTER ${syntax.target.word.toUpperCase()}`;
    case "reassign_owned":
      return "REASSIGN OWNED";
    default:
      return unreachable(syntax);
  }
}

/** Runs a statement. @throws {SqlError} */
export function runAccess(
  run: AccessRun,
  syntax: AccessSyntax,
): QueryResult<unknown> {
  change(run, syntax);
  return tagOnly(accessTag(syntax));
}

function change(run: AccessRun, syntax: AccessSyntax): void {
  switch (syntax.kind) {
    case "create_role":
      return createRole(run, syntax);
    case "alter_role":
      return alterRole(run, syntax);
    case "alter_role_set":
      return setForRole(run, syntax);
    case "rename_role":
      return renameRole(run, syntax);
    case "drop_role":
      return dropRoles(run, syntax);
    case "grant_role":
      return grantRoles(run, syntax);
    case "grant":
      return grantPrivileges(run, syntax);
    case "default_privileges":
      return run.context.notice("default privileges are not kept");
    case "set_owner":
      return setOwner(run, syntax);
    case "reassign_owned":
      return reassignOwned(run, syntax);
    default:
      return unreachable(syntax);
  }
}
