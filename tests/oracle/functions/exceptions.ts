/**
 * Functions that random calls leave out, and calls whose answer is another than
 * PostgreSQL's, each with the reason.
 *
 * @module
 */
import type { Signature } from "./calls.ts";

/** Names that are not called. */
const NOT_CALLED: readonly (readonly [RegExp, string])[] = [
  [
    /^(pg_|has_|current_|session_user|txid_|row_security|to_reg|lsm_)/,
    "asks what the session, the catalog or the cluster is",
  ],
  [
    /^(now|statement_timestamp|transaction_timestamp|age|version|mxid_age)$/,
    "asks the clock or the build",
  ],
  [/^(obj|shobj|col)_description$|^format_type$/, "asks the catalog"],
  [/^inet_(client|server)_/, "asks the connection"],
  [/^(repeat|ts_stat|getdatabaseencoding)$/, "is large, or runs a query"],
  [/^hash/, "has numbers of its own beyond those of PostgreSQL's types"],
  [/send$/, "writes the bytes of the protocol, and cannot be called"],
  [/^convert_(to|from)$/, "stops PGlite when an encoding is unknown"],
  [/^jsonb?_to_tsvector$/, "fails inside PostgreSQL for a flag in an array"],
  [/^(lower|upper|initcap|casefold)$/, "is Unicode's, not a locale's"],
  [
    /^array_fill$/,
    "tells the largest array, which is twice as large on 32 bits",
  ],
];

/** Why a function is not called; `undefined` if it is. */
export function whyNotCalled({ name }: Signature): string | undefined {
  return NOT_CALLED.find(([pattern]) => pattern.test(name))?.[1];
}

/** Calls with another answer. */
const DIFFERENT: readonly (readonly [RegExp, string])[] = [
  [
    /^"to_(date|timestamp)"\('[^']*[^ -~]/,
    "the width of a field is counted in bytes there",
  ],
  [
    /jsonb?_to_record(set)?"\(NULL/,
    "the columns are asked for before the value is known to be NULL",
  ],
  [
    /right\(.*'-2147483648'/,
    "the negative of the least integer overflows there",
  ],
  [
    /timezone\('[^']*\d\d'::"text", .*timetz/,
    "a zone more than 18 hours away, as POSIX writes it, has no time of day",
  ],
];

/** Why a call has another answer; `undefined` if it has not. */
export function whyDifferent(call: string): string | undefined {
  return DIFFERENT.find(([pattern]) => pattern.test(call))?.[1];
}
