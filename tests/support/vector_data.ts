/**
 * Made-up vectors for tests, from a seed.
 *
 * @module
 */
import { SeededRandom } from "../../vector/hnsw/seeded_random.ts";

/** What to make. */
export interface ClusterOptions {
  /** Where chance comes from. */
  readonly seed: number;
  /** How many vectors. */
  readonly count: number;
  /** Dimensions. */
  readonly dims: number;
  /** Clusters around which they lie. */
  readonly clusters: number;
  /** How far from the centre, in units of the centres' spread. */
  readonly spread: number;
  /** Whether lengths differ, by a factor of e to the normal times 0.5. */
  readonly scaled?: boolean;
}

/** A number from the standard normal distribution (Box & Muller). */
function normal(random: SeededRandom): number {
  const u = (random.next() + 1) / 0x1_0000_0000;
  const v = random.next() / 0x1_0000_0000;
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
}

/** Vectors around centres that are drawn too. */
export function clusteredVectors(options: ClusterOptions): Float32Array[] {
  const random = new SeededRandom(options.seed);
  const { dims, spread, clusters } = options;
  const centres = Array.from(
    { length: clusters },
    () => Float32Array.from({ length: dims }, () => normal(random)),
  );
  return Array.from({ length: options.count }, () => {
    const centre = centres[random.below(clusters)]!;
    const scale = options.scaled === true ? Math.exp(0.5 * normal(random)) : 1;
    return centre.map((value) => scale * (value + spread * normal(random)));
  });
}
