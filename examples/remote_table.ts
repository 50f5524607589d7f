/**
 * Rows of a table that come from elsewhere: what a query asks for goes along, so
 * that no more is fetched than it needs.
 *
 * @module
 */
import type {
  Database,
  ScanBound,
  ScanCondition,
  ScanRow,
} from "@kriyadb/kriyadb";

/** Fetches rows: those with these values, at most so many. */
export type FetchRows = (
  equal: Readonly<Record<string, unknown>>,
  limit: number | undefined,
  signal: AbortSignal,
) => AsyncIterable<readonly ScanRow[]>;

/**
 * Has `table` read by `fetchRows`, which answers equalities; what else a query
 * says of the rows, the database looks at.
 */
export function remoteTable(
  db: Database,
  table: string,
  fetchRows: FetchRows,
): Disposable {
  const isEqual = ({ operator }: ScanCondition): boolean => operator === "=";
  return db.addScanProvider({
    name: `remote ${table}`,
    offer: (question) =>
      question.table !== table ? undefined : {
        exact: question.conditions.filter(isEqual),
        open: ({ conditions, limit, signal }) => {
          const equal = conditions.filter(isEqual).map((
            { column, value }: ScanBound,
          ): [string, unknown] => [column, value]);
          return fetchRows(Object.fromEntries(equal), limit, signal);
        },
      },
  });
}
