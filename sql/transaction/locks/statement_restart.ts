/**
 * What a statement throws that met a change which its snapshot does not show.
 *
 * Where nothing but the statement depends on the snapshot (READ COMMITTED, or a
 * statement that is a transaction of its own) it is undone and runs again on a
 * new one, and keeps the locks it has waited for. Elsewhere this is the error.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";

/** Asks for the statement to run again; else it is `40001`. */
export class StatementRestart extends SqlError {
  /** `what` another transaction did to the row. */
  constructor(what: "update" | "delete" = "update") {
    super("40001", `could not serialize access due to concurrent ${what}`);
  }
}
