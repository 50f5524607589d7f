/**
 * `jsonpath`: kept as its canonical text.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType, SqlValue } from "../data_type.ts";
import { textOfJs } from "../js_value.ts";
import { parseJsonPath } from "./path_parser.ts";
import { formatJsonPath } from "./path_text.ts";

function read(text: string): SqlValue {
  return formatJsonPath(parseJsonPath(text));
}

function noOrder(): never {
  throw new SqlError(
    "42883",
    "could not identify an ordering operator for type jsonpath",
  );
}

/** `jsonpath`. */
export const jsonpath: DataType = {
  oid: 4072,
  name: "jsonpath",
  displayName: "jsonpath",
  category: "U",
  preferred: false,
  length: -1,
  storage: "reference",
  input: read,
  output: (value) => value as string,
  compare: noOrder,
  hashKey: (value) => value as string,
  fromJs: (value) => read(textOfJs(value)),
  toJs: (value) => value,
};
