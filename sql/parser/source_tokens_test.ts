import { assertEquals } from "@std/assert";
import { sourceTokens } from "./source_tokens.ts";

const words = (text: string): string[] =>
  [...sourceTokens(text)].map(({ text }) => text);

Deno.test("sourceTokens passes over what is quoted or commented out", () => {
  assertEquals(words("a AS (b)"), ["a", "AS", "(", "b", ")"]);
  assertEquals(words(`"a ""b" 'c''d'`), [`"a ""b"`, `'c''d'`]);
  assertEquals(words(`E'a\\'b' x`), [`E'a\\'b'`, "x"]);
  assertEquals(words("$$ a ' $$ x $q$ $$ $q$"), [
    "$$ a ' $$",
    "x",
    "$q$ $$ $q$",
  ]);
  assertEquals(words("a -- b\n/* c /* d */ e */ f"), ["a", "f"]);
  assertEquals(words("größe 1.5e3 $1"), ["größe", "1.5e3", "$", "1"]);
  assertEquals(words("/* open"), []);
  assertEquals(words("'open"), ["'", "open"]);
});

Deno.test("sourceTokens counts the parentheses around a token", () => {
  const tokens = [...sourceTokens("a (b [c]) d")];
  assertEquals(
    tokens.filter(({ kind }) => kind === "word").map(({ depth }) => depth),
    [0, 1, 2, 0],
  );
  assertEquals(tokens.map(({ start, end }) => end - start), [
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
  ]);
});
