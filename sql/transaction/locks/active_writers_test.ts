import { assertEquals } from "@std/assert";
import { fc } from "../../../tests/support/fast_check.ts";
import { ActiveWriters, type Writer } from "./active_writers.ts";

class SetWriter implements Writer {
  readonly keys = new Set<string>();
  readonly depends = new Set<string>();

  hasWritten(key: Uint8Array): boolean {
    return this.keys.has(key.join());
  }

  dependsOn(key: string): boolean {
    return this.depends.has(key);
  }
}

Deno.test("whoever has written a key is found, alone, among others, and with very many keys", () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant("write" as const),
      who: fc.nat(4),
      key: fc.nat(20),
    }),
    fc.record({
      kind: fc.constantFrom("undo" as const, "end" as const, "many" as const),
      who: fc.nat(4),
      key: fc.nat(20),
    }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const writers = new ActiveWriters<SetWriter>();
    const all = Array.from({ length: 5 }, () => new SetWriter());
    const write = (writer: SetWriter, key: Uint8Array): void => {
      writers.add(writer);
      writers.note(writer, key);
      writer.keys.add(key.join());
    };
    for (const { kind, who, key } of steps) {
      const writer = all[who]!;
      if (kind === "write") write(writer, Uint8Array.of(key));
      else if (kind === "undo") writer.keys.delete(String(key));
      else if (kind === "many") {
        for (let i = 0; i < 5000; i++) {
          write(writer, Uint8Array.of(1, i >> 8, i));
        }
      } else {
        writers.remove(writer);
        writer.keys.clear();
      }
      for (const self of all) {
        for (let key = 0; key <= 20; key++) {
          const expected = all.some((other) =>
            other !== self && other.keys.has(String(key))
          );
          const found = writers.writerOf(Uint8Array.of(key), self);
          assertEquals(found !== undefined, expected);
          assertEquals(found === self, false);
          assertEquals(found?.keys.has(String(key)) ?? true, true);
        }
      }
    }
  }));
});

Deno.test("a writer that has ended leaves nothing behind", () => {
  const writers = new ActiveWriters<SetWriter>();
  const [a, b] = [new SetWriter(), new SetWriter()];
  const key = Uint8Array.of(7);
  for (const writer of [a, b]) {
    writers.add(writer);
    writers.note(writer, key);
    writer.keys.add("7");
    writer.depends.add("k");
  }
  assertEquals(writers.hasOthers(a), true);
  assertEquals(writers.dependantOf("k", a), b);
  writers.remove(b);
  assertEquals(writers.hasOthers(a), false);
  assertEquals(writers.writerOf(key, a), undefined);
  writers.remove(a);
  assertEquals(writers.count, 0);
});
