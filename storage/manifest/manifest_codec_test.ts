import { assert, assertEquals, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { ByteWriter } from "../../base/bytes.ts";
import { crc32c } from "../../base/checksum.ts";
import { KriyaError } from "../../base/errors.ts";
import { bytes, text } from "../../tests/support/lsm_contents.ts";
import { arbitraryManifest, tableMeta } from "../../tests/support/manifests.ts";
import { emptyManifest, type Manifest } from "./manifest.ts";
import { decodeManifest, encodeManifest } from "./manifest_codec.ts";

const PATH = "manifest/x";

Deno.test("a manifest comes back, whatever it says", () => {
  fc.assert(
    fc.property(arbitraryManifest, (manifest) => {
      const encoded = encodeManifest(manifest);
      assertEquals(decodeManifest(encoded, manifest.number, PATH), manifest);
    }),
    { numRuns: 200 },
  );
});

const SAMPLE: Manifest = {
  ...emptyManifest(),
  number: 12,
  writerName: "host 1, process 2",
  levels: emptyManifest().levels.map((_, i) =>
    i === 0 ? [tableMeta("sst/1", "a", "b")] : []
  ),
};

Deno.test("jobs of others and held changes are read as they were written", () => {
  const manifest: Manifest = {
    ...SAMPLE,
    sequence: 9,
    retainFrom: 8,
    held: [{ prefix: 0xffffffff, from: 3 }],
    jobs: [
      { job: 1, epoch: 2, kind: "ingest" },
      {
        job: 2,
        epoch: 2,
        kind: "compaction",
        token: "a1",
        inputs: ["sst/1", "sst/2"],
        untilMs: 1e12,
      },
    ],
  };
  const read = decodeManifest(encodeManifest(manifest), 12, PATH);
  assertEquals([read.held, read.jobs], [manifest.held, manifest.jobs]);
  assertEquals(read.retainFrom, 8);
});

Deno.test("what is kept of the past is read as it was written", () => {
  const snapshots = [{ name: "x", sequence: 7, createdMs: 1e12 }];
  const manifest = { ...SAMPLE, sequence: 9, versionRetentionMs: 5, snapshots };
  const read = decodeManifest(encodeManifest(manifest), 12, PATH);
  assertEquals([read.versionRetentionMs, read.snapshots], [5, snapshots]);
  const { snapshots: _, versionRetentionMs: __, ...older } = body;
  const before = decodeManifest(crafted(older), 12, PATH);
  assertEquals([before.versionRetentionMs, before.snapshots], [0, []]);
});

Deno.test("a manifest that does not say what is held lets nothing go", () => {
  const { held: _, ...older } = body;
  const object = crafted({ ...older, sequence: 9, retainFrom: 8 });
  assertEquals(decodeManifest(object, 12, PATH).retainFrom, 0);
});

Deno.test("every flipped bit and every truncation of a manifest is corrupt", () => {
  const encoded = encodeManifest(SAMPLE);
  const damaged: Uint8Array[] = [];
  for (let bit = 0; bit < encoded.length * 8; bit++) {
    const copy = encoded.slice();
    copy[bit >> 3]! ^= 1 << (bit & 7);
    damaged.push(copy);
  }
  for (let end = 0; end < encoded.length; end++) {
    damaged.push(encoded.subarray(0, end));
  }
  damaged.push(new Uint8Array([...encoded, 0]));
  for (const manifest of damaged) {
    const error = assertThrows(
      () => decodeManifest(manifest, 12, PATH),
      KriyaError,
      `Cannot read "${PATH}"`,
    );
    assertEquals([error.kind, error.code], ["corrupt", "XX001"]);
  }
});

/** A manifest object of any body, with a checksum that is right. */
function crafted(body: unknown, rawLength?: number, version = 1): Uint8Array {
  const encoded = typeof body === "string" ? bytes(body) : bytes(
    JSON.stringify(body),
  );
  const writer = new ByteWriter();
  writer.u32(0x4e414d4b);
  writer.u16(version);
  writer.u16(0);
  writer.u32(rawLength ?? encoded.length);
  writer.u32(0);
  writer.raw(encoded);
  const object = writer.toBytes();
  const sum = crc32c(object, 0, 12) ^ crc32c(object, 16);
  writer.setU32(12, sum >>> 0);
  return writer.toBytes();
}

/** What the codec writes, as a value. */
const body = JSON.parse(
  JSON.stringify({
    ...SAMPLE,
    levels: SAMPLE.levels.map((tables) =>
      tables.map((table) => ({
        ...table,
        firstKey: table.firstKey.toBase64(),
        lastKey: table.lastKey.toBase64(),
      }))
    ),
  }),
);
const [first] = body.levels[0];
const withTable = (change: Record<string, unknown>): unknown => ({
  ...body,
  levels: [[{ ...first, ...change }], ...body.levels.slice(1)],
});

Deno.test("fields that this build does not know are passed over", () => {
  const newer = { ...body, branch: "main", levels: body.levels };
  assertEquals(decodeManifest(crafted(newer), 12, PATH), SAMPLE);
});

Deno.test("a body that is not a manifest's is corrupt, although its checksum is right", () => {
  const bodies: unknown[] = [
    "",
    "not JSON",
    "[".repeat(100_000),
    null,
    [],
    {},
    { ...body, number: 13 },
    { ...body, number: -1 },
    { ...body, number: 1.5 },
    { ...body, epoch: "1" },
    { ...body, epoch: 2 ** 53 },
    { ...body, writerId: 7 },
    { ...body, levels: body.levels.slice(1) },
    { ...body, levels: [7, ...body.levels.slice(1)] },
    { ...body, levels: [[null], ...body.levels.slice(1)] },
    { ...body, horizon: 5, sequence: 4 },
    { ...body, segments: {} },
    { ...body, segments: [{ path: "vec/1", size: 1, owner: 1, info: [] }] },
    { ...body, jobs: [{ job: 1, epoch: 1 }] },
    { ...body, jobs: [{ job: 1, epoch: 1, kind: "x", inputs: [7] }] },
    { ...body, jobs: [{ job: 1, epoch: 1, kind: "x", untilMs: -1 }] },
    { ...body, jobs: [{ job: 1, epoch: 1, kind: "x", token: {} }] },
    { ...body, held: [{ prefix: 7 }] },
    { ...body, versionRetentionMs: -1 },
    { ...body, snapshots: [{ name: "x", sequence: 1 }] },
    { ...body, snapshots: [{ name: 1, sequence: 1, createdMs: 1 }] },
    { ...body, checkpoints: [{ name: "x", manifest: 1 }] },
    withTable({ path: 7 }),
    withTable({ firstKey: "???" }),
    withTable({ firstKey: "Yg==", lastKey: "YQ==" }),
    withTable({ entryCount: -1 }),
    withTable({ commitSequence: "now" }),
    withTable({ prefixes: [[1, 2, 3]] }),
    withTable({ prefixes: [[1, 2, 3, -4]] }),
    withTable({ prefixes: ["1234"] }),
  ];
  for (const body of bodies) {
    const error = assertThrows(
      () => decodeManifest(crafted(body), 12, PATH),
      KriyaError,
      `Cannot read "${PATH}"`,
    );
    assertEquals(error.kind, "corrupt", JSON.stringify(body).slice(0, 200));
  }
});

Deno.test("a newer format, an unknown codec and an absurd length are refused", () => {
  const broken: [Uint8Array, string][] = [
    [crafted(body, undefined, 2), "format version 2; this build reads up to 1"],
    [crafted(body, undefined, 0), "format version 0"],
    [crafted(body, 2 ** 32 - 1), "body too large"],
    [crafted(body, 3), "wrong length"],
    [bytes("KMAX".padEnd(40)), "bad magic"],
  ];
  for (const [object, message] of broken) {
    const error = assertThrows(
      () => decodeManifest(object, 12, PATH),
      KriyaError,
      message,
    );
    assertEquals(error.kind, "corrupt");
  }
});

Deno.test("a manifest of many tables is compressed", () => {
  const tables = Array.from(
    { length: 500 },
    (_, i) => tableMeta(`sst/000000000001-000000000000-${i}`, "a", "b"),
  );
  const levels = emptyManifest().levels.map((_, i) => i === 0 ? tables : []);
  const encoded = encodeManifest({ ...SAMPLE, levels });
  assert(encoded.length < 20_000, `${encoded.length} bytes`);
  assertEquals(text(encoded.subarray(0, 4)), "KMAN");
  assertEquals(decodeManifest(encoded, 12, PATH).levels[0]!.length, 500);
});
