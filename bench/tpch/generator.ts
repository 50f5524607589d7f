/**
 * Rows of TPC-H at any scale: the distributions of its specification as far as
 * its queries look at them, from one seed.
 *
 * | table | rows at scale 1 |
 * | --- | ---: |
 * | supplier | 10,000 |
 * | part, partsupp | 200,000, four times as many |
 * | customer | 150,000; a third of them never orders |
 * | orders, lineitem | 1,500,000, one to seven times as many |
 *
 * Each table is the text of a COPY: a row a line, cells between tabs.
 *
 * @module
 */
import { randomNumbers } from "../random.ts";
import {
  COLORS,
  CONTAINERS,
  INSTRUCTIONS,
  MODES,
  NATIONS,
  PRIORITIES,
  REGIONS,
  SEGMENTS,
  TYPES,
  WORDS,
} from "./words.ts";

/** A table's name, and its rows. */
export interface TpchRows {
  readonly table: string;
  readonly text: string;
}

const DAY_MS = 86_400_000;
/** The first day of an order, how many days there are, and "today". */
const START = Date.UTC(1992, 0, 1) / DAY_MS;
const ORDER_DAYS = 2406;
const TODAY = Date.UTC(1995, 5, 17) / DAY_MS;

/** The rows of all tables. */
export function* tpchRows(scale: number, seed = 1): Generator<TpchRows> {
  const make = new Generating(scale, seed);
  yield make.regions();
  yield make.nations();
  yield make.suppliers();
  yield make.parts();
  yield make.partSuppliers();
  yield make.customers();
  yield* make.orders();
}

class Generating {
  readonly #random: () => number;
  readonly #suppliers: number;
  readonly #parts: number;
  readonly #customers: number;
  readonly #orders: number;

  constructor(scale: number, seed: number) {
    this.#random = randomNumbers(seed);
    const count = (atOne: number): number =>
      Math.max(10, Math.round(atOne * scale));
    this.#suppliers = count(10_000);
    this.#parts = count(200_000);
    this.#customers = count(150_000);
    this.#orders = count(1_500_000);
  }

  regions(): TpchRows {
    return table(
      "region",
      REGIONS.length,
      (i) => [i, REGIONS[i], this.#text(31)],
    );
  }

  nations(): TpchRows {
    return table("nation", NATIONS.length, (i) => {
      const [name, region] = NATIONS[i]!;
      return [i, name, region, this.#text(31)];
    });
  }

  suppliers(): TpchRows {
    return table("supplier", this.#suppliers, (i) => {
      const nation = this.#int(0, 24);
      // Some have been complained about; by the specification 5 of 10,000.
      const complaint = i % 20 === 7 ? "Customer told of Complaints" : "";
      return [
        i + 1,
        `Supplier#${padded(i + 1, 9)}`,
        this.#text(10),
        nation,
        this.#phone(nation),
        this.#money(-99_999, 999_999),
        complaint + this.#text(25),
      ];
    });
  }

  parts(): TpchRows {
    return table("part", this.#parts, (i) => {
      const maker = this.#int(1, 5);
      const names = Array.from({ length: 5 }, () => this.#of(COLORS));
      return [
        i + 1,
        names.join(" "),
        `Manufacturer#${maker}`,
        `Brand#${maker}${this.#int(1, 5)}`,
        TYPES.map((words) => this.#of(words)).join(" "),
        this.#int(1, 50),
        CONTAINERS.map((words) => this.#of(words)).join(" "),
        cents(priceOf(i + 1)),
        this.#text(5),
      ];
    });
  }

  partSuppliers(): TpchRows {
    return table("partsupp", 4 * this.#parts, (i) => {
      const part = (i >>> 2) + 1;
      return [
        part,
        this.#supplierOf(part, i & 3),
        this.#int(1, 9999),
        this.#money(100, 100_000),
        this.#text(40),
      ];
    });
  }

  customers(): TpchRows {
    return table("customer", this.#customers, (i) => {
      const nation = this.#int(0, 24);
      return [
        i + 1,
        `Customer#${padded(i + 1, 9)}`,
        this.#text(10),
        nation,
        this.#phone(nation),
        this.#money(-99_999, 999_999),
        this.#of(SEGMENTS),
        this.#text(29),
      ];
    });
  }

  *orders(): Generator<TpchRows> {
    const lines: string[] = [];
    const orders = table("orders", this.#orders, (i) => {
      // Eight keys of each 32 are in use.
      const key = (i >>> 3) * 32 + (i & 7) + 1;
      const day = START + this.#int(0, ORDER_DAYS - 1);
      const count = this.#int(1, 7);
      let total = 0;
      let open = 0;
      for (let line = 1; line <= count; line++) {
        const { cells, price, isOpen } = this.#line(key, line, day);
        lines.push(cells.join("\t"));
        total += price;
        if (isOpen) open++;
      }
      return [
        key,
        this.#orderingCustomer(),
        open === 0 ? "F" : open === count ? "O" : "P",
        cents(Math.round(total)),
        date(day),
        this.#of(PRIORITIES),
        `Clerk#${padded(this.#int(1, 1000), 9)}`,
        0,
        this.#text(19),
      ];
    });
    yield orders;
    yield { table: "lineitem", text: lines.join("\n") + "\n" };
  }

  /** A customer whose number three does not divide. */
  #orderingCustomer(): number {
    const customer = this.#int(1, this.#customers);
    return customer % 3 !== 0 ? customer : Math.max(1, customer - 1);
  }

  #line(
    order: number,
    number: number,
    day: number,
  ): { cells: (string | number)[]; price: number; isOpen: boolean } {
    const part = this.#int(1, this.#parts);
    const quantity = this.#int(1, 50);
    const discount = this.#int(0, 10);
    const tax = this.#int(0, 8);
    const price = quantity * priceOf(part);
    const ship = day + this.#int(1, 121);
    const commit = day + this.#int(30, 90);
    const receipt = ship + this.#int(1, 30);
    const isOpen = ship > TODAY;
    const cells = [
      order,
      part,
      this.#supplierOf(part, this.#int(0, 3)),
      number,
      quantity,
      cents(price),
      cents(discount),
      cents(tax),
      receipt > TODAY ? "N" : this.#of(["R", "A"]),
      isOpen ? "O" : "F",
      date(ship),
      date(commit),
      date(receipt),
      this.#of(INSTRUCTIONS),
      this.#of(MODES),
      this.#text(10),
    ];
    const paid = price * (1 - discount / 100) * (1 + tax / 100);
    return { cells, price: paid, isOpen };
  }

  /** One of the four suppliers of a part, which are different. */
  #supplierOf(part: number, which: number): number {
    const all = this.#suppliers;
    const spread = Math.max(1, Math.floor(all / 12));
    const step = Math.floor(all / 4) + Math.floor((part - 1) / all) % spread;
    return (part + which * step) % all + 1;
  }

  #int(from: number, to: number): number {
    return from + Math.floor(this.#random() * (to - from + 1));
  }

  #of(words: readonly string[]): string {
    return words[Math.floor(this.#random() * words.length)]!;
  }

  #money(from: number, to: number): string {
    return cents(this.#int(from, to));
  }

  #phone(nation: number): string {
    const group = (digits: number): number =>
      this.#int(10 ** (digits - 1), 10 ** digits - 1);
    return `${nation + 10}-${group(3)}-${group(3)}-${group(4)}`;
  }

  /** Words until there are about `length` characters. */
  #text(length: number): string {
    let text = this.#of(WORDS);
    while (text.length < length - 6) text += ` ${this.#of(WORDS)}`;
    return text;
  }
}

/** A part's price in cents. */
function priceOf(part: number): number {
  return 90_000 + (Math.floor(part / 10) % 20_001) + 100 * (part % 1000);
}

function cents(amount: number): string {
  return (amount / 100).toFixed(2);
}

function date(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

function padded(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}

function table(
  name: string,
  count: number,
  row: (i: number) => readonly (string | number | undefined)[],
): TpchRows {
  let text = "";
  for (let i = 0; i < count; i++) text += `${row(i).join("\t")}\n`;
  return { table: name, text };
}
