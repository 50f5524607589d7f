/**
 * The data sets of the vector benchmarks, by name.
 *
 * @module
 */
import { loadGlove, prepareGlove } from "../glove.ts";
import { loadMnist, prepareMnist } from "./mnist.ts";
import type { VectorData } from "./vector_data.ts";

/** How a data set gets there. */
export interface DataSource {
  /** Makes its files, unless they are there. */
  prepare(): Promise<void>;
  /** Reads them. */
  load(): VectorData;
}

/** The data sets. */
export const DATA: Readonly<Record<"glove" | "mnist", DataSource>> = {
  glove: {
    prepare: prepareGlove,
    load: () => ({ name: "glove", metric: "cosine", ...loadGlove() }),
  },
  mnist: { prepare: prepareMnist, load: loadMnist },
};
