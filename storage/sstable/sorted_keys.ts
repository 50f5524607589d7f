/**
 * Keys in order, searched by number.
 *
 * Neighbouring keys begin alike, so beside the keys there is how many bytes
 * all of them share, and for each its _head_: the four bytes that follow, as a
 * big-endian number, with zeros where the key is shorter. Heads rise as the
 * keys do; a search bisects numbers in one typed array and compares bytes only
 * where heads are equal.
 *
 * @module
 */

/** Keys in order, see the module. */
export interface SortedKeys {
  /** How many keys there are. */
  readonly count: number;
  /** Holds the keys. */
  readonly keys: Uint8Array;
  /** Where each key starts. */
  readonly keyStarts: Uint32Array;
  /** Where each key ends. */
  readonly keyEnds: Uint32Array;
  /** Bytes that every key begins with. */
  readonly prefixLength: number;
  /** The four bytes after them. */
  readonly heads: Uint32Array;
}

/** The head of `bytes[start, end)`. */
function headOf(bytes: Uint8Array, start: number, end: number): number {
  if (start + 4 <= end) {
    return (bytes[start]! << 24 | bytes[start + 1]! << 16 |
      bytes[start + 2]! << 8 | bytes[start + 3]!) >>> 0;
  }
  let head = 0;
  for (let i = 0; i < 4; i++) {
    head = head << 8 | (start + i < end ? bytes[start + i]! : 0);
  }
  return head >>> 0;
}

/**
 * Fills `heads` for keys in order; returns how many bytes they share.
 *
 * REQUIRES: the keys are in order, and `heads` has a place for each.
 */
export function fillHeads(
  keys: Uint8Array,
  keyStarts: Uint32Array,
  keyEnds: Uint32Array,
  heads: Uint32Array,
): number {
  const count = heads.length;
  if (count === 0) return 0;
  // What the first and the last share, all between them share.
  const first = keyStarts[0]!;
  const last = keyStarts[count - 1]!;
  const shortest = Math.min(keyEnds[0]! - first, keyEnds[count - 1]! - last);
  let prefixLength = 0;
  while (
    prefixLength < shortest &&
    keys[first + prefixLength] === keys[last + prefixLength]
  ) prefixLength++;
  for (let i = 0; i < count; i++) {
    heads[i] = headOf(keys, keyStarts[i]! + prefixLength, keyEnds[i]!);
  }
  return prefixLength;
}

/** The first index whose key is at or after `key`; `count` if none is. */
export function searchKeys(sorted: SortedKeys, key: Uint8Array): number {
  const { count, keys, prefixLength, heads } = sorted;
  if (count === 0) return 0;
  const first = sorted.keyStarts[0]!;
  const length = key.length;
  for (let i = 0; i < prefixLength; i++) {
    if (i >= length) return 0;
    const difference = key[i]! - keys[first + i]!;
    if (difference !== 0) return difference < 0 ? 0 : count;
  }
  const head = headOf(key, prefixLength, length);
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (heads[middle]! < head) low = middle + 1;
    else high = middle;
  }
  return low < count && heads[low] === head
    ? searchTied(sorted, key, low, head)
    : low;
}

/** Among the keys from `low` on whose head is `head`. */
function searchTied(
  sorted: SortedKeys,
  key: Uint8Array,
  low: number,
  head: number,
): number {
  const { count, heads } = sorted;
  if (compareAt(sorted, low, key) >= 0) return low;
  low++;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (heads[middle]! <= head && compareAt(sorted, middle, key) < 0) {
      low = middle + 1;
    } else high = middle;
  }
  return low;
}

/** Orders key `index` and `key`, which begin with the same prefix. */
function compareAt(
  { keys, keyStarts, keyEnds, prefixLength }: SortedKeys,
  index: number,
  key: Uint8Array,
): number {
  const start = keyStarts[index]!;
  const length = keyEnds[index]! - start;
  const n = length < key.length ? length : key.length;
  for (let i = prefixLength; i < n; i++) {
    const difference = keys[start + i]! - key[i]!;
    if (difference !== 0) return difference;
  }
  return length - key.length;
}

/** Whether key `index` is `key`. */
export function isKeyAt(
  { keys, keyStarts, keyEnds }: SortedKeys,
  index: number,
  key: Uint8Array,
): boolean {
  const start = keyStarts[index]!;
  if (keyEnds[index]! - start !== key.length) return false;
  // From the end, where neighbouring keys differ.
  for (let i = key.length - 1; i >= 0; i--) {
    if (keys[start + i] !== key[i]) return false;
  }
  return true;
}
