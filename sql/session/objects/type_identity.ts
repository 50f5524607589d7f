/**
 * What types and routines are called with all of their names.
 *
 * @module
 */
import { routineSignature } from "../../analyzer/routines/routine_names.ts";
import { isTypeEntry } from "../../catalog/entries.ts";
import { inputsOf } from "../../catalog/routine_entry.ts";
import { quoteIdentifier } from "../../parser/quote.ts";
import type { DataType } from "../../types/data_type.ts";
import type { Asked } from "../catalog_question.ts";
import { functionOf } from "../catalog_names.ts";
import type { ObjectIdentity } from "./identity.ts";

/** Types whose SQL name is their own, and stands without a schema. */
const WORDS: ReadonlySet<string> = new Set([
  "bit",
  "interval",
  "json",
  "numeric",
]);

/** Where a type is, and what it is called there. */
interface TypePlace {
  readonly schema: string;
  readonly name: string;
  /** All of its name. */
  readonly identity: string;
}

/** A type by its OID; `undefined`: there is none. */
function placeOf(asked: Asked, id: number): TypePlace | undefined {
  const { core, catalog } = asked;
  const entry = catalog.byId(id);
  const own = isTypeEntry(entry) ? entry : catalog.relationById(id);
  if (own !== undefined) {
    const { schema, name } = own;
    return {
      schema,
      name,
      identity: `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`,
    };
  }
  const type = core.types.byOid(id);
  if (type === undefined) return undefined;
  if (type.element === undefined || !type.displayName.endsWith("[]")) {
    return { schema: "pg_catalog", name: type.name, identity: builtIn(type) };
  }
  const element = placeOf(asked, type.element.oid);
  return element && {
    schema: element.schema,
    name: `_${element.name}`,
    identity: `${element.identity}[]`,
  };
}

/** `integer`, as SQL calls it; others with their schema: `pg_catalog.text`. */
function builtIn({ name, displayName }: DataType): string {
  const isWord = WORDS.has(name) ||
    (displayName !== name && !displayName.startsWith('"'));
  return isWord ? displayName : `pg_catalog.${displayName}`;
}

/** A type. */
export function identifyType(
  asked: Asked,
  id: number,
): ObjectIdentity | undefined {
  const place = placeOf(asked, id);
  return place && {
    description: `type ${asked.ask("format_type", [id, -1])}`,
    type: "type",
    ...place,
  };
}

/** A routine of the database, or a function that is built in. */
export function identifyRoutine(
  asked: Asked,
  id: number,
): ObjectIdentity | undefined {
  const { catalog } = asked;
  const entry = catalog.byId(id);
  const identityOf = (types: readonly number[]): string =>
    types.map((oid) => placeOf(asked, oid)?.identity ?? "???").join(",");
  if (entry?.kind === "routine") {
    const { schema, name } = entry;
    const signature = routineSignature(catalog, entry).replaceAll(", ", ",");
    const types = inputsOf(entry).map(({ type }) => type.oid);
    return {
      description: `function ${signature}`,
      type: entry.routine,
      schema,
      identity: `${quoteIdentifier(schema)}.${quoteIdentifier(name)}(${
        identityOf(types)
      })`,
    };
  }
  const built = functionOf(asked, id);
  if (built === undefined) return undefined;
  const { name, argumentTypes } = built;
  const shown = argumentTypes.map((type) => type.displayName).join(",");
  return {
    description: `function ${quoteIdentifier(name)}(${shown})`,
    type: "function",
    schema: "pg_catalog",
    identity: `pg_catalog.${quoteIdentifier(name)}(${
      identityOf(argumentTypes.map(({ oid }) => oid))
    })`,
  };
}
