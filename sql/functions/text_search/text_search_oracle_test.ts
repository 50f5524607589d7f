/**
 * Tokens and stems beside PostgreSQL's.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { PGlite } from "@electric-sql/pglite";
import { englishStem } from "./english_stemmer.ts";
import { ENGLISH_STOP_WORDS } from "./stop_words.ts";
import { textTokens } from "./text_tokens.ts";

/** The kinds in the order of their numbers. */
const KINDS = ("asciiword word numword email url host sfloat version " +
  "hword_numpart hword_part hword_asciipart blank tag protocol numhword " +
  "asciihword hword url_path file float int uint entity").split(" ");

const TEXTS = [
  "Well, this is a test. Really? Yes! (parenthesised) [brackets] {braces}",
  "PostgreSQL 18.1 was released on 2025-11-13; version 9.6.24. v1.2.3-beta",
  "www.example.com/foo/bar.html?x=1&y=2 https://user@host.com:8080/path#frag",
  "john.doe+tag@mail.example.co.uk, jane_doe@x-y.com user@localhost a@b",
  "well-known state-of-the-art 3-year-old covid-19 F-16 foo-bar123 e-mail",
  "1st 100km abc123def 0x1F 1,000,000 $5.00 -3.5e-4 +7 a-1 1-2 x-1-y 3.x",
  "日本語 テキスト привет größe naïve-ness façade can’t — dash … ellipsis",
  "src/main.c ./run.sh ../up ~/home C:\\x\\y foo/bar/ and/or/not 1/2 a...b",
  '<a href="x.html">link</a> <br/> a < b > c 5<6 <!-- c --> AT&T &amp; &#65;',
  "foo_bar __init__ --flag -x word- -word 12:34:56 node.js c# .net U.S.A. 10.",
  "http://localhost:3000/x http://1.2.3.4/x 192.168.1.1 10.0.0.1/24 ex.com.",
  "O'Neil it's 50% #tag @foo x=1 y:2 z/3 multi\nline\ttext",
];

const WORDS = ("running flies dying happily generously organization " +
  "conditional relational hopefulness adjustment replacement controlling " +
  "yearly enjoyed sayings added ebbing inning exceed news skies communism " +
  "arsenal probate cease rolled bling hoping hopping ability logically ties " +
  "gas kiwis this's dogs' 'quoted y by say boy toyed callousness sensational " +
  "vietnamization predication operator feudalism decisiveness formaliti " +
  "triplicate formative formalize electriciti electrical goodness revival " +
  "allowance inference airliner gyroscopic adoption homologou communism " +
  "activate angulariti homologous effective bowdlerize rate controll roll")
  .split(" ");

Deno.test("texts fall into the tokens that PostgreSQL finds", async () => {
  const database = await PGlite.create();
  try {
    for (const text of TEXTS) {
      const { rows } = await database.query<{ tokid: number; token: string }>(
        "SELECT * FROM ts_parse('default', $1)",
        [text],
      );
      const isWord = (token: string): boolean => !token.startsWith("blank");
      assertEquals(
        [...textTokens(text)].map(({ kind, text: token }) => `${kind} ${token}`)
          .filter(isWord),
        rows.map(({ tokid, token }) => `${KINDS[tokid - 1]} ${token}`)
          .filter(isWord),
      );
    }
  } finally {
    await database.close();
  }
});

Deno.test("English words have the stems that PostgreSQL gives them", async () => {
  const database = await PGlite.create();
  try {
    const words = [...WORDS, ...ENGLISH_STOP_WORDS];
    const { rows } = await database.query<{ stems: string[] }>(
      "SELECT ts_lexize('english_stem', w) AS stems FROM unnest($1::text[]) w",
      [words],
    );
    assertEquals(
      words.map((word) =>
        ENGLISH_STOP_WORDS.has(word) ? [] : [englishStem(word)]
      ),
      rows.map(({ stems }) => stems),
    );
  } finally {
    await database.close();
  }
});

Deno.test("tokens are all of the text, parts of compounds aside", () => {
  for (const text of TEXTS) {
    assertEquals(
      [...textTokens(text)].filter(({ isPart }) => !isPart)
        .map((token) => token.text).join(""),
      text,
    );
  }
});
