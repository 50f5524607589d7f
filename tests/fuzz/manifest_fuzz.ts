/**
 * Manifests and the boundary of collection.
 *
 * 1. A manifest is refused, or is what it was.
 * 2. A boundary that is let pass is a safe integer.
 */
import fc from "fast-check";
import { utf8Encode } from "../../base/bytes.ts";
import {
  decodeManifest,
  encodeManifest,
} from "../../storage/manifest/manifest_codec.ts";
import { decodeBoundary } from "../../storage/manifest/manifest_store.ts";
import { GC_BOUNDARY_PATH } from "../../storage/object_store/object_path.ts";
import { KriyaError } from "../../base/errors.ts";
import { arbitraryManifest } from "../support/manifests.ts";
import { type Fuzzer, SOURCE } from "./fuzzer.ts";

/** Manifests. */
export const manifestFuzzer: Fuzzer = {
  name: "manifest",
  sealed: true,
  namesByte: false,
  sample: (random) => {
    const seed = random.below(2 ** 31);
    const [manifest] = fc.sample(arbitraryManifest, { numRuns: 1, seed });
    const { number } = manifest!;
    return {
      bytes: encodeManifest(manifest!),
      decode: (bytes) => JSON.stringify(decodeManifest(bytes, number, SOURCE)),
    };
  },
};

/** The boundary object: JSON, as its writer is a compare-and-set. */
export const boundaryFuzzer: Fuzzer = {
  name: "boundary",
  sealed: false,
  namesByte: false,
  sample: (random) => ({
    bytes: utf8Encode(JSON.stringify({ boundary: random.below(2 ** 40) })),
    decode: (bytes) => {
      try {
        const boundary = decodeBoundary(bytes);
        if (!Number.isSafeInteger(boundary)) throw new Error("not a number");
        return String(boundary);
      } catch (error) {
        if (!(error instanceof KriyaError)) throw error;
        // It names its own path, which is always the same.
        const message = error.message.replace(GC_BOUNDARY_PATH, SOURCE);
        throw new KriyaError(error.kind, message);
      }
    },
  }),
};
