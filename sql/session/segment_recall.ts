/**
 * `lsm_recall_segments(index, k, samples)`: the recall of each segment of an
 * index alone, over rows of its own, as JSON.
 *
 * | field | of a segment |
 * | --- | --- |
 * | `kind` | `sealed`, `live` (searched exactly), or `clusters` (all of them) |
 * | `rows`, `dead` | versions, and those that no snapshot sees any more |
 * | `quantization` | what walks, or scans of clusters, look at |
 * | `leftInBucket` | whether its vectors are not in memory |
 * | `samples` | how many of its rows were looked for |
 * | `recall` | the share of their nearest k that was found; null: of none |
 *
 * @module
 */
import { delay } from "../../base/environment.ts";
import { SeededRandom } from "../../vector/hnsw/seeded_random.ts";
import { sampleRecall } from "../../vector/segments/sample_recall.ts";
import type { VectorIndex } from "../../vector/segments/vector_index.ts";
import { recallOfOne } from "../access/ivf/ivf_calibration.ts";
import type { IvfState } from "../access/ivf/ivf_state.ts";
import type { Nullable } from "../types/data_type.ts";
import type { DatabaseCore } from "./database_core.ts";
import {
  checkRange,
  K_MAX,
  SAMPLES_MAX,
  vectorIndexNamed,
} from "./vector_functions.ts";

/** Searches between two turns of everything else. */
const SEARCHES_A_TURN = 4;

/** What is measured. */
interface Sample {
  readonly k: number;
  readonly samples: number;
  readonly seed: number;
}

/** See the module. */
export interface SegmentRecall {
  readonly kind: "sealed" | "live" | "clusters";
  readonly rows: number;
  readonly dead: number;
  readonly quantization: string;
  readonly leftInBucket: boolean;
  readonly samples: number;
  readonly recall: number | null;
}

/**
 * Measures each segment of an index.
 *
 * @throws {SqlError} `42704` for no such index, `42809` for one of another kind,
 * `22023` for numbers out of range.
 */
export async function recallOfSegments(
  core: DatabaseCore,
  args: readonly Nullable[],
): Promise<SegmentRecall[]> {
  const [name, k = 10, samples = 100] = args as [string, number?, number?];
  checkRange("k", k, K_MAX);
  checkRange("samples", samples, SAMPLES_MAX);
  const { index, table } = vectorIndexNamed(core, name);
  const seed = Math.floor(core.environment.random() * 0x1_0000_0000);
  const sample = { k, samples, seed };
  if (index.accessMethod === core.ivf.name) {
    const state = await core.ivf.state(index, table);
    return state === undefined
      ? []
      : [await recallOfClusters(core, state, sample)];
  }
  const state = await core.hnsw.state(index, table);
  return state === undefined
    ? []
    : await recallsOfIndex(core, state.index, sample);
}

async function recallsOfIndex(
  { environment, store }: DatabaseCore,
  index: VectorIndex,
  sample: Sample,
): Promise<SegmentRecall[]> {
  const found: SegmentRecall[] = [];
  const horizon = store.oldestSnapshot;
  for (const segment of index.sealed) {
    let sum = 0;
    let count = 0;
    const search = { only: segment };
    for await (const share of sampleRecall(index, { ...sample, search })) {
      sum += share;
      if (++count % SEARCHES_A_TURN === 0) await delay(environment, 0);
    }
    found.push({
      kind: "sealed",
      rows: segment.count,
      dead: segment.versions.deadCount(horizon),
      quantization: segment.memory.quantization,
      leftInBucket: segment.stored !== undefined,
      samples: count,
      recall: count === 0 ? null : sum / count,
    });
  }
  if (index.liveCount === 0) return found;
  return [...found, {
    kind: "live",
    rows: index.liveCount,
    dead: 0,
    quantization: "none",
    leftInBucket: false,
    samples: 0,
    recall: 1,
  }];
}

async function recallOfClusters(
  { environment, store }: DatabaseCore,
  state: IvfState,
  { k, samples, seed }: Sample,
): Promise<SegmentRecall> {
  const random = new SeededRandom(seed);
  let sum = 0;
  for (let i = 0; i < samples; i++) {
    sum += await recallOfOne(state, store, random, k);
    await delay(environment, 0);
  }
  return {
    kind: "clusters",
    rows: state.rows,
    dead: 0,
    quantization: state.codes === undefined ? "none" : "pq",
    leftInBucket: false,
    samples,
    recall: sum / samples,
  };
}
