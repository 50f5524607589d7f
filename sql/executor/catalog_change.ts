/**
 * The steps that definitions are made of: objects added to the catalog, changed
 * in it, taken out of it, with their rows and what they store.
 *
 * @module
 */
import { describe } from "../analyzer/describe.ts";
import { storageRange } from "../access/row_key.ts";
import type { AccessRegistry } from "../access/access_registry.ts";
import type { BuildOptions } from "../access/index_access.ts";
import {
  encodeCounter,
  encodeEntry,
  entryKey,
  nameKey,
  needKey,
  needRanges,
} from "../catalog/catalog_rows.ts";
import { PUBLIC_SCHEMA } from "../catalog/catalog_state.ts";
import type { Counters } from "../catalog/counters.ts";
import { dependenciesOf } from "../catalog/dependencies.ts";
import {
  type CastEntry,
  type CatalogEntry,
  type CatalogView,
  isTypeEntry,
  type OperatorEntry,
} from "../catalog/entries.ts";
import { ownTypeOf } from "../types/domain_type.ts";
import { operandsOf } from "../catalog/operators/operator_entry.ts";
import { signatureOf } from "../catalog/routine_entry.ts";
import { rolesOf } from "../catalog/roles.ts";
import { sequenceKey } from "../catalog/sequence_place.ts";
import { isTemporaryId } from "../catalog/temporary_schema.ts";
import type { Sequences } from "../catalog/sequences.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** The longest name, in bytes (NAMEDATALEN - 1). */
const NAME_BYTES_MAX = 63;

/** What definitions need. */
export interface DefinitionContext {
  /** The transaction. */
  readonly transaction: Transaction;
  /** The access methods. */
  readonly access: AccessRegistry;
  /** Where new ids come from. */
  readonly counters: Counters;
  /** Where the sequences stand. */
  readonly sequences: Sequences;
  /** Options of index builds. */
  readonly build: BuildOptions;
  /** The catalog as it was bound to, with the search path: for messages. */
  readonly named: CatalogView;
  /** The role that owns what is made; absent: the user of the database. */
  readonly ownerId?: number | undefined;
  /** Tells the user something. */
  notice(message: string, detail?: string): void;
}

/**
 * Adds an object; what it needs must stay until the commit.
 *
 * @throws {SqlError} `42P07`, `42P06`, when its name is taken.
 */
export function addEntry(
  made: CatalogEntry,
  { transaction, ownerId }: Pick<DefinitionContext, "transaction" | "ownerId">,
): void {
  const entry = ownerId === undefined || made.kind === "role"
    ? made
    : { ...made, ownerId };
  refuseTaken(entry, transaction);
  for (const { id } of dependenciesOf(entry, transaction.catalog)) {
    transaction.guardRelation(id, entryKey(id));
  }
  // Nobody else can know of what is temporary.
  if (!isTemporaryId(entry.id)) {
    for (const id of neededIds(entry)) {
      transaction.put(needKey(id, entry.id), NOTHING, false);
    }
    transaction.put(nameKey(entry), encodeCounter(entry.id), true);
    transaction.put(entryKey(entry.id), encodeEntry(entry), true);
  }
  transaction.changeCatalog([{ kind: "put", entry }]);
}

const NOTHING = new Uint8Array(0);

/** What an object needs that says nothing of it in its own row. */
function neededIds(entry: CatalogEntry): Set<number> {
  const ids = new Set((entry.dependencies ?? []).map(({ id }) => id));
  if (entry.kind === "statistics") ids.add(entry.tableId);
  if (entry.kind === "trigger") ids.add(entry.tableId).add(entry.routineId);
  if (entry.kind === "table") {
    for (const parent of entry.parents ?? []) ids.add(parent);
    for (const { id } of entry.needs ?? []) ids.add(id);
  }
  if (entry.kind === "index" && entry.parentId !== undefined) {
    ids.add(entry.parentId);
  }
  if (entry.kind === "multirange") ids.add(entry.rangeId);
  const types = entry.kind === "domain"
    ? [entry.base]
    : entry.kind === "range"
    ? [entry.subtype]
    : entry.kind === "table" || entry.kind === "view" ||
        entry.kind === "composite"
    ? entry.columns.map(({ type }) => type)
    : [];
  for (const { type } of types) {
    const own = ownTypeOf(type);
    if (own !== undefined) ids.add(own.oid);
  }
  return ids;
}

function refuseTaken(entry: CatalogEntry, { catalog }: Transaction): void {
  const { name } = entry;
  if (entry.kind === "statistics") return;
  if (entry.kind === "schema") {
    if (!catalog.hasSchema(name)) return;
    throw new SqlError("42P06", `schema "${name}" already exists`);
  }
  if (entry.kind === "role") {
    if (!rolesOf(catalog).has(name)) return;
    throw new SqlError("42710", `role "${name}" already exists`);
  }
  if (entry.kind === "extension") {
    if (catalog.extensions().every((each) => each.name !== name)) return;
    throw new SqlError("42710", `extension "${name}" already exists`);
  }
  if (entry.kind === "routine") {
    const signature = signatureOf(entry);
    const taken = catalog.routines(entry.schema, name)
      .some((each) => signatureOf(each) === signature);
    if (!taken) return;
    throw new SqlError(
      "42723",
      `function "${name}" already exists with same argument types`,
    );
  }
  if (entry.kind === "operator" || entry.kind === "cast") {
    return refuseTakenOperator(entry, catalog);
  }
  if (entry.kind === "trigger") {
    const { tableId } = entry;
    const isTaken = catalog.triggersOf(tableId)
      .some((each) => each.name === name);
    if (!isTaken) return;
    const table = catalog.relationById(tableId)!.name;
    throw new SqlError(
      "42710",
      `trigger "${name}" for relation "${table}" already exists`,
    );
  }
  if (isTypeEntry(entry)) {
    if (catalog.type(entry.schema, name) === undefined) return;
    throw new SqlError("42710", `type "${name}" already exists`);
  }
  const isFree = catalog.relation(entry.schema, name) === undefined &&
    catalog.type(entry.schema, name)?.kind !== "composite";
  if (isFree) return;
  throw new SqlError("42P07", `relation "${name}" already exists`);
}

function refuseTakenOperator(
  entry: OperatorEntry | CastEntry,
  catalog: CatalogView,
): void {
  if (entry.kind === "cast") {
    if (!catalog.casts.has(entry.name)) return;
    throw new SqlError("42710", `${describe(catalog, entry)} already exists`);
  }
  const operands = operandsOf(entry);
  const isTaken = catalog.operators(entry.schema, entry.name)
    .some((each) => operandsOf(each) === operands);
  if (!isTaken) return;
  throw new SqlError("42723", `operator ${entry.name} already exists`);
}

/** Takes an object out, with what it stores. */
export function removeEntry(
  entry: CatalogEntry,
  transaction: Transaction,
): void {
  if (isTemporaryId(entry.id)) {
    removeStorage(entry, transaction);
    transaction.changeCatalog([{ kind: "remove", id: entry.id }]);
    return;
  }
  for (const { start, end } of needRanges(entry)) {
    transaction.guardRange(start, end);
  }
  for (const id of neededIds(entry)) {
    transaction.delete(needKey(id, entry.id), false);
  }
  transaction.delete(nameKey(entry), true);
  removeStorage(entry, transaction);
  if (entry.kind === "schema" && entry.id === PUBLIC_SCHEMA.id) {
    // Without a row it would be there again.
    const gone = { ...entry, dropped: true };
    transaction.put(entryKey(entry.id), encodeEntry(gone), true);
    transaction.changeCatalog([{ kind: "put", entry: gone }]);
    return;
  }
  transaction.delete(entryKey(entry.id), true);
  transaction.changeCatalog([{ kind: "remove", id: entry.id }]);
}

/** Changes an object that keeps its id. */
export function replaceEntry(
  before: CatalogEntry,
  after: CatalogEntry,
  transaction: Transaction,
): void {
  const moved = before.name !== after.name ||
    (before.kind !== "schema" && after.kind !== "schema" &&
      before.schema !== after.schema);
  if (moved) refuseTaken(after, transaction);
  if (isTemporaryId(after.id)) {
    transaction.changeCatalog([{ kind: "put", entry: after }]);
    return;
  }
  if (moved) {
    transaction.delete(nameKey(before), true);
    transaction.put(nameKey(after), encodeCounter(after.id), true);
  }
  for (const id of neededIds(before)) {
    transaction.delete(needKey(id, before.id), false);
  }
  for (const id of neededIds(after)) {
    transaction.put(needKey(id, after.id), NOTHING, false);
  }
  transaction.put(entryKey(after.id), encodeEntry(after), true);
  transaction.changeCatalog([{ kind: "put", entry: after }]);
}

/** Makes those fail who depend on an object as it is, without changing it. */
export function touchEntry(
  entry: CatalogEntry,
  transaction: Transaction,
): void {
  if (isTemporaryId(entry.id)) {
    // Another object, though it says the same.
    transaction.changeCatalog([{ kind: "put", entry: { ...entry } }]);
  } else transaction.put(entryKey(entry.id), encodeEntry(entry), true);
}

/** Removes all rows or entries that an object stores. */
export function removeStorage(
  entry: CatalogEntry,
  transaction: Transaction,
): void {
  if (!("storageId" in entry)) return;
  if (entry.kind === "sequence") {
    if (isTemporaryId(entry.storageId)) return;
    transaction.delete(sequenceKey(entry.storageId), false);
    return;
  }
  const { start, end } = storageRange(entry.storageId);
  transaction.deleteRange(start, end);
}

/** `name`, or `name1`, `name2` … if it is taken (PostgreSQL's ChooseRelationName). */
export function freeName(
  name: string,
  schema: string,
  transaction: Transaction,
): string {
  let candidate = name;
  for (let n = 1; transaction.catalog.relation(schema, candidate); n++) {
    const suffix = String(n);
    candidate = name.slice(0, NAME_BYTES_MAX - suffix.length) + suffix;
  }
  return candidate;
}

/** Writers that know what belongs to a table must not commit after it changed. */
export function touchTable(id: number, transaction: Transaction): void {
  const table = transaction.catalog.byId(id);
  if (table === undefined) return;
  touchEntry(table, transaction);
}
