/**
 * The rows about what is no relation: schemas, types, functions, access
 * methods, constraints, comments, dependencies, the database and its role.
 *
 * @module
 */
import { AVAILABLE_EXTENSIONS } from "../../functions/extensions/extension.ts";
import { SYSTEM_SCHEMAS } from "../../catalog/catalog_state.ts";
import { dependenciesOf } from "../../catalog/dependencies.ts";
import {
  type CatalogEntry,
  isTypeEntry,
  type TableEntry,
  type TypeEntry,
  type ViewEntry,
} from "../../catalog/entries.ts";
import { ownTypeOf } from "../../types/domain_type.ts";
import { aclText } from "../../catalog/privileges.ts";
import { CATALOG_METHOD } from "../../catalog/system/system_relations.ts";
import { hasRule, ruleId } from "./rule_rows.ts";
import type { FunctionDefinition } from "../../functions/registry.ts";
import { COLLATIONS } from "../../types/collation.ts";
import type { DataType } from "../../types/data_type.ts";
import { multirangeTypeOf } from "../../types/range/range_type.ts";
import { RegValue } from "../../types/reg_value.ts";
import {
  allTypeFunctions,
  type TypeFunction,
  typeFunctions,
} from "../../types/type_functions.ts";
import { schemaOf } from "../../types/type_registry.ts";
import {
  allStatistics,
  statisticsId,
} from "../../catalog/statistics_objects.ts";
import { constraintComments } from "./constraint_rows.ts";
import { alignmentOf, isByValue } from "./relation_rows.ts";
import { routineRows } from "./routine_rows.ts";
import {
  accessMethodId,
  CLASS_ID,
  collationOf,
  OWNER_ID,
  schemaId,
  SYSTEM_SCHEMA_ID,
  type SystemRow,
  type SystemSource,
} from "./system_rows.ts";

/** `pg_namespace`. */
export function* namespaceRows(
  { catalog, user }: SystemSource,
): Iterable<SystemRow> {
  for (const schema of catalog.schemas()) {
    yield {
      oid: schema.id,
      nspname: schema.name,
      nspowner: schema.ownerId ?? OWNER_ID,
      nspacl: aclText(catalog, user, schema),
    };
  }
}

/** `pg_type`. */
export function* typeRows(
  { catalog, types, user }: SystemSource,
): Iterable<SystemRow> {
  const all = [...types.all()];
  const arrays = new Map<DataType, DataType>();
  for (const other of all) {
    const element = elementOf(other);
    if (element === undefined || other.domain !== undefined) continue;
    if (!arrays.has(element)) arrays.set(element, other);
  }
  for (const type of all) {
    const array = arrays.get(type);
    const entry = catalog.byId(ownTypeOf(type)?.oid ?? 0);
    const own = typed(entry);
    if (own === undefined && ownTypeOf(type) !== undefined) continue;
    const { extension } = type.element ?? type;
    const bringer = extension === undefined
      ? undefined
      : catalog.extensions().find((each) => each.name === extension);
    if (extension !== undefined && bringer === undefined) continue;
    const schema = own?.schema ?? bringer?.schema ?? schemaOf(type);
    const name = own?.name;
    yield {
      ...typeRow(type, schemaId(catalog, schema), array),
      ...name === undefined
        ? {}
        : { typname: own!.id === type.oid ? name : `_${name}` },
      ...own?.kind === "domain" && {
        typbasetype: own.base.type.oid,
        typtypmod: own.base.typmod,
        typnotnull: own.notNull,
        typdefault: own.defaultSql ?? null,
      },
      ...own !== undefined && own.id === type.oid &&
        own.kind !== "domain" && type.fields !== undefined &&
        { typrelid: own.id },
      ...own !== undefined && {
        typowner: own.ownerId ?? OWNER_ID,
        typacl: aclText(catalog, user, own),
      },
    };
  }
}

/** A type of the database, or a relation whose rows are of one. */
function typed(
  entry: CatalogEntry | undefined,
): TypeEntry | TableEntry | ViewEntry | undefined {
  if (entry === undefined || isTypeEntry(entry)) return entry;
  return entry.kind === "table" || entry.kind === "view" ? entry : undefined;
}

/** The type of an array's elements. */
function elementOf(type: DataType): DataType | undefined {
  return (type as { readonly element?: DataType }).element;
}

/** `pg_range`. */
export function rangeRows({ types }: SystemSource): Iterable<SystemRow> {
  const ranges = [...types.all()].filter((type) => type.range !== undefined);
  return ranges.map((type) => ({
    rngtypid: type.oid,
    rngsubtype: type.range!.subtype.oid,
    rngmultitypid: multirangeTypeOf(type)?.oid ?? 0,
  }));
}

/** `pg_enum`. */
export function* enumRows({ types }: SystemSource): Iterable<SystemRow> {
  for (const { oid, enumeration } of types.all()) {
    for (const { label, order } of enumeration?.labels ?? []) {
      yield {
        oid: 0,
        enumtypid: oid,
        enumsortorder: order,
        enumlabel: label,
      };
    }
  }
}

function typeRow(
  type: DataType,
  namespace: number,
  array: DataType | undefined,
): SystemRow {
  const functions = typeFunctions(type);
  return {
    oid: type.oid,
    typname: type.name,
    typnamespace: namespace,
    typowner: OWNER_ID,
    typlen: type.length,
    typbyval: isByValue(type),
    typtype: type.domain !== undefined
      ? "d"
      : type.fields !== undefined
      ? "c"
      : type.range !== undefined
      ? "r"
      : type.multirangeOf !== undefined
      ? "m"
      : type.category === "P"
      ? "p"
      : type.enumeration === undefined
      ? "b"
      : "e",
    typcategory: type.category,
    typispreferred: type.preferred,
    typisdefined: true,
    typdelim: type.delimiter ?? ",",
    typelem: type.domain === undefined ? elementOf(type)?.oid ?? 0 : 0,
    typarray: array?.oid ?? 0,
    typalign: alignmentOf(type),
    typstorage: type.length < 0 ? "x" : "p",
    typtypmod: -1,
    typcollation: collationOf(type.name),
    typinput: regValue(functions.in),
    typoutput: regValue(functions.out),
    typreceive: regValue(functions.recv),
    typsend: regValue(functions.send),
  };
}

function regValue({ id, name }: TypeFunction): RegValue {
  return new RegValue(id, name);
}

/** `pg_proc`. */
export function* procRows(source: SystemSource): Iterable<SystemRow> {
  const { functions } = source;
  yield* routineRows(source);
  let id = 0;
  for (const definition of functions.functions()) {
    yield procRow(1_000_000 + id++, definition, {
      prokind: "f",
      proisstrict: definition.strict,
      proretset: definition.set !== undefined,
      provolatile: definition.volatility[0]!,
      provariadic: definition.variadic === true
        ? definition.argumentTypes.at(-1)!.oid
        : 0,
    });
  }
  for (const definition of functions.aggregates()) {
    yield procRow(1_000_000 + id++, definition, {
      prokind: "a",
      provolatile: "i",
    });
  }
  yield* typeFunctionRows(source);
}

/** The OIDs of `cstring`, `internal` and `bytea`. */
const TEXT_FORM = 2275;
const BINARY_FORM = 2281;
const BYTEA_ID = 17;

function* typeFunctionRows({ types }: SystemSource): Iterable<SystemRow> {
  for (const each of allTypeFunctions(types.all()).values()) {
    const { id, name, kind, type } = each;
    const isReader = kind === "in" || kind === "recv";
    const form = kind === "in" || kind === "out"
      ? TEXT_FORM
      : kind === "recv"
      ? BINARY_FORM
      : BYTEA_ID;
    yield {
      ...procRow(id, { name, argumentTypes: [], returnType: type }, {}),
      prokind: "f",
      provolatile: "i",
      proisstrict: true,
      pronargs: 1,
      prorettype: isReader ? type.oid : form,
      proargtypes: String(isReader ? form : type.oid),
    };
  }
}

function procRow(
  id: number,
  { name, argumentTypes, returnType }: Pick<
    FunctionDefinition,
    "name" | "argumentTypes" | "returnType"
  >,
  more: SystemRow,
): SystemRow {
  return {
    oid: id,
    proname: name,
    pronamespace: SYSTEM_SCHEMA_ID,
    proowner: OWNER_ID,
    prolang: 12,
    procost: 1,
    proparallel: "s",
    pronargs: argumentTypes.length,
    prorettype: returnType.oid,
    proargtypes: argumentTypes.map((type) => type.oid).join(" "),
    prosrc: name,
    ...more,
  };
}

/** `pg_am`. */
export function* accessMethodRows(source: SystemSource): Iterable<SystemRow> {
  for (const { name, kind } of source.access.names()) {
    if (name === CATALOG_METHOD) continue;
    yield {
      oid: accessMethodId(source, name),
      amname: name,
      amtype: kind === "table" ? "t" : "i",
    };
  }
}

/** `pg_opclass`. */
export function* operatorClassRows(source: SystemSource): Iterable<SystemRow> {
  const { access, types, catalog } = source;
  const extensions = new Set(catalog.extensions().map(({ name }) => name));
  for (const { name, kind } of access.names()) {
    if (kind === "table") continue;
    for (const [i, each] of access.index(name).operatorClasses.entries()) {
      if (each.extension !== undefined && !extensions.has(each.extension)) {
        continue;
      }
      yield {
        oid: accessMethodId(source, name) * 1000 + i,
        opcmethod: accessMethodId(source, name),
        opcname: each.name,
        opcnamespace: SYSTEM_SCHEMA_ID,
        opcowner: OWNER_ID,
        opcintype: types.byName(each.typeName)?.oid ?? 0,
        opcdefault: each.isDefault,
      };
    }
  }
}

/** The table of the catalog that an object has its row in. */
export function classOf(entry: CatalogEntry): number {
  if (isTypeEntry(entry)) return CLASS_ID.type;
  switch (entry.kind) {
    case "schema":
    case "routine":
    case "trigger":
    case "operator":
    case "cast":
      return CLASS_ID[entry.kind];
    default:
      return CLASS_ID.relation;
  }
}

/** `pg_description`. */
export function* descriptionRows(
  { catalog }: SystemSource,
): Iterable<SystemRow> {
  const system = SYSTEM_SCHEMAS as readonly CatalogEntry[];
  for (const entry of [...system, ...catalog.entries()]) {
    const common = { objoid: entry.id, classoid: classOf(entry) };
    if (entry.comment !== undefined) {
      yield { ...common, objsubid: 0, description: entry.comment };
    }
    const hasColumns = entry.kind === "table" || entry.kind === "view" ||
      entry.kind === "composite";
    if (!hasColumns) continue;
    for (const { number, comment } of entry.columns) {
      if (comment === undefined) continue;
      yield { ...common, objsubid: number, description: comment };
    }
  }
  for (const { table, statistics } of allStatistics(catalog)) {
    if (statistics.comment === undefined) continue;
    yield {
      objoid: statisticsId(table, statistics),
      classoid: CLASS_ID.statistics,
      objsubid: 0,
      description: statistics.comment,
    };
  }
  for (const { id, comment } of constraintComments(catalog)) {
    yield {
      objoid: id,
      classoid: CLASS_ID.constraint,
      objsubid: 0,
      description: comment,
    };
  }
}

const DEPENDENCY_LETTERS = { normal: "n", auto: "a", internal: "i" } as const;

/** The OID of `pg_rewrite`. */
const REWRITE_CLASS = 2618;

/** The rule goes with its view. */
function ownRule(entry: CatalogEntry): SystemRow {
  return {
    classid: REWRITE_CLASS,
    objid: ruleId(entry),
    objsubid: 0,
    refclassid: classOf(entry),
    refobjid: entry.id,
    refobjsubid: 0,
    deptype: DEPENDENCY_LETTERS.internal,
  };
}

/** `pg_depend`: what the query of a view reads is needed by its rule. */
export function* dependRows({ catalog }: SystemSource): Iterable<SystemRow> {
  for (const entry of catalog.entries()) {
    if (entry.kind === "statistics") continue;
    const isQuery = hasRule(entry);
    if (isQuery) yield ownRule(entry);
    for (const dependency of dependenciesOf(entry, catalog)) {
      const { id, column, kind } = dependency;
      const needed = catalog.byId(id);
      if (needed === undefined) continue;
      const byRule = isQuery && entry.dependencies?.includes(dependency);
      yield {
        classid: byRule ? REWRITE_CLASS : classOf(entry),
        objid: byRule ? ruleId(entry) : entry.id,
        objsubid: 0,
        refclassid: classOf(needed),
        refobjid: id,
        refobjsubid: column ?? 0,
        deptype: DEPENDENCY_LETTERS[kind],
      };
    }
  }
}

/** The name of every database. */
const DATABASE_NAME = "postgres";

/** `pg_database`. */
export function databaseRows(): Iterable<SystemRow> {
  return [{
    oid: 5,
    datname: DATABASE_NAME,
    datdba: OWNER_ID,
    encoding: 6,
    datlocprovider: "b",
    datallowconn: true,
    datconnlimit: -1,
    dattablespace: 1663,
    datcollate: "C.UTF-8",
    datctype: "C.UTF-8",
  }];
}

/** `pg_tablespace`. */
export function tablespaceRows(): Iterable<SystemRow> {
  return [
    { oid: 1663, spcname: "pg_default", spcowner: OWNER_ID },
  ];
}

/** The function that PostgreSQL calls for PL/pgSQL; it has no row. */
const PLPGSQL_HANDLER_ID = 13_499;

/** `pg_language`. */
export function languageRows(): Iterable<SystemRow> {
  return [
    { oid: 12, lanname: "internal", lanowner: OWNER_ID },
    { oid: 14, lanname: "sql", lanowner: OWNER_ID, lanpltrusted: true },
    {
      oid: 13_500,
      lanname: "plpgsql",
      lanowner: OWNER_ID,
      lanispl: true,
      lanpltrusted: true,
      lanplcallfoid: PLPGSQL_HANDLER_ID,
    },
  ];
}

/** `pg_collation`. */
export function collationRows(): Iterable<SystemRow> {
  return COLLATIONS.map(({ oid, name, provider, locale, encoding }) => ({
    oid,
    collname: name,
    collprovider: provider,
    collnamespace: SYSTEM_SCHEMA_ID,
    collowner: OWNER_ID,
    collisdeterministic: true,
    collencoding: encoding,
    collcollate: provider === "c" ? locale! : null,
    collctype: provider === "c" ? locale! : null,
    colllocale: provider === "c" ? null : locale ?? null,
  }));
}

/** `pg_extension`: those that were created, and those that are built in. */
export function extensionRows(
  { catalog }: Pick<SystemSource, "catalog">,
): Iterable<SystemRow> {
  const builtIn = AVAILABLE_EXTENSIONS.filter(({ isBuiltIn }) => isBuiltIn)
    .map(({ name, version, schema }, i) => ({
      id: 13_000 + 50 + i,
      name,
      version,
      schema: schema ?? "public",
    }));
  return [...builtIn, ...catalog.extensions()].map((each) => ({
    oid: each.id,
    extname: each.name,
    extowner: OWNER_ID,
    extnamespace: schemaId(catalog, each.schema),
    extrelocatable: each.name !== "plpgsql",
    extversion: each.version,
  }));
}

/** What there is none of. */
export function noRows(): Iterable<SystemRow> {
  return [];
}

/** Milliseconds from the Unix epoch to 2000-01-01, where times are 0. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

/** `lsm_snapshots`: moments of the past that have names. */
export function snapshotRows({ snapshots }: SystemSource): SystemRow[] {
  return snapshots.map(({ name, sequence, createdMs }) => ({
    name,
    sequence,
    created_at: (createdMs - EPOCH_MS) * 1000,
  }));
}
