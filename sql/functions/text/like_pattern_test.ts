import { assertEquals, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { SqlError } from "../../errors/sql_error.ts";
import {
  compileLike,
  compileLikeIgnoringCase,
  escapeLike,
} from "./like_pattern.ts";

/** LIKE as PostgreSQL defines it, character by character. */
function matchesPlainly(text: readonly string[], pattern: string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return text.length === 0;
  if (first === "%") {
    for (let i = 0; i <= text.length; i++) {
      if (matchesPlainly(text.slice(i), rest)) return true;
    }
    return false;
  }
  if (text.length === 0) return false;
  if (first === "_") return matchesPlainly(text.slice(1), rest);
  if (first === "\\") {
    return rest[0] === text[0] && matchesPlainly(text.slice(1), rest.slice(1));
  }
  return first === text[0] && matchesPlainly(text.slice(1), rest);
}

const units = fc.constantFrom("a", "b", "é", "\u{1f600}", "%", "_", "\\");

Deno.test("compileLike matches what the plain definition matches", () => {
  let matched = 0;
  fc.assert(
    fc.property(
      fc.array(units, { maxLength: 8 }),
      fc.array(fc.oneof(units, fc.constantFrom("%", "_", "\\a", "\\%")), {
        maxLength: 8,
      }),
      (text, parts) => {
        const pattern = [...parts.join("").replace(/(?<!\\)(\\\\)*\\$/, "")];
        const wanted = matchesPlainly(text, pattern);
        if (wanted) matched++;
        assertEquals(compileLike(pattern.join(""))(text.join("")), wanted);
      },
    ),
    { seed: 51, numRuns: 5000 },
  );
  assertEquals(matched > 300, true, `${matched} matched`);
});

Deno.test("compileLike stays fast where backtracking would not end", () => {
  const matches = compileLike(`${"%a_".repeat(40)}%b`);
  assertEquals(matches("a".repeat(20_000)), false);
});

Deno.test("compileLike refuses a lone backslash at the end", () => {
  for (const pattern of ["\\", "a\\", "a\\\\\\"]) {
    const error = assertThrows(() => compileLike(pattern), SqlError);
    assertEquals(error.code, "22025");
  }
});

Deno.test("ILIKE ignores case beyond ASCII", () => {
  assertEquals(compileLikeIgnoringCase("%É_a%")("xéXAy"), true);
  assertEquals(compileLikeIgnoringCase("É")("e"), false);
});

Deno.test("escapeLike puts a backslash in place of another escape", () => {
  const matches = (text: string, pattern: string, escape: string): boolean =>
    compileLike(escapeLike(pattern, escape))(text);
  assertEquals(matches("50%", "50x%", "x"), true);
  assertEquals(matches("505", "50x%", "x"), false);
  assertEquals(matches("a\\b", "a\\b", ""), true);
  assertEquals(matches("x", "xx", "x"), true);
});
