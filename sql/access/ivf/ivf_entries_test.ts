import { assertEquals, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { KriyaError } from "../../../base/errors.ts";
import { BitVector } from "../../../vector/types/bit_vector.ts";
import { createTypeRegistry } from "../../types/type_registry.ts";
import {
  decodeCalibration,
  decodePlace,
  encodeCalibration,
  encodePlace,
  IvfEntries,
} from "./ivf_entries.ts";

const types = createTypeRegistry();
const vectors = new IvfEntries(7, {
  isCoded: true,
  type: { type: types.byName("vector")!, typmod: 3 },
  dims: 3,
});
const bits = new IvfEntries(8, {
  isCoded: true,
  type: { type: types.byName("bit")!, typmod: 9 },
  dims: 9,
});

Deno.test("entries of a clustered index are read as they were written", () => {
  fc.assert(fc.property(
    fc.integer({ min: 0, max: 0xffff_ffff }),
    fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    fc.constantFrom("open", "closed", "draining"),
    (cluster, tid, state) => {
      const of = (key: Uint8Array): unknown =>
        vectors.entryOf(key, 0, key.length);
      assertEquals(of(vectors.vectorKey(cluster, tid)), {
        kind: "vector",
        cluster,
        tid,
      });
      assertEquals(of(vectors.placeKey(tid)), { kind: "place", tid });
      assertEquals(of(vectors.centroidKey(cluster)), {
        kind: "centroid",
        cluster,
      });
      assertEquals(of(bits.placeKey(tid)), undefined);
      const place = { cluster, isNew: tid % 2 === 0 };
      assertEquals(decodePlace(encodePlace(place)), place);
      const vector = Float32Array.of(1, tid, -2.5);
      const centroid = { vector, state } as const;
      assertEquals(
        vectors.decodeCentroid(cluster, vectors.encodeCentroid(centroid)),
        { cluster, ...centroid },
      );
    },
  ));
  const stored = bits.encodeVectorOf(BitVector.parse("110000001"));
  const read = bits.decodeVector(stored, 0, stored.length);
  assertEquals(String(read), "110000001");
});

Deno.test("damaged entries of a clustered index are refused", () => {
  const stored = vectors.encodeVectorOf(Float32Array.of(1, 2, 3));
  const longer = new IvfEntries(7, {
    isCoded: true,
    type: { type: types.byName("vector")!, typmod: -1 },
    dims: 4,
  });
  assertThrows(() => longer.decodeVector(stored, 0, stored.length), KriyaError);
  assertThrows(() => decodePlace(new Uint8Array(4)), KriyaError);
  assertThrows(() => vectors.decodeCentroid(0, new Uint8Array(0)), KriyaError);
  const text = new TextEncoder();
  const good = {
    rows: 5,
    points: [{ probes: 1, recall10: 1, recall100: 0.5 }],
  };
  assertEquals(decodeCalibration(encodeCalibration(good)), good);
  for (
    const damaged of [
      "",
      "null",
      "[]",
      '{"rows":-1,"points":[]}',
      '{"rows":1,"points":[[1,2]]}',
      '{"rows":1,"points":[[1,2,"x"]]}',
      `{"rows":1,"points":[${Array(65).fill("[1,1,1]").join()}]}`,
    ]
  ) {
    assertThrows(() => decodeCalibration(text.encode(damaged)), KriyaError);
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
    try {
      vectors.decodeCentroid(1, bytes);
    } catch (error) {
      if (!(error instanceof KriyaError)) throw error;
    }
  }));
});
