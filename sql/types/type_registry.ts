/**
 * The data types by name and by OID.
 *
 * Names are looked up as the grammar gives them: with the schema `pg_catalog`
 * for the words of SQL (`integer` arrives as `pg_catalog.int4`, `char(3)` as
 * `pg_catalog.bpchar`), else by internal name, SQL name or alias. The grammar
 * has lowered the case of names already unless they were quoted.
 *
 * @module
 */
import { bit, varbit } from "./bit_types.ts";
import { bool } from "./bool_type.ts";
import { charType } from "./char_type.ts";
import { bytea } from "./bytea_type.ts";
import type { DataType, TypeRef } from "./data_type.ts";
import { type DomainDefinition, DomainType } from "./domain_type.ts";
import { type EnumDefinition, EnumType } from "./enum_type.ts";
import { HostType, type HostTypeDefinition } from "./host/host_type.ts";
import { float4, float8 } from "./float_types.ts";
import { int2, int4, int8, oid } from "./int_types.ts";
import { interval } from "./interval_type.ts";
import { money } from "./money_type.ts";
import { cidr, inet } from "./network/network_types.ts";
import { macaddr, macaddr8 } from "./network/hardware_types.ts";
import { cid, pgLsn, tid, xid, xid8 } from "./place_types.ts";
import { json, jsonb } from "./json_types.ts";
import { numeric } from "./numeric_type.ts";
import {
  anyArray,
  anyCompatible,
  anyCompatibleArray,
  anyCompatibleNonArray,
  anyElement,
  anyEnum,
  anyMultirange,
  anyNonArray,
  anyRange,
  anyType,
  triggerType,
  voidType,
} from "./pseudo_types.ts";
import {
  type MultirangeDefinition,
  OwnRangeType,
  type RangeDefinition,
} from "./range/own_range_type.ts";
import { MULTIRANGE_TYPES, RANGE_TYPES } from "./range/range_type.ts";
import { jsonpath } from "./jsonpath/jsonpath_type.ts";
import {
  type CompositeDefinition,
  CompositeType,
} from "./row/composite_type.ts";
import { record } from "./row/row_type.ts";
import { REG_TYPES } from "./reg_types.ts";
import { date, timestamp, timestamptz } from "./temporal_types.ts";
import {
  bpchar,
  name,
  refcursor,
  text,
  unknown,
  varchar,
} from "./text_types.ts";
import { arrayTypeOf } from "./array/array_type.ts";
import { time } from "./time_type.ts";
import { timetz } from "./timetz_type.ts";
import { int2vector, oidvector } from "./array/number_vectors.ts";
import { regconfig, tsquery, tsvector } from "./text_search/ts_types.ts";
import { uuid } from "./uuid_type.ts";
import { halfvec, sparsevec, vector } from "./vector_type.ts";
import { pgSnapshot, txidSnapshot } from "./snapshot_types.ts";
import { EXTENSION_TYPES } from "./extensions/extension_types.ts";
import { GEOMETRIC_TYPES } from "./geometry/geometric_types.ts";
import { invariant } from "../../base/invariant.ts";

/** The types of values that columns can have, arrays aside. */
const SCALAR_TYPES: readonly DataType[] = [
  bool,
  bytea,
  name,
  int8,
  int2,
  int4,
  text,
  oid,
  json,
  float4,
  float8,
  bpchar,
  varchar,
  date,
  time,
  timetz,
  timestamp,
  timestamptz,
  interval,
  numeric,
  uuid,
  jsonb,
  vector,
  halfvec,
  sparsevec,
  bit,
  varbit,
  tsvector,
  tsquery,
  regconfig,
  ...RANGE_TYPES,
  ...MULTIRANGE_TYPES,
  charType,
  ...REG_TYPES,
  money,
  inet,
  cidr,
  macaddr,
  macaddr8,
  xid,
  cid,
  xid8,
  tid,
  pgLsn,
  pgSnapshot,
  txidSnapshot,
  refcursor,
  ...GEOMETRIC_TYPES,
  ...EXTENSION_TYPES,
];

/** The types that every database has. */
export const BUILTIN_TYPES: readonly DataType[] = [
  ...SCALAR_TYPES,
  ...SCALAR_TYPES.map(arrayTypeOf).filter((type) => type !== undefined),
  int2vector,
  oidvector,
  unknown,
  voidType,
  triggerType,
  anyType,
  anyElement,
  anyEnum,
  anyNonArray,
  anyArray,
  anyCompatible,
  anyCompatibleArray,
  anyCompatibleNonArray,
  anyRange,
  anyMultirange,
  jsonpath,
  record,
  arrayTypeOf(record)!,
];

/** OIDs from here on are ours: such types are in `public`. */
const FIRST_OWN_OID = 16384;

/**
 * Types by name and OID.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createTypeRegistry } from "./type_registry.ts";
 *
 * const types = createTypeRegistry();
 * assertEquals(types.byName("int4")?.oid, 23);
 * assertEquals(types.byName("lsmvector")?.name, "vector");
 * assertEquals(types.byOid(25)?.name, "text");
 * ```
 */
export class TypeRegistry {
  readonly #byName = new Map<string, DataType>();
  readonly #byOid = new Map<number, DataType>();
  readonly #enums = new Map<number, EnumType>();
  readonly #composites = new Map<number, CompositeType>();
  readonly #ranges = new Map<number, OwnRangeType>();
  readonly #domains = new Map<number, DomainType>();
  readonly #hostTypes = new Map<number, HostType>();
  #onHostType: (type: DataType) => void = () => {};

  /** Adds a type; its names and its OID must be new. */
  register(type: DataType): void {
    invariant(!this.#byOid.has(type.oid), `type OID ${type.oid} is taken`);
    this.#byOid.set(type.oid, type);
    for (const word of new Set(namesOf(type))) {
      invariant(!this.#byName.has(word), `type name "${word}" is taken`);
      this.#byName.set(word, type);
    }
  }

  /**
   * The type of that name; `schema` absent: by the search path, which has both
   * schemas of types (`pg_catalog`, `public`).
   */
  byName(word: string, schema?: string): DataType | undefined {
    const type = this.#byName.get(word);
    if (type === undefined || schema === undefined) return type;
    return schema === schemaOf(type) ? type : undefined;
  }

  /** The type of that OID. */
  byOid(typeOid: number): DataType | undefined {
    return this.#byOid.get(typeOid);
  }

  /**
   * Adds an enumeration of the database, or gives it other labels. It has no
   * name here: the catalog knows it by its schema.
   */
  defineEnum(definition: EnumDefinition): void {
    const known = this.#enums.get(definition.id);
    if (known !== undefined) return known.change(definition);
    const made = new EnumType(definition);
    this.#enums.set(definition.id, made);
    this.#byOid.set(definition.id, made.type);
    this.#byOid.set(definition.arrayId, made.arrayType);
  }

  /** Adds a domain of the database, or gives it another name. */
  defineDomain(definition: DomainDefinition): void {
    const known = this.#domains.get(definition.id);
    if (known !== undefined) return known.change(definition);
    const made = new DomainType(definition);
    this.#domains.set(definition.id, made);
    this.#byOid.set(definition.id, made.type);
  }

  /** Adds a type of an application, or changes it. */
  defineHostType(definition: HostTypeDefinition): void {
    const known = this.#hostTypes.get(definition.id);
    if (known !== undefined) return known.change(definition);
    const made = new HostType(definition);
    this.#hostTypes.set(definition.id, made);
    this.#byOid.set(definition.id, made.type);
    this.#byOid.set(definition.arrayId, made.arrayType);
    this.#onHostType(made.type);
  }

  /** The type of an application of that OID. */
  hostType(id: number): HostType | undefined {
    return this.#hostTypes.get(id);
  }

  /** Tells `visit` the types of applications, those there are and new ones. */
  eachHostType(visit: (type: DataType) => void): void {
    this.#onHostType = visit;
    for (const { type } of this.#hostTypes.values()) visit(type);
  }

  /** Adds a composite type of the database, or changes it. */
  defineComposite(definition: CompositeDefinition): void {
    const known = this.#composites.get(definition.id);
    if (known !== undefined) return known.change(definition);
    const made = new CompositeType(definition);
    this.#composites.set(definition.id, made);
    this.#byOid.set(definition.id, made.type);
    this.#byOid.set(definition.arrayId, made.arrayType);
  }

  /**
   * Says that a table or view of that id is there: its row type can be named
   * before it is known what the columns are.
   */
  declareRowType(id: number): void {
    if (this.#byOid.has(id)) return;
    const arrayId = rowArrayId(id);
    this.defineComposite({ id, arrayId, name: "", columns: [] });
  }

  /**
   * Adds the row type of a table or view, or changes it. An old table may have
   * the OID of another type: its rows have no type here.
   */
  defineRowType(relation: Omit<CompositeDefinition, "arrayId">): void {
    const { id, name, schema, columns, columnNumberMax } = relation;
    const known = this.#composites.get(id)?.definition;
    if (known === undefined && this.#byOid.has(id)) return;
    const isSame = known?.columns === columns && known.name === name &&
      known.schema === schema;
    if (isSame) return;
    const arrayId = rowArrayId(id);
    this.defineComposite({
      id,
      arrayId,
      name,
      ...schema !== undefined && { schema },
      columns,
      columnNumberMax,
    });
  }

  /** What the composite type, or the row type, of that OID is. */
  compositeDefinition(id: number): CompositeDefinition | undefined {
    return this.#composites.get(id)?.definition;
  }

  /** Adds a range type of the database, or gives it another name. */
  defineRange(definition: RangeDefinition): void {
    const known = this.#ranges.get(definition.id);
    if (known !== undefined) return known.rename(definition);
    this.#defineRange(definition, OwnRangeType.range(definition));
  }

  /** The same for a multirange type, whose range type is there. */
  defineMultirange(definition: MultirangeDefinition): void {
    const known = this.#ranges.get(definition.id);
    if (known !== undefined) return known.rename(definition);
    const range = this.#byOid.get(definition.rangeId);
    invariant(range !== undefined, "a multirange type has a range type");
    this.#defineRange(definition, OwnRangeType.multirange(definition, range));
  }

  #defineRange(
    { id, arrayId }: Pick<RangeDefinition, "id" | "arrayId">,
    made: OwnRangeType,
  ): void {
    this.#ranges.set(id, made);
    this.#byOid.set(id, made.type);
    this.#byOid.set(arrayId, made.arrayType);
  }

  /** Every type, in order of registration. */
  all(): Iterable<DataType> {
    return this.#byOid.values();
  }
}

/** What is added to the id of a table for the OID of arrays of its rows. */
const ROW_ARRAYS = 2 ** 30;

/** The OID of the type of arrays of a table's rows. */
export function rowArrayId(id: number): number {
  return id + ROW_ARRAYS;
}

function namesOf(type: DataType): string[] {
  return [type.name, type.displayName, ...type.aliases ?? []];
}

/** The schema a type is in: `pg_catalog`, or `public` for ours. */
export function schemaOf(type: DataType): string {
  return type.oid < FIRST_OWN_OID ? "pg_catalog" : "public";
}

/** A registry of the types that every database has. */
export function createTypeRegistry(): TypeRegistry {
  const registry = new TypeRegistry();
  for (const type of BUILTIN_TYPES) registry.register(type);
  return registry;
}

/**
 * A type with its modifier as SQL text (format_type): `character varying(20)`,
 * `timestamp(3) with time zone`.
 */
export function formatType(ref: TypeRef): string {
  const { type, typmod } = ref;
  const isNamed = type.domain !== undefined || type.fields !== undefined;
  if (isNamed) return type.displayName;
  if (type.element !== undefined) {
    return `${formatType({ type: type.element, typmod })}[]`;
  }
  const modifier = typmod < 0 ? "" : type.typmodOutput?.(typmod) ?? "";
  if (/^time/.test(type.name)) {
    return type.displayName.replace(/^\w+/, (word) => word + modifier);
  }
  return type.displayName + modifier;
}
