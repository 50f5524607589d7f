/**
 * The types that extensions bring. Their OIDs are below those of a database's
 * own objects.
 *
 * @module
 */
import type { CastDefinition } from "../cast_definition.ts";
import type { DataType } from "../data_type.ts";
import { citext, citextCasts } from "./citext_type.ts";
import { hstore, hstoreCasts } from "./hstore_type.ts";
import { lquery, ltree, ltxtquery } from "./ltree/ltree_types.ts";
import { queryInt } from "./query_int.ts";

/** All types of extensions, arrays aside. */
export const EXTENSION_TYPES: readonly DataType[] = [
  citext,
  hstore,
  ltree,
  lquery,
  ltxtquery,
  queryInt,
];

/** The casts from and to types of extensions. */
export const extensionCasts: readonly CastDefinition[] = [
  ...citextCasts,
  ...hstoreCasts,
];
