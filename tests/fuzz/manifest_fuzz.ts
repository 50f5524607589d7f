/**
 * Manifests and the boundary of collection.
 *
 * 1. A manifest is refused, or is what it was.
 * 2. A boundary is refused, or is what it was: a damaged plan deletes nothing.
 */
import { fc } from "fast-check";
import {
  decodeManifest,
  encodeManifest,
} from "../../storage/manifest/manifest_codec.ts";
import {
  ATTEMPT_BYTES,
  decodeBoundary,
  encodeBoundary,
} from "../../storage/manifest/boundary_codec.ts";
import {
  GC_BOUNDARY_PATH,
  walPath,
} from "../../storage/object_store/object_path.ts";
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

/** The boundary object. */
export const boundaryFuzzer: Fuzzer = {
  name: "boundary",
  sealed: true,
  namesByte: false,
  sample: (random) => ({
    bytes: encodeBoundary({
      number: random.below(2 ** 40),
      attempt: new Uint8Array(ATTEMPT_BYTES).fill(random.below(256)),
      plan: Array.from(
        { length: random.below(4) },
        () => walPath(random.below(2 ** 40)),
      ),
    }),
    decode: (bytes) => {
      try {
        return JSON.stringify(decodeBoundary(bytes));
      } catch (error) {
        if (!(error instanceof KriyaError)) throw error;
        // It names its own path, which is always the same.
        const message = error.message.replace(GC_BOUNDARY_PATH, SOURCE);
        throw new KriyaError(error.kind, message);
      }
    },
  }),
};
