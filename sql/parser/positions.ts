/**
 * Where things stand: byte and code point offsets of the grammar to offsets in
 * the text that the user gave, in UTF-16 code units.
 *
 * The grammar counts bytes of UTF-8 in its tree and code points in its errors.
 * As long as a text is ASCII, all are the same number. Otherwise each character
 * beyond ASCII is a step: from its end on, the offsets differ by a constant, so
 * a lookup is a binary search over the steps.
 *
 * The fast path for VALUES gives the grammar a text with pieces cut out; each
 * such {@linkcode Gap} moves what follows it.
 *
 * @module
 */

/** A piece of the text that the grammar did not see. */
export interface Gap {
  /** Where it was cut out, in the text that the grammar saw. */
  readonly at: number;
  /** How many UTF-16 units were cut out. */
  readonly length: number;
}

/** Offsets in one text. */
export class Positions {
  readonly #gaps: readonly Gap[];
  /** Byte offset behind each character beyond ASCII; absent: all ASCII. */
  readonly #bytes: Uint32Array | undefined;
  /** The UTF-16 offset of the same place. */
  readonly #units: Uint32Array | undefined;
  /** The code point offset of the same place. */
  readonly #points: Uint32Array | undefined;

  /** The offsets of `text`, which is what the grammar saw. */
  constructor(text: string, gaps: readonly Gap[] = []) {
    this.#gaps = gaps;
    // deno-lint-ignore no-control-regex
    if (/^[\x00-\x7f]*$/.test(text)) return;
    const steps = measure(text);
    this.#bytes = steps.bytes;
    this.#units = steps.units;
    this.#points = steps.points;
  }

  /** The offset of byte `byte`; -1 stays -1. */
  ofByte(byte: number): number {
    return this.#map(byte, this.#bytes);
  }

  /** The offset of code point `point`; -1 stays -1. */
  ofPoint(point: number): number {
    return this.#map(point, this.#points);
  }

  #map(from: number, steps: Uint32Array | undefined): number {
    if (from < 0) return -1;
    let unit = from;
    if (steps !== undefined) {
      const step = lastAtMost(steps, from);
      if (step >= 0) unit = this.#units![step]! + from - steps[step]!;
    }
    let moved = unit;
    for (const gap of this.#gaps) {
      if (gap.at > unit) break;
      moved += gap.length;
    }
    return moved;
  }
}

/** The index of the last step that is at most `limit`; -1 if there is none. */
function lastAtMost(steps: Uint32Array, limit: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (steps[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function measure(
  text: string,
): { bytes: Uint32Array; units: Uint32Array; points: Uint32Array } {
  const bytes: number[] = [];
  const units: number[] = [];
  const points: number[] = [];
  let byte = 0;
  let point = 0;
  for (let unit = 0; unit < text.length;) {
    const code = text.codePointAt(unit)!;
    unit += code > 0xffff ? 2 : 1;
    point++;
    if (code < 0x80) {
      byte++;
      continue;
    }
    byte += code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    bytes.push(byte);
    units.push(unit);
    points.push(point);
  }
  return {
    bytes: Uint32Array.from(bytes),
    units: Uint32Array.from(units),
    points: Uint32Array.from(points),
  };
}
