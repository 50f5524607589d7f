/**
 * What all texts that match a LIKE pattern begin with.
 *
 * @module
 */

/** The beginning of a pattern. */
export interface LikePrefix {
  /** The text that every match begins with. */
  readonly prefix: string;
  /** What may follow: nothing, anything, or what the pattern says. */
  readonly rest: "nothing" | "anything" | "something";
}

/** The beginning of `pattern`; absent where its end is an escape. */
export function likePrefix(pattern: string): LikePrefix | undefined {
  let prefix = "";
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!;
    if (character === "%" || character === "_") {
      const isAnything = pattern.slice(i) === "%";
      return { prefix, rest: isAnything ? "anything" : "something" };
    }
    if (character === "\\") {
      i++;
      if (i === pattern.length) return undefined;
    }
    prefix += pattern[i]!;
  }
  return { prefix, rest: "nothing" };
}
