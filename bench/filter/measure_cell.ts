/**
 * What the queries of a cell take, and how right their answers are.
 *
 * @module
 */
import process from "node:process";
import type { Cell } from "./filter_data.ts";

/** Queries that are asked at least, however long they take. */
const QUERIES_MIN = 5;

/** Asks query `i` of a cell: gives ids. */
export type Ask = (cell: Cell, i: number) => Promise<readonly number[]>;

/** What some queries took, and how right they were. */
export interface Measured {
  readonly perSecond: number;
  readonly recall: number;
  /** Whether each answer had all its rows. */
  readonly isWhole: boolean;
}

/** Asks the queries of a cell: all, or some while there is time. */
export async function measureCell(
  cell: Cell,
  answers: readonly ReadonlySet<number>[],
  ask: Ask,
  msMax = Infinity,
): Promise<Measured> {
  for (let i = 0; i < 3; i++) await ask(cell, i);
  let recall = 0;
  let isWhole = true;
  let asked = 0;
  let ms = 0;
  const start = process.cpuUsage();
  for (const [i, answer] of answers.entries()) {
    const ids = await ask(cell, i);
    isWhole &&= ids.length === answer.size;
    recall += ids.filter((id) => answer.has(id)).length / answer.size;
    asked++;
    const { user, system } = process.cpuUsage(start);
    ms = (user + system) / 1000;
    if (ms >= msMax && asked >= QUERIES_MIN) break;
  }
  return { perSecond: 1000 * asked / ms, recall: recall / asked, isWhole };
}
