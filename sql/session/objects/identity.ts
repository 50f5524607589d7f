/**
 * What an object is called, for people and with all of its name.
 *
 * @module
 */

/** What an object is called. */
export interface ObjectIdentity {
  /** As messages name it, by the search path: `table t`. */
  readonly description: string;
  /** What it is: `table`. */
  readonly type: string;
  /** Its schema, not quoted. */
  readonly schema?: string;
  /** Its name, not quoted, where that tells it from others of its schema. */
  readonly name?: string;
  /** All of its name: `public.t`. */
  readonly identity: string;
}
