/**
 * Whether two queries ask the same: `(SELECT max(a) FROM t)` twice in a
 * statement, which number their relations differently.
 *
 * Both are walked side by side. What is numbered within a query (relations,
 * slots, queries of WITH) may have other numbers in the other one, as long as
 * one number always stands for the same other; places in the text do not count.
 * What comes from around a query comes through captures, and who calls compares
 * those.
 *
 * @module
 */
import type { BoundSubquery } from "./bound_expression.ts";

/** Fields that hold numbers given out by the binder. */
const NUMBERED: ReadonlySet<string> = new Set([
  ...["relation", "operandRelation", "slot", "id", "actionRelation"],
  ...["sourceRelation", "newRelation", "excluded"],
]);

/** Fields that say where something was written. */
const PLACES: ReadonlySet<string> = new Set(["offset", "position"]);

type Same = (a: unknown, b: unknown) => boolean;

/**
 * Whether two queries in expressions are the same, operands and what they take
 * from around them aside; `sameConstant` compares two constants.
 */
export function sameQuery(
  one: BoundSubquery,
  other: BoundSubquery,
  sameConstant: (a: object, b: object) => boolean,
): boolean {
  if (one.query === other.query) return true;
  if (one.form !== other.form || one.gather !== other.gather) return false;
  if (one.captures.length !== other.captures.length) return false;
  const to = new Map<string, number>();
  const from = new Map<string, number>();
  const sameNumber = (name: string, a: number, b: number): boolean => {
    const space = name === "slot" || name === "id" ? name : "relation";
    const [there, back] = [`${space} ${a}`, `${space} ${b}`];
    if (!to.has(there) && !from.has(back)) {
      to.set(there, b);
      from.set(back, a);
    }
    return to.get(there) === b && from.get(back) === a;
  };
  const same: Same = (a, b) => {
    if (a === b) return true;
    if (Array.isArray(a)) {
      return Array.isArray(b) && a.length === b.length &&
        a.every((item, i) => same(item, b[i]));
    }
    if (ArrayBuffer.isView(a)) return ArrayBuffer.isView(b) && sameView(a, b);
    // Of a function made for its place: its name and types are compared.
    if (typeof a === "function") return typeof b === "function";
    if (!isPlain(a) || !isPlain(b)) return false;
    if (a.kind === "constant") {
      return b.kind === "constant" && sameConstant(a, b);
    }
    const names = Object.keys(a).filter((name) => !PLACES.has(name));
    const others = Object.keys(b).filter((name) => !PLACES.has(name));
    return names.length === others.length && names.every((name) => {
      const [x, y] = [a[name], b[name]];
      return NUMBERED.has(name) && typeof x === "number" &&
          typeof y === "number"
        ? sameNumber(name, x, y)
        : same(x, y);
    });
  };
  return one.captures.every(({ slot }, i) =>
    sameNumber("slot", slot, other.captures[i]!.slot)
  ) && sameNumber("relation", one.relation, other.relation) &&
    sameNumber("relation", one.operandRelation, other.operandRelation) &&
    same(one.query, other.query) && same(one.test, other.test);
}

/** The bytes of typed arrays: constants of VALUES. */
function sameView(a: ArrayBufferView, b: ArrayBufferView): boolean {
  if (a.byteLength !== b.byteLength || a.constructor !== b.constructor) {
    return false;
  }
  const bytesOf = (view: ArrayBufferView): Uint8Array =>
    new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const other = bytesOf(b);
  return bytesOf(a).every((byte, i) => byte === other[i]);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
}
