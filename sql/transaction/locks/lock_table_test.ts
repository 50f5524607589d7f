import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { systemEnvironment } from "../../../base/environment.ts";
import { isPromise } from "../../../base/maybe_promise.ts";
import { SeededRandom } from "../../../testing/seeded_random.ts";
import { SimulatedEnvironment } from "../../../testing/simulated_environment.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { ADVISORY_MODES, type LockMode } from "./lock_mode.ts";
import { type LockOwner, type LockRequest, LockTable } from "./lock_table.ts";

const { ShareLock, ExclusiveLock } = ADVISORY_MODES;

function want(key: string, mode: LockMode = ExclusiveLock): LockRequest {
  return {
    key,
    label: `lock ${key}`,
    tag: { locktype: "advisory" },
    mode,
    level: "session",
  };
}

function newTable(): LockTable {
  return new LockTable(systemEnvironment);
}

Deno.test("shared locks go together, exclusive ones alone, and who holds one has it again", async () => {
  const table = newTable();
  const [a, b] = [table.newOwner(), table.newOwner()];
  assertEquals(table.acquire(a, want("k", ShareLock)), undefined);
  assertEquals(table.acquire(b, want("k", ShareLock)), undefined);
  assert(!table.tryAcquire(a, want("k")));
  const upgraded = table.acquire(a, want("k"));
  assert(isPromise(upgraded));
  assert(table.release(b, want("k", ShareLock)));
  await upgraded;
  assertEquals(table.acquire(a, want("k")), undefined);
  assert(!table.tryAcquire(b, want("k", ShareLock)));
  // Asked for twice, given back twice.
  assert(table.release(a, want("k")));
  assert(table.release(a, want("k")));
  assert(!table.release(a, want("k")));
  assert(table.tryAcquire(b, want("k", ShareLock)));
  table.releaseAll(a, "session");
  table.releaseAll(b, "session");
  assertEquals(table.count, 0);
});

Deno.test("who asks first has it first; a reader does not pass a writer that waits", async () => {
  const table = newTable();
  const owners = Array.from({ length: 5 }, () => table.newOwner());
  const order: number[] = [];
  table.acquire(owners[0]!, want("k", ShareLock));
  const waits = owners.slice(1).map(async (owner, i) => {
    const mode = i % 2 === 0 ? ExclusiveLock : ShareLock;
    await table.acquire(owner, want("k", mode));
    order.push(i + 1);
    table.release(owner, want("k", mode));
  });
  assertEquals(order, []);
  table.release(owners[0]!, want("k", ShareLock));
  await Promise.all(waits);
  assertEquals(order, [1, 2, 3, 4]);
  assertEquals(table.count, 0);
});

Deno.test("[L-094] a circle of any length is found when it closes, with its steps; the others go on", async () => {
  for (const length of [2, 3, 7]) {
    const table = newTable();
    const owners = Array.from({ length }, () => table.newOwner());
    for (const [i, owner] of owners.entries()) {
      table.acquire(owner, want(`k${i}`));
    }
    const waits = owners.slice(0, -1).map((owner, i) =>
      table.acquire(owner, want(`k${i + 1}`)) as Promise<void>
    );
    const last = owners.at(-1)!;
    const error = await assertRejects(
      async () => await table.acquire(last, want("k0")),
      SqlError,
      "deadlock detected",
    );
    assertEquals(error.code, "40P01");
    const steps = error.detail!.split("\n");
    assertEquals(steps.length, length);
    assertEquals(
      steps[0],
      `Session ${length} waits for ExclusiveLock on lock k0; blocked by session 1.`,
    );
    // The victim rolls back; who waited for it goes on, one after the other.
    table.releaseAll(last, "session");
    for (let i = length - 2; i >= 0; i--) {
      await waits[i];
      table.releaseAll(owners[i]!, "session");
    }
    assertEquals(table.count, 0);
  }
});

Deno.test("[L-095] with wait-die the younger gives up, the older waits, and no circle comes to be", async () => {
  const table = newTable();
  const [older, younger] = [table.newOwner(), table.newOwner()];
  table.acquire(older, want("a"));
  table.acquire(younger, want("b"));
  const waits = table.acquire(older, want("b"), { waitDie: true });
  assert(isPromise(waits));
  const error = await assertRejects(
    async () => await table.acquire(younger, want("a"), { waitDie: true }),
    SqlError,
    "deadlock avoided",
  );
  assertEquals(error.code, "40P01");
  table.releaseAll(younger, "session");
  await waits;
});

Deno.test("who waits gives up after its time, or when it is aborted, and is in nobody's way any more", async () => {
  const environment = new SimulatedEnvironment({ seed: 1 });
  await environment.run(async () => {
    const table = new LockTable(environment);
    const [a, b, c] = [1, 2, 3].map(() => table.newOwner()) as [
      LockOwner,
      LockOwner,
      LockOwner,
    ];
    table.acquire(a, want("k", ShareLock));
    const late = table.acquire(b, want("k"), { timeoutMs: 500 });
    const behind = table.acquire(c, want("k", ShareLock)) as Promise<void>;
    const error = await assertRejects(async () => await late, SqlError);
    assertEquals(error.code, "55P03");
    await behind;
    const stop = new AbortController();
    const aborted = table.acquire(b, want("k"), { signal: stop.signal });
    stop.abort(new Error("enough"));
    await assertRejects(async () => await aborted, Error, "enough");
    const { signal } = stop;
    assertThrows(
      () => table.acquire(b, want("k"), { signal }),
      Error,
      "enough",
    );
    assertEquals([...table.facts()].map(({ granted }) => granted), [
      true,
      true,
    ]);
  });
});

Deno.test("whatever is asked for, holds never exclude each other, and everybody ends", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new SeededRandom(`locks ${seed}`);
    const table = newTable();
    const held = new Map<string, Map<number, LockMode[]>>();
    let deadlocks = 0;
    const note = (id: number, key: string, mode: LockMode): void => {
      const holds = held.get(key) ?? new Map<number, LockMode[]>();
      held.set(key, holds);
      for (const [other, modes] of holds) {
        const excludes = modes.some(({ bit }) => bit & mode.conflicts);
        assert(other === id || !excludes, `seed ${seed}: ${key}`);
      }
      holds.set(id, [...holds.get(id) ?? [], mode]);
    };
    await Promise.all(Array.from({ length: 8 }, async () => {
      const owner = table.newOwner();
      const chance = random.fork();
      for (let round = 0; round < 12; round++) {
        try {
          for (let n = 1 + chance.below(3); n > 0; n--) {
            const key = `k${chance.below(4)}`;
            const mode = chance.chance(0.5) ? ShareLock : ExclusiveLock;
            await table.acquire(owner, want(key, mode));
            note(owner.id, key, mode);
            if (chance.chance(0.5)) await Promise.resolve();
          }
        } catch (error) {
          assertEquals((error as SqlError).code, "40P01");
          deadlocks++;
        }
        for (const holds of held.values()) holds.delete(owner.id);
        table.releaseAll(owner, "session");
      }
    }));
    assertEquals(table.count, 0, `seed ${seed}`);
    assert(deadlocks < 90);
  }
});
