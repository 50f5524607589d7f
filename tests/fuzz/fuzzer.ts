/**
 * Damaged bytes for a decoder, and what must come of them.
 *
 * A fuzzer makes samples, which decode to a text that says everything of what
 * was decoded. Every sample is damaged in all these ways:
 *
 * | damage | how much |
 * | --- | --- |
 * | one flipped bit | every bit of a short sample, random ones of a long one |
 * | cut short | at every length of a short sample, at random ones of a long one |
 * | bytes overwritten by 00, ff, 7f, 80 or chance | random stretches |
 * | bytes inserted, removed, moved, swapped | random stretches |
 * | spliced: the beginning of one sample, the end of another | random places |
 * | nothing but chance | random lengths |
 *
 * What must hold, for each:
 * 1. The decoder returns, or throws a `KriyaError` of kind `corrupt` that names
 *    the source. No other error, and no hang (a decode takes under a second).
 * 2. Of a sealed format (all of it under checksums) it returns only what the
 *    sample was, and refuses every flipped bit and every cut.
 * 3. Of another it returns only what keeps the format's own rules: the
 *    sample's `decode` checks them and throws a plain error if not.
 *
 * The bytes are copied to the end of a buffer, so that a read past their end is
 * out of bounds and not lucky.
 *
 * @module
 */
import { equalBytes } from "../../base/bytes.ts";
import { systemEnvironment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";

/** What the bytes are named in errors. */
export const SOURCE = "fuzzed/object";

/** Bytes that decode, and how, knowing what else is known of them. */
export interface Sample {
  readonly bytes: Uint8Array;
  /** Decodes bytes; a text that says everything of what they held. */
  readonly decode: (bytes: Uint8Array) => string | Promise<string>;
}

/** A decoder under test. */
export interface Fuzzer {
  /** The decoder's name. */
  readonly name: string;
  /** Whether checksums cover every byte. */
  readonly sealed: boolean;
  /** Whether errors name a byte (default true). */
  readonly namesByte?: boolean;
  /** Makes a sample. */
  sample(random: SeededRandom): Sample;
}

/** How much is done. */
export interface FuzzBudget {
  /** How many samples. */
  readonly samples: number;
  /** How many random damages a sample. */
  readonly damages: number;
}

/** What was done. */
export interface FuzzCounts {
  damaged: number;
  refused: number;
  returned: number;
}

/** The longest sample of which every bit is flipped. */
const SHORT_BYTES = 400;
const DECODE_MS_MAX = 1000;

/**
 * Runs a fuzzer.
 *
 * @throws {Error} that says which sample, damage and seed broke which rule.
 */
export async function fuzz(
  fuzzer: Fuzzer,
  seed: number | string,
  budget: FuzzBudget,
): Promise<FuzzCounts> {
  const counts: FuzzCounts = { damaged: 0, refused: 0, returned: 0 };
  for (let n = 0; n < budget.samples; n++) {
    const random = new SeededRandom(`${fuzzer.name} ${seed} ${n}`);
    const sample = fuzzer.sample(random);
    const other = fuzzer.sample(random).bytes;
    const want = await sample.decode(isolated(sample.bytes));
    const damaged = damages(sample.bytes, other, random, budget);
    for (const { bytes, how, strict } of damaged) {
      if (equalBytes(bytes, sample.bytes) || equalBytes(bytes, other)) continue;
      counts.damaged++;
      try {
        const outcome = await attempt(fuzzer, sample, bytes);
        if (outcome === undefined) counts.refused++;
        else counts.returned++;
        if (fuzzer.sealed && outcome !== undefined) {
          if (strict) throw new Error("it was not refused");
          if (outcome !== want) throw new Error(`it gave ${outcome}`);
        }
      } catch (cause) {
        const what = cause instanceof Error ? cause.message : String(cause);
        throw new Error(
          `${fuzzer.name}, --seed=${seed}, sample ${n}, ${how}: ${what}\n` +
            `sample ${sample.bytes.toHex()}\ndamaged ${bytes.toHex()}`,
          { cause },
        );
      }
    }
  }
  return counts;
}

/** What a decoder makes of bytes; `undefined` if it refuses them. */
async function attempt(
  fuzzer: Fuzzer,
  sample: Sample,
  bytes: Uint8Array,
): Promise<string | undefined> {
  const beganMs = systemEnvironment.monotonicMs();
  let outcome: string | undefined;
  try {
    outcome = await sample.decode(isolated(bytes));
  } catch (error) {
    checkRefusal(fuzzer, error);
  }
  const tookMs = systemEnvironment.monotonicMs() - beganMs;
  if (tookMs > DECODE_MS_MAX) throw new Error(`it took ${tookMs} ms`);
  return outcome;
}

function checkRefusal(fuzzer: Fuzzer, error: unknown): void {
  if (!(error instanceof KriyaError) || error.kind !== "corrupt") throw error;
  if (!error.message.includes(`"${SOURCE}"`)) {
    throw new Error(`"${error.message}" does not name the source`);
  }
  if (fuzzer.namesByte !== false && !/at byte \d/.test(error.message)) {
    throw new Error(`"${error.message}" does not name a byte`);
  }
}

/** A copy at the end of a buffer of its own. */
function isolated(bytes: Uint8Array): Uint8Array {
  const buffer = new Uint8Array(16 + bytes.length);
  buffer.fill(0xa5, 0, 16);
  buffer.set(bytes, 16);
  return buffer.subarray(16);
}

interface Damage {
  readonly bytes: Uint8Array;
  /** In words. */
  readonly how: string;
  /** Whether a sealed format must refuse it. */
  readonly strict: boolean;
}

function* damages(
  sample: Uint8Array,
  other: Uint8Array,
  random: SeededRandom,
  budget: FuzzBudget,
): Generator<Damage> {
  const short = sample.length <= SHORT_BYTES;
  const places = (count: number): number[] =>
    Array.from(
      { length: short ? count : budget.damages },
      (_, i) => short ? i : random.below(count),
    );
  for (const bit of places(sample.length * 8)) {
    const bytes = sample.slice();
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    yield { bytes, how: `bit ${bit} flipped`, strict: true };
  }
  for (const length of places(sample.length)) {
    const bytes = sample.subarray(0, length);
    yield { bytes, how: `cut at ${length}`, strict: true };
  }
  for (let i = 0; i < budget.damages; i++) {
    yield randomDamage(sample, other, random);
  }
}

const FILLS = [0, 0xff, 0x7f, 0x80] as const;

function randomDamage(
  sample: Uint8Array,
  other: Uint8Array,
  random: SeededRandom,
): Damage {
  const { length } = sample;
  const at = random.below(length + 1);
  const size = 1 + random.below(random.chance(0.5) ? 8 : length + 1);
  const head = sample.subarray(0, at);
  const middle = sample.subarray(at, at + size);
  const tail = sample.subarray(at + size);
  const chance = (count: number): Uint8Array =>
    random.fill(new Uint8Array(count));
  const built = (how: string, ...parts: Uint8Array[]): Damage => ({
    bytes: joined(parts),
    how: `${how} at ${at}, ${size} bytes`,
    strict: false,
  });
  switch (random.below(8)) {
    case 0:
      return built("chance", head, chance(middle.length), tail);
    case 1: {
      const fill = new Uint8Array(middle.length).fill(random.pick(FILLS));
      return built("filled", head, fill, tail);
    }
    case 2:
      return built("inserted", head, chance(size), middle, tail);
    case 3:
      return built("removed", head, tail);
    case 4:
      return built("doubled", head, middle, middle, tail);
    case 5:
      return built("turned", tail, middle, head);
    case 6: {
      const from = random.chance(0.5) ? at : random.below(other.length + 1);
      return built(`spliced from ${from}`, head, other.subarray(from));
    }
    default:
      return built("nothing but chance", chance(size));
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A random key or value of up to `max` bytes; short ones are common. */
export function randomBytes(random: SeededRandom, max: number): Uint8Array {
  const length = random.below(random.chance(0.7) ? Math.min(max, 6) : max);
  return random.fill(new Uint8Array(1 + length));
}
