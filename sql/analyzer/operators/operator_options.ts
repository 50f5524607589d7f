/**
 * The options of CREATE and ALTER OPERATOR: what each says, and what cannot be.
 *
 * @module
 */
import type { OperatorEntry } from "../../catalog/entries.ts";
import type { OperatorName } from "../../catalog/operators/operator_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { OperatorOption } from "../../parser/operator_syntax.ts";
import { bool } from "../../types/bool_type.ts";
import { missingSchema } from "../bind_schema.ts";
import { invalidDefinition } from "../routines/bind_parameters.ts";
import type { StatementState } from "../statement_state.ts";

/** The options by name; `procedure` is `function`. */
export type OperatorOptions = ReadonlyMap<string, OperatorOption>;

/** PostgreSQL's functions that estimate conditions, and with `join` joins. */
const ESTIMATORS: ReadonlySet<string> = new Set([
  "eq",
  "neq",
  "scalarlt",
  "scalarle",
  "scalargt",
  "scalarge",
  "area",
  "position",
  "cont",
  "matching",
  "like",
  "nlike",
  "iclike",
  "icnlike",
  "regexeq",
  "regexne",
  "icregexeq",
  "icregexne",
  "prefix",
  "arraycont",
  "network",
  "tsmatch",
]);

/** A function that estimates, which has no effect here; absent under NONE. */
export function estimatorOf(
  options: OperatorOptions,
  name: "restrict" | "join",
): string | undefined {
  const option = options.get(name);
  if (option === undefined || option.isNone === true) return undefined;
  const given = option.type?.name.name ?? option.text ?? "";
  const end = name === "join" ? "joinsel" : "sel";
  if (given.endsWith(end) && ESTIMATORS.has(given.slice(0, -end.length))) {
    return given;
  }
  const types = name === "join"
    ? "internal, oid, internal, smallint, internal"
    : "internal, oid, internal, integer";
  throw new SqlError("42883", `function ${given}(${types}) does not exist`);
}

/** Whether an option is set: its name alone says so. */
export function isSet(options: OperatorOptions, name: string): boolean {
  const option = options.get(name);
  if (option === undefined) return false;
  const text = option.text?.toLowerCase();
  if (text === undefined || ["true", "on", "1"].includes(text)) return true;
  if (["false", "off", "0"].includes(text)) return false;
  throw new SqlError("42601", `${name} requires a Boolean value`);
}

/** The operator that an option names. */
export function operatorNamed(
  state: StatementState,
  option: OperatorOption | undefined,
  schema: string,
): OperatorName | undefined {
  if (option === undefined) return undefined;
  const given = option.operator;
  if (
    given?.schema !== undefined &&
    !state.options.catalog.hasSchema(given.schema)
  ) throw missingSchema(given.schema);
  const name = given?.name ?? option.text ?? "";
  return { schema: given?.schema ?? schema, name };
}

/** @throws {SqlError} `42P13` for what an operator of its kind cannot be. */
export function refuseMeaningless(entry: OperatorEntry): void {
  const { left, result, commutator, negator } = entry;
  const { restrict, join, merges, hashes } = entry;
  if (left === 0) {
    if (commutator !== undefined) throw only("binary", "have commutators");
    if (join !== undefined) throw only("binary", "have join selectivity");
    if (merges) throw only("binary", "merge join");
    if (hashes) throw only("binary", "hash");
  }
  if (result === bool.oid) return;
  if (negator !== undefined) throw only("boolean", "have negators");
  if (restrict !== undefined) {
    throw only("boolean", "have restriction selectivity");
  }
  if (join !== undefined) throw only("boolean", "have join selectivity");
  if (merges) throw only("boolean", "merge join");
  if (hashes) throw only("boolean", "hash");
}

function only(kind: string, what: string): SqlError {
  return invalidDefinition(`only ${kind} operators can ${what}`);
}
