/**
 * The data sets of the vector benchmarks, by name.
 *
 * @module
 */
import { loadGlove, prepareGlove } from "../glove.ts";
import { loadMnist, prepareMnist } from "./mnist.ts";
import { loadSentences, prepareSentences } from "./sentences.ts";
import type { VectorData } from "./vector_data.ts";

/** How a data set gets there. */
export interface DataSource {
  /** Makes its files, unless they are there. */
  prepare(): Promise<void>;
  /** Reads them. */
  load(): VectorData;
}

/** The names of the data sets. */
export type DataName = "glove" | "mnist" | "sentences";

/** The data sets. */
export const DATA: Readonly<Record<DataName, DataSource>> = {
  glove: {
    prepare: prepareGlove,
    load: () => ({ name: "glove", metric: "cosine", ...loadGlove() }),
  },
  mnist: { prepare: prepareMnist, load: loadMnist },
  sentences: { prepare: prepareSentences, load: loadSentences },
};
