/**
 * A label that is looked for: a word, and whether its case counts (`@`: not),
 * whether it may go on (`*`), and whether it is words between underscores that
 * a label has to have (`%`).
 *
 * @module
 */

/** What a label has to be. */
export interface LabelPattern {
  readonly word: string;
  readonly ignoresCase: boolean;
  readonly isPrefix: boolean;
  readonly isWords: boolean;
}

/** The characters that say how a word is meant, by property. */
export const MODIFIERS: Readonly<
  Record<string, "ignoresCase" | "isPrefix" | "isWords">
> = { "@": "ignoresCase", "*": "isPrefix", "%": "isWords" };

/** The text of a pattern. */
export function formatLabelPattern(
  { word, ignoresCase, isPrefix, isWords }: LabelPattern,
): string {
  return word + (isWords ? "%" : "") + (ignoresCase ? "@" : "") +
    (isPrefix ? "*" : "");
}

/** Whether a label is what the pattern wants. */
export function matchesLabel(pattern: LabelPattern, label: string): boolean {
  const { ignoresCase, isPrefix } = pattern;
  const fold = (text: string): string =>
    ignoresCase ? text.toLowerCase() : text;
  const word = fold(pattern.word);
  const found = fold(label);
  const fits = (part: string, wanted: string): boolean =>
    isPrefix ? part.startsWith(wanted) : part === wanted;
  if (!pattern.isWords) return fits(found, word);
  const parts = wordsOf(found);
  return wordsOf(word).every((wanted) =>
    parts.some((part) => fits(part, wanted))
  );
}

function wordsOf(text: string): string[] {
  return text.split("_").filter((each) => each !== "");
}
