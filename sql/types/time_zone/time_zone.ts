/**
 * Time zones: fixed offsets, zones of the time zone database and POSIX
 * specifications, and how a name finds one.
 *
 * A local time that a change of the clocks makes impossible or ambiguous is
 * read as PostgreSQL does: one that was skipped by the offset before the
 * change, one that comes twice by the offset after it.
 *
 * @module
 */
import { splitTimestamp, type Timestamp } from "../calendar.ts";
import { abbreviatedOffset } from "./input_abbreviations.ts";
import { NamedZone, offsetAsName, type ZoneRules } from "./named_zone.ts";
import { PosixZone } from "./posix_zone.ts";

/** A zone: a fixed offset east of UTC in seconds, or one with rules. */
export type TimeZone =
  | {
    readonly kind: "fixed";
    readonly offsetSeconds: number;
    /** How the zone is called, `PST`; absent: by its offset. */
    readonly abbreviation?: string;
  }
  | {
    readonly kind: "rules";
    /** The name, as `SHOW timezone` gives it. */
    readonly name: string;
    readonly rules: ZoneRules;
  };

/** Universal time. */
export const UTC: TimeZone = {
  kind: "fixed",
  offsetSeconds: 0,
  abbreviation: "UTC",
};

/** The zone of a common abbreviation (`PST`), in any case. */
export function findAbbreviation(word: string): TimeZone | undefined {
  const offsetSeconds = abbreviatedOffset(word.toLowerCase());
  return offsetSeconds === undefined
    ? undefined
    : { kind: "fixed", offsetSeconds, abbreviation: word.toUpperCase() };
}

const named = new Map<string, TimeZone | undefined>();

/**
 * A zone by name in any case (`europe/berlin`) or by POSIX specification
 * (`EST5EDT`); `undefined` if there is none. Those asked for last are kept.
 */
export function findNamedZone(name: string): TimeZone | undefined {
  if (!named.has(name)) {
    if (named.size >= 1000) named.clear();
    named.set(name, loadZone(name));
  }
  return named.get(name);
}

/** Zones of the database without a slash; `Intl` knows abbreviations besides. */
const SIMPLE_NAMES: ReadonlySet<string> = new Set(
  ("cet cst6cdt cuba eet est est5edt egypt eire factory gb gb-eire gmt gmt+0 " +
    "gmt-0 gmt0 greenwich hst hongkong iceland iran israel jamaica japan " +
    "kwajalein libya met mst mst7mdt nz nz-chat navajo prc pst8pdt poland " +
    "portugal roc rok singapore turkey uct universal w-su wet zulu").split(" "),
);

function loadZone(name: string): TimeZone | undefined {
  const lower = name.toLowerCase();
  if (lower === "utc" || lower === "etc/utc") return UTC;
  if (SIMPLE_NAMES.has(lower) || /^[a-z][a-z0-9_+-]*\//.test(lower)) {
    try {
      const rules = new NamedZone(name);
      return { kind: "rules", name: rules.name, rules };
    } catch {
      // Perhaps it is a specification.
    }
  }
  const rules = PosixZone.parse(name);
  return rules === undefined ? undefined : { kind: "rules", name, rules };
}

/** A zone by abbreviation, name or specification. */
export function findTimeZone(name: string): TimeZone | undefined {
  return findAbbreviation(name) ?? findNamedZone(name);
}

/** Whole seconds since 2000-01-01 of a finite timestamp. */
function secondsOf(value: Timestamp): number {
  const { day, micros } = splitTimestamp(value);
  return day * 86_400 + Math.floor(micros / 1_000_000);
}

/** The offset of `zone` at a UTC moment, in seconds east of UTC. */
export function offsetAt(zone: TimeZone, utc: Timestamp): number {
  return zone.kind === "fixed"
    ? zone.offsetSeconds
    : zone.rules.offsetAt(secondsOf(utc));
}

/** How `zone` is called at a finite UTC moment: `CEST`, `+05`. */
export function abbreviationAt(zone: TimeZone, utc: Timestamp): string {
  return zone.kind === "fixed"
    ? zone.abbreviation ?? offsetAsName(zone.offsetSeconds)
    : zone.rules.abbreviationAt(secondsOf(utc));
}

/** The offset that a local time in `zone` has, in seconds east of UTC. */
export function offsetOfLocal(zone: TimeZone, local: Timestamp): number {
  if (zone.kind === "fixed") return zone.offsetSeconds;
  const { rules } = zone;
  const seconds = secondsOf(local);
  const before = rules.offsetAt(seconds - 86_400);
  const after = rules.offsetAt(seconds + 86_400);
  if (before === after) return before;
  const beforeHolds = rules.offsetAt(seconds - before) === before;
  const afterHolds = rules.offsetAt(seconds - after) === after;
  if (beforeHolds !== afterHolds) return beforeHolds ? before : after;
  return beforeHolds ? after : before;
}

/** `+05`, `+05:30`, `-00:44:30`: an offset as timestamps show it. */
export function formatOffset(offsetSeconds: number): string {
  const absolute = Math.abs(offsetSeconds);
  const parts = [absolute / 3600, absolute % 3600 / 60, absolute % 60]
    .map((part) => String(Math.floor(part)).padStart(2, "0"));
  while (parts.length > 1 && parts.at(-1) === "00") parts.pop();
  return (offsetSeconds < 0 ? "-" : "+") + parts.join(":");
}
