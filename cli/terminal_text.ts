/**
 * Numbers and tables as a terminal shows them.
 *
 * @module
 */

/** A number of bytes for people. */
export function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return `${unit === 0 ? bytes : bytes.toFixed(1)} ${units[unit]}`;
}

/** Rows under their names, as psql shows them. */
export function tableLines(
  names: readonly string[],
  rows: readonly (readonly (string | null)[])[],
): string[] {
  const widths = names.map((name, i) =>
    rows.reduce((most, row) => Math.max(most, width(row[i])), width(name))
  );
  const line = (cells: readonly (string | null)[]): string =>
    cells.map((cell, i) => ` ${(cell ?? "").padEnd(widths[i]!)} `).join("|")
      .trimEnd();
  return [
    line(names),
    widths.map((wide) => "-".repeat(wide + 2)).join("+"),
    ...rows.map(line),
    `(${rows.length} ${rows.length === 1 ? "row" : "rows"})`,
  ];
}

function width(cell: string | null | undefined): number {
  return cell?.length ?? 0;
}

/** A value as JSON; integers beyond JavaScript's as text. */
export function jsonText(value: unknown): string {
  return JSON.stringify(
    value,
    (_, each) => typeof each === "bigint" ? String(each) : each,
  );
}
