/** Temporary. @module */
import { SqlError } from "../errors/sql_error.ts";
export function explain(..._args: unknown[]): never {
  throw new SqlError("0A000", "EXPLAIN");
}
