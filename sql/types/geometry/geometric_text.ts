/**
 * Geometric types as text: `(1,2)`, `[(0,0),(1,1)]`, `<(0,0),1>`, `{1,-1,0}`.
 *
 * The reader goes on as PostgreSQL's `path_decode` and its kin do: brackets
 * around the whole may be left out or doubled, blanks stand where a number may.
 *
 * @module
 */
import type { SqlError } from "../../errors/sql_error.ts";
import { formatFloat8 } from "../float_text.ts";
import { float8 } from "../float_types.ts";
import { invalidSyntax } from "../type_error.ts";
import type { Point } from "./shapes.ts";

const SPACE = /[ \t\n\r\v\f]/;
const NUMBER =
  /[+-]?(?:infinity|inf|nan|0x[0-9a-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)/iy;

/** A cursor over the text of a value. */
export class ShapeReader {
  readonly #text: string;
  readonly #type: string;
  #at = 0;

  /** Reads `text`, which is to be a value of `type`. */
  constructor(text: string, type: string) {
    this.#text = text;
    this.#type = type;
  }

  /** `22P02`. */
  fail(): SqlError {
    return invalidSyntax(this.#type, this.#text);
  }

  /** The character that comes. */
  get next(): string {
    return this.#text[this.#at] ?? "";
  }

  /** What is left. */
  get rest(): string {
    return this.#text.slice(this.#at);
  }

  /** Passes over blanks. */
  skip(): void {
    while (SPACE.test(this.next)) this.#at++;
  }

  /** Passes over `letter` if it comes. */
  take(letter: string): boolean {
    if (this.next !== letter) return false;
    this.#at++;
    return true;
  }

  /** Passes over `letter`, which has to come. */
  expect(letter: string): void {
    if (!this.take(letter)) throw this.fail();
  }

  /** Nothing may be left. */
  end(): void {
    if (this.#at < this.#text.length) throw this.fail();
  }

  /** A number, with the blanks around it. */
  number(): number {
    this.skip();
    NUMBER.lastIndex = this.#at;
    const found = NUMBER.exec(this.#text);
    if (found === null) throw this.fail();
    this.#at += found[0].length;
    const value = float8.input(found[0], -1) as number;
    this.skip();
    return value;
  }

  /** `(x,y)` or `x,y`. */
  pair(): Point {
    this.skip();
    const isBracketed = this.take("(");
    const x = this.number();
    this.expect(",");
    const y = this.number();
    if (isBracketed) {
      this.expect(")");
      this.skip();
    }
    return { x, y };
  }

  /** Passes over a bracket before another one. */
  doubled(bracket: string): boolean {
    const found = /^\([ \t\n\r\v\f]*(?=\()/.exec(this.rest);
    if (bracket !== "(" || found === null) return false;
    this.#at += found[0].length;
    return true;
  }

  /** `count` points, in brackets or not; `mayOpen`: square ones are allowed. */
  points(
    count: number,
    mayOpen: boolean,
  ): { readonly points: Point[]; readonly isOpen: boolean } {
    this.skip();
    const isOpen = this.next === "[";
    let depth = 0;
    if (isOpen) {
      if (!mayOpen) throw this.fail();
      this.#at++;
      depth++;
    } else if (this.next === "(") {
      if (this.doubled("(")) depth++;
      else if (this.rest.lastIndexOf("(") === 0) {
        this.#at++;
        this.skip();
        depth++;
      }
    }
    const points: Point[] = [];
    for (let i = 0; i < count; i++) {
      points.push(this.pair());
      this.take(",");
    }
    for (; depth > 0; depth--) {
      if (!this.take(")") && !(isOpen && depth === 1 && this.take("]"))) {
        throw this.fail();
      }
      this.skip();
    }
    return { points, isOpen };
  }
}

/** How many points a text has, by its commas; -1: no whole number of them. */
export function countPoints(text: string): number {
  const commas = text.split(",").length - 1;
  return commas % 2 === 1 ? (commas + 1) / 2 : -1;
}

/** `x,y`. */
export function pairText({ x, y }: Point): string {
  return `${formatFloat8(x)},${formatFloat8(y)}`;
}

/** `(x,y),(x,y)`. */
export function pointsText(points: readonly Point[]): string {
  return points.map((point) => `(${pairText(point)})`).join(",");
}
