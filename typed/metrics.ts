/**
 * How vectors are compared, and the operators that do.
 *
 * @module
 */

/** How vectors are compared. */
export type Metric = "cosine" | "euclidean" | "dot";

/** The operators that compare vectors. */
export const METRICS: Readonly<Record<Metric, string>> = {
  cosine: "<=>",
  euclidean: "<->",
  dot: "<#>",
};
