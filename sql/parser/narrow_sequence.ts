/**
 * Raw nodes of CREATE and ALTER SEQUENCE to `sequence_syntax.ts`.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { narrowTypeName } from "./narrow_expression.ts";
import { narrowRelation } from "./narrow_from.ts";
import {
  flagOf,
  listOf,
  nodeOf,
  type RawFields,
  type RawNode,
  type RawReader,
  stringOf,
  textOf,
} from "./raw_node.ts";
import type {
  AlterSequenceSyntax,
  CreateSequenceSyntax,
  SequenceOption,
} from "./sequence_syntax.ts";

const CREATE_FIELDS: ReadonlySet<string> = new Set([
  "sequence",
  "options",
  "if_not_exists",
]);

/** A `CreateSeqStmt`. */
export function narrowCreateSequence(
  reader: RawReader,
  node: RawNode,
): CreateSequenceSyntax {
  reader.expectFields(node, CREATE_FIELDS);
  const { fields } = node;
  return {
    kind: "create_sequence",
    relation: narrowRelation(reader, fields["sequence"] as RawFields),
    options: narrowSequenceOptions(reader, fields["options"]),
    ifNotExists: flagOf(fields["if_not_exists"]),
  };
}

const ALTER_FIELDS: ReadonlySet<string> = new Set([
  "sequence",
  "options",
  "missing_ok",
]);

/** An `AlterSeqStmt`. */
export function narrowAlterSequence(
  reader: RawReader,
  node: RawNode,
): AlterSequenceSyntax {
  reader.expectFields(node, ALTER_FIELDS);
  const { fields } = node;
  return {
    kind: "alter_sequence",
    relation: narrowRelation(reader, fields["sequence"] as RawFields),
    options: narrowSequenceOptions(reader, fields["options"]),
    ifExists: flagOf(fields["missing_ok"]),
  };
}

/** The options of a sequence, none of them twice. */
export function narrowSequenceOptions(
  reader: RawReader,
  value: unknown,
): SequenceOption[] {
  const seen = new Set<string>();
  return listOf(value).map((item) => {
    const { fields } = nodeOf(item);
    const option = narrowOption(reader, fields);
    if (seen.has(option.name)) {
      throw new SqlError("42601", "conflicting or redundant options", {
        offset: option.offset,
      });
    }
    seen.add(option.name);
    return option;
  });
}

function narrowOption(reader: RawReader, fields: RawFields): SequenceOption {
  const name = textOf(fields["defname"])!;
  const offset = reader.offsetOf(fields);
  const { arg } = fields;
  switch (name) {
    case "as":
      return {
        name,
        type: narrowTypeName(reader, nodeOf(arg).fields),
        offset,
      };
    case "increment":
    case "start":
    case "restart":
    case "minvalue":
    case "maxvalue":
    case "cache":
      return { name, value: arg === undefined ? arg : numberOf(arg), offset };
    case "cycle":
      return { name, on: flagOf(nodeOf(arg).fields["boolval"]), offset };
    case "owned_by":
    case "sequence_name":
      return {
        name,
        path: listOf(nodeOf(arg).fields["items"]).map(stringOf),
        offset,
      };
    default:
      throw reader.unsupported(name.toUpperCase(), offset);
  }
}

/** A number of at most 64 bits, as PostgreSQL's `defGetInt64`. */
function numberOf(value: unknown): bigint {
  const { type, fields } = nodeOf(value);
  if (type === "Integer") return BigInt(fields["ival"] as number ?? 0);
  const text = textOf(fields["fval"]) ?? "";
  if (!/^[-+]?\d+$/.test(text)) {
    throw new SqlError(
      "22P02",
      `invalid input syntax for type bigint: "${text}"`,
    );
  }
  const number = BigInt(text);
  if (BigInt.asIntN(64, number) !== number) {
    throw new SqlError(
      "22003",
      `value "${text}" is out of range for type bigint`,
    );
  }
  return number;
}
