/**
 * fast-check as the tests import it: where a property names no seed, it begins
 * where all tests by chance do (`test_seed.ts`).
 *
 * @module
 */
import fc from "fast-check-unseeded";
import { testSeed } from "./test_seed.ts";

fc.configureGlobal({ seed: testSeed() });

export { fc };
export type * from "fast-check-unseeded";
