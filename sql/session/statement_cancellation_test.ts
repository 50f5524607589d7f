import { assert, assertEquals, assertThrows } from "@std/assert";
import { systemEnvironment } from "../../base/environment.ts";
import { SqlError } from "../errors/sql_error.ts";
import {
  type CancellationOptions,
  StatementCancellation,
} from "./statement_cancellation.ts";

/** A cancellation on a clock that the test sets. */
function onClock(
  options: Partial<CancellationOptions>,
): { cancellation: StatementCancellation; clock: { ms: number } } {
  const clock = { ms: 1000 };
  const environment = {
    ...systemEnvironment,
    monotonicMs: () => clock.ms,
    setTimer: systemEnvironment.setTimer.bind(systemEnvironment),
  };
  const cancellation = new StatementCancellation({
    environment,
    timeoutMs: 0,
    signal: undefined,
    sinceMs: undefined,
    ...options,
  });
  return { cancellation, clock };
}

Deno.test("StatementCancellation stops when its time is over, not before", () => {
  const { cancellation, clock } = onClock({ timeoutMs: 50 });
  clock.ms = 1050;
  cancellation.throwIfAborted();
  clock.ms = 1051;
  const error = assertThrows(() => cancellation.throwIfAborted(), SqlError);
  assertEquals(error.code, "57014");
});

Deno.test("StatementCancellation counts the time of earlier attempts", () => {
  const { cancellation, clock } = onClock({ timeoutMs: 50, sinceMs: 960 });
  clock.ms = 1011;
  assertThrows(() => cancellation.throwIfAborted(), SqlError);
});

Deno.test("StatementCancellation stops for the caller's signal", () => {
  const controller = new AbortController();
  const { cancellation } = onClock({ signal: controller.signal });
  cancellation.throwIfAborted();
  controller.abort("why");
  const error = assertThrows(() => cancellation.throwIfAborted(), SqlError);
  assertEquals([error.code, error.cause], ["57014", "why"]);
});

Deno.test("StatementCancellation pauses once in a slice of 25 ms", async () => {
  const { cancellation, clock } = onClock({});
  assertEquals(cancellation.pause(), undefined);
  clock.ms = 1010;
  assertEquals(cancellation.pause(), undefined);
  clock.ms = 1034;
  assertEquals(cancellation.pause(), undefined);
  clock.ms = 1035;
  let others = false;
  setTimeout(() => others = true, 0);
  const pause = cancellation.pause();
  assert(pause !== undefined);
  await pause;
  assert(others, "nothing else ran");
  clock.ms = 1059;
  assertEquals(cancellation.pause(), undefined);
  clock.ms = 1060;
  const next = cancellation.pause();
  assert(next !== undefined);
  await next;
});
