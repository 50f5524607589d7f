/**
 * The roles of a catalog, by name and by OID, and what is theirs.
 *
 * @module
 */
import type { CatalogEntry, CatalogView, RoleEntry } from "./entries.ts";
import { OWNER_ID } from "./role_entry.ts";

const known = new WeakMap<CatalogView, ReadonlyMap<string, RoleEntry>>();

/** The roles of a catalog, by name; the owner is not among them. */
export function rolesOf(catalog: CatalogView): ReadonlyMap<string, RoleEntry> {
  let roles = known.get(catalog);
  if (roles === undefined) {
    const all = [...catalog.entries()].filter((entry) => entry.kind === "role");
    roles = new Map(all.map((role) => [role.name, role]));
    known.set(catalog, roles);
  }
  return roles;
}

/** The OID of a role. */
export function roleIdOf(
  catalog: CatalogView,
  user: string,
  name: string,
): number | undefined {
  return name === user ? OWNER_ID : rolesOf(catalog).get(name)?.id;
}

/** The name of a role. */
export function roleNameOf(
  catalog: CatalogView,
  user: string,
  id: number,
): string | undefined {
  if (id === OWNER_ID) return user;
  const entry = catalog.byId(id);
  return entry?.kind === "role" ? entry.name : undefined;
}

/** The objects that a role owns, or has privileges for. */
export function objectsOfRole(
  catalog: CatalogView,
  id: number,
): { readonly entry: CatalogEntry; readonly owns: boolean }[] {
  const found: { entry: CatalogEntry; owns: boolean }[] = [];
  for (const entry of catalog.entries()) {
    if (entry.ownerId === id) found.push({ entry, owns: true });
    else if (
      entry.acl?.some((item) => item.granteeId === id || item.grantorId === id)
    ) found.push({ entry, owns: false });
  }
  return found;
}
