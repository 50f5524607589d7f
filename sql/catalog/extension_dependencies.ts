/**
 * What needs an extension: columns of its types, indexes of its operator
 * classes, and texts of SQL that call its functions.
 *
 * @module
 */
import {
  availableExtension,
  extensionParts,
} from "../functions/extensions/extension.ts";
import type { CatalogEntry, CatalogView, ExtensionEntry } from "./entries.ts";
import type { Dependency } from "./entry_common.ts";

/** A need of an object, or of one of its columns. */
type Need = Dependency & { readonly own?: string | undefined };

/** The extensions that an object needs. */
export function extensionNeeds(
  entry: CatalogEntry,
  state: CatalogView,
): Need[] {
  const extensions = state.extensions();
  if (extensions.length === 0) return [];
  return extensions.flatMap((extension) => needsOf(entry, extension));
}

function needsOf(entry: CatalogEntry, { id, name }: ExtensionEntry): Need[] {
  const needs: Need[] = [];
  const whole: Need = { id, kind: "normal" };
  if (
    entry.kind === "table" || entry.kind === "view" ||
    entry.kind === "composite"
  ) {
    for (const column of entry.columns) {
      const { type } = column.type;
      if ((type.element ?? type).extension !== name) continue;
      needs.push({ ...whole, own: column.name });
    }
  }
  if (entry.kind === "domain" && entry.base.type.extension === name) {
    needs.push(whole);
  }
  if (entry.kind === "index") {
    const classes = availableExtension(name)?.operatorClasses ?? [];
    if (entry.columns.some((each) => classes.includes(each.operatorClass))) {
      needs.push(whole);
    }
  }
  if (
    textsOf(entry).some((text) =>
      text !== undefined && callsOf(name).test(text)
    )
  ) {
    needs.push(whole);
  }
  return needs;
}

/** The texts of SQL that an object keeps. */
function textsOf(entry: CatalogEntry): (string | undefined)[] {
  switch (entry.kind) {
    case "view":
      return [entry.sql];
    case "table":
      return [
        entry.materialized?.sql,
        ...entry.checks?.map((each) => each.sql) ?? [],
        ...entry.columns.flatMap((column) => [
          column.defaultSql,
          column.generated?.sql,
        ]),
      ];
    case "index":
      return [
        entry.predicate,
        ...entry.columns.map((column) => column.expression?.sql),
      ];
    default:
      return [];
  }
}

const calls = new Map<string, RegExp>();

/** What finds a call of one of the functions of an extension. */
function callsOf(name: string): RegExp {
  let pattern = calls.get(name);
  if (pattern === undefined) {
    const { functions = [], aggregates = [] } = extensionParts(name);
    const names = new Set(
      [...functions, ...aggregates].map((each) => each.name),
    );
    pattern = new RegExp(
      names.size === 0 ? "(?!)" : `\\b(?:${[...names].join("|")})"?\\s*\\(`,
    );
    calls.set(name, pattern);
  }
  return pattern;
}
