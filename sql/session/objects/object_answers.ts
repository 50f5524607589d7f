/**
 * What objects are called, by the table of the catalog that has their row and
 * their OID there: `pg_describe_object` for people, `pg_identify_object` with
 * all of the name, whatever the search path.
 *
 * @module
 */
import {
  domainConstraints,
  tableConstraints,
} from "../../access/system/constraint_rows.ts";
import {
  extensionRows,
  languageRows,
} from "../../access/system/object_rows.ts";
import { defaultRows } from "../../access/system/relation_rows.ts";
import { ruleId } from "../../access/system/rule_rows.ts";
import {
  accessMethodId,
  CLASS_ID,
  OWNER_ID,
} from "../../access/system/system_rows.ts";
import { shownName } from "../../analyzer/describe.ts";
import { SYSTEM_SCHEMAS } from "../../catalog/catalog_state.ts";
import { kindWord } from "../../catalog/dependencies.ts";
import type { RelationEntry } from "../../catalog/entries.ts";
import { roleNameOf } from "../../catalog/roles.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { quoteIdentifier } from "../../parser/quote.ts";
import { COLLATIONS } from "../../types/collation.ts";
import type { Nullable } from "../../types/data_type.ts";
import type { Answer, Asked } from "../catalog_question.ts";
import { columnName } from "./column_name.ts";
import type { ObjectIdentity } from "./identity.ts";
import { identifyRoutine, identifyType } from "./type_identity.ts";

/** Finds an object by its OID and the number of a column. */
type Finder = (
  asked: Asked,
  id: number,
  column: number,
) => ObjectIdentity | undefined;

/** The objects whose rows a table of the catalog has. */
interface ObjectClass {
  /** What an object is that is not there. */
  readonly absent: string;
  readonly find: Finder;
}

/** An object whose name alone says all: `schema s`. */
function plain(type: string, name: string | undefined): ObjectIdentity[] {
  return name === undefined ? [] : [{
    description: `${type} ${name}`,
    type,
    name,
    identity: quoteIdentifier(name),
  }];
}

/** A class of objects without a schema. */
function named(
  type: string,
  nameOf: (asked: Asked, id: number) => string | undefined,
): ObjectClass {
  return {
    absent: type,
    find: (asked, id) => plain(type, nameOf(asked, id))[0],
  };
}

/** All of the name of an object with a schema. */
function qualified(
  { schema, name }: { readonly schema: string; readonly name: string },
): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** A relation as descriptions have it: `table t`. */
function described({ catalog }: Asked, entry: RelationEntry): string {
  return `${kindWord(entry)} ${shownName(catalog, entry)}`;
}

const findRelation: Finder = (asked, id, column) => {
  const { catalog } = asked;
  const entry = catalog.relationById(id);
  if (entry === undefined) {
    const composite = catalog.byId(id);
    if (composite?.kind !== "composite" || column !== 0) return undefined;
    return {
      description: `composite type ${shownName(catalog, composite)}`,
      type: "composite type",
      schema: composite.schema,
      name: composite.name,
      identity: qualified(composite),
    };
  }
  const { schema, name } = entry;
  const whole = {
    description: described(asked, entry),
    type: kindWord(entry),
    schema,
    name,
    identity: qualified(entry),
  };
  if (column === 0) return whole;
  const part = columnName(catalog, entry, column);
  return part === undefined ? undefined : {
    ...whole,
    description: `column ${part} of ${whole.description}`,
    type: `${whole.type} column`,
    identity: `${whole.identity}.${quoteIdentifier(part)}`,
  };
};

const findConstraint: Finder = (asked, id) => {
  const { catalog } = asked;
  for (const each of domainConstraints(catalog)) {
    if (each.id !== id) continue;
    const { check: { name }, domain } = each;
    return {
      description: `constraint ${name}`,
      type: "domain constraint",
      schema: domain.schema,
      identity: `${quoteIdentifier(name)} on ${qualified(domain)}`,
    };
  }
  for (const each of tableConstraints(catalog)) {
    if (each.id !== id) continue;
    const name = each.kind === "key"
      ? each.index.constraintName!
      : each.kind === "check"
      ? each.check.name
      : each.key.name;
    return {
      description: `constraint ${name} on ${described(asked, each.table)}`,
      type: "table constraint",
      schema: each.table.schema,
      identity: `${quoteIdentifier(name)} on ${qualified(each.table)}`,
    };
  }
  return undefined;
};

const findDefault: Finder = (asked, id) => {
  const { catalog } = asked;
  for (const row of defaultRows(asked)) {
    if (row["oid"] !== id) continue;
    const table = catalog.relationById(row["adrelid"] as number)!;
    const name = columnName(catalog, table, row["adnum"] as number) ?? "?";
    return {
      description: `default value for column ${name} of ${
        described(asked, table)
      }`,
      type: "default value",
      identity: `for ${qualified(table)}.${quoteIdentifier(name)}`,
    };
  }
  return undefined;
};

const findTrigger: Finder = (asked, id) => {
  const entry = asked.catalog.byId(id);
  if (entry?.kind !== "trigger") return undefined;
  const table = asked.catalog.relationById(entry.tableId);
  return table && {
    description: `trigger ${entry.name} on ${described(asked, table)}`,
    type: "trigger",
    identity: `${quoteIdentifier(entry.name)} on ${qualified(table)}`,
  };
};

const findRule: Finder = (asked, id) => {
  for (const entry of asked.catalog.relations()) {
    const isView = entry.kind === "view" ||
      entry.kind === "table" && entry.materialized !== undefined;
    if (!isView || ruleId(entry) !== id) continue;
    return {
      description: `rule _RETURN on ${described(asked, entry)}`,
      type: "rule",
      identity: `"_RETURN" on ${qualified(entry)}`,
    };
  }
  return undefined;
};

const findCollation: Finder = (_asked, id) => {
  const name = COLLATIONS.find(({ oid }) => oid === id)?.name;
  return name === undefined ? undefined : {
    description: `collation ${quoteIdentifier(name)}`,
    type: "collation",
    schema: "pg_catalog",
    name,
    identity: qualified({ schema: "pg_catalog", name }),
  };
};

function schemaName({ catalog }: Asked, id: number): string | undefined {
  return [...SYSTEM_SCHEMAS, ...catalog.schemas()]
    .find((each) => each.id === id)?.name;
}

function methodName({ core }: Asked, id: number): string | undefined {
  return core.access.names()
    .find(({ name }) => accessMethodId(core, name) === id)?.name;
}

function languageName(_asked: Asked, id: number): string | undefined {
  for (const { oid, lanname } of languageRows()) {
    if (oid === id) return lanname as string;
  }
  return undefined;
}

function extensionName(asked: Asked, id: number): string | undefined {
  for (const { oid, extname } of extensionRows(asked)) {
    if (oid === id) return extname as string;
  }
  return undefined;
}

/** The classes, by the OIDs of the tables that have their rows. */
const CLASSES: ReadonlyMap<number, ObjectClass> = new Map([
  [CLASS_ID.relation, { absent: "relation", find: findRelation }],
  [CLASS_ID.type, { absent: "type", find: identifyType }],
  [CLASS_ID.routine, { absent: "routine", find: identifyRoutine }],
  [CLASS_ID.constraint, { absent: "constraint", find: findConstraint }],
  [CLASS_ID.default, { absent: "default value", find: findDefault }],
  [CLASS_ID.trigger, { absent: "trigger", find: findTrigger }],
  [2618, { absent: "rule", find: findRule }],
  [3456, { absent: "collation", find: findCollation }],
  [CLASS_ID.schema, named("schema", schemaName)],
  [2601, named("access method", methodName)],
  [2612, named("language", languageName)],
  [3079, named("extension", extensionName)],
  [1262, named("database", (_, id) => id === 5 ? "postgres" : undefined)],
  [
    1260,
    named(
      "role",
      ({ core, catalog }, id) =>
        id === OWNER_ID ? core.user : roleNameOf(catalog, core.user, id),
    ),
  ],
]);

function classOf(id: number): ObjectClass {
  const found = CLASSES.get(id);
  if (found !== undefined) return found;
  throw new SqlError("XX000", `unsupported object class: ${id}`);
}

function describeObject(
  asked: Asked,
  [classId, id, column]: readonly Nullable[],
): Nullable {
  if (classId === 0 && id === 0) return null;
  return classOf(classId as number)
    .find(asked, id as number, column as number)?.description ?? null;
}

/** A row in JSON: type, schema, name, identity. */
function identifyObject(
  asked: Asked,
  [classId, id, column]: readonly Nullable[],
): Nullable {
  const { absent, find } = classOf(classId as number);
  const found = find(asked, id as number, column as number);
  if (found === undefined) {
    const type = column === 0 ? absent : absentColumn(asked, absent, id!);
    return JSON.stringify([[type, null, null, null]]);
  }
  const quoted = (name: string | undefined): string | null =>
    name === undefined ? null : quoteIdentifier(name);
  const { type, schema, name, identity } = found;
  return JSON.stringify([[type, quoted(schema), quoted(name), identity]]);
}

/** What a column is that a relation has not. */
function absentColumn({ catalog }: Asked, type: string, id: Nullable): string {
  const entry = catalog.relationById(id as number);
  if (type !== "relation") return type;
  return `${entry === undefined ? type : kindWord(entry)} column`;
}

/** The answers, by function. */
export const OBJECT_ANSWERS: readonly (readonly [string, Answer])[] = [
  ["pg_describe_object", describeObject],
  ["pg_identify_object", identifyObject],
];
