/**
 * Names of objects to `regclass` and its kin, and back.
 *
 * @module
 */
import { routineId, routineNamed } from "./routine_text.ts";
import { shownName } from "../analyzer/describe.ts";
import { isTypeEntry } from "../catalog/entries.ts";
import { quoteIdentifier } from "../parser/quote.ts";
import { roleIdOf, roleNameOf } from "../catalog/roles.ts";
import { nameParts } from "../catalog/sequence_name.ts";
import type { FunctionDefinition } from "../functions/registry.ts";
import { COLLATIONS } from "../types/collation.ts";
import { SqlError } from "../errors/sql_error.ts";
import { allTypeFunctions } from "../types/type_functions.ts";
import type { Nullable } from "../types/data_type.ts";
import { RegValue } from "../types/reg_value.ts";
import type { Answer, Asked } from "./catalog_question.ts";
import { typeNamed } from "./type_answers.ts";

/** The OIDs of functions begin here, in the order of the registry. */
const FIRST_FUNCTION_ID = 1_000_000;

/** What finds an object by its name; `undefined`: there is none. */
type Finder = (asked: Asked, text: string) => number | undefined;

/** What an object is called; `undefined`: there is none. */
type Namer = (asked: Asked, id: number) => string | undefined;

/** How one of the types reads and writes names. */
interface NameKind {
  readonly type: string;
  readonly find: Finder;
  readonly name: Namer;
  /** The error when there is no such object. */
  readonly missing: (text: string) => SqlError;
}

const missing = (code: string, what: string) => (text: string): SqlError =>
  new SqlError(code, `${what} "${text}" does not exist`);

const KINDS: readonly NameKind[] = [
  {
    type: "regclass",
    find: ({ catalog }, text) => {
      const parts = nameParts(text);
      return catalog.relation(parts.at(-2), parts.at(-1)!)?.id;
    },
    name: ({ catalog }, id) => {
      const entry = catalog.relationById(id);
      return entry && shownName(catalog, entry);
    },
    missing: missing("42P01", "relation"),
  },
  {
    type: "regtype",
    find: (asked, text) => typeNamed(asked, text)?.type.oid,
    name: ({ core, catalog }, id) => {
      const entry = catalog.byId(id);
      if (isTypeEntry(entry)) return shownName(catalog, entry);
      const table = catalog.relationById(id);
      return table === undefined
        ? core.types.byOid(id)?.displayName
        : shownName(catalog, table);
    },
    missing: missing("42704", "type"),
  },
  {
    type: "regproc",
    find: (asked, text) => routineId(asked, text) ?? functionNamed(asked, text),
    name: (asked, id) =>
      routineNamed(asked, id, false) ?? functionName(asked, id),
    missing: (text) =>
      new SqlError("42883", `function "${text}" does not exist`),
  },
  {
    type: "regprocedure",
    find: (asked, text) =>
      routineId(asked, text) ??
        functionNamed(asked, text.replace(/\(.*$/s, "")),
    name: (asked, id) =>
      routineNamed(asked, id, true) ?? functionName(asked, id),
    missing: (text) =>
      new SqlError("42883", `function "${text}" does not exist`),
  },
  {
    type: "regnamespace",
    find: ({ catalog }, text) => catalog.schema(nameParts(text).at(-1)!)?.id,
    name: ({ catalog }, id) => {
      const entry = catalog.byId(id);
      const name = entry?.kind === "schema"
        ? entry.name
        : [...catalog.schemas()].find((each) => each.id === id)?.name;
      return name === undefined ? undefined : quoteIdentifier(name);
    },
    missing: missing("3F000", "schema"),
  },
  {
    type: "regrole",
    find: ({ core, catalog }, text) =>
      roleIdOf(catalog, core.user, nameParts(text).at(-1)!),
    name: ({ core, catalog }, id) => {
      const name = roleNameOf(catalog, core.user, id);
      return name && quoteIdentifier(name);
    },
    missing: missing("42704", "role"),
  },
  {
    type: "regcollation",
    find: (_asked, text) => {
      const name = nameParts(text).at(-1);
      return COLLATIONS.find((each) => each.name === name)?.oid;
    },
    name: (_asked, id) => {
      const name = COLLATIONS.find(({ oid }) => oid === id)?.name;
      return name && quoteIdentifier(name);
    },
    missing: (text) =>
      new SqlError(
        "42704",
        `collation "${
          nameParts(text).at(-1)
        }" for encoding "UTF8" does not exist`,
      ),
  },
];

function functionNamed({ core }: Asked, text: string): number | undefined {
  const name = nameParts(text).at(-1);
  const position = core.functions.functions()
    .findIndex((each) => each.name === name);
  if (position >= 0) return FIRST_FUNCTION_ID + position;
  for (const each of allTypeFunctions(core.types.all()).values()) {
    if (each.name === name) return each.id;
  }
  return undefined;
}

/** A function that is built in, by its OID. */
export function functionOf(
  { core }: Asked,
  id: number,
): FunctionDefinition | undefined {
  return core.functions.functions()[id - FIRST_FUNCTION_ID];
}

function functionName(asked: Asked, id: number): string | undefined {
  return functionOf(asked, id)?.name ??
    allTypeFunctions(asked.core.types.all()).get(id)?.name;
}

/** What an object is called: its OID where there is none. */
function named({ name }: NameKind, asked: Asked, id: number): RegValue {
  if (id === 0) return new RegValue(0, "-");
  return new RegValue(id, name(asked, id) ?? String(id));
}

function found(
  kind: NameKind,
  asked: Asked,
  text: string,
): RegValue | undefined {
  if (/^\d+$/.test(text)) return named(kind, asked, Number(text));
  const id = kind.find(asked, text);
  return id === undefined ? undefined : named(kind, asked, id);
}

/** The answers to questions about names. */
export const NAME_ANSWERS: readonly (readonly [string, Answer])[] = KINDS
  .flatMap((kind): [string, Answer][] => [
    [`${kind.type}in`, (asked, [text]): Nullable => {
      const value = found(kind, asked, text as string);
      if (value === undefined) throw kind.missing(text as string);
      return value;
    }],
    [
      `${kind.type}out`,
      (asked, [id]): Nullable => named(kind, asked, id as number),
    ],
    [
      `to_${kind.type}`,
      (asked, [text]): Nullable => found(kind, asked, text as string) ?? null,
    ],
  ]);
