/**
 * The name of every object that the database writes: made here, parsed here,
 * and nowhere else.
 *
 * | name | object |
 * | --- | --- |
 * | `wal/<20 digits>` | the WAL object, or the fence, of that id |
 * | `manifest/<20 digits>` | the manifest of number 2^53 - 1 minus the digits |
 * | `sst/<epoch>-<job>-<number>` | an sstable; 12 digits each |
 * | `vec/<epoch>-<job>-<number>` | a vector segment; 12 digits each |
 * | `gc/boundary` | the gc boundary and its written plan |
 * | `pins/<id>` | the pin of one reader; 1 to 64 of `[A-Za-z0-9_-]` |
 *
 * Invariants:
 * 1. Names of one kind sort by their numbers; manifests the other way round,
 *    so that a LIST of one key gives the newest.
 * 2. `parseObjectPath(formatObjectPath(name))` is `name`, and a path that
 *    `formatObjectPath` cannot make parses to `undefined`: a name that is too
 *    long, too large or spelled another way is nobody's.
 * 3. No name is the folder of another, and none holds a character that a file
 *    system or a URL treats in a special way.
 *
 * Rejected: numbers without padding (their order is not byte order); base 36
 * (shorter, but nobody can read the number in a listing); counting manifests
 * up (the newest is then found only by listing them all).
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { invariant } from "../../base/invariant.ts";

/** Longest path that a store takes, in characters. */
export const OBJECT_PATH_LENGTH_MAX = 512;

/** Longest segment of a path; a folder adds a suffix and allows 255 bytes. */
export const OBJECT_SEGMENT_LENGTH_MAX = 200;

/** Digits of a WAL id and of a manifest number in a name. */
const NUMBER_DIGITS = 20;

/** Digits of each part of a table id in a name. */
const PART_DIGITS = 12;

/** The largest part of a {@linkcode TableObjectId}. */
export const TABLE_ID_PART_MAX = 999_999_999_999;

/** Where `wal/` objects are. */
export const WAL_PREFIX = "wal/";

/** Where manifests are. */
export const MANIFEST_PREFIX = "manifest/";

/** Where sstables are. */
export const SST_PREFIX = "sst/";

/** Where vector segments are. */
export const VEC_PREFIX = "vec/";

/** Where pins are. */
export const PIN_PREFIX = "pins/";

/** The path of the gc boundary. */
export const GC_BOUNDARY_PATH = "gc/boundary";

/**
 * Which sstable or vector segment: who wrote it (the epoch in which its job
 * was registered, and the job), and its number among those the job wrote.
 */
export interface TableObjectId {
  /** The epoch of the writer that registered the job. */
  readonly epoch: number;
  /** The job within the epoch. */
  readonly job: number;
  /** The object within the job. */
  readonly number: number;
}

/** What a path names. */
export type ObjectName =
  | { readonly kind: "wal"; readonly id: number }
  | { readonly kind: "manifest"; readonly number: number }
  | ({ readonly kind: "sst" } & TableObjectId)
  | ({ readonly kind: "vec" } & TableObjectId)
  | { readonly kind: "boundary" }
  | { readonly kind: "pin"; readonly id: string };

function digits(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

function checkNumber(value: number, what: string): void {
  invariant(
    Number.isSafeInteger(value) && value >= 0,
    `${what} is a safe non-negative integer, not ${value}`,
  );
}

/** The path of the WAL object with this id. */
export function walPath(id: number): string {
  checkNumber(id, "WAL id");
  return WAL_PREFIX + digits(id, NUMBER_DIGITS);
}

/** The path of the manifest with this number. */
export function manifestPath(number: number): string {
  checkNumber(number, "manifest number");
  return MANIFEST_PREFIX +
    digits(Number.MAX_SAFE_INTEGER - number, NUMBER_DIGITS);
}

function tableName(id: TableObjectId): string {
  const { epoch, job, number } = id;
  for (const part of [epoch, job, number]) {
    invariant(
      Number.isInteger(part) && part >= 0 && part <= TABLE_ID_PART_MAX,
      `table id part out of range: ${part}`,
    );
  }
  return `${digits(epoch, PART_DIGITS)}-${digits(job, PART_DIGITS)}-${
    digits(number, PART_DIGITS)
  }`;
}

/** The path of the sstable with this id. */
export function sstPath(id: TableObjectId): string {
  return SST_PREFIX + tableName(id);
}

/** The path of the vector segment with this id. */
export function vecPath(id: TableObjectId): string {
  return VEC_PREFIX + tableName(id);
}

const PIN_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** The path of the pin with this id. */
export function pinPath(id: string): string {
  invariant(PIN_ID.test(id), `not a pin id: "${id}"`);
  return PIN_PREFIX + id;
}

/** The path of what `name` names. */
export function formatObjectPath(name: ObjectName): string {
  switch (name.kind) {
    case "wal":
      return walPath(name.id);
    case "manifest":
      return manifestPath(name.number);
    case "sst":
      return sstPath(name);
    case "vec":
      return vecPath(name);
    case "boundary":
      return GC_BOUNDARY_PATH;
    case "pin":
      return pinPath(name.id);
  }
}

/** The largest number in a name, with the zeros before it. */
const NUMBER_MAX = digits(Number.MAX_SAFE_INTEGER, NUMBER_DIGITS);
const NUMBER = /^[0-9]{20}$/;
const TABLE = /^([0-9]{12})-([0-9]{12})-([0-9]{12})$/;

/** Reads 20 digits; `undefined` for more than 2^53 - 1, or anything else. */
function parseNumber(text: string): number | undefined {
  if (!NUMBER.test(text) || text > NUMBER_MAX) return undefined;
  return Number(text);
}

function parseTable(text: string): TableObjectId | undefined {
  const match = TABLE.exec(text);
  if (match === null) return undefined;
  return {
    epoch: Number(match[1]),
    job: Number(match[2]),
    number: Number(match[3]),
  };
}

/** The id in the path of a WAL object; `undefined` if it is not one. */
export function parseWalPath(path: string): number | undefined {
  if (!path.startsWith(WAL_PREFIX)) return undefined;
  return parseNumber(path.slice(WAL_PREFIX.length));
}

/** The number in the path of a manifest; `undefined` if it is not one. */
export function parseManifestPath(path: string): number | undefined {
  if (!path.startsWith(MANIFEST_PREFIX)) return undefined;
  const value = parseNumber(path.slice(MANIFEST_PREFIX.length));
  return value === undefined ? undefined : Number.MAX_SAFE_INTEGER - value;
}

/**
 * What `path` names; `undefined` if it is not a name of ours, whatever it is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseObjectPath, walPath } from "./object_path.ts";
 *
 * assertEquals(walPath(7), "wal/00000000000000000007");
 * assertEquals(parseObjectPath(walPath(7)), { kind: "wal", id: 7 });
 * assertEquals(parseObjectPath("wal/7"), undefined);
 * ```
 */
export function parseObjectPath(path: string): ObjectName | undefined {
  if (path === GC_BOUNDARY_PATH) return { kind: "boundary" };
  const slash = path.indexOf("/");
  const rest = path.slice(slash + 1);
  switch (path.slice(0, slash + 1)) {
    case WAL_PREFIX: {
      const id = parseNumber(rest);
      return id === undefined ? undefined : { kind: "wal", id };
    }
    case MANIFEST_PREFIX: {
      const number = parseManifestPath(path);
      return number === undefined ? undefined : { kind: "manifest", number };
    }
    case SST_PREFIX: {
      const id = parseTable(rest);
      return id === undefined ? undefined : { kind: "sst", ...id };
    }
    case VEC_PREFIX: {
      const id = parseTable(rest);
      return id === undefined ? undefined : { kind: "vec", ...id };
    }
    case PIN_PREFIX:
      return PIN_ID.test(rest) ? { kind: "pin", id: rest } : undefined;
    default:
      return undefined;
  }
}

const PATH = /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/;
const PREFIX = /^(?:[A-Za-z0-9._-]+\/)*[A-Za-z0-9._-]*$/;

function isPath(path: string, pattern: RegExp): boolean {
  if (typeof path !== "string" || path.length > OBJECT_PATH_LENGTH_MAX) {
    return false;
  }
  if (!pattern.test(path)) return false;
  const segments = path.split("/");
  // The last segment of a prefix is the beginning of one: "." may become ".a".
  if (pattern === PREFIX) segments.pop();
  return segments.every((segment) =>
    segment !== "." && segment !== ".." &&
    segment.length <= OBJECT_SEGMENT_LENGTH_MAX
  );
}

function quoted(path: unknown): string {
  const text = JSON.stringify(String(path));
  return text.length <= 120 ? text : `${text.slice(0, 116)}…"`;
}

/**
 * Refuses what is not a path of a store: `/`-separated segments of
 * `[A-Za-z0-9._-]`, at most 200 characters each and 512 in all, none empty,
 * `.` or `..`.
 *
 * @throws {KriyaError} `invalid`.
 */
export function validatePath(path: string): void {
  if (isPath(path, PATH)) return;
  throw new KriyaError("invalid", `Not an object path: ${quoted(path)}`, {
    hint:
      "A path is segments of letters, digits, dots, dashes and underscores, separated by single slashes",
  });
}

/**
 * Refuses what no path begins with; takes the empty prefix. Also the rule for
 * `startAfter` of a listing.
 *
 * @throws {KriyaError} `invalid`.
 */
export function validatePrefix(prefix: string): void {
  if (isPath(prefix, PREFIX)) return;
  throw new KriyaError("invalid", `Not a path prefix: ${quoted(prefix)}`);
}
