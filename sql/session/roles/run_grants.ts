/**
 * GRANT and REVOKE of privileges, ALTER … OWNER TO, REASSIGN OWNED.
 *
 * They are kept with the object, for `pg_class.relacl` and its kin to show.
 *
 * @module
 */
import type { AclItem } from "../../catalog/entry_common.ts";
import { type CatalogEntry, isTypeEntry } from "../../catalog/entries.ts";
import {
  changeGrants,
  grantsOf,
  OBJECT_PRIVILEGES,
  privilegeLetter,
} from "../../catalog/privileges.ts";
import { OWNER_ID } from "../../catalog/role_entry.ts";
import { objectsOfRole } from "../../catalog/roles.ts";
import { inputsOf } from "../../catalog/routine_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { replaceEntry } from "../../executor/catalog_change.ts";
import type { AccessSyntax, AccessTarget } from "../../parser/access_syntax.ts";
import { type AccessRun, roleId } from "./role_names.ts";

type Of<K extends AccessSyntax["kind"]> = Extract<AccessSyntax, { kind: K }>;

/**
 * The objects that a target names; none where there are none that can be
 * changed: built-in types and functions, the database.
 *
 * @throws {SqlError} when there is no such object.
 */
function entriesOf(
  run: AccessRun,
  { object, word, name: { schema, name }, types }: AccessTarget,
): readonly CatalogEntry[] {
  const { named, transaction } = run.context;
  const shown = schema === undefined ? name : `${schema}.${name}`;
  switch (object) {
    case "table":
    case "sequence": {
      const entry = named.relation(schema, name);
      if (entry === undefined) {
        throw new SqlError("42P01", `relation "${shown}" does not exist`);
      }
      return transaction.catalog.byId(entry.id) === undefined ? [] : [entry];
    }
    case "schema": {
      const entry = named.schema(name);
      if (entry === undefined) {
        throw new SqlError("3F000", `schema "${name}" does not exist`);
      }
      return transaction.catalog.byId(entry.id) === undefined ? [] : [entry];
    }
    case "type": {
      const entry = named.type(schema, name);
      if (entry !== undefined) return [entry];
      if (run.core.types.byName(name, schema) !== undefined) return [];
      throw new SqlError("42704", `type "${shown}" does not exist`);
    }
    case "function": {
      const routines = named.routines(schema, name).filter((routine) =>
        types === undefined || inputsOf(routine).length === types.length
      );
      if (routines.length > 0) return routines;
      if (run.core.functions.isFunction(name)) return [];
      throw new SqlError("42883", `function ${shown}() does not exist`);
    }
    case "database":
      if (name === "postgres") return [];
      throw new SqlError("3D000", `database "${name}" does not exist`);
    case "other":
      throw new SqlError("0A000", `privileges of a ${word} are not supported`);
  }
}

/** What privileges an object has: those of its kind. */
function kindOf(entry: CatalogEntry): string {
  if (isTypeEntry(entry)) return "type";
  switch (entry.kind) {
    case "sequence":
    case "schema":
      return entry.kind;
    case "routine":
      return "function";
    default:
      return "table";
  }
}

/** The letters of privileges. @throws {SqlError} `42601`, `0LP01`. */
function lettersOf(
  words: readonly string[] | undefined,
  kind: string,
): string {
  const { all } = OBJECT_PRIVILEGES[kind]!;
  if (words === undefined) return all;
  return words.map((word) => {
    const letter = privilegeLetter(word);
    if (letter === undefined) {
      throw new SqlError("42601", `unrecognized privilege type "${word}"`);
    }
    if (all.includes(letter)) return letter;
    throw new SqlError(
      "0LP01",
      `invalid privilege type ${word.toUpperCase()} for ${kind}`,
    );
  }).join("");
}

/** Runs GRANT and REVOKE. */
export function grantPrivileges(run: AccessRun, syntax: Of<"grant">): void {
  const { grant, privileges, grantees, option } = syntax;
  const entries = syntax.inSchemas.length > 0
    ? inSchemas(run, syntax)
    : syntax.targets.flatMap((target) => entriesOf(run, target));
  const { transaction } = run.context;
  for (const { id } of entries) {
    const entry = transaction.catalog.byId(id)!;
    const kind = kindOf(entry);
    const letters = lettersOf(privileges, kind);
    let acl: readonly AclItem[] = grantsOf(entry, OBJECT_PRIVILEGES[kind]!);
    for (const grantee of grantees) {
      acl = changeGrants(acl, {
        granteeId: roleId(run, grantee),
        grantorId: entry.ownerId ?? OWNER_ID,
        privileges: letters,
        grant,
        option,
      });
    }
    replaceEntry(entry, { ...entry, acl }, transaction);
  }
  if (entries.length === 0) { for (const each of grantees) roleId(run, each); }
}

/** All objects of a kind in schemas. */
function inSchemas(
  { context }: AccessRun,
  { inSchemas: names, object }: Of<"grant">,
): CatalogEntry[] {
  const { catalog } = context.transaction;
  for (const name of names) {
    if (catalog.hasSchema(name)) continue;
    throw new SqlError("3F000", `schema "${name}" does not exist`);
  }
  return [...catalog.entries()].filter((entry) =>
    entry.kind !== "schema" && entry.kind !== "index" &&
    names.includes(entry.schema) && kindOf(entry) === object
  );
}

/** Runs ALTER … OWNER TO. */
export function setOwner(
  run: AccessRun,
  { target, owner, ifExists }: Of<"set_owner">,
): void {
  const { schema, name } = target.name;
  if (
    ifExists && run.context.named.relation(schema, name) === undefined
  ) {
    run.context.notice(`relation "${name}" does not exist, skipping`);
    return;
  }
  const entries = entriesOf(run, target);
  const id = roleId(run, owner);
  for (const entry of entries) changeOwner(run, entry.id, id);
}

function changeOwner(run: AccessRun, id: number, ownerId: number): void {
  const { transaction } = run.context;
  const { catalog } = transaction;
  const entry = catalog.byId(id)!;
  const before = entry.ownerId ?? OWNER_ID;
  if (before === ownerId) return;
  const acl = entry.acl?.map((item) => ({
    ...item,
    granteeId: item.granteeId === before ? ownerId : item.granteeId,
    grantorId: item.grantorId === before ? ownerId : item.grantorId,
  }));
  replaceEntry(
    entry,
    { ...entry, ownerId, ...acl !== undefined && { acl } },
    transaction,
  );
  if (entry.kind !== "table") return;
  for (const index of catalog.indexesOf(id)) {
    changeOwner(run, index.id, ownerId);
  }
  for (const sequence of catalog.sequencesOf(id)) {
    changeOwner(run, sequence.id, ownerId);
  }
}

/** Runs REASSIGN OWNED. */
export function reassignOwned(
  run: AccessRun,
  { roles, owner }: Of<"reassign_owned">,
): void {
  const to = roleId(run, owner);
  for (const role of roles) {
    const from = roleId(run, role);
    const { catalog } = run.context.transaction;
    for (const { entry, owns } of objectsOfRole(catalog, from)) {
      if (owns) changeOwner(run, entry.id, to);
    }
  }
}
