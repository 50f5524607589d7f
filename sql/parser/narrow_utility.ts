/**
 * Raw nodes of transaction control and settings to `syntax.ts`.
 *
 * @module
 */
import { narrowRelation } from "./narrow_from.ts";
import { literalOf } from "./narrow_expression.ts";
import {
  flagOf,
  listOf,
  nodeOf,
  type RawNode,
  type RawReader,
  textOf,
} from "./raw_node.ts";
import type {
  SetConstraintsSyntax,
  SetSyntax,
  ShowSyntax,
  TransactionModes,
  TransactionSyntax,
} from "./syntax.ts";

/** A `TransactionStmt`. */
export function narrowTransaction(
  reader: RawReader,
  node: RawNode,
): TransactionSyntax {
  const { fields } = node;
  const name = textOf(fields["savepoint_name"]) ?? "";
  const chain = flagOf(fields["chain"]);
  switch (fields["kind"]) {
    case "TRANS_STMT_BEGIN":
    case "TRANS_STMT_START":
      return {
        kind: "begin",
        start: fields["kind"] === "TRANS_STMT_START",
        modes: modesOf(fields["options"]),
      };
    case "TRANS_STMT_COMMIT":
      return { kind: "commit", chain };
    case "TRANS_STMT_ROLLBACK":
      return { kind: "rollback", chain };
    case "TRANS_STMT_SAVEPOINT":
      return { kind: "savepoint", name };
    case "TRANS_STMT_RELEASE":
      return { kind: "release", name };
    case "TRANS_STMT_ROLLBACK_TO":
      return { kind: "rollback_to", name };
    default:
      throw reader.unsupported("a prepared transaction");
  }
}

/** The transaction modes in a list of `DefElem`; the last of a kind counts. */
function modesOf(value: unknown): TransactionModes {
  const modes = {
    isolation: undefined as TransactionModes["isolation"],
    readOnly: undefined as boolean | undefined,
    deferrable: undefined as boolean | undefined,
  };
  for (const item of listOf(value)) {
    const { fields } = nodeOf(item);
    const literal = literalOf(nodeOf(fields["arg"]).fields);
    const on = literal.form === "integer" && literal.value !== 0;
    switch (fields["defname"]) {
      case "transaction_isolation":
        modes.isolation =
          (literal.form === "string" ? literal.text : "") as TransactionModes[
            "isolation"
          ];
        break;
      case "transaction_read_only":
        modes.readOnly = on;
        break;
      case "transaction_deferrable":
        modes.deferrable = on;
        break;
    }
  }
  return modes;
}

/** A `VariableSetStmt`. */
export function narrowSet(reader: RawReader, node: RawNode): SetSyntax {
  const { fields } = node;
  const name = textOf(fields["name"]) ?? "";
  const local = flagOf(fields["is_local"]);
  switch (fields["kind"]) {
    case "VAR_SET_VALUE":
      return {
        kind: "set",
        name,
        local,
        values: listOf(fields["args"]).map((item) => setValue(reader, item)),
        reset: false,
      };
    case "VAR_SET_DEFAULT":
    case "VAR_RESET":
      return {
        kind: "set",
        name,
        local,
        values: undefined,
        reset: fields["kind"] === "VAR_RESET",
      };
    case "VAR_RESET_ALL":
      return { kind: "reset_all" };
    case "VAR_SET_MULTI":
      if (name === "TRANSACTION" || name === "SESSION CHARACTERISTICS") {
        return {
          kind: "set_transaction",
          session: name !== "TRANSACTION",
          modes: modesOf(fields["args"]),
        };
      }
      throw reader.unsupported(`SET ${name}`);
    default:
      throw reader.unsupported("SET … FROM CURRENT");
  }
}

/** One value of SET as text. */
function setValue(reader: RawReader, item: unknown): string {
  const { type, fields } = nodeOf(item);
  if (type === "TypeCast") {
    const span = literalOf(nodeOf(fields["arg"]).fields);
    if (span.form !== "string") throw reader.unsupported("SET of a cast");
    return `INTERVAL '${span.text}'`;
  }
  const literal = literalOf(fields);
  switch (literal.form) {
    case "integer":
      return String(literal.value);
    case "decimal":
    case "string":
    case "bits":
      return literal.text;
    case "boolean":
      return literal.value ? "true" : "false";
    case "null":
      return "";
  }
}

/** A `ConstraintsSetStmt`. */
export function narrowSetConstraints(
  reader: RawReader,
  { fields }: RawNode,
): SetConstraintsSyntax {
  const { constraints } = fields;
  return {
    kind: "set_constraints",
    names: constraints === undefined
      ? undefined
      : listOf(constraints).map((item) =>
        narrowRelation(reader, nodeOf(item).fields)
      ),
    deferred: flagOf(fields["deferred"]),
  };
}

/** A `VariableShowStmt`. */
export function narrowShow(node: RawNode): ShowSyntax {
  return { kind: "show", name: textOf(node.fields["name"])! };
}
