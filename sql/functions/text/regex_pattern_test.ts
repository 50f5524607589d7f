/**
 * Regular expressions against PGlite: curated patterns of every construct that
 * is translated, each on texts that tell it from its neighbours.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  differences,
  outcomeOf,
  quoteLiteral,
  SqlOracle,
} from "../../../tests/support/sql_oracle.ts";
import { compileRegex } from "./regex_pattern.ts";

const PATTERNS = [
  "^a.c$",
  "a.c",
  "(?i)ABC",
  "(?x) a b # c",
  "[[:alpha:]]+[[:digit:]]",
  "[[:space:]]",
  "[^[:alnum:]_]",
  "\\d{2,3}",
  "\\w+\\s\\w+",
  "\\D\\W\\S",
  "\\yabc\\y",
  "\\mab",
  "bc\\M",
  "\\Aabc",
  "c\\Z",
  "[[:<:]]ab",
  "(a|b)*c",
  "(?:a|b){2}",
  "a(?=b)",
  "a(?!b)",
  "(ab)\\1",
  "a+?b",
  "x*",
  "[]a]",
  "[^]a]",
  "[a-c]",
  "[a\\-c]",
  "a\\.c",
  "a{2}",
  "a{,2}",
  "\\u00e9",
  "\\x61",
  "é",
  "***=a.c",
  "***:a.c",
  "a}",
  "\\(a\\)",
  "[.]",
  "[[]",
  "\\t",
  "a|",
  "()",
  "(?n)^b",
  "(?w)^b",
  "[\\d]",
  "[\\w-]",
];

const TEXTS = [
  "",
  "abc",
  "a.c",
  "ABC",
  "a\nc",
  "c\nb",
  "ab",
  "abab",
  "aab",
  "a1",
  "12 34",
  "xabc y",
  "abc xbc",
  "é",
  "a]",
  "a-",
  "a}",
  "(a)",
  "[",
  "a\tb",
  "_",
  "a{,2}",
  "١",
];

/** Patterns that are no regular expression. */
const BAD = [
  "(",
  ")",
  "[a",
  "a{2,1}",
  "*a",
  "a**",
  "[[:nope:]]",
  "\\",
  "(?z)a",
];

const oracle = await SqlOracle.create();

Deno.test({
  name: "regular expressions match what PostgreSQL's match",
  // PGlite keeps its module and timers for the life of the process.
  sanitizeResources: false,
  sanitizeOps: false,
  async fn(): Promise<void> {
    const names: string[] = [];
    const ours = [];
    for (const pattern of PATTERNS) {
      for (const text of TEXTS) {
        // What is a digit beyond ASCII depends on the oracle's collation.
        if (/[é١]/.test(text) && /\\[wdDWmMy]|\[:/.test(pattern)) continue;
        names.push(
          `E${escaped(text)} ~ E${escaped(pattern)}`,
        );
        ours.push(outcomeOf(() => String(compileRegex(pattern).test(text))));
      }
    }
    const theirs = await oracle.evaluate(names);
    assertEquals(differences(names, ours, theirs), []);
  },
});

function escaped(text: string): string {
  return quoteLiteral(text.replaceAll("\\", "\\\\")).replaceAll("\n", "\\n")
    .replaceAll("\t", "\\t");
}

Deno.test({
  name: "bad regular expressions fail with 2201B",
  sanitizeResources: false,
  sanitizeOps: false,
  async fn(): Promise<void> {
    const calls = BAD.map((pattern) => `'a' ~ E${escaped(pattern)}`);
    const theirs = await oracle.evaluate(calls);
    BAD.forEach((pattern, i) => {
      const ours = outcomeOf(() => String(compileRegex(pattern).test("a")));
      assertEquals(
        [pattern, "code" in ours ? ours.code : ""],
        [pattern, "code" in theirs[i]! ? theirs[i].code : ""],
      );
    });
  },
});
