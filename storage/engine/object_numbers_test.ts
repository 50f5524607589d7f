import { assertEquals } from "@std/assert";
import { tableMeta } from "../../tests/support/manifests.ts";
import { emptyManifest, type Manifest } from "../manifest/manifest.ts";
import { sstPath, vecPath } from "../object_store/object_path.ts";
import { ObjectNumbers } from "./object_numbers.ts";

function naming(...paths: string[]): Manifest {
  const [, ...others] = emptyManifest().levels;
  const tables = paths.filter((path) => path.startsWith("sst/"));
  return {
    ...emptyManifest(),
    levels: [tables.map((path) => tableMeta(path, "a", "b")), ...others],
    segments: paths.filter((path) => path.startsWith("vec/")).map((path) => ({
      path,
      size: 1,
      owner: 1,
      info: {},
    })),
  };
}

Deno.test("the mark is the lowest number that may still be named", () => {
  const numbers = new ObjectNumbers(3);
  assertEquals(numbers.settledIn(naming()), 1);
  const [a, b, c] = [numbers.take(), numbers.take(), numbers.take()];
  assertEquals(numbers.settledIn(naming()), 1);
  // The slower upload keeps its number, though a later one is named.
  assertEquals(numbers.settledIn(naming(sstPath(b!))), 1);
  numbers.note(naming(sstPath(b!)));
  assertEquals(numbers.settledIn(naming(sstPath(a!))), 3);
  // What an attempt would name is not settled before it is in the chain.
  assertEquals(numbers.settledIn(naming()), 1);
  numbers.note(naming(sstPath(a!)));
  numbers.abandon(vecPath(c!));
  assertEquals(numbers.settledIn(naming()), 4);
});

Deno.test("a segment settles its number as a table does; others' names do not", () => {
  const numbers = new ObjectNumbers(3);
  const id = numbers.take();
  numbers.note(
    naming(sstPath({ ...id, epoch: 2 }), sstPath({ ...id, job: 1 })),
  );
  assertEquals(numbers.settledIn(naming()), 1);
  numbers.note(naming(vecPath(id)));
  assertEquals(numbers.settledIn(naming()), 2);
});
