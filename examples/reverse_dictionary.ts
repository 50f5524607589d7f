/**
 * A reverse dictionary: say what you mean, get the word.
 *
 * ```sh
 * deno task demo "a person who studies the stars"
 * ```
 *
 * The first run embeds the definitions of WordNet's most familiar nouns with
 * a sentence model that runs in this process, and stores them in a database;
 * later runs open that and answer at once. Without a description it asks a
 * few of its own, and then, on a terminal, yours.
 *
 * | option | meaning |
 * | --- | --- |
 * | `--url ADDRESS` | the database (default `file:.demo/reverse_dictionary`) |
 * | `--count N` | how many nouns (default 6000) |
 * | `--all` | all 82192 of them: some minutes |
 * | `--limit N` | how many answers (default 5) |
 * | `--explain` | shows how the database finds them |
 *
 * @module
 */
import { parseArgs } from "node:util";
import { explain, fill, search } from "./reverse_dictionary/dictionary.ts";
import { ProgressBar } from "./reverse_dictionary/progress_bar.ts";
import {
  loadSentenceModel,
  type SentenceModel,
} from "./reverse_dictionary/sentence_model.ts";

const OWN_QUESTIONS = [
  "a person who studies the stars",
  "someone who steals",
  "frozen water falling from the sky",
  "a vehicle with two wheels",
];

/** What the command line asks for. */
interface Wishes {
  readonly url: string;
  readonly count: number;
  readonly limit: number;
  readonly explain: boolean;
  readonly question: string;
}

function readWishes(): Wishes {
  const { values, positionals } = parseArgs({
    options: {
      url: { type: "string", default: "file:.demo/reverse_dictionary" },
      count: { type: "string", default: "6000" },
      all: { type: "boolean", default: false },
      limit: { type: "string", default: "5" },
      explain: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  const count = Number(values.count);
  const limit = Number(values.limit);
  for (const [name, value] of Object.entries({ count, limit })) {
    if (!Number.isInteger(value) || value < 1) {
      console.error(`--${name} takes a number from 1`);
      Deno.exit(2);
    }
  }
  return {
    url: values.url,
    count: values.all ? Infinity : count,
    limit,
    explain: values.explain,
    question: positionals.join(" "),
  };
}

async function main(): Promise<void> {
  const wishes = readWishes();
  const { open } = await import("../mod.ts");
  await using database = await open(wishes.url);
  const bar = new ProgressBar("embedding");
  await fill(database, wishes.count, (done, total) => bar.show(done, total));
  bar.end();
  const model = await loadSentenceModel();
  const answer = async (question: string): Promise<void> => {
    const vector = await embed(model, question);
    if (wishes.explain) {
      console.log(await explain(database, vector, wishes.limit));
    }
    const meanings = await search(database, vector, wishes.limit);
    for (const { words, gloss, distance } of meanings) {
      console.log(`  ${distance.toFixed(2)}  ${words}`);
      console.log(`        ${gloss}`);
    }
  };
  if (wishes.question !== "") return await answer(wishes.question);
  for (const question of OWN_QUESTIONS) {
    console.log(`\n> ${question}`);
    await answer(question);
  }
  if (!Deno.stdin.isTerminal()) return;
  console.log("\nYour turn; an empty line ends.");
  while (true) {
    const question = prompt(">")?.trim();
    if (!question) return;
    await answer(question);
  }
}

async function embed(
  model: SentenceModel,
  question: string,
): Promise<Float32Array> {
  const [vector] = await model.embed([question]);
  return vector!;
}

if (import.meta.main) await main();
