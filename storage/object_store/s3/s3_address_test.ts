import { assertEquals, assertThrows } from "@std/assert";
import { KriyaError } from "../../../base/errors.ts";
import { formatS3Address, parseS3Address } from "./s3_address.ts";

Deno.test("parseS3Address: bucket and prefix, and back to text", () => {
  const cases: [string, string, string, string][] = [
    ["s3://words", "words", "", "s3://words"],
    ["s3://words/", "words", "", "s3://words"],
    ["s3://words/en", "words", "en/", "s3://words/en"],
    ["s3://words/en/", "words", "en/", "s3://words/en"],
    ["s3://my.words/a/b-c/d_e", "my.words", "a/b-c/d_e/", ""],
    ["s3:///en", "other", "en/", "s3://other/en"],
  ];
  for (const [address, bucket, keyPrefix, text] of cases) {
    const place = parseS3Address(address, "other");
    assertEquals(place, { bucket, keyPrefix });
    assertEquals(formatS3Address(place), text || address);
  }
});

Deno.test("parseS3Address: refuses what is none, and shows no password", () => {
  const wrong = [
    "s3:",
    "s3:words",
    "s3://",
    "s3://W",
    "s3://words/a//b",
    "s3://words/../b",
    "s3://words//",
    "s3://words/a?region=x",
    "s3://words#a",
    `s3://words/${"x".repeat(201)}`,
    `s3://words/${"abcdefghi/".repeat(60)}x`,
    "s3://user:secret@words/a",
  ];
  for (const address of wrong) {
    const error = assertThrows(() => parseS3Address(address), KriyaError);
    assertEquals(error.kind, "invalid", address);
    assertEquals(error.message.includes("secret"), false);
  }
});
