/**
 * CREATE and ALTER DOMAIN.
 *
 * Tables with columns of a domain that is altered get new entries, so that who
 * writes to them meanwhile fails, and what was made of their rules is made anew.
 *
 * @module
 */
import type {
  BoundAlterDomain,
  BoundCreateDomain,
} from "../../analyzer/domains/bound_domain.ts";
import { VALUE_COLUMN } from "../../analyzer/domains/domain_rules.ts";
import type { ColumnEntry, TableEntry } from "../../catalog/entries.ts";
import { type Chunk, isNull } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType } from "../../types/data_type.ts";
import { baseOf } from "../../types/domain_type.ts";
import { type AlterContext, AlteredTable } from "../alter/alter_context.ts";
import { eachChunk } from "../alter/existing_rows.ts";
import { addEntry, replaceEntry } from "../catalog_change.ts";
import { compileExpression } from "../expression_compiler.ts";
import { newTypeId, type TypeDefinitionContext } from "../type_definition.ts";

/** Runs CREATE DOMAIN; nobody else can know the type's OID. */
export function createDomain(
  { domain }: BoundCreateDomain,
  context: TypeDefinitionContext,
): void {
  const entry = { ...domain, id: newTypeId(context) };
  addEntry(entry, context);
  context.types.defineDomain(entry);
}

/** Runs ALTER DOMAIN. */
export async function alterDomain(
  { before, after, verify, notices }: BoundAlterDomain,
  context: AlterContext,
): Promise<void> {
  notices.forEach((notice) => context.notice(notice));
  if (notices.length > 0) return;
  const { transaction } = context;
  replaceEntry(before, after, transaction);
  for (const entry of transaction.catalog.relations()) {
    if (entry.kind !== "table") continue;
    const columns = entry.columns.filter(({ type }) =>
      isOver(type.type, after.id)
    );
    if (columns.length === 0) continue;
    const touched = { ...entry };
    replaceEntry(entry, touched, transaction);
    if (verify === undefined) continue;
    for (const column of columns) {
      await verifyColumn(touched, column, verify, context);
    }
  }
}

/** Whether a type is a domain, or over it. */
function isOver(type: DataType, id: number): boolean {
  return type.oid === id && type.domain !== undefined ||
    (type.domain !== undefined && isOver(type.domain.type, id));
}

/** @throws {SqlError} `23502`, `23514`. */
async function verifyColumn(
  entry: TableEntry,
  column: ColumnEntry,
  verify: NonNullable<BoundAlterDomain["verify"]>,
  context: AlterContext,
): Promise<void> {
  const table = new AlteredTable(entry, context);
  const position = entry.columns.indexOf(column);
  const refuse = (code: string, what: string): never => {
    throw new SqlError(
      code,
      `column "${column.name}" of table "${entry.name}" contains ${what}`,
      { schema: entry.schema, table: entry.name, column: column.name },
    );
  };
  const condition = verify === "not_null" ? undefined : compileExpression(
    table.state().bindStored(verify.sql, VALUE_COLUMN, baseOf(column.type)),
    () => 0,
  );
  await eachChunk(table, [position], (chunk: Chunk) => {
    const [values] = chunk.columns;
    const holds = condition?.(chunk, chunk.selection, table.run);
    for (let row = 0; row < chunk.rowCount; row++) {
      if (holds === undefined) {
        if (isNull(values!, row)) refuse("23502", "null values");
      } else if (!isNull(holds, row) && !holds.values[row]) {
        refuse("23514", "values that violate the new constraint");
      }
    }
  });
}
