import { assert, assertEquals } from "@std/assert";
import { readNouns } from "./wordnet.ts";

Deno.test("readNouns gives the familiar first, and always the same", async () => {
  const nouns = await readNouns(6000);
  assertEquals(nouns.length, 6000);
  assertEquals(nouns[0], {
    id: 7846,
    words: "person, individual, someone, somebody, mortal, soul",
    gloss: "a human being",
  });
  const first = nouns.map((noun) => noun.words.split(",")[0]);
  for (const word of ["astronomer", "thief", "library", "bicycle", "snow"]) {
    assert(first.includes(word), word);
  }
});

Deno.test("readNouns reads every noun of WordNet 3.1", async () => {
  const nouns = await readNouns();
  assertEquals(nouns.length, 82192);
  assertEquals(new Set(nouns.map((noun) => noun.id)).size, 82192);
  for (const { words, gloss } of nouns) {
    assert(words !== "" && !words.includes("_"), words);
    assert(gloss.length > 2, words);
  }
});
