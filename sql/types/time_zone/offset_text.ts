/**
 * Offsets from Greenwich in text: `+05`, `-0800`, `+05:30`, `+05:30:15`.
 *
 * @module
 */

/** Hours of an offset, at most. */
const HOURS_MAX = 15;

/**
 * Seconds east of Greenwich; `"overflow"` beyond 15:59:59, `undefined` for what
 * is no offset.
 */
export function offsetOfText(token: string): number | "overflow" | undefined {
  const match = /^([+-])(\d+)(?::(\d*)(?::(\d*))?)?(.*)$/s.exec(token);
  if (match === null) return;
  const [, sign, digits, second, third, rest] = match as unknown as string[];
  let hours = Number(digits);
  let minutes = Number(second ?? 0);
  let seconds = Number(third ?? 0);
  if (second === undefined && rest === "" && digits!.length > 2) {
    if (digits!.length > 4) {
      seconds = hours % 100;
      hours = Math.floor(hours / 100);
    }
    minutes = hours % 100;
    hours = Math.floor(hours / 100);
  }
  if (hours > HOURS_MAX || minutes > 59 || seconds > 59) return "overflow";
  if (rest !== "") return;
  const total = hours * 3600 + minutes * 60 + seconds;
  return sign === "-" ? 0 - total : total;
}
