/**
 * Types in what the catalog stores: an OID, a modifier, and the name of a
 * collation where there is one.
 *
 * @module
 */
import { collationNamed } from "../types/collation.ts";
import type { TypeRef } from "../types/data_type.ts";
import type { TypeRegistry } from "../types/type_registry.ts";
import { corrupt, isInteger } from "./stored_fields.ts";

/** A type as it is stored. */
export function typeFields({ type, typmod, collation }: TypeRef): unknown {
  const stored = [type.oid, typmod];
  return collation === undefined ? stored : [...stored, collation.name];
}

/**
 * Reads a type.
 *
 * @throws {KriyaError} `corrupt`.
 */
export function decodeType(stored: unknown, types: TypeRegistry): TypeRef {
  if (!Array.isArray(stored)) throw corrupt("a column has no type");
  const [oid, typmod, name] = stored;
  const type = types.byOid(oid);
  if (type === undefined) throw corrupt(`type ${oid} is not known`);
  if (!isInteger(typmod)) throw corrupt("a modifier is no number");
  if (name === undefined) return { type, typmod };
  const collation = collationNamed(name);
  if (collation === undefined) throw corrupt(`collation ${name} is not known`);
  return { type, typmod, collation };
}
