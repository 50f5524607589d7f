/**
 * What the module exports; ../kernels.ts describes each for the host.
 *
 * @module
 */
export {
  getEntry, getEntryLevel, setCodeQuery, setEntry, setup, setupCodes, setupGraph,
} from "./state";
export { distanceBatch, distanceRange } from "./distance";
export { search, searchFiltered } from "./search";
export { scan, scanBits, scanCodes } from "./scan";
export { sumNibbles } from "./nibbles";
export { insert } from "./link";
export { setLocks } from "./locks";
