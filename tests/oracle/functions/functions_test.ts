/**
 * Random calls of every function and aggregate that is in `pg_proc` here and in
 * PostgreSQL (PGlite): the same value, or the same error.
 *
 *     deno test -A tests/oracle/functions -- --seed=7 --runs=5000
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { KriyaError } from "../../../base/errors.ts";
import { type Database, open } from "../../../mod.ts";
import { seededRandom } from "../../support/seeded_random.ts";
import {
  differences,
  type Outcome,
  SqlOracle,
} from "../../support/sql_oracle.ts";
import { testArgument, testSeed } from "../../support/test_seed.ts";
import { callOf, type Signature, SIGNATURES } from "./calls.ts";
import { whyDifferent, whyNotCalled } from "./exceptions.ts";

const SEED = testSeed();
const RUNS = Number(testArgument("runs") ?? 250);

/** How many calls PostgreSQL is asked for at a time. */
const BATCH = 500;

type Session = ReturnType<Database["session"]>;

/** What `pg_proc` says, on one of the two. */
type Row = Omit<Signature, "types"> & { readonly types: string };

async function common(
  session: Session,
  oracle: SqlOracle,
): Promise<Signature[]> {
  const keyOf = ({ name, types }: Row): string => `${name}(${types})`;
  const theirs = new Set((await oracle.query<Row>(SIGNATURES)).map(keyOf));
  const { rows } = await session.query<Row>(SIGNATURES);
  return rows.filter((row) => theirs.has(keyOf(row))).map((row) => ({
    ...row,
    types: row.types === "" ? [] : row.types.split(","),
  })).filter((signature) => whyNotCalled(signature) === undefined);
}

async function ours(session: Session, call: string): Promise<Outcome> {
  try {
    const { rows } = await session.query<{ v: string | null }>(
      `SELECT (${call})::text AS v`,
    );
    return { value: rows[0]!.v };
  } catch (error) {
    if (!(error instanceof KriyaError)) throw error;
    const { code, message, detail, hint } = error;
    return { code, message, detail: detail ?? "", hint: hint ?? "" };
  }
}

const NUMBER = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g;

/** Floats may differ from another platform's in the last digits. */
function nearly(one: Outcome, other: Outcome): Outcome {
  if (!("value" in one) || !("value" in other)) return one;
  const [a, b] = [one.value ?? "", other.value ?? ""];
  if (a.replace(NUMBER, "#") !== b.replace(NUMBER, "#")) return one;
  const expected = b.match(NUMBER) ?? [];
  const isNear = (a.match(NUMBER) ?? []).every((text, i) => {
    const number = Number(expected[i]);
    return Math.abs(Number(text) - number) <= Math.abs(number) * 1e-14;
  });
  return isNear ? other : one;
}

const INEXACT = /float|vec|point|lseg|line|box|circle|path$|polygon/;

Deno.test({
  // PGlite keeps its module and timers for the life of the process.
  sanitizeResources: false,
  sanitizeOps: false,
  name: "random calls of functions give what PostgreSQL's give",
  async fn(): Promise<void> {
    const database = await open("memory:");
    const session = database.session();
    await session.query("SET TimeZone = 'UTC'");
    const oracle = await SqlOracle.create();
    const signatures = await common(session, oracle);
    assert(signatures.length > 700, `only ${signatures.length} are called`);
    const random = seededRandom(SEED);
    const calls: string[] = [];
    const mine: Outcome[] = [];
    const inexact: boolean[] = [];
    for (let run = 0; run < RUNS; run++) {
      const signature = signatures[Math.floor(random() * signatures.length)]!;
      const call = callOf(signature, random);
      if (call === undefined || whyDifferent(call) !== undefined) continue;
      calls.push(call);
      mine.push(await ours(session, call));
      const { types, result } = signature;
      inexact.push([...types, result].some((type) => INEXACT.test(type)));
    }
    const theirs: Outcome[] = [];
    for (let at = 0; at < calls.length; at += BATCH) {
      theirs.push(...await oracle.evaluate(calls.slice(at, at + BATCH)));
    }
    const compared = mine.map((outcome, i) =>
      inexact[i] === true ? nearly(outcome, theirs[i]!) : outcome
    );
    assertEquals(differences(calls, compared, theirs), [], `seed ${SEED}`);
    assert(theirs.filter((each) => "value" in each).length > calls.length / 2);
    await session.close();
    await database.close();
  },
});
