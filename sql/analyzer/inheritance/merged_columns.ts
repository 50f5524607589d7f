/**
 * The columns and CHECKs of a new table that inherits: those of its parents in
 * their order, then its own, those of one name merged into one (PostgreSQL's
 * MergeAttributes).
 *
 * @module
 */
import type { CheckEntry, TableEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { ColumnDefinition } from "../../parser/syntax.ts";
import type { PartitionColumn } from "../../parser/partition_syntax.ts";
import type { TypeRef } from "../../types/data_type.ts";
import { formatType } from "../../types/type_registry.ts";
import { bindDefault } from "../assign.ts";
import type { BoundColumnDefinition } from "../bound_tree.ts";
import { deparse } from "../deparse.ts";
import type { MergeNotice } from "./bound_partition.ts";
import type { StatementState } from "../statement_state.ts";

/** A column of a table that is made, and what was written of it. */
export interface MergedColumn {
  readonly bound: BoundColumnDefinition;
  /** Absent: nothing, it is inherited. */
  readonly syntax: ColumnDefinition | PartitionColumn | undefined;
}

/** The columns that a table has of its parents, as they were. */
interface Draft {
  column: BoundColumnDefinition;
  syntax: ColumnDefinition | PartitionColumn | undefined;
  /** Whether parents disagree over the default. */
  hasConflict: boolean;
}

/** The columns of a table: of its parents, and its own. */
export function mergeColumns(
  parents: readonly TableEntry[],
  own: readonly MergedColumn[],
  notices: MergeNotice[],
): MergedColumn[] {
  const drafts = new Map<string, Draft>();
  for (const parent of parents) {
    for (const column of parent.columns) {
      const inherited = inheritedColumn(parent, column);
      const there = drafts.get(column.name);
      if (there === undefined) {
        drafts.set(column.name, {
          column: inherited,
          syntax: undefined,
          hasConflict: false,
        });
      } else mergeInherited(there, inherited, notices);
    }
  }
  let position = 0;
  const names = [...drafts.keys()];
  for (const { bound, syntax } of own) {
    const there = drafts.get(bound.name);
    if (there === undefined) {
      drafts.set(bound.name, { column: bound, syntax, hasConflict: false });
    } else {
      const moved = names.indexOf(bound.name) !== position;
      mergeOwn(there, bound, { moved, notices });
      there.syntax = syntax;
    }
    position++;
  }
  return [...drafts.values()].map(({ column, syntax, hasConflict }) => {
    if (hasConflict) throw conflictingDefaults(column.name);
    return { bound: column, syntax };
  });
}

function conflictingDefaults(name: string): SqlError {
  return new SqlError(
    "42611",
    `column "${name}" inherits conflicting default values`,
    { hint: "To resolve the conflict, specify a default explicitly." },
  );
}

function inheritedColumn(
  { partitionKey }: TableEntry,
  { name, type, notNull, defaultSql, generated, identity }:
    TableEntry["columns"][number],
): BoundColumnDefinition {
  // A partition draws from the sequence of its table; others do not.
  const drawn = partitionKey === undefined && identity !== undefined;
  return {
    name,
    type,
    notNull,
    defaultSql: drawn ? undefined : defaultSql,
    sequence: undefined,
    generated,
    identity: partitionKey === undefined ? undefined : identity,
    inheritCount: 1,
    onlyInherited: true,
  };
}

function mergeInherited(
  there: Draft,
  other: BoundColumnDefinition,
  notices: MergeNotice[],
): void {
  const { column } = there;
  const { name } = column;
  notices.push({
    message: `merging multiple inherited definitions of column "${name}"`,
  });
  requireSameType(`inherited column "${name}"`, column.type, other.type);
  if ((column.generated === undefined) !== (other.generated === undefined)) {
    throw new SqlError(
      "42P16",
      `inherited column "${name}" has a generation conflict`,
    );
  }
  const isSame = (column.generated?.sql ?? column.defaultSql) ===
    (other.generated?.sql ?? other.defaultSql);
  const hasDefault = other.defaultSql !== undefined ||
    other.generated !== undefined;
  const hadDefault = column.defaultSql !== undefined ||
    column.generated !== undefined;
  there.hasConflict ||= hasDefault && hadDefault && !isSame;
  there.column = {
    ...column,
    notNull: column.notNull || other.notNull,
    ...!hadDefault && { defaultSql: other.defaultSql },
    inheritCount: column.inheritCount! + 1,
  };
}

function mergeOwn(
  there: Draft,
  own: BoundColumnDefinition,
  { moved, notices }: {
    readonly moved: boolean;
    readonly notices: MergeNotice[];
  },
): void {
  const { column } = there;
  const { name } = own;
  notices.push(
    moved
      ? {
        message:
          `moving and merging column "${name}" with inherited definition`,
        detail:
          "User-specified column moved to the position of the inherited column.",
      }
      : { message: `merging column "${name}" with inherited definition` },
  );
  requireSameType(`column "${name}"`, column.type, own.type);
  there.column = withOwnDefault(there, own, own.generated !== undefined);
}

/** @throws {SqlError} `42611`: a generated column has nothing else. */
function withOwnDefault(
  there: Draft,
  own: BoundColumnDefinition,
  isGenerated: boolean,
): BoundColumnDefinition {
  const { column } = there;
  const { name } = own;
  const inherits = column.generated !== undefined;
  if (inherits && own.defaultSql !== undefined) {
    throw new SqlError(
      "42611",
      `column "${name}" inherits from generated column but specifies default`,
    );
  }
  if (inherits && own.sequence !== undefined) {
    throw new SqlError(
      "42611",
      `column "${name}" inherits from generated column but specifies identity`,
    );
  }
  const hasOwn = own.defaultSql !== undefined || own.sequence !== undefined ||
    isGenerated;
  if (hasOwn) there.hasConflict = false;
  return {
    ...column,
    notNull: column.notNull || own.notNull,
    ...hasOwn && { defaultSql: own.defaultSql, sequence: own.sequence },
    onlyInherited: undefined,
  };
}

/** @throws {SqlError} `42804`, `42P21`. */
function requireSameType(what: string, a: TypeRef, b: TypeRef): void {
  if (a.type !== b.type || a.typmod !== b.typmod) {
    throw new SqlError("42804", `${what} has a type conflict`, {
      detail: `${formatType(a)} versus ${formatType(b)}`,
    });
  }
  if (a.collation?.oid !== b.collation?.oid) {
    throw new SqlError("42P21", `${what} has a collation conflict`, {
      detail: `"${a.collation?.name ?? "default"}" versus "${
        b.collation?.name ?? "default"
      }"`,
    });
  }
}

/** The columns of a partition: those of its table, with what it says of them. */
export function partitionColumns(
  state: StatementState,
  parent: TableEntry,
  written: readonly PartitionColumn[],
): MergedColumn[] {
  const drafts = new Map(
    parent.columns.map((column): [string, Draft] => [column.name, {
      column: inheritedColumn(parent, column),
      syntax: undefined,
      hasConflict: false,
    }]),
  );
  for (const syntax of written) {
    const { name } = syntax;
    const draft = drafts.get(name);
    if (draft === undefined) {
      throw new SqlError("42703", `column "${name}" does not exist`);
    }
    if (draft.syntax !== undefined) {
      throw new SqlError("42701", `column "${name}" specified more than once`);
    }
    if (syntax.identity !== undefined) {
      throw new SqlError(
        "0A000",
        "identity columns are not supported on partitions",
      );
    }
    const { type } = draft.column;
    draft.syntax = syntax;
    draft.column = withOwnDefault(draft, {
      ...draft.column,
      notNull: syntax.nullability === "not_null",
      defaultSql: syntax.default &&
        deparse(bindDefault(state, syntax.default, { name, type })),
      sequence: undefined,
    }, syntax.generated !== undefined);
    draft.column = { ...draft.column, onlyInherited: true };
  }
  return [...drafts.values()].map(({ column, syntax }) => ({
    bound: column,
    syntax,
  }));
}

/**
 * The CHECKs that a table has of its parents.
 *
 * @throws {SqlError} `42710` for two of one name that differ.
 */
export function inheritedChecks(parents: readonly TableEntry[]): CheckEntry[] {
  const found = new Map<string, CheckEntry>();
  for (const { checks = [] } of parents) {
    for (const { name, sql, noInherit, notValid } of checks) {
      if (noInherit === true) continue;
      const there = found.get(name);
      if (there !== undefined && there.sql !== sql) {
        throw new SqlError(
          "42710",
          `check constraint name "${name}" appears multiple times but with different expressions`,
        );
      }
      found.set(name, {
        name,
        sql,
        ...notValid === true && { notValid },
        inheritCount: (there?.inheritCount ?? 0) + 1,
        onlyInherited: true,
      });
    }
  }
  return [...found.values()];
}
