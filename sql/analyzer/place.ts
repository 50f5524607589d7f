/**
 * The places where expressions stand.
 *
 * @module
 */

/** Where an expression stands; the names are those of error messages. */
export type Place =
  | "SELECT"
  | "WHERE"
  | "GROUP BY"
  | "HAVING"
  | "ORDER BY"
  | "LIMIT"
  | "OFFSET"
  | "VALUES"
  | "UPDATE"
  | "RETURNING"
  | "COPY FROM WHERE conditions"
  | "MERGE WHEN conditions"
  | "index expressions"
  | "index predicates"
  | "check constraints"
  | "column generation expressions"
  | "transform expressions"
  | "partition key expressions"
  | "partition bound"
  | "FILTER"
  | "JOIN/ON"
  | "functions in FROM"
  | "FROM"
  | "EXECUTE parameters"
  | "DEFAULT expressions"
  | "CALL arguments"
  | "trigger WHEN conditions";
