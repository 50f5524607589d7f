/**
 * The partners that an index has for the rows of a batch, as they are found and
 * then in the order of the rows.
 *
 * @module
 */
import type { LocatorTaker } from "../access/index_access.ts";

/** Locators of partners, each with the row that it is for. */
export class PartnerList implements LocatorTaker {
  #locators: Float64Array<ArrayBuffer>;
  /** Of each locator the place of its row. */
  #places: Uint32Array<ArrayBuffer>;
  #count = 0;
  #mark = 0;
  #place = -1;
  #isAscending = true;
  readonly #countMax: number;
  #isOver = false;

  readonly oneEach: boolean;

  /**
   * An empty list, which takes about `countMax` partners, or one for each row
   * (`oneEach`).
   */
  constructor(rowCount: number, countMax: number, oneEach: boolean) {
    this.oneEach = oneEach;
    this.#countMax = countMax;
    this.#locators = new Float64Array(rowCount);
    this.#places = new Uint32Array(rowCount);
  }

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** Whether it has had to refuse partners. */
  get isOver(): boolean {
    return this.#isOver;
  }

  begin(place: number): boolean {
    if (this.#count > this.#countMax) {
      this.#isOver = true;
      return false;
    }
    if (place < this.#place) this.#isAscending = false;
    this.#place = place;
    this.#mark = this.#count;
    return true;
  }

  drop(): void {
    this.#count = this.#mark;
  }

  take(locator: number): void {
    const at = this.#count++;
    if (at === this.#locators.length) this.#grow();
    this.#locators[at] = locator;
    this.#places[at] = this.#place;
  }

  /**
   * The locators in the order of the rows, and the row of each: those of `rows`
   * at the places of the list.
   */
  inOrder(
    rows: Uint32Array,
  ): { readonly locators: Float64Array; readonly rows: Uint32Array } {
    const count = this.#count;
    const locators = this.#locators.subarray(0, count);
    const places = this.#places.subarray(0, count);
    const found = new Uint32Array(count);
    if (this.#isAscending) {
      for (let i = 0; i < count; i++) found[i] = rows[places[i]!]!;
      return { locators, rows: found };
    }
    // Counted, then each where those of the places before it end.
    const next = new Uint32Array(rows.length + 1);
    for (let i = 0; i < count; i++) next[places[i]! + 1]!++;
    for (let i = 0; i < rows.length; i++) next[i + 1]! += next[i]!;
    const ordered = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const place = places[i]!;
      const at = next[place]!++;
      ordered[at] = locators[i]!;
      found[at] = rows[place]!;
    }
    return { locators: ordered, rows: found };
  }

  #grow(): void {
    const length = Math.max(64, this.#locators.length * 2);
    const locators = new Float64Array(length);
    locators.set(this.#locators);
    this.#locators = locators;
    const places = new Uint32Array(length);
    places.set(this.#places);
    this.#places = places;
  }
}
