/**
 * Named zones (`Europe/Berlin`), by the rules that `Intl` has.
 *
 * `Intl` answers slowly, so what it said is kept: time is cut into blocks of 24
 * days, and of each block are known the offset at its start, the one at its end
 * and, if they differ, the second between them at which the clocks change.
 *
 * Invariant: no zone changes its clocks twice within a block and back to the
 * same offset. (The shortest such time in the database is a month of Ramadan.)
 *
 * Years after 2400 are taken for the same year 400 or more years before: the
 * calendar repeats itself, and the rules of today are meant to last.
 *
 * @module
 */
import { EPOCH_MS } from "../calendar.ts";
import { ZONE_ABBREVIATIONS } from "./zone_abbreviations.ts";

/** What a zone says of a moment: seconds since 2000-01-01 UTC. */
export interface ZoneRules {
  /** Seconds east of UTC. */
  offsetAt(seconds: number): number;
  /** How the zone is called: `CEST`. */
  abbreviationAt(seconds: number): string;
}

const BLOCK_SECONDS = 24 * 86_400;
const BLOCKS_MAX = 4096;
/** Seconds of 400 years. */
const CYCLE_SECONDS = 146_097 * 86_400;
/** 2400-01-01. */
const REPEATS_FROM = CYCLE_SECONDS;

interface Block {
  readonly before: number;
  /** The first second of `after`. */
  readonly change: number;
  readonly after: number;
}

/** A zone of the time zone database. */
export class NamedZone implements ZoneRules {
  /** The name as the database spells it. */
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #blocks = new Map<number, Block>();

  /** @throws {RangeError} when there is no such zone. */
  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat("en-US", {
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
    this.name = this.#format.resolvedOptions().timeZone;
  }

  offsetAt(seconds: number): number {
    const repeated = seconds < REPEATS_FROM ? seconds : seconds % CYCLE_SECONDS;
    const number = Math.floor(repeated / BLOCK_SECONDS);
    let block = this.#blocks.get(number);
    if (block === undefined) {
      block = this.#load(number * BLOCK_SECONDS);
      if (this.#blocks.size >= BLOCKS_MAX) this.#blocks.clear();
      this.#blocks.set(number, block);
    }
    return repeated < block.change ? block.before : block.after;
  }

  abbreviationAt(seconds: number): string {
    const offset = this.offsetAt(seconds);
    const known = abbreviationsOf(this.name)?.get(offset);
    return known ?? offsetAsName(offset);
  }

  #load(start: number): Block {
    const end = start + BLOCK_SECONDS - 1;
    const before = this.#ask(start);
    const after = this.#ask(end);
    if (before === after) return { before, change: start, after };
    let low = start;
    let high = end;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#ask(middle) === before) low = middle;
      else high = middle;
    }
    return { before, change: high, after };
  }

  #ask(seconds: number): number {
    const ms = EPOCH_MS + seconds * 1000;
    if (!(Math.abs(ms) <= 8.64e15)) return 0;
    let year = 0;
    let era = "AD";
    const fields = { month: 1, day: 1, hour: 0, minute: 0, second: 0 };
    for (const part of this.#format.formatToParts(ms)) {
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
}

/** `+05`, `-0330`: how a zone without abbreviations is called. */
export function offsetAsName(offsetSeconds: number): string {
  const absolute = Math.abs(offsetSeconds);
  const hours = String(Math.floor(absolute / 3600)).padStart(2, "0");
  const minutes = Math.floor(absolute % 3600 / 60);
  const rest = minutes === 0 ? "" : String(minutes).padStart(2, "0");
  return (offsetSeconds < 0 ? "-" : "+") + hours + rest;
}

let abbreviations: Map<string, ReadonlyMap<number, string>> | undefined;

/** The abbreviations of a zone by offset in seconds. */
function abbreviationsOf(
  name: string,
): ReadonlyMap<number, string> | undefined {
  if (abbreviations === undefined) {
    abbreviations = new Map();
    for (const [words, zones] of ZONE_ABBREVIATIONS) {
      const parts = words.split(" ");
      const byOffset = new Map<number, string>();
      for (let i = 0; i < parts.length; i += 2) {
        byOffset.set(Number(parts[i + 1]) * 900, parts[i]!);
      }
      for (const zone of zones.split(" ")) abbreviations.set(zone, byOffset);
    }
  }
  return abbreviations.get(name);
}
