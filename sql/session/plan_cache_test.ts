import { assertEquals } from "@std/assert";
import { type CachedPlan, PlanCache } from "./plan_cache.ts";

interface Plan extends CachedPlan {
  readonly name: string;
}

function plan(name: string, catalogVersion = 1, hasParameters = true): Plan {
  return { name, catalogVersion, hasParameters };
}

Deno.test("PlanCache gives the plan of a text under the catalog it was made for", () => {
  const cache = new PlanCache<Plan>();
  cache.set("SELECT 1", plan("first"));
  assertEquals(cache.get("SELECT 1", 1)?.name, "first");
  assertEquals(cache.get("SELECT 1", 2), undefined);
  assertEquals(cache.get("select 1", 1), undefined);
  cache.set("SELECT 1", plan("second", 2));
  assertEquals(cache.get("SELECT 1", 1), undefined);
  assertEquals(cache.get("SELECT 1", 2)?.name, "second");
  assertEquals(cache.count, 1);
});

Deno.test("PlanCache keeps so many plans, and the newest", () => {
  const cache = new PlanCache<Plan>(3);
  for (const name of ["a", "b", "c", "a", "d"]) cache.set(name, plan(name));
  assertEquals(cache.count, 3);
  assertEquals(
    ["a", "b", "c", "d"].map((name) => cache.get(name, 1)?.name),
    ["a", undefined, "c", "d"],
  );
});

Deno.test("PlanCache keeps texts within their budget", () => {
  const cache = new PlanCache<Plan>(100, 1000);
  for (let i = 0; i < 10; i++) cache.set(`${i}`.repeat(240), plan(`${i}`));
  assertEquals(cache.count, 4);
  cache.set("x".repeat(251), plan("too long to be worth it"));
  assertEquals(cache.count, 4);
});

Deno.test("PlanCache keeps a long text only if it has parameters", () => {
  const cache = new PlanCache<Plan>();
  const text = "SELECT ".padEnd(20_000, " ");
  cache.set(text, plan("literals", 1, false));
  assertEquals(cache.count, 0);
  cache.set(text, plan("parameters", 1, true));
  assertEquals(cache.get(text, 1)?.name, "parameters");
});
