/**
 * Rows of `pg_proc` for the routines of the catalog, and of `pg_trigger`.
 *
 * @module
 */
import {
  inputsOf,
  type ParameterMode,
  type RoutineEntry,
} from "../../catalog/routine_entry.ts";
import type { AggregatePart } from "../../catalog/aggregate_entry.ts";
import type { TriggerEntry } from "../../catalog/entries.ts";
import { utf8Encode } from "../../../base/bytes.ts";
import { RegValue } from "../../types/reg_value.ts";
import { SqlArray } from "../../types/array/array_value.ts";
import {
  OWNER_ID,
  schemaId,
  type SystemRow,
  type SystemSource,
} from "./system_rows.ts";

/** The OIDs of the languages. */
const LANGUAGES = { sql: 14, plpgsql: 13_500, internal: 12 } as const;

const KINDS: Readonly<Record<RoutineEntry["routine"], string>> = {
  function: "f",
  procedure: "p",
  aggregate: "a",
};

const MODE_LETTERS: Readonly<Record<ParameterMode, string>> = {
  in: "i",
  out: "o",
  inout: "b",
  variadic: "v",
  table: "t",
};

/** The rows of `pg_proc` for what CREATE FUNCTION made. */
export function* routineRows(source: SystemSource): Iterable<SystemRow> {
  for (const entry of source.catalog.entries()) {
    if (entry.kind === "routine") yield routineRow(source, entry);
  }
}

function routineRow(
  { catalog }: SystemSource,
  entry: RoutineEntry,
): SystemRow {
  const inputs = inputsOf(entry);
  const { parameters, volatility, parallel, routine } = entry;
  const isMixed = parameters.some(({ mode }) => mode !== "in");
  const isNamed = parameters.some(({ name }) => name !== "");
  const variadic = parameters.find(({ mode }) => mode === "variadic");
  return {
    oid: entry.id,
    proname: entry.name,
    pronamespace: schemaId(catalog, entry.schema),
    proowner: OWNER_ID,
    prolang: LANGUAGES[entry.language],
    procost: entry.cost,
    prorows: entry.rows,
    provariadic: variadic === undefined ? 0 : variadic.type.oid,
    prokind: KINDS[routine],
    prosecdef: entry.securityDefiner,
    proleakproof: entry.leakproof,
    proisstrict: entry.strict,
    proretset: entry.returnsSet,
    provolatile: volatility[0]!,
    proparallel: parallel[0]!,
    pronargs: inputs.length,
    pronargdefaults:
      inputs.filter(({ defaultSql }) => defaultSql !== undefined).length,
    prorettype: entry.returns.oid,
    proargtypes: inputs.map(({ type }) => type.oid).join(" "),
    proallargtypes: isMixed
      ? SqlArray.of(parameters.map(({ type }) => type.oid))
      : null,
    proargmodes: isMixed
      ? SqlArray.of(parameters.map(({ mode }) => MODE_LETTERS[mode]))
      : null,
    proargnames: isNamed
      ? SqlArray.of(parameters.map(({ name }) => name))
      : null,
    prosrc: entry.body,
    proconfig: entry.config.length === 0
      ? null
      : SqlArray.of(entry.config.map(([name, value]) => `${name}=${value}`)),
  };
}

const NO_FUNCTION = new RegValue(0, "-");

function named({ id, name }: AggregatePart): RegValue {
  return new RegValue(id ?? 0, name);
}

/** `pg_aggregate`, for what CREATE AGGREGATE made. */
export function* aggregateRows(
  { catalog }: SystemSource,
): Iterable<SystemRow> {
  for (const entry of catalog.entries()) {
    if (entry.kind !== "routine" || entry.aggregate === undefined) continue;
    const { transition, final, finalExtra, stateType, initial } =
      entry.aggregate;
    yield {
      aggfnoid: new RegValue(entry.id, entry.name),
      aggkind: "n",
      aggnumdirectargs: 0,
      aggtransfn: named(transition),
      aggfinalfn: final === undefined ? NO_FUNCTION : named(final),
      aggcombinefn: NO_FUNCTION,
      aggserialfn: NO_FUNCTION,
      aggdeserialfn: NO_FUNCTION,
      aggmtransfn: NO_FUNCTION,
      aggminvtransfn: NO_FUNCTION,
      aggmfinalfn: NO_FUNCTION,
      aggfinalextra: finalExtra,
      aggmfinalextra: false,
      aggfinalmodify: "r",
      aggmfinalmodify: "r",
      aggsortop: 0,
      aggtranstype: stateType.oid,
      aggtransspace: 0,
      aggmtranstype: 0,
      aggmtransspace: 0,
      agginitval: initial ?? null,
      aggminitval: null,
    };
  }
}

/** The bits of `tgtype`. */
const BITS = {
  row: 1,
  before: 2,
  insert: 4,
  delete: 8,
  update: 16,
  truncate: 32,
  instead: 64,
} as const;

const ENABLED: Readonly<Record<TriggerEntry["enabled"], string>> = {
  origin: "O",
  disabled: "D",
  replica: "R",
  always: "A",
};

/** `pg_trigger`. */
export function* triggerRows({ catalog }: SystemSource): Iterable<SystemRow> {
  for (const entry of catalog.entries()) {
    if (entry.kind !== "trigger") continue;
    const { timing, events, args, columns, constraint } = entry;
    const bits = (entry.forEachRow ? BITS.row : 0) |
      (timing === "after" ? 0 : BITS[timing]) |
      events.reduce((sum, event) => sum | BITS[event], 0);
    yield {
      oid: entry.id,
      tgrelid: entry.tableId,
      tgparentid: entry.parentId ?? 0,
      tgname: entry.name,
      tgfoid: entry.routineId,
      tgtype: bits,
      tgenabled: ENABLED[entry.enabled],
      tgisinternal: false,
      tgdeferrable: constraint?.deferrable ?? false,
      tginitdeferred: constraint?.initiallyDeferred ?? false,
      tgnargs: args.length,
      tgattr: (columns ?? []).join(" "),
      tgargs: utf8Encode(args.map((arg) => `${arg}\0`).join("")),
      tgqual: entry.whenSql ?? null,
      tgoldtable: entry.oldTable ?? null,
      tgnewtable: entry.newTable ?? null,
    };
  }
}
