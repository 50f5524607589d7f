/**
 * Arbitrary network addresses, amounts, and places, for property tests.
 *
 * @module
 */
import { fc } from "fast-check";
import type { DataType, SqlValue } from "../../sql/types/data_type.ts";
import { normalizeInt8 } from "../../sql/types/int8_value.ts";
import { money } from "../../sql/types/money_type.ts";
import { macaddr, macaddr8 } from "../../sql/types/network/hardware_types.ts";
import {
  cidr,
  inet,
  networkOfAddress,
} from "../../sql/types/network/network_types.ts";
import { networkOf } from "../../sql/types/network/network_value.ts";
import { charType } from "../../sql/types/char_type.ts";
import {
  pgSnapshot,
  snapshotOf,
  txidSnapshot,
} from "../../sql/types/snapshot_types.ts";
import { cid, pgLsn, tid, xid, xid8 } from "../../sql/types/place_types.ts";

/** Addresses that often share their first bytes. */
function addresses(length: 4 | 16): fc.Arbitrary<SqlValue> {
  const byte = fc.oneof(
    fc.constantFrom(0, 0, 0, 1, 10, 127, 128, 192, 255),
    fc.nat({ max: 255 }),
  );
  const bits = fc.oneof(
    fc.constant(length * 8),
    fc.nat({ max: length * 8 }),
  );
  return fc.tuple(
    fc.array(byte, { minLength: length, maxLength: length }),
    bits,
  ).map(([address, mask]) => networkOf(address, mask));
}

const networks = fc.oneof(addresses(4), addresses(16));

function bytes(length: number): fc.Arbitrary<SqlValue> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

const unsigned = fc.oneof(
  fc.bigInt(0n, 2n ** 64n - 1n),
  fc.bigInt(0n, 20n),
  fc.constantFrom(2n ** 63n - 1n, 2n ** 63n, 2n ** 53n),
).map(normalizeInt8);

const amounts = fc.oneof(
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  fc.bigInt(-100_000n, 100_000n),
).map(normalizeInt8);

const letters = fc.constantFrom("", "a", "b", "Z", "~", "\\200", "\\377");

/** Snapshots of small numbers. */
const snapshots = fc.tuple(
  fc.integer({ min: 1, max: 9 }),
  fc.nat({ max: 9 }),
  fc.array(fc.boolean(), { maxLength: 9 }),
).map(([xmin, count, running]) =>
  snapshotOf({
    xmin: BigInt(xmin),
    xmax: BigInt(xmin + count),
    running: running.flatMap((runs, i) =>
      runs && i < count ? [BigInt(xmin + i)] : []
    ),
  })
);

/** Arbitrary values by type. */
export const placeArbitraries: readonly (readonly [
  DataType,
  fc.Arbitrary<SqlValue>,
])[] = [
  [inet, networks],
  [cidr, networks.map((value) => networkOfAddress(value as Uint8Array))],
  [macaddr, bytes(6)],
  [macaddr8, bytes(8)],
  [money, amounts],
  [xid, fc.nat({ max: 0xffff_ffff })],
  [cid, fc.nat({ max: 0xffff_ffff })],
  [xid8, unsigned],
  [
    tid,
    fc.tuple(fc.nat({ max: 0xffff_ffff }), fc.nat({ max: 65535 }))
      .map(([block, place]) => block * 65536 + place),
  ],
  [pgLsn, unsigned],
  [charType, letters],
  [pgSnapshot, snapshots],
  [txidSnapshot, snapshots],
];
