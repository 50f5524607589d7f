/**
 * Rows of `pg_operator` and `pg_cast`, for what a database has of its own.
 *
 * @module
 */
import type { CatalogView, OperatorEntry } from "../../catalog/entries.ts";
import {
  type CalledFunction,
  operandsOf,
  type OperatorName,
} from "../../catalog/operators/operator_entry.ts";
import { RegValue } from "../../types/reg_value.ts";
import {
  OWNER_ID,
  schemaId,
  type SystemRow,
  type SystemSource,
} from "./system_rows.ts";

const NONE = new RegValue(0, "-");

function called(part: CalledFunction | undefined): RegValue {
  return part === undefined ? NONE : new RegValue(part.id ?? 0, part.name);
}

function estimator(name: string | undefined): RegValue {
  return name === undefined ? NONE : new RegValue(0, name);
}

/** The OID of the operator that another names; 0: it is not there. */
function idOf(
  catalog: CatalogView,
  named: OperatorName | undefined,
  operands: Pick<OperatorEntry, "left" | "right">,
): number {
  if (named === undefined) return 0;
  const wanted = operandsOf(operands);
  const found = catalog.operators(named.schema, named.name)
    .find((each) => operandsOf(each) === wanted);
  return found?.id ?? 0;
}

/** `pg_operator`. */
export function* operatorRows(
  { catalog }: SystemSource,
): Iterable<SystemRow> {
  for (const entry of catalog.entries()) {
    if (entry.kind !== "operator") continue;
    const { left, right } = entry;
    yield {
      oid: entry.id,
      oprname: entry.name,
      oprnamespace: schemaId(catalog, entry.schema),
      oprowner: OWNER_ID,
      oprkind: left === 0 ? "l" : "b",
      oprcanmerge: entry.merges,
      oprcanhash: entry.hashes,
      oprleft: left,
      oprright: right,
      oprresult: entry.result,
      oprcom: idOf(catalog, entry.commutator, { left: right, right: left }),
      oprnegate: idOf(catalog, entry.negator, entry),
      oprcode: called(entry.function),
      oprrest: estimator(entry.restrict),
      oprjoin: estimator(entry.join),
    };
  }
}

const CONTEXTS = { implicit: "i", assignment: "a", explicit: "e" } as const;
const METHODS = { function: "f", inout: "i", binary: "b" } as const;

/** `pg_cast`. */
export function* castRows({ catalog }: SystemSource): Iterable<SystemRow> {
  for (const entry of catalog.casts.values()) {
    yield {
      oid: entry.id,
      castsource: entry.source,
      casttarget: entry.target,
      castfunc: entry.function?.id ?? 0,
      castcontext: CONTEXTS[entry.context],
      castmethod: METHODS[entry.method],
    };
  }
}
