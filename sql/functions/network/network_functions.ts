/**
 * Functions and operators of network addresses: `<<`, `&&`, `host`,
 * `set_masklen` and their kin. They take `inet`; a `cidr` is one.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { bool } from "../../types/bool_type.ts";
import type { DataType, SqlValue } from "../../types/data_type.ts";
import { int4, int8 } from "../../types/int_types.ts";
import { INT8_MAX, INT8_MIN, normalizeInt8 } from "../../types/int8_value.ts";
import { addressText, shortNetwork } from "../../types/network/address_text.ts";
import {
  cidr,
  inet,
  inetText,
  networkOfAddress,
} from "../../types/network/network_types.ts";
import {
  addressOf,
  byteMask,
  comparePrefixes,
  maskBits,
  masked,
  networkOf,
  widthOf,
} from "../../types/network/network_value.ts";
import { text } from "../../types/text_types.ts";
import { binary, infix, prefix, unary } from "../define.ts";
import type { FunctionDefinition, OperatorDefinition } from "../registry.ts";

type Network = Uint8Array;

/** Whether the networks agree where both have bits. */
function agree(a: Network, b: Network): boolean {
  return a.length === b.length &&
    comparePrefixes(a, b, Math.min(maskBits(a), maskBits(b))) === 0;
}

function within(a: Network, b: Network, orEqual: boolean): boolean {
  if (!agree(a, b)) return false;
  return orEqual ? maskBits(a) >= maskBits(b) : maskBits(a) > maskBits(b);
}

function relation(
  name: string,
  form: (a: Network, b: Network) => boolean,
  commutator: string,
): OperatorDefinition {
  return infix(binary<Network, Network>(name, [inet, inet], bool, form), {
    commutator,
  });
}

function sameWidth(a: Network, b: Network, verb: string): void {
  if (a.length === b.length) return;
  throw new SqlError(
    "22023",
    `cannot ${verb} inet values of different sizes`,
  );
}

function bitwise(
  name: string,
  verb: string,
  form: (a: number, b: number) => number,
): OperatorDefinition {
  return infix(
    binary<Network, Network>(name, [inet, inet], inet, (a, b) => {
      sameWidth(a, b, verb);
      const other = addressOf(b);
      return networkOf(
        addressOf(a).map((byte, i) => form(byte, other[i]!)),
        Math.max(maskBits(a), maskBits(b)),
      );
    }),
  );
}

function numberOf(address: readonly number[]): bigint {
  return address.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

function outOfRange(): SqlError {
  return new SqlError("22003", "result is out of range");
}

/** The address `offset` further. */
function moved(value: Network, offset: bigint): Network {
  const sum = numberOf(addressOf(value)) + offset;
  if (sum < 0n || sum >> BigInt(widthOf(value)) !== 0n) throw outOfRange();
  let left = sum;
  const address = addressOf(value).map(() => 0);
  for (let i = address.length - 1; i >= 0; i--) {
    address[i] = Number(left & 255n);
    left >>= 8n;
  }
  return networkOf(address, maskBits(value));
}

function distance(a: Network, b: Network): SqlValue {
  sameWidth(a, b, "subtract");
  const difference = numberOf(addressOf(a)) - numberOf(addressOf(b));
  if (difference < INT8_MIN || difference > INT8_MAX) throw outOfRange();
  return normalizeInt8(difference);
}

/** Operators of `inet`, comparison aside. */
export const networkOperators: readonly OperatorDefinition[] = [
  relation("<<", (a, b) => within(a, b, false), ">>"),
  relation("<<=", (a, b) => within(a, b, true), ">>="),
  relation(">>", (a, b) => within(b, a, false), "<<"),
  relation(">>=", (a, b) => within(b, a, true), "<<="),
  relation("&&", agree, "&&"),
  bitwise("&", "AND", (a, b) => a & b),
  bitwise("|", "OR", (a, b) => a | b),
  prefix(
    unary<Network>("~", inet, inet, (value) =>
      networkOf(
        addressOf(value).map((byte) => ~byte & 255),
        maskBits(value),
      )),
  ),
  infix(
    binary<Network, number | bigint>(
      "+",
      [inet, int8],
      inet,
      (value, offset) => moved(value, BigInt(offset)),
    ),
    { commutator: "+" },
  ),
  infix(
    binary<number | bigint, Network>(
      "+",
      [int8, inet],
      inet,
      (offset, value) => moved(value, BigInt(offset)),
    ),
    { commutator: "+" },
  ),
  infix(
    binary<Network, number | bigint>(
      "-",
      [inet, int8],
      inet,
      (value, offset) => moved(value, -BigInt(offset)),
    ),
  ),
  infix(binary<Network, Network>("-", [inet, inet], int8, distance)),
];

function setMask(value: Network, bits: number): Network {
  const width = widthOf(value);
  if (bits < -1 || bits > width) {
    throw new SqlError("22023", `invalid mask length: ${bits}`);
  }
  return networkOf(addressOf(value), bits === -1 ? width : bits);
}

/** The smallest network that has both addresses in it. */
function merge(a: Network, b: Network): Network {
  if (a.length !== b.length) {
    throw new SqlError(
      "22023",
      "cannot merge addresses from different families",
    );
  }
  let bits = Math.min(maskBits(a), maskBits(b));
  while (comparePrefixes(a, b, bits) !== 0) bits--;
  return networkOf(masked(addressOf(a), bits), bits);
}

/** The address with other bits where its mask does not reach. */
function withHost(value: Network, host: 0 | 255, network?: 0 | 255): Network {
  const bits = maskBits(value);
  const address = addressOf(value).map((byte, i) => {
    const mask = byteMask(bits, i);
    return (network ?? byte) & mask | host & ~mask;
  });
  return networkOf(address, network === undefined ? bits : widthOf(value));
}

function ofType(
  name: string,
  type: DataType,
  returnType: DataType,
  form: (value: Network) => SqlValue,
): FunctionDefinition {
  return unary<Network>(name, type, returnType, form);
}

/** Functions of `inet` and `cidr`. */
export const networkFunctions: readonly FunctionDefinition[] = [
  ofType("abbrev", inet, text, inetText),
  ofType(
    "abbrev",
    cidr,
    text,
    (value) =>
      shortNetwork({ address: addressOf(value), bits: maskBits(value) }),
  ),
  ofType("broadcast", inet, inet, (value) => withHost(value, 255)),
  ofType("family", inet, int4, (value) => value.length === 5 ? 4 : 6),
  ofType("host", inet, text, (value) => addressText(addressOf(value))),
  ofType("hostmask", inet, inet, (value) => withHost(value, 255, 0)),
  ofType("masklen", inet, int4, maskBits),
  ofType("netmask", inet, inet, (value) => withHost(value, 0, 255)),
  ofType("network", inet, cidr, networkOfAddress),
  binary<Network, number>("set_masklen", [inet, int4], inet, setMask),
  binary<Network, number>(
    "set_masklen",
    [cidr, int4],
    cidr,
    (value, bits) => networkOfAddress(setMask(value, bits)),
  ),
  binary<Network, Network>(
    "inet_same_family",
    [inet, inet],
    bool,
    (a, b) => a.length === b.length,
  ),
  binary<Network, Network>("inet_merge", [inet, inet], cidr, merge),
];
