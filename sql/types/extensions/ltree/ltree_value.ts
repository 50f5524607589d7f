/**
 * Values of `ltree`: labels from the root down, as text with points between
 * them. A tree without labels is the empty text.
 *
 * @module
 */
import { SqlError } from "../../../errors/sql_error.ts";
import { compareText } from "../../text_order.ts";

/** The most labels. */
export const LEVELS_MAX = 65535;
/** The most characters of a label. */
const LABEL_CHARACTERS_MAX = 1000;

const LABEL_CHARACTER = /[\p{L}\p{N}_-]/u;

/** Whether a character may stand in a label. */
export function isLabelCharacter(character: string | undefined): boolean {
  return character !== undefined && LABEL_CHARACTER.test(character);
}

/** The labels of a value. */
export function labelsOf(value: string): string[] {
  return value === "" ? [] : value.split(".");
}

/** The value of labels. @throws {SqlError} `54000` for too many. */
export function ltreeOf(labels: readonly string[]): string {
  checkLevels("ltree", labels.length);
  return labels.join(".");
}

/** @throws {SqlError} `54000` for too many levels. */
export function checkLevels(type: string, count: number): void {
  if (count <= LEVELS_MAX) return;
  const what = type === "ltree" ? "labels" : "items";
  throw new SqlError(
    "54000",
    `number of ${type} ${what} (${count}) exceeds the maximum allowed (${LEVELS_MAX})`,
  );
}

/** @throws {SqlError} `42622` for a label that is too long, at `position`. */
export function checkLabel(length: number, position: number): void {
  if (length <= LABEL_CHARACTERS_MAX) return;
  throw new SqlError("42622", "label string is too long", {
    detail:
      `Label length is ${length}, must be at most ${LABEL_CHARACTERS_MAX}, at character ${position}.`,
  });
}

/** What cannot stand at `position`, counted from 1. */
export function unexpectedCharacter(type: string, position: number): SqlError {
  return new SqlError("42601", `${type} syntax error at character ${position}`);
}

/** The end where something has to follow. */
export function unexpectedEnd(type: string): SqlError {
  return new SqlError("42601", `${type} syntax error`, {
    detail: "Unexpected end of input.",
  });
}

/** Reads a value. @throws {SqlError} `42601`, `42622`, `54000`. */
export function readLtree(text: string): string {
  if (text === "") return text;
  const characters = [...text];
  checkLevels("ltree", characters.filter((each) => each === ".").length + 1);
  let start = 0;
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i];
    if (isLabelCharacter(character)) continue;
    if (character !== "." || i === start) {
      throw unexpectedCharacter("ltree", i + 1);
    }
    checkLabel(i - start, i + 1);
    start = i + 1;
  }
  if (start === characters.length) throw unexpectedEnd("ltree");
  checkLabel(characters.length - start, characters.length + 1);
  return text;
}

/** The order: label by label, the shorter one first. */
export function compareLtrees(a: string, b: string): number {
  if (a === b) return 0;
  const first = labelsOf(a);
  const second = labelsOf(b);
  const count = Math.min(first.length, second.length);
  for (let i = 0; i < count; i++) {
    const order = compareText(first[i]!, second[i]!);
    if (order !== 0) return order;
  }
  return first.length - second.length;
}

/** Whether `a` is `b`, or an ancestor of it. */
export function isAncestor(a: string, b: string): boolean {
  return a === "" || a === b ||
    (b.length > a.length && b.startsWith(a) && b[a.length] === ".");
}
