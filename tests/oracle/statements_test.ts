/**
 * Random statements on KriyaDB and on PostgreSQL (PGlite): the same rows, types
 * and names, and the same tables after a change; or the same error.
 *
 *     deno task test:oracle                    20,000 statements
 *     deno test -A tests/oracle -- --seed=7 --runs=1000
 *
 * A difference is shrunk before it is told.
 *
 * @module
 */
import { assert, fail } from "@std/assert";
import { systemEnvironment } from "../../base/environment.ts";
import { open } from "../../mod.ts";
import { seededRandom } from "../support/seeded_random.ts";
import { testArgument, testSeed } from "../support/test_seed.ts";
import { Choices, shrink } from "./choices.ts";
import { change } from "./changes.ts";
import { Maker } from "./maker.ts";
import { Pair } from "./pair.ts";
import { orderedQuery, query } from "./queries.ts";
import { anyKinds } from "./query_parts.ts";
import { TABLE_STATEMENTS } from "./tables.ts";

const SEED = testSeed();
const RUNS = Number(testArgument("runs") ?? 300);
/** How many differences are shrunk and told. */
const TOLD_MAX = Number(testArgument("told") ?? 5);

/** How long the search for a smaller difference may go on. */
const SHRINK_MS_MAX = 60_000;

/** Longer ones are left out: they take seconds and show nothing more. */
const LENGTH_MAX = 3000;

/** One random statement. */
interface Statement {
  readonly text: string;
  /** The table it changes. */
  readonly table?: string;
}

function statement(choices: Choices): Statement {
  const maker = new Maker(choices, 2);
  if (choices.below(4) === 3) return change(maker);
  const kinds = anyKinds(maker);
  const depth = choices.below(3);
  return {
    text: choices.once(3)
      ? query(maker, {}, kinds, depth)
      : orderedQuery(maker, {}, kinds, depth),
  };
}

Deno.test({
  // PGlite keeps its module and timers for the life of the process.
  sanitizeResources: false,
  sanitizeOps: false,
  name: "random statements have PostgreSQL's outcomes",
  async fn(): Promise<void> {
    const database = await open("memory:");
    const pair = await Pair.create(database);
    for (const text of TABLE_STATEMENTS) await pair.prepare(text);
    const random = seededRandom(SEED);
    const told: string[] = [];
    for (let run = 0; run < RUNS && told.length < TOLD_MAX; run++) {
      const choices = Choices.draw(random);
      const { text, table } = statement(choices);
      if (text.length > LENGTH_MAX) continue;
      if (await pair.difference(text, table) === undefined) continue;
      const end = systemEnvironment.now() + SHRINK_MS_MAX;
      const fails = async (taken: readonly number[]): Promise<boolean> => {
        if (systemEnvironment.now() > end) return false;
        const { text, table } = statement(Choices.replay(taken));
        return await pair.difference(text, table) !== undefined;
      };
      const small = statement(
        Choices.replay(await shrink(choices.taken, fails)),
      );
      const difference = await pair.difference(small.text, small.table);
      told.push(`${small.text}\n${difference}`);
    }
    const { rows, errors, open: left } = pair.counts;
    await pair.close();
    await database.close();
    if (told.length > 0) {
      fail(`SEED ${SEED}: ${told.length} differences\n${told.join("\n\n")}`);
    }
    assert(rows > RUNS, `only ${rows} rows were compared`);
    assert(errors < RUNS / 10, `${errors} of ${RUNS} were errors`);
    assert(left < RUNS / 10, `${left} of ${RUNS} were open`);
  },
});
