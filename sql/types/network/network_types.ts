/**
 * `inet`, an address with the mask of its network, and `cidr`, a network.
 *
 * In JavaScript both are their text.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { CastDefinition } from "../cast_definition.ts";
import type { DataType, SqlValue } from "../data_type.ts";
import { textOfJs } from "../js_value.ts";
import { bpchar, text, varchar } from "../text_types.ts";
import { invalidSyntax } from "../type_error.ts";
import {
  addressText,
  readIpv4,
  readIpv4Network,
  readIpv6,
} from "./address_text.ts";
import {
  addressOf,
  compareNetworks,
  maskBits,
  masked,
  networkOf,
  widthOf,
} from "./network_value.ts";

function readInet(given: string): Uint8Array {
  const read = given.includes(":") ? readIpv6(given) : readIpv4(given);
  if (read === undefined) throw invalidSyntax("inet", given);
  return networkOf(read.address, read.bits);
}

/** `22P02`: a network with an address in it. */
export function checkNetwork(value: Uint8Array, given: string): Uint8Array {
  const address = addressOf(value);
  const network = masked(address, maskBits(value));
  if (address.every((byte, i) => byte === network[i])) return value;
  throw new SqlError("22P02", `invalid cidr value: "${given}"`, {
    detail: "Value has bits set to right of mask.",
  });
}

function readCidr(given: string): Uint8Array {
  const read = given.includes(":") ? readIpv6(given) : readIpv4Network(given);
  if (read === undefined) throw invalidSyntax("cidr", given);
  return checkNetwork(networkOf(read.address, read.bits), given);
}

/** Address and mask, whatever the mask is. */
export function networkText(value: Uint8Array): string {
  return `${addressText(addressOf(value))}/${maskBits(value)}`;
}

/** As `inet` is written: a mask of all bits is not said. */
export function inetText(value: Uint8Array): string {
  return maskBits(value) === widthOf(value)
    ? addressText(addressOf(value))
    : networkText(value);
}

/** The network that an address is in. */
export function networkOfAddress(value: Uint8Array): Uint8Array {
  const bits = maskBits(value);
  return networkOf(masked(addressOf(value), bits), bits);
}

function networkType(
  oid: number,
  name: string,
  preferred: boolean,
  read: (text: string) => Uint8Array,
  write: (value: Uint8Array) => string,
): DataType {
  return {
    oid,
    name,
    displayName: name,
    category: "I",
    preferred,
    length: -1,
    storage: "reference",
    input: read,
    output: (value) => write(value as Uint8Array),
    compare: compareNetworks as (a: SqlValue, b: SqlValue) => number,
    hashKey: (value) => networkText(value as Uint8Array),
    fromJs: (value) => read(textOfJs(value)),
    toJs: (value) => write(value as Uint8Array),
  };
}

/** `inet`. */
export const inet: DataType = networkType(
  869,
  "inet",
  true,
  readInet,
  inetText,
);

/** `cidr`. */
export const cidr: DataType = networkType(
  650,
  "cidr",
  false,
  readCidr,
  networkText,
);

/** Casts from `inet` and `cidr`; as text both have their mask. */
export const networkCasts: readonly CastDefinition[] = [
  { source: cidr, target: inet, context: "implicit" },
  {
    source: inet,
    target: cidr,
    context: "assignment",
    convert: (value) => networkOfAddress(value as Uint8Array),
  },
  ...[inet, cidr].flatMap((source) =>
    [text, varchar, bpchar].map((target): CastDefinition => ({
      source,
      target,
      context: "assignment",
      convert: (value) => networkText(value as Uint8Array),
    }))
  ),
];
