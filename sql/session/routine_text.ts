/**
 * Routines and triggers as SQL text, as PostgreSQL's `ruleutils.c` has them.
 *
 * @module
 */
import {
  routineSignature,
  storedTypeName,
} from "../analyzer/routines/routine_names.ts";
import type {
  CatalogView,
  RoutineEntry,
  TriggerEntry,
} from "../catalog/entries.ts";
import {
  inputsOf,
  outputsOf,
  type RoutineParameter,
} from "../catalog/routine_entry.ts";
import { SqlError } from "../errors/sql_error.ts";
import { quoteIdentifier, quoteLiteral } from "../parser/quote.ts";
import type { Answer, Asked } from "./catalog_question.ts";

/** What functions about routines and triggers answer. */
export const ROUTINE_ANSWERS: readonly (readonly [string, Answer])[] = [
  ["pg_get_functiondef", ofRoutine(definitionOf)],
  [
    "pg_get_function_arguments",
    ofRoutine((catalog, entry) => argumentsOf(catalog, entry, true)),
  ],
  [
    "pg_get_function_identity_arguments",
    ofRoutine((catalog, entry) => argumentsOf(catalog, entry, false)),
  ],
  ["pg_get_function_result", ofRoutine(resultOf)],
  [
    "pg_get_function_arg_default",
    ({ catalog }: Asked, [id, number]) => {
      const entry = catalog.byId(id as number);
      if (entry?.kind !== "routine") return null;
      return entry.parameters[(number as number) - 1]?.defaultSql ?? null;
    },
  ],
  [
    "pg_get_triggerdef",
    ({ catalog }: Asked, [id, isPretty]) => {
      const entry = catalog.byId(id as number);
      return entry?.kind === "trigger"
        ? triggerText(catalog, entry, isPretty === true)
        : null;
    },
  ],
];

function ofRoutine(
  text: (catalog: CatalogView, entry: RoutineEntry) => string | null,
): Answer {
  return ({ catalog }, [id]) => {
    const entry = catalog.byId(id as number);
    return entry?.kind === "routine" ? text(catalog, entry) : null;
  };
}

const MODES: Readonly<Record<RoutineParameter["mode"], string>> = {
  in: "",
  out: "OUT ",
  inout: "INOUT ",
  variadic: "VARIADIC ",
  table: "",
};

function parameterText(
  catalog: CatalogView,
  { name, mode, type, defaultSql }: RoutineParameter,
  withDefault: boolean,
): string {
  const shown = name === "" ? "" : `${quoteIdentifier(name)} `;
  const value = withDefault && defaultSql !== undefined
    ? ` DEFAULT ${defaultSql}`
    : "";
  return `${MODES[mode]}${shown}${storedTypeName(catalog, type)}${value}`;
}

function argumentsOf(
  catalog: CatalogView,
  entry: RoutineEntry,
  withDefaults: boolean,
): string {
  const shown = entry.parameters.filter(({ mode }) => mode !== "table");
  // IN is said of a procedure's parameters.
  const word = entry.routine === "procedure" ? "IN " : "";
  return shown.map((each) =>
    (each.mode === "in" ? word : "") +
    parameterText(catalog, each, withDefaults)
  ).join(", ");
}

function resultOf(catalog: CatalogView, entry: RoutineEntry): string | null {
  if (entry.routine === "procedure") return null;
  const columns = outputsOf(entry).filter(({ mode }) => mode === "table");
  if (columns.length > 0) {
    const list = columns.map((each) => parameterText(catalog, each, false));
    return `TABLE(${list.join(", ")})`;
  }
  const type = storedTypeName(catalog, entry.returns);
  return entry.returnsSet ? `SETOF ${type}` : type;
}

function definitionOf(catalog: CatalogView, entry: RoutineEntry): string {
  if (entry.routine === "aggregate") {
    throw new SqlError("42809", `"${entry.name}" is an aggregate function`);
  }
  const name = `${quoteIdentifier(entry.schema)}.${
    quoteIdentifier(entry.name)
  }`;
  const word = entry.routine.toUpperCase();
  const result = resultOf(catalog, entry);
  const lines = [
    `CREATE OR REPLACE ${word} ${name}(${argumentsOf(catalog, entry, true)})`,
    ...result === null ? [] : [` RETURNS ${result}`],
    ` LANGUAGE ${entry.language}`,
  ];
  const attributes = attributesOf(entry);
  if (attributes.length > 0) lines.push(` ${attributes.join(" ")}`);
  for (const [setting, value] of entry.config) {
    lines.push(` SET ${setting} TO ${quoteLiteral(value)}`);
  }
  if (entry.atomic) {
    return `${lines.join("\n")}\nBEGIN ATOMIC\n ${
      entry.body.replace(/;\s*$/, "")
    };\nEND\n`;
  }
  let tag: string = entry.routine;
  while (entry.body.includes(`$${tag}$`)) tag += "x";
  return `${lines.join("\n")}\nAS $${tag}$${entry.body}$${tag}$\n`;
}

function attributesOf(entry: RoutineEntry): string[] {
  const { volatility, strict, securityDefiner, leakproof, parallel } = entry;
  return [
    ...volatility === "volatile" ? [] : [volatility.toUpperCase()],
    ...parallel === "unsafe" ? [] : [`PARALLEL ${parallel.toUpperCase()}`],
    ...strict ? ["STRICT"] : [],
    ...securityDefiner ? ["SECURITY DEFINER"] : [],
    ...leakproof ? ["LEAKPROOF"] : [],
    ...entry.cost === 100 ? [] : [`COST ${entry.cost}`],
    ...!entry.returnsSet || entry.rows === 1000 ? [] : [`ROWS ${entry.rows}`],
  ];
}

const TIMINGS: Readonly<Record<TriggerEntry["timing"], string>> = {
  before: "BEFORE",
  after: "AFTER",
  instead: "INSTEAD OF",
};

/** The order in which PostgreSQL names events. */
const EVENTS: readonly TriggerEntry["events"][number][] = [
  "insert",
  "delete",
  "update",
  "truncate",
];

function triggerText(
  catalog: CatalogView,
  entry: TriggerEntry,
  isPretty: boolean,
): string {
  const table = catalog.relationById(entry.tableId);
  const routine = catalog.byId(entry.routineId);
  if (table === undefined || routine?.kind !== "routine") return "";
  const columns = "columns" in table && table.kind !== "index"
    ? table.columns
    : [];
  const events = EVENTS.filter((event) => entry.events.includes(event))
    .map((event) => {
      const numbers = event === "update" ? entry.columns ?? [] : [];
      const names = numbers.map((number) =>
        quoteIdentifier(
          columns.find((column) => column.number === number)?.name ?? "",
        )
      );
      const of = names.length === 0 ? "" : ` OF ${names.join(", ")}`;
      return event.toUpperCase() + of;
    });
  const { constraint, oldTable, newTable } = entry;
  const names = [
    ...oldTable === undefined ? [] : [`OLD TABLE AS ${oldTable}`],
    ...newTable === undefined ? [] : [`NEW TABLE AS ${newTable}`],
  ];
  return [
    `CREATE ${constraint === undefined ? "" : "CONSTRAINT "}TRIGGER`,
    quoteIdentifier(entry.name),
    TIMINGS[entry.timing],
    events.join(" OR "),
    `ON ${
      isPretty && catalog.isVisible(table)
        ? ""
        : `${quoteIdentifier(table.schema)}.`
    }${quoteIdentifier(table.name)}`,
    ...constraint?.deferrable === true
      ? [
        `DEFERRABLE${
          constraint.initiallyDeferred ? " INITIALLY DEFERRED" : ""
        }`,
      ]
      : [],
    ...names.length === 0 ? [] : [`REFERENCING ${names.join(" ")}`],
    `FOR EACH ${entry.forEachRow ? "ROW" : "STATEMENT"}`,
    ...entry.whenSql === undefined ? [] : [`WHEN (${entry.whenSql})`],
    `EXECUTE FUNCTION ${
      catalog.isVisible(routine) ? "" : `${quoteIdentifier(routine.schema)}.`
    }${quoteIdentifier(routine.name)}(${
      entry.args.map(quoteLiteral).join(", ")
    })`,
  ].join(" ");
}

/** The OID of a routine by its name and perhaps its arguments' types. */
export function routineId(
  { catalog }: Asked,
  text: string,
): number | undefined {
  const match = /^(?:"?([\w$]+)"?\.)?"?([\w$]+)"?\s*(?:\((.*)\))?$/s
    .exec(text.trim());
  if (match === null) return undefined;
  const [, schema, name, list] = match;
  const all = catalog.routines(schema, name!);
  if (list === undefined) return all[0]?.id;
  const wanted = list.split(",").map((each) => each.trim()).join(", ");
  return all.find((entry) =>
    inputsOf(entry).map(({ type }) => storedTypeName(catalog, type))
      .join(", ") === wanted
  )?.id;
}

/** A routine by its OID, as `regproc` or `regprocedure` shows it. */
export function routineNamed(
  { catalog }: Asked,
  id: number,
  withTypes: boolean,
): string | undefined {
  const entry = catalog.byId(id);
  if (entry?.kind !== "routine") return undefined;
  const signature = routineSignature(catalog, entry);
  return withTypes
    ? signature.replaceAll(", ", ",")
    : signature.replace(/\(.*$/s, "");
}
