/**
 * `pg_snapshot`, and `txid_snapshot`, its old name: which transactions had ended
 * at a moment.
 *
 * A value is its text, `xmin:xmax:list`: all below `xmin` had ended, none from
 * `xmax` on, and between them those that are not in the list.
 *
 * @module
 */
import type { DataType, SqlValue } from "./data_type.ts";
import { normalizeInt8 } from "./int8_value.ts";
import { textOfJs } from "./js_value.ts";
import { compareText } from "./text_order.ts";
import { invalidSyntax } from "./type_error.ts";

/** What a snapshot says. */
export interface SnapshotParts {
  /** The first transaction that was running. */
  readonly xmin: bigint;
  /** The first that had not begun. */
  readonly xmax: bigint;
  /** Those between that were running, in order. */
  readonly running: readonly bigint[];
}

const FORM = /^(\d+):(\d+):((?:\d+(?:,\d+)*)?)$/;
const ID_MAX = 2n ** 64n;

/** The parts of a text; `undefined` where it is none. */
function partsOf(text: string): SnapshotParts | undefined {
  const found = FORM.exec(text);
  if (found === null) return undefined;
  const xmin = BigInt(found[1]!);
  const xmax = BigInt(found[2]!);
  const list = found[3] === "" ? [] : found[3]!.split(",").map(BigInt);
  const isRight = xmin > 0n && xmax >= xmin && xmax < ID_MAX &&
    list.every((id, i) =>
      id >= xmin && id < xmax && (i === 0 || id >= list[i - 1]!)
    );
  return isRight ? { xmin, xmax, running: [...new Set(list)] } : undefined;
}

/** The parts of a value. */
export function snapshotParts(value: SqlValue): SnapshotParts {
  return partsOf(value as string)!;
}

/** The value of a moment with nothing running but what is named. */
export function snapshotOf({ xmin, xmax, running }: SnapshotParts): string {
  return `${xmin}:${xmax}:${running.join()}`;
}

function snapshotType(oid: number, name: string): DataType {
  const read = (text: string): string => {
    const parts = partsOf(text);
    if (parts === undefined) throw invalidSyntax("pg_snapshot", text);
    return snapshotOf(parts);
  };
  return {
    oid,
    name,
    displayName: name,
    category: "U",
    preferred: false,
    length: -1,
    storage: "reference",
    comparable: false,
    input: read,
    output: (value) => value as string,
    compare: compareText as (a: SqlValue, b: SqlValue) => number,
    hashKey: (value) => value as string,
    fromJs: (value) => read(textOfJs(value)),
    toJs: (value) => value,
  };
}

/** `pg_snapshot`. */
export const pgSnapshot: DataType = snapshotType(5038, "pg_snapshot");

/** `txid_snapshot`. */
export const txidSnapshot: DataType = snapshotType(2970, "txid_snapshot");

/** Whether a transaction had ended at a snapshot. */
export function hadEnded(value: SqlValue, id: number | bigint): boolean {
  const { xmin, xmax, running } = snapshotParts(value);
  const number = BigInt.asUintN(64, BigInt(id));
  return number < xmin || number < xmax && !running.includes(number);
}

/** The transactions that were running, in the form of `int8`. */
export function runningIn(value: SqlValue): (number | bigint)[] {
  return snapshotParts(value).running.map(normalizeInt8);
}
