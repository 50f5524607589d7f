/**
 * Privileges as `pg_class.relacl` and its kin show them: a letter each.
 *
 * An object without grants has none of its own written down: its owner has all,
 * and PUBLIC what PostgreSQL gives everybody. The first GRANT or REVOKE writes
 * that down.
 *
 * @module
 */
import type { AclItem } from "./entry_common.ts";
import type { CatalogEntry, CatalogView } from "./entries.ts";
import { OWNER_ID, PUBLIC_ID } from "./role_entry.ts";
import { roleNameOf } from "./roles.ts";
import { quoteIdentifier } from "../parser/quote.ts";

/** The letters of privileges, in the order in which they are shown. */
const LETTERS: ReadonlyMap<string, string> = new Map([
  ["insert", "a"],
  ["select", "r"],
  ["update", "w"],
  ["delete", "d"],
  ["truncate", "D"],
  ["references", "x"],
  ["trigger", "t"],
  ["execute", "X"],
  ["usage", "U"],
  ["create", "C"],
  ["connect", "c"],
  ["temporary", "T"],
  ["temp", "T"],
  ["maintain", "m"],
]);

const ORDER = "arwdDxtXUCcTm";

/** What there is to grant on a kind of object, and what everybody has. */
export interface ObjectPrivileges {
  /** The letters. */
  readonly all: string;
  /** Those that PUBLIC has from the start. */
  readonly everybody: string;
}

/** The privileges of a kind of object. */
export const OBJECT_PRIVILEGES: Readonly<Record<string, ObjectPrivileges>> = {
  table: { all: "arwdDxtm", everybody: "" },
  sequence: { all: "rwU", everybody: "" },
  schema: { all: "UC", everybody: "" },
  type: { all: "U", everybody: "U" },
  function: { all: "X", everybody: "X" },
};

/** The letter of a privilege. */
export function privilegeLetter(word: string): string | undefined {
  return LETTERS.get(word);
}

/** The grants of an object, written down or not. */
export function grantsOf(
  { acl, ownerId = OWNER_ID, kind, name }: CatalogEntry,
  { all, everybody }: ObjectPrivileges,
): readonly AclItem[] {
  if (acl !== undefined) return acl;
  const own = {
    granteeId: ownerId,
    grantorId: ownerId,
    privileges: all,
    grantable: "",
  };
  const open = { ...own, granteeId: PUBLIC_ID };
  if (kind === "schema" && name === "public") {
    return [own, { ...open, privileges: "U" }];
  }
  return everybody === "" ? [own] : [{ ...open, privileges: everybody }, own];
}

/** A change of the privileges of one role. */
export interface PrivilegeChange {
  readonly granteeId: number;
  readonly grantorId: number;
  readonly privileges: string;
  /** GRANT, or REVOKE. */
  readonly grant: boolean;
  /** WITH GRANT OPTION, GRANT OPTION FOR. */
  readonly option: boolean;
}

/** The grants after a change. */
export function changeGrants(
  items: readonly AclItem[],
  { granteeId, grantorId, privileges, grant, option }: PrivilegeChange,
): AclItem[] {
  const isOne = (item: AclItem): boolean =>
    item.granteeId === granteeId && item.grantorId === grantorId;
  const before = items.find(isOne) ??
    { granteeId, grantorId, privileges: "", grantable: "" };
  const after: AclItem = grant
    ? {
      ...before,
      privileges: ordered(before.privileges + privileges),
      grantable: ordered(before.grantable + (option ? privileges : "")),
    }
    : {
      ...before,
      privileges: option
        ? before.privileges
        : without(before.privileges, privileges),
      grantable: without(before.grantable, privileges),
    };
  const others = items.map((item) => isOne(item) ? after : item);
  const all = items.some(isOne) ? others : [...others, after];
  return all.filter((item) => item.privileges !== "");
}

function ordered(letters: string): string {
  return [...ORDER].filter((letter) => letters.includes(letter)).join("");
}

function without(letters: string, gone: string): string {
  return [...letters].filter((letter) => !gone.includes(letter)).join("");
}

/** The text of an array of grants; `null` where none is written down. */
export function aclText(
  catalog: CatalogView,
  user: string,
  { acl }: Pick<CatalogEntry, "acl">,
): string | null {
  if (acl === undefined) return null;
  const nameOf = (id: number): string =>
    quoteIdentifier(roleNameOf(catalog, user, id) ?? String(id));
  const items = acl.map(({ granteeId, grantorId, privileges, grantable }) => {
    const letters = [...privileges].map((letter) =>
      grantable.includes(letter) ? `${letter}*` : letter
    ).join("");
    const grantee = granteeId === PUBLIC_ID ? "" : nameOf(granteeId);
    return `"${
      `${grantee}=${letters}/${nameOf(grantorId)}`.replaceAll(
        /["\\]/g,
        "\\$&",
      )
    }"`;
  });
  return `{${items.join(",")}}`;
}
