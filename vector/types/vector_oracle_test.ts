/**
 * PGlite with pgvector as the oracle of text, messages and distances.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { fc } from "fast-check";
import { KriyaError } from "../../base/errors.ts";
import * as reference from "../distance/reference.ts";
import { formatVector, parseVector } from "./vector.ts";

const ALPHABET = [
  ..."[],. \t0123456789+-eEinfa",
  "nan",
  "0x",
  "p",
  "],",
  "1e4",
];

/** Texts that are nearly vectors, and some that are. */
function samples(seed: number): string[] {
  const texts = fc.sample(
    fc.array(fc.constantFrom(...ALPHABET), { maxLength: 12 })
      .map((parts) => `[${parts.join("")}]`),
    { numRuns: 700, seed },
  );
  const numbers = fc.sample(
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    { numRuns: 300, seed },
  );
  for (const value of numbers) {
    texts.push(`[${value}]`, `[${value.toPrecision(9)},${value / 3}]`);
  }
  for (let exponent = -149; exponent < 128; exponent++) {
    texts.push(`[${2 ** exponent}, ${-3 * 2 ** (exponent - 2)}]`);
  }
  return texts;
}

function ours(text: string): string {
  try {
    return formatVector(parseVector(text));
  } catch (error) {
    if (!(error instanceof KriyaError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

Deno.test({
  name: "[K-161] text and distances are pgvector's to the last digit",
  // PGlite keeps its module and timers for the life of the process.
  sanitizeResources: false,
  sanitizeOps: false,
  async fn(): Promise<void> {
    const seed = 20240611;
    const db = new PGlite({ extensions: { vector } });
    await db.exec(`
      CREATE EXTENSION vector;
      CREATE FUNCTION show(t text) RETURNS text LANGUAGE plpgsql AS $$
      BEGIN RETURN t::vector::text;
      EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM; END $$;`);
    const texts = samples(seed);
    const shown = await db.query<{ t: string }>(
      "SELECT show(t) AS t FROM unnest($1::text[]) WITH ORDINALITY AS u(t, i) ORDER BY i",
      [texts],
    );
    shown.rows.forEach((row, i) => assertEquals(ours(texts[i]!), row.t));

    const pairs = fc.sample(
      fc.integer({ min: 1, max: 70 }).chain((dims) => {
        const one = fc.array(fc.float({ min: -1e3, max: 1e3, noNaN: true }), {
          minLength: dims,
          maxLength: dims,
        });
        return fc.tuple(one, one);
      }),
      { numRuns: 200, seed },
    ).map(([a, b]) => [Float32Array.from(a), Float32Array.from(b)] as const);
    const measured = await db.query<Record<string, number>>(
      `SELECT a <-> b AS l2, a <#> b AS ip, a <=> b AS cosine, a <+> b AS l1,
         vector_norm(a) AS norm, i
       FROM (SELECT a::vector, b::vector, i
             FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS u(a, b, i)) t
       ORDER BY i`,
      [
        pairs.map(([a]) => formatVector(a)),
        pairs.map(([, b]) => formatVector(b)),
      ],
    );
    measured.rows.forEach((row, i) => {
      const [a, b] = pairs[i]!;
      assertEquals(reference.l2(a, b), row.l2);
      assertEquals(reference.negativeInnerProduct(a, b) + 0, row.ip! + 0);
      assertEquals(reference.cosine(a, b), row.cosine);
      assertEquals(reference.l1(a, b), row.l1);
      assertEquals(reference.norm(a), row.norm);
    });
    await db.close();
  },
});
