/**
 * The words of dates and times in text.
 *
 * @module
 */

/** What a word says. */
export type DateWord =
  | { readonly kind: "month"; readonly month: number }
  | { readonly kind: "whole"; readonly whole: WholeWord }
  | { readonly kind: "relative"; readonly offset: number }
  | {
    readonly kind:
      | "weekday"
      | "am"
      | "pm"
      | "bc"
      | "ad"
      | "ignored"
      | "time"
      | "julian"
      | "midnight"
      | "summer"
      | "unit";
  };

/** Words that are a moment by themselves. */
export type WholeWord = "infinity" | "-infinity" | "epoch" | "now";

const MONTHS =
  "jan january, feb february, mar march, apr april, may, jun june, jul july, " +
  "aug august, sep sept september, oct october, nov november, dec december";

const WEEKDAYS =
  "sun sunday mon monday tue tues tuesday wed weds wednesday thu thur thurs " +
  "thursday fri friday sat saturday";

/** Words that `extract` knows, and no date has. */
const UNITS = "d dow doy h isodow isoyear m mm s y";

/** All words by their lower-case form, names of zones aside. */
export const DATE_WORDS: ReadonlyMap<string, DateWord> = new Map<
  string,
  DateWord
>([
  ...MONTHS.split(", ").flatMap((names, i) =>
    names.split(" ").map((name): [string, DateWord] => [
      name,
      { kind: "month", month: i + 1 },
    ])
  ),
  ...WEEKDAYS.split(" ").map((name): [string, DateWord] => [
    name,
    { kind: "weekday" },
  ]),
  ...UNITS.split(" ").map((name): [string, DateWord] => [
    name,
    { kind: "unit" },
  ]),
  ["am", { kind: "am" }],
  ["pm", { kind: "pm" }],
  ["bc", { kind: "bc" }],
  ["ad", { kind: "ad" }],
  ["at", { kind: "ignored" }],
  ["on", { kind: "ignored" }],
  ["t", { kind: "time" }],
  ["j", { kind: "julian" }],
  ["jd", { kind: "julian" }],
  ["julian", { kind: "julian" }],
  ["dst", { kind: "summer" }],
  ["allballs", { kind: "midnight" }],
  ["infinity", { kind: "whole", whole: "infinity" }],
  ["+infinity", { kind: "whole", whole: "infinity" }],
  ["-infinity", { kind: "whole", whole: "-infinity" }],
  ["epoch", { kind: "whole", whole: "epoch" }],
  ["now", { kind: "whole", whole: "now" }],
  ["today", { kind: "relative", offset: 0 }],
  ["tomorrow", { kind: "relative", offset: 1 }],
  ["yesterday", { kind: "relative", offset: -1 }],
]);
