/**
 * Types in what the catalog stores: an OID and a modifier.
 *
 * @module
 */
import type { TypeRef } from "../types/data_type.ts";
import type { TypeRegistry } from "../types/type_registry.ts";
import { corrupt, isInteger } from "./stored_fields.ts";

/** A type as it is stored. */
export function typeFields({ type, typmod }: TypeRef): unknown {
  return [type.oid, typmod];
}

/**
 * Reads a type.
 *
 * @throws {KriyaError} `corrupt`.
 */
export function decodeType(stored: unknown, types: TypeRegistry): TypeRef {
  if (!Array.isArray(stored)) throw corrupt("a column has no type");
  const [oid, typmod] = stored;
  const type = types.byOid(oid);
  if (type === undefined) throw corrupt(`type ${oid} is not known`);
  if (!isInteger(typmod)) throw corrupt("a modifier is no number");
  return { type, typmod };
}
