/**
 * The functions that mean something else in a dialect than in PostgreSQL, or
 * have another name there. What is not here is called by its name.
 *
 * @module
 */
import type { ForeignDialect } from "../dialect.ts";
import type { FunctionRule, FunctionRules } from "../function_call.ts";
import { BIGQUERY_FUNCTIONS } from "./bigquery_functions.ts";
import { COMMON_FUNCTIONS } from "./common_functions.ts";
import { MYSQL_FUNCTIONS } from "./mysql_functions.ts";
import { SNOWFLAKE_FUNCTIONS } from "./snowflake_functions.ts";
import { SQLITE_FUNCTIONS } from "./sqlite_functions.ts";
import { TSQL_FUNCTIONS } from "./tsql_functions.ts";

const OWN: Readonly<Record<ForeignDialect, FunctionRules>> = {
  mysql: MYSQL_FUNCTIONS,
  mariadb: MYSQL_FUNCTIONS,
  sqlite: SQLITE_FUNCTIONS,
  tsql: TSQL_FUNCTIONS,
  bigquery: BIGQUERY_FUNCTIONS,
  snowflake: SNOWFLAKE_FUNCTIONS,
};

/** The rule of a function; `undefined` if it is called as it is. */
export function functionRule(
  name: string,
  dialect: ForeignDialect,
): FunctionRule | undefined {
  const own = OWN[dialect];
  if (Object.hasOwn(own, name)) return own[name];
  return Object.hasOwn(COMMON_FUNCTIONS, name)
    ? COMMON_FUNCTIONS[name]
    : undefined;
}
