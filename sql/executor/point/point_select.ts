/**
 * `SELECT columns FROM t WHERE key = …`.
 *
 * @module
 */
import { isPromise } from "../../../base/maybe_promise.ts";
import type { AccessRegistry } from "../../access/access_registry.ts";
import type { ProjectNode } from "../../planner/logical_plan.ts";
import { KeyLookup } from "./key_lookup.ts";
import type { PointSelect } from "./point_run.ts";

/** The point plan of `node`, if it has one. */
export function pointSelect(
  { input, expressions }: ProjectNode,
  access: AccessRegistry,
): PointSelect | undefined {
  if (input.kind !== "index_lookup") return undefined;
  const { relation } = input.table;
  const columns: number[] = [];
  for (const each of expressions) {
    const isPlain = each.kind === "column" && each.relation === relation &&
      each.column >= 0;
    if (!isPlain) return undefined;
    columns.push(each.column);
  }
  const lookup = KeyLookup.of(input, columns, access);
  return lookup && {
    kind: "select",
    read: (run) => {
      const row = lookup.find(run);
      return isPromise(row) ? row.then((row) => row?.values) : row?.values;
    },
  };
}
