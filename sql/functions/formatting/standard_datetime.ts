/**
 * Dates and times by templates as SQL/JSON reads them: every separator of the
 * template has to be there, nothing may remain, and the fields of the template
 * say which type it is.
 *
 * | template has fields of | type |
 * | --- | --- |
 * | a date | `date` |
 * | a time | `time` |
 * | a time and a zone | `timetz` |
 * | a date and a time | `timestamp` |
 * | all three | `timestamptz` |
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { joinTimestamp } from "../../types/calendar.ts";
import type { DataType, SqlValue } from "../../types/data_type.ts";
import {
  addMicros,
  checkTimestamp,
  date,
  timestamp,
  timestamptz,
} from "../../types/temporal_types.ts";
import { time } from "../../types/time_type.ts";
import { offsetOfLocal } from "../../types/time_zone/time_zone.ts";
import { timetz, timetzOf } from "../../types/timetz_type.ts";
import { DateTimeTemplateReader } from "./datetime_from_char.ts";
import { momentOfFields } from "./datetime_of_fields.ts";
import {
  parseDateTimeTemplate,
  type TemplateNode,
} from "./datetime_template.ts";

/** What a text says. */
export interface StandardDateTime {
  readonly type: DataType;
  readonly value: SqlValue;
  /** Seconds east of Greenwich; absent: the type has no zone. */
  readonly offsetSeconds?: number;
}

const TIME_FIELDS = /^(?:[AP]\.?M\.?|HH(?:12|24)?|MI|SS|SSSSS?|MS|US|FF[1-6])$/;
const ZONE_FIELDS = /^(?:TZ|TZH|TZM|OF)$/;

/** What stands between fields, outside of quotes. */
const SEPARATORS = "-./,':; ";

interface Template {
  readonly nodes: readonly TemplateNode[];
  readonly dated: boolean;
  readonly timed: boolean;
  readonly zoned: boolean;
}

function templateOf(text: string): Template {
  const bare = text.replace(/"(?:\\.|[^"\\])*"/gs, "");
  const wrong = parseDateTimeTemplate(bare).find((node) =>
    node.kind !== "pattern" && !SEPARATORS.includes(node.character)
  );
  if (wrong !== undefined && wrong.kind !== "pattern") {
    throw new SqlError(
      "22007",
      `invalid datetime format separator: "${wrong.character}"`,
    );
  }
  const nodes = parseDateTimeTemplate(text);
  const fields = nodes.flatMap((node) =>
    node.kind === "pattern" ? [node.field] : []
  );
  const timed = fields.some((field) => TIME_FIELDS.test(field));
  const zoned = fields.some((field) => ZONE_FIELDS.test(field));
  const dated = fields.some((field) =>
    !TIME_FIELDS.test(field) && !ZONE_FIELDS.test(field) && field !== "FX"
  );
  return { nodes, dated, timed, zoned };
}

/**
 * What `text` says by a template.
 *
 * @throws {SqlError} `22007`, `22008`.
 */
export function readStandardDateTime(
  text: string,
  template: string,
): StandardDateTime {
  const { nodes, dated, timed, zoned } = templateOf(template);
  const fields = new DateTimeTemplateReader(nodes, text, "standard").read();
  const { day, micros, zone } = momentOfFields(fields, text);
  if (!dated && !timed) {
    throw new SqlError("22007", "datetime format is not dated and not timed");
  }
  if (!timed) {
    if (zoned) {
      throw new SqlError("22007", "datetime format is zoned but not timed");
    }
    return { type: date, value: day };
  }
  const local = joinTimestamp(day, micros);
  if (!zoned) {
    return dated
      ? { type: timestamp, value: checkTimestamp(local) }
      : { type: time, value: micros };
  }
  const type = dated ? timestamptz : timetz;
  if (zone === undefined) {
    throw new SqlError(
      "22007",
      `missing time zone in input string for type ${type.name}`,
    );
  }
  const offsetSeconds = offsetOfLocal(zone, local);
  const value = dated
    ? checkTimestamp(addMicros(local, -offsetSeconds * 1_000_000))
    : timetzOf({ micros, offsetSeconds });
  return { type, value, offsetSeconds };
}
