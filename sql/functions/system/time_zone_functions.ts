/**
 * The time zones that there are: `pg_timezone_names`, and the abbreviations
 * that the input of dates knows: `pg_timezone_abbrevs`.
 *
 * @module
 */
import { bool } from "../../types/bool_type.ts";
import type { Timestamp } from "../../types/calendar.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { Interval } from "../../types/interval.ts";
import { interval } from "../../types/interval_type.ts";
import { record } from "../../types/row/row_type.ts";
import { text } from "../../types/text_types.ts";
import { ABBREVIATED_OFFSETS } from "../../types/time_zone/input_abbreviations.ts";
import {
  abbreviationAt,
  findNamedZone,
  offsetAt,
  type TimeZone,
} from "../../types/time_zone/time_zone.ts";
import type { FunctionContext, FunctionDefinition } from "../registry.ts";
import { rowSetFunction } from "../sets/set_define.ts";

const DAY_MICROS = 86_400_000_000;

/** Zones that `Intl` has, but does not tell of, or under an older name. */
const MORE_NAMES =
  ("UTC GMT Etc/UTC Etc/GMT CET EET EST HST MET MST WET EST5EDT CST6CDT " +
    "MST7MDT PST8PDT GB NZ PRC ROC ROK Japan Singapore Turkey Israel Iran " +
    "Egypt Cuba Poland Portugal Hongkong Iceland Jamaica Navajo Zulu UCT " +
    "Universal Greenwich Asia/Kolkata Asia/Kathmandu Asia/Ho_Chi_Minh " +
    "Asia/Yangon Europe/Kyiv Atlantic/Faroe Africa/Asmara America/Nuuk " +
    "America/Argentina/Buenos_Aires America/Argentina/Catamarca " +
    "America/Argentina/Cordoba America/Argentina/Jujuy " +
    "America/Argentina/Mendoza America/Indiana/Indianapolis " +
    "America/Kentucky/Louisville America/Atikokan Pacific/Pohnpei " +
    "Pacific/Chuuk Pacific/Kanton US/Alaska US/Central US/Eastern " +
    "US/Hawaii US/Mountain US/Pacific").split(" ");

function intervalOf(seconds: number): Interval {
  return Interval.of({ months: 0, days: 0, micros: seconds * 1_000_000 });
}

/** Whether clocks are ahead of what they are in the other half of the year. */
function isSummer(zone: TimeZone, now: Timestamp): boolean {
  const offsets = [-182, 0, 182].map((days) =>
    offsetAt(zone, (now as number) + days * DAY_MICROS)
  );
  return offsets[1]! > Math.min(...offsets);
}

function* zones(context: FunctionContext): Iterable<Nullable[]> {
  const now = context.transactionTimestamp;
  const names = new Set([...Intl.supportedValuesOf("timeZone"), ...MORE_NAMES]);
  for (const name of [...names].sort()) {
    const zone = findNamedZone(name);
    if (zone === undefined) continue;
    yield [
      name,
      abbreviationAt(zone, now),
      intervalOf(offsetAt(zone, now)),
      isSummer(zone, now),
    ];
  }
}

function* abbreviations(): Iterable<Nullable[]> {
  for (const [word, offset] of ABBREVIATED_OFFSETS) {
    const isDst = /(?:dt|dst|sst)$/.test(word) || word === "bst" ||
      word === "cest" || word === "eest" || word === "mesz";
    yield [word.toUpperCase(), intervalOf(offset), isDst];
  }
}

const NAME_COLUMNS: readonly (readonly [string, DataType])[] = [
  ["name", text],
  ["abbrev", text],
  ["utc_offset", interval],
  ["is_dst", bool],
];

/** Functions that tell of time zones. */
export const timeZoneFunctions: readonly FunctionDefinition[] = [
  rowSetFunction(
    "pg_timezone_names",
    [],
    record,
    NAME_COLUMNS,
    (_args, context) => zones(context),
    { volatility: "stable" },
  ),
  rowSetFunction(
    "pg_timezone_abbrevs_abbrevs",
    [],
    record,
    [["abbrev", text], ["utc_offset", interval], ["is_dst", bool]],
    abbreviations,
    { volatility: "stable" },
  ),
];
