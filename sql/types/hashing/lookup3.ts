/**
 * Bob Jenkins' lookup3, as PostgreSQL has it (`hash_bytes_extended`): 64 bits,
 * of which the lower 32 with seed 0 are `hash_bytes`.
 *
 * @module
 */

/** The state with the seed mixed in. */
function seeded(length: number, seed: bigint): Uint32Array {
  const start = (0x9e3779b9 + length + 3923095) >>> 0;
  const state = Uint32Array.of(start, start, start);
  if (seed === 0n) return state;
  state[0]! += Number(seed >> 32n);
  state[1]! += Number(seed & 0xffff_ffffn);
  mix(state);
  return state;
}

/** The hash of a word of 32 bits. */
export function hashWord(word: number, seed: bigint): bigint {
  const state = seeded(4, seed);
  state[0]! += word;
  return finish(state);
}

/** The hash of bytes. */
export function hashBytes(bytes: Uint8Array, seed: bigint): bigint {
  const state = seeded(bytes.length, seed);
  const padded = new Uint8Array(12);
  const word = (from: Uint8Array, at: number): number =>
    from[at]! | (from[at + 1]! << 8) | (from[at + 2]! << 16) |
    (from[at + 3]! << 24);
  let at = 0;
  for (; bytes.length - at >= 12; at += 12) {
    state[0]! += word(bytes, at);
    state[1]! += word(bytes, at + 4);
    state[2]! += word(bytes, at + 8);
    mix(state);
  }
  padded.set(bytes.subarray(at));
  state[0]! += word(padded, 0);
  state[1]! += word(padded, 4);
  // The lowest byte of the last word is the length's.
  state[2]! += word(padded, 8) << 8;
  return finish(state);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function mix(state: Uint32Array): void {
  let [a, b, c] = state as unknown as [number, number, number];
  a = (a - c) ^ rotate(c, 4);
  c = (c + b) | 0;
  b = (b - a) ^ rotate(a, 6);
  a = (a + c) | 0;
  c = (c - b) ^ rotate(b, 8);
  b = (b + a) | 0;
  a = (a - c) ^ rotate(c, 16);
  c = (c + b) | 0;
  b = (b - a) ^ rotate(a, 19);
  a = (a + c) | 0;
  c = (c - b) ^ rotate(b, 4);
  b = (b + a) | 0;
  state.set([a, b, c]);
}

function finish(state: Uint32Array): bigint {
  let [a, b, c] = state as unknown as [number, number, number];
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return (BigInt(b >>> 0) << 32n) | BigInt(c >>> 0);
}
