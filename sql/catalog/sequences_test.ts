import { assertEquals, assertThrows } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { createTypeRegistry } from "../types/type_registry.ts";
import { decodeEntry, encodeEntry } from "./catalog_rows.ts";
import type { SequenceEntry } from "./sequence_entry.ts";
import { nameParts } from "./sequence_name.ts";
import { decodePlace, encodePlace } from "./sequence_place.ts";

const SEQUENCE: SequenceEntry = {
  kind: "sequence",
  id: 20_000,
  storageId: 20_001,
  schema: "public",
  name: "s",
  dataType: "int8",
  start: 5n,
  increment: -1n,
  minimum: -(2n ** 63n),
  maximum: 2n ** 63n - 1n,
  cache: 1n,
  cycle: true,
  owner: { tableId: 20_002, columnNumber: 3, identity: true },
};

Deno.test("a sequence is read as it was written", () => {
  const types = createTypeRegistry();
  for (const entry of [SEQUENCE, { ...SEQUENCE, owner: undefined }]) {
    const { owner, ...rest } = decodeEntry(
      encodeEntry(entry),
      types,
    ) as SequenceEntry;
    assertEquals({ ...rest, owner }, entry);
  }
});

Deno.test("a damaged sequence is corrupt", () => {
  const types = createTypeRegistry();
  const text = new TextDecoder().decode(encodeEntry(SEQUENCE));
  for (
    const [from, to] of [
      ['"int8"', '"int9"'],
      ['"start":"5"', '"start":5'],
      ['"increment":"-1"', '"increment":"0"'],
      ['"cycle":true', '"cycle":1'],
      ['"owner":{', '"owner":{"tableId":-1},"x":{'],
      ['"owner":{', '"owner":7,"x":{'],
    ]
  ) {
    const bytes = new TextEncoder().encode(text.replace(from!, to!));
    assertThrows(() => decodeEntry(bytes, types), KriyaError);
  }
});

Deno.test("a place is read as it was written, and checked", () => {
  for (const last of [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)]) {
    for (const called of [true, false]) {
      assertEquals(decodePlace(encodePlace({ last, called })), {
        last,
        called,
      });
    }
  }
  for (const bytes of [[], [1, 2, 3], [0, 0, 0, 0, 0, 0, 0, 0, 2]]) {
    assertThrows(() => decodePlace(Uint8Array.from(bytes)), KriyaError);
  }
});

Deno.test("a qualified name in its parts", () => {
  assertEquals(nameParts("S"), ["s"]);
  assertEquals(nameParts('public."A ""b"" .c"'), ["public", 'A "b" .c']);
  assertEquals(nameParts(" a . b "), ["a", "b"]);
  for (const text of ["", " ", "a.", ".a", '"', "a b", '""']) {
    assertThrows(() => nameParts(text), KriyaError);
  }
});
