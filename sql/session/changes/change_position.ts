/**
 * Positions in the order of changes, as text: `commit`, `commit.key` (the key
 * in hexadecimal digits) for a place within a commit.
 *
 * @module
 */
import type { ChangePoint } from "../../../storage/engine/change_log.ts";
import { SqlError } from "../../errors/sql_error.ts";

/** The text of a point. */
export function positionText({ sequence, key }: ChangePoint): string {
  return key === undefined ? `${sequence}` : `${sequence}.${key.toHex()}`;
}

/** @throws {SqlError} `22023` for a text that is no position. */
export function positionOf(text: string): ChangePoint {
  const match = /^(\d{1,16})(?:\.((?:[0-9a-f]{2})+))?$/.exec(String(text));
  const sequence = Number(match?.[1]);
  if (match === null || !Number.isSafeInteger(sequence)) {
    throw new SqlError("22023", `not a position of a change: "${text}"`, {
      hint: "Give the position of a change that a feed told.",
    });
  }
  const hex = match[2];
  return hex === undefined
    ? { sequence }
    : { sequence, key: Uint8Array.fromHex(hex) };
}

/** The position behind everything that is committed now, and durable. */
export function presentPosition(
  { visibleSequence, durableSequence }: {
    readonly visibleSequence: number;
    readonly durableSequence: number;
  },
): string {
  return positionText({ sequence: Math.min(visibleSequence, durableSequence) });
}
