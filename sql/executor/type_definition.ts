/**
 * CREATE TYPE … AS ENUM, AS (…), and ALTER TYPE.
 *
 * @module
 */
import type {
  BoundAlterType,
  BoundCreateComposite,
  BoundCreateEnum,
  BoundCreateRange,
} from "../analyzer/bound_type.ts";
import type {
  CompositeEntry,
  EnumEntry,
  MultirangeEntry,
  RangeEntry,
} from "../catalog/entries.ts";
import { defineTypeOf } from "../catalog/type_rows.ts";
import type { TypeRegistry } from "../types/type_registry.ts";
import {
  addEntry,
  type DefinitionContext,
  replaceEntry,
} from "./catalog_change.ts";

/** What definitions of types need besides. */
export interface TypeDefinitionContext extends DefinitionContext {
  readonly types: TypeRegistry;
  /** Whether an object is there for others, too. */
  isCommitted(id: number): boolean;
}

/** Runs CREATE TYPE … AS ENUM; nobody else can know the type's OID. */
export function createEnum(
  { schema, name, labels }: BoundCreateEnum,
  context: TypeDefinitionContext,
): void {
  const id = newTypeId(context);
  const arrayId = newTypeId(context);
  const entry: EnumEntry = { kind: "enum", id, schema, name, arrayId, labels };
  addEntry(entry, context);
  context.types.defineEnum(entry);
}

/** Runs CREATE TYPE … AS (…). */
export function createComposite(
  { schema, name, columns }: BoundCreateComposite,
  context: TypeDefinitionContext,
): void {
  const id = newTypeId(context);
  const arrayId = newTypeId(context);
  const entry: CompositeEntry = {
    kind: "composite",
    id,
    schema,
    name,
    arrayId,
    columns,
  };
  addEntry(entry, context);
  context.types.defineComposite(entry);
}

/** Runs CREATE TYPE … AS RANGE. */
export function createRange(
  { schema, name, subtype, multirange }: BoundCreateRange,
  context: TypeDefinitionContext,
): void {
  const [id, arrayId, multirangeId, multirangeArrayId] = [
    newTypeId(context),
    newTypeId(context),
    newTypeId(context),
    newTypeId(context),
  ];
  const range: RangeEntry = {
    kind: "range",
    id: id!,
    schema,
    name,
    arrayId: arrayId!,
    subtype,
  };
  addEntry(range, context);
  context.types.defineRange(range);
  const entry: MultirangeEntry = {
    kind: "multirange",
    id: multirangeId!,
    ...multirange,
    arrayId: multirangeArrayId!,
    rangeId: range.id,
  };
  addEntry(entry, context);
  context.types.defineMultirange(entry);
}

/** An OID that no type has: some of ours have such as relations have. */
export function newTypeId(
  { counters, types }: Pick<TypeDefinitionContext, "counters" | "types">,
): number {
  for (;;) {
    const id = counters.newId();
    if (types.byOid(id) === undefined) return id;
  }
}

/** Runs ALTER TYPE; what its labels are changes with the commit. */
export function alterType(
  { before, after, readers, notices, notes = [] }: BoundAlterType,
  context: TypeDefinitionContext,
): void {
  [...notices, ...notes].forEach((notice) => context.notice(notice));
  if (notices.length > 0) return;
  const { transaction } = context;
  replaceEntry(before, after, transaction);
  // Of a type that this transaction made, nobody else can know.
  if (!context.isCommitted(before.id)) defineTypeOf(context.types, after);
  for (const reader of readers) {
    replaceEntry(transaction.catalog.byId(reader.id)!, reader, transaction);
  }
}
