/**
 * Every rule of the protocol is needed: without it, a narrow scenario breaks a
 * promise that it keeps with it. The shortest traces are in `rules.golden`;
 * `deno test -A tests/model/rules_test.ts -- --update` writes them anew.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { explore, formatViolation } from "./explore.ts";
import { protocol } from "./protocol.ts";
import { ALL_RULES, type Rules, without } from "./rules.ts";
import { WITNESSES } from "./witnesses.ts";

const GOLDEN = new URL("./rules.golden", import.meta.url);
const STATES_MAX = 300_000;

const update = Deno.args.includes("--update");
const golden = new Map<string, string>();
if (!update) {
  for (const part of Deno.readTextFileSync(GOLDEN).split(/^## /m).slice(1)) {
    const end = part.indexOf("\n");
    golden.set(part.slice(0, end), part.slice(end + 1).trim());
  }
}

for (const rule of Object.keys(ALL_RULES) as (keyof Rules)[]) {
  Deno.test(`the protocol needs its rule ${rule}`, () => {
    const scenario = WITNESSES[rule];
    const kept = explore(protocol(scenario, ALL_RULES), STATES_MAX);
    assertEquals(kept.violation, undefined, "with the rule");
    const { violation } = explore(
      protocol(scenario, without(rule)),
      STATES_MAX,
    );
    assert(violation !== undefined, "without the rule nothing goes wrong");
    const trace = formatViolation(violation).replaceAll(/ +$/gm, "");
    if (update) golden.set(rule, trace);
    else assertEquals(trace, golden.get(rule));
  });
}

Deno.test("the traces are those of the rules", () => {
  assertEquals([...golden.keys()], Object.keys(ALL_RULES));
  if (!update) return;
  const parts = [...golden].map(([rule, trace]) => `## ${rule}\n\n${trace}\n`);
  const title = "# What happens without each rule of the protocol\n";
  Deno.writeTextFileSync(GOLDEN, [title, ...parts].join("\n"));
});
