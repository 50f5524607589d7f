/**
 * The context of functions that ask nothing of it: immutable ones.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type { FunctionContext } from "./definition.ts";

const unavailable = (): never => {
  throw new KriyaError("internal", "An immutable function asked for context");
};

/** Whoever asks it anything fails. */
export const NO_CONTEXT: FunctionContext = {
  transactionTimestamp: 0,
  clock: unavailable,
  random: unavailable,
  randomBytes: unavailable,
  setting: unavailable,
  host: unavailable,
};
