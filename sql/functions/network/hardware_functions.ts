/**
 * Functions and operators of hardware addresses.
 *
 * @module
 */
import type { DataType } from "../../types/data_type.ts";
import { macaddr, macaddr8 } from "../../types/network/hardware_types.ts";
import { binary, infix, prefix, unary } from "../define.ts";
import type { FunctionDefinition, OperatorDefinition } from "../registry.ts";

function operatorsOf(type: DataType): OperatorDefinition[] {
  const combined = (
    name: string,
    form: (a: number, b: number) => number,
  ): OperatorDefinition =>
    infix(
      binary<Uint8Array, Uint8Array>(
        name,
        [type, type],
        type,
        (a, b) => a.map((byte, i) => form(byte, b[i]!)),
      ),
    );
  return [
    combined("&", (a, b) => a & b),
    combined("|", (a, b) => a | b),
    prefix(
      unary<Uint8Array>("~", type, type, (value) => value.map((byte) => ~byte)),
    ),
  ];
}

/** Operators of `macaddr` and `macaddr8`, comparison aside. */
export const hardwareOperators: readonly OperatorDefinition[] = [
  ...operatorsOf(macaddr),
  ...operatorsOf(macaddr8),
];

/** The manufacturer's part: the first three bytes. */
function truncated(value: Uint8Array): Uint8Array {
  return value.map((byte, i) => i < 3 ? byte : 0);
}

/** Functions of `macaddr` and `macaddr8`. */
export const hardwareFunctions: readonly FunctionDefinition[] = [
  unary<Uint8Array>("trunc", macaddr, macaddr, truncated),
  unary<Uint8Array>("trunc", macaddr8, macaddr8, truncated),
  unary<Uint8Array>(
    "macaddr8_set7bit",
    macaddr8,
    macaddr8,
    (value) => value.map((byte, i) => i === 0 ? byte | 2 : byte),
  ),
];
