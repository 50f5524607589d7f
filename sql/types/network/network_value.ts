/**
 * The value of `inet` and `cidr`: bytes.
 *
 * | bytes | what |
 * | --- | --- |
 * | 1 | how many bits are the network's: 0 to 32, or to 128 |
 * | 4 or 16 | the address |
 *
 * Their order: IPv4 before IPv6, then by the bits that both networks have, then
 * the shorter mask first, then by the rest.
 *
 * @module
 */

/** The first byte of a value. */
export function maskBits(value: Uint8Array): number {
  return value[0]!;
}

/** The address in a value. */
export function addressOf(value: Uint8Array): number[] {
  return [...value.subarray(1)];
}

/** How many bits an address has. */
export function widthOf(value: Uint8Array): number {
  return (value.length - 1) * 8;
}

/** The value of an address with a mask. */
export function networkOf(
  address: readonly number[],
  bits: number,
): Uint8Array {
  return Uint8Array.of(bits, ...address);
}

/** Whether bytes are a value. */
export function isNetwork(value: Uint8Array): boolean {
  return (value.length === 5 || value.length === 17) &&
    maskBits(value) <= widthOf(value);
}

/** The address with zeros behind its first `bits` bits. */
export function masked(
  address: readonly number[],
  bits: number,
): readonly number[] {
  return address.map((byte, i) => byte & byteMask(bits, i));
}

/** The bits of byte `index` that are among the first `bits`. */
export function byteMask(bits: number, index: number): number {
  const left = bits - index * 8;
  return left >= 8 ? 255 : left <= 0 ? 0 : (0xff00 >> left) & 255;
}

/** Orders two addresses of one family by their first `bits` bits. */
export function comparePrefixes(
  a: Uint8Array,
  b: Uint8Array,
  bits: number,
): number {
  for (let i = 0; i * 8 < bits; i++) {
    const mask = byteMask(bits, i);
    const order = (a[i + 1]! & mask) - (b[i + 1]! & mask);
    if (order !== 0) return order;
  }
  return 0;
}

/** The order of `inet` and `cidr`. */
export function compareNetworks(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return a.length - b.length;
  return comparePrefixes(a, b, Math.min(maskBits(a), maskBits(b))) ||
    maskBits(a) - maskBits(b) || comparePrefixes(a, b, widthOf(a));
}
