/**
 * CREATE and ALTER SEQUENCE: options, and the column of OWNED BY.
 *
 * @module
 */
import type { TableEntry } from "../../catalog/entries.ts";
import type {
  SequenceEntry,
  SequenceOwner,
} from "../../catalog/sequence_entry.ts";
import { notSequence } from "../../catalog/sequence_name.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { RelationName } from "../../parser/expression_syntax.ts";
import type {
  AlterSequenceSyntax,
  CreateSequenceSyntax,
  SequenceOption,
} from "../../parser/sequence_syntax.ts";
import { missingRelation } from "../bind_from.ts";
import { relationSchema } from "../bind_schema.ts";
import { isTaken, refuseTaken } from "../bind_table_definition.ts";
import type { StatementState } from "../statement_state.ts";
import type {
  BoundAlterSequence,
  BoundCreateSequence,
} from "./bound_sequence.ts";
import { sequenceRange } from "./sequence_options.ts";

/** Binds CREATE SEQUENCE. */
export function bindCreateSequence(
  state: StatementState,
  { relation, options, ifNotExists }: CreateSequenceSyntax,
): BoundCreateSequence {
  const schema = relationSchema(state, relation);
  const { name } = relation;
  const exists = ifNotExists && isTaken(state, schema, name);
  const { range } = sequenceRange(state, options);
  if (!exists) refuseTaken(state, schema, name);
  return {
    kind: "create_sequence",
    schema,
    name,
    range,
    owner: ownerIn(state, options, schema)?.column,
    exists,
  };
}

/** Binds ALTER SEQUENCE. */
export function bindAlterSequence(
  state: StatementState,
  { relation, options, ifExists }: AlterSequenceSyntax,
): BoundAlterSequence {
  const { schema, name } = relation;
  const entry = state.options.catalog.relation(schema, name);
  const choose: BoundAlterSequence["choose"] = (last) =>
    sequenceRange(
      state,
      options,
      entry?.kind === "sequence" ? { ...entry, last } : undefined,
    );
  const common = { kind: "alter_sequence", name, choose } as const;
  if (entry === undefined) {
    if (!ifExists) throw missingRelation(schema, name);
    return { ...common, sequence: undefined, owner: undefined };
  }
  if (entry.kind !== "sequence") throw notSequence(entry);
  const owner = ownerIn(state, options, entry.schema);
  if (owner !== undefined) refuseIdentity(state, entry);
  return { ...common, sequence: entry, owner };
}

/** The sequence of an identity column stays where it is. */
function refuseIdentity(
  { options }: StatementState,
  { name, owner }: SequenceEntry,
): void {
  if (owner?.identity !== true) return;
  const table = options.catalog.relationById(owner.tableId);
  throw new SqlError(
    "0A000",
    "cannot change ownership of identity sequence",
    { detail: `Sequence "${name}" is linked to table "${table?.name}".` },
  );
}

/** What OWNED BY says, if it is there. */
function ownerIn(
  state: StatementState,
  options: readonly SequenceOption[],
  schema: string,
): { readonly column: SequenceOwner | undefined } | undefined {
  const option = options.find(({ name }) => name === "owned_by");
  if (option?.name !== "owned_by") return undefined;
  const { path } = option;
  const column = path.at(-1)!;
  if (path.length === 1) {
    if (column === "none") return { column: undefined };
    throw new SqlError("42601", "invalid OWNED BY option", {
      hint: "Specify OWNED BY table.column or OWNED BY NONE.",
    });
  }
  const table = ownerTable(state, {
    schema: path.at(-3),
    name: path.at(-2)!,
    offset: -1,
  });
  if (table.schema !== schema) {
    throw new SqlError(
      "55000",
      "sequence must be in same schema as table it is linked to",
    );
  }
  const entry = table.columns.find(({ name }) => name === column);
  if (entry === undefined) {
    throw new SqlError(
      "42703",
      `column "${column}" of relation "${table.name}" does not exist`,
    );
  }
  return {
    column: {
      tableId: table.id,
      columnNumber: entry.number,
      identity: false,
    },
  };
}

function ownerTable(
  { options }: StatementState,
  { schema, name }: RelationName,
): TableEntry {
  const entry = options.catalog.relation(schema, name);
  if (entry === undefined) throw missingRelation(schema, name);
  if (entry.kind === "table") return entry;
  throw new SqlError(
    "42809",
    `sequence cannot be owned by relation "${name}"`,
    {
      detail: `This operation is not supported for ${
        entry.kind === "index" ? "indexes" : "sequences"
      }.`,
    },
  );
}
