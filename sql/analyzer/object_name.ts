/**
 * Names that the database gives: PostgreSQL's `makeObjectName` and
 * `ChooseIndexName`.
 *
 * | for | name |
 * | --- | --- |
 * | an index on `items (embedding)` | `items_embedding_idx` |
 * | UNIQUE (a, b) of `t` | `t_a_b_key` |
 * | the primary key of `t` | `t_pkey` |
 *
 * A name has at most 63 bytes: the longer of table and columns is cut until
 * both fit with the label.
 *
 * @module
 */

/** The most bytes a name has: NAMEDATALEN - 1. */
const NAME_BYTES_MAX = 63;

const encoder = new TextEncoder();

/** `first_second_label`, cut to the length that names can have. */
export function objectName(
  first: string,
  second: string | undefined,
  label: string,
): string {
  const overhead = byteLength(label) + 1 + (second === undefined ? 0 : 1);
  const room = NAME_BYTES_MAX - overhead;
  let firstBytes = byteLength(first);
  let secondBytes = second === undefined ? 0 : byteLength(second);
  while (firstBytes + secondBytes > room) {
    if (firstBytes > secondBytes) firstBytes--;
    else secondBytes--;
  }
  const parts = [clip(first, firstBytes)];
  if (second !== undefined) parts.push(clip(second, secondBytes));
  return [...parts, label].join("_");
}

/** The columns' part of an index name: `a_b`, cut short. */
export function columnsName(columns: readonly string[]): string {
  let name = "";
  for (const column of columns) {
    if (name !== "") name += "_";
    name = clip(name + column, NAME_BYTES_MAX);
    if (byteLength(name) >= NAME_BYTES_MAX) break;
  }
  return name;
}

function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** As much of `text` as fits into `bytes`, no character cut in half. */
function clip(text: string, bytes: number): string {
  if (byteLength(text) <= bytes) return text;
  let length = 0;
  let kept = "";
  for (const character of text) {
    length += byteLength(character);
    if (length > bytes) break;
    kept += character;
  }
  return kept;
}
