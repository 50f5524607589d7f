/**
 * Offsets of time zones: fixed ones, common abbreviations, and named zones
 * (`Europe/Berlin`) by the rules that `Intl` has.
 *
 * A local time that a change of the clocks makes impossible or ambiguous is
 * read as PostgreSQL does: one that was skipped by the offset before the
 * change, one that comes twice by the offset after it.
 *
 * @module
 */
import { EPOCH_MS, splitTimestamp, type Timestamp } from "./calendar.ts";

/** A zone: a fixed offset east of UTC in seconds, or a named one's rules. */
export type TimeZone =
  | { readonly kind: "fixed"; readonly offsetSeconds: number }
  | { readonly kind: "named"; readonly format: Intl.DateTimeFormat };

/** Universal time. */
export const UTC: TimeZone = { kind: "fixed", offsetSeconds: 0 };

/** Abbreviations of PostgreSQL's default set that are in wide use, in hours. */
const ABBREVIATIONS: Readonly<Record<string, number>> = {
  z: 0,
  zulu: 0,
  ut: 0,
  utc: 0,
  uct: 0,
  gmt: 0,
  wet: 0,
  west: 1,
  bst: 1,
  cet: 1,
  cest: 2,
  mez: 1,
  mesz: 2,
  met: 1,
  mest: 2,
  eet: 2,
  eest: 3,
  msk: 3,
  msd: 4,
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
  akst: -9,
  akdt: -8,
  hst: -10,
  ast: -4,
  adt: -3,
  nzst: 12,
  nzdt: 13,
  jst: 9,
  kst: 9,
  ist: 2,
  sgt: 8,
  hkt: 8,
};

const named = new Map<string, TimeZone | undefined>();

/** A zone by abbreviation or name, in any case; `undefined` if there is none. */
export function findTimeZone(name: string): TimeZone | undefined {
  const lower = name.toLowerCase();
  const hours = ABBREVIATIONS[lower];
  if (hours !== undefined) {
    return { kind: "fixed", offsetSeconds: hours * 3600 };
  }
  if (!/^[a-z][a-z0-9_+\-/]*$/.test(lower)) return undefined;
  if (!named.has(lower)) {
    if (named.size >= 1000) named.clear();
    named.set(lower, loadZone(lower));
  }
  return named.get(lower);
}

function loadZone(name: string): TimeZone | undefined {
  try {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    return { kind: "named", format };
  } catch {
    return undefined;
  }
}

/** Whole seconds since 2000-01-01 of a finite timestamp. */
function secondsOf(value: Timestamp): number {
  const { day, micros } = splitTimestamp(value);
  return day * 86_400 + Math.floor(micros / 1_000_000);
}

/** The offset of `zone` at a UTC moment, in seconds east of UTC. */
export function offsetAt(zone: TimeZone, utc: Timestamp): number {
  return offsetAtSeconds(zone, secondsOf(utc));
}

function offsetAtSeconds(zone: TimeZone, seconds: number): number {
  if (zone.kind === "fixed") return zone.offsetSeconds;
  const ms = EPOCH_MS + seconds * 1000;
  if (!(Math.abs(ms) <= 8.64e15)) return 0;
  let year = 0;
  let era = "AD";
  const fields = { month: 1, day: 1, hour: 0, minute: 0, second: 0 };
  for (const part of zone.format.formatToParts(ms)) {
    if (part.type === "era") era = part.value;
    else if (part.type === "year") year = Number(part.value);
    else if (part.type in fields) {
      fields[part.type as keyof typeof fields] = Number(part.value);
    }
  }
  const local = new Date(0);
  local.setUTCFullYear(
    era.startsWith("B") ? 1 - year : year,
    fields.month - 1,
    fields.day,
  );
  local.setUTCHours(fields.hour, fields.minute, fields.second);
  return (local.getTime() - ms) / 1000;
}

/** The offset that a local time in `zone` has, in seconds east of UTC. */
export function offsetOfLocal(zone: TimeZone, local: Timestamp): number {
  if (zone.kind === "fixed") return zone.offsetSeconds;
  const seconds = secondsOf(local);
  const before = offsetAtSeconds(zone, seconds - 86_400);
  const after = offsetAtSeconds(zone, seconds + 86_400);
  if (before === after) return before;
  const beforeHolds = offsetAtSeconds(zone, seconds - before) === before;
  const afterHolds = offsetAtSeconds(zone, seconds - after) === after;
  if (beforeHolds !== afterHolds) return beforeHolds ? before : after;
  return beforeHolds ? after : before;
}
