/**
 * PRIMARY KEY and UNIQUE of partitioned tables: each partition has an index of
 * its own, so the key has to say which partition a row is in.
 *
 * @module
 */
import type { PartitionKey } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";

/** A table that may be partitioned; columns are numbered from 1 where they say nothing. */
interface Partitioned {
  readonly name: string;
  readonly columns: readonly {
    readonly name: string;
    readonly number?: number;
  }[];
}

/** A key of it. */
interface PartitionedKey {
  readonly form: "primary_key" | "unique";
  /** Positions in the columns. */
  readonly columns: readonly number[];
}

/**
 * Refuses a key that does not have all columns of the partition key.
 *
 * @throws {SqlError} `0A000`.
 */
export function requirePartitionKey(
  { name, columns }: Partitioned,
  partitionKey: PartitionKey | undefined,
  { form, columns: positions }: PartitionedKey,
): void {
  if (partitionKey === undefined) return;
  const word = form === "primary_key" ? "PRIMARY KEY" : "UNIQUE";
  const numbers = columns.map(({ number }, i) => number ?? i + 1);
  for (const { columnNumber, expression } of partitionKey.columns) {
    if (expression !== undefined) {
      throw new SqlError(
        "0A000",
        `unsupported ${word} constraint with partition key definition`,
        {
          detail:
            `${word} constraints cannot be used when partition keys include expressions.`,
        },
      );
    }
    if (positions.some((each) => numbers[each] === columnNumber)) continue;
    const lacking = columns[numbers.indexOf(columnNumber)]!.name;
    throw new SqlError(
      "0A000",
      "unique constraint on partitioned table must include all partitioning columns",
      {
        detail:
          `${word} constraint on table "${name}" lacks column "${lacking}" which is part of the partition key.`,
      },
    );
  }
}
