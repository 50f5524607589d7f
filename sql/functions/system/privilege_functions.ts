/**
 * `has_table_privilege` and its kin: what a role may do with an object.
 *
 * Nothing is refused to anybody: who asks learns that. The object, the role and
 * the name of the privilege must be there all the same.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { bool } from "../../types/bool_type.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { int2, oid } from "../../types/int_types.ts";
import { name, text } from "../../types/text_types.ts";
import { define } from "../define.ts";
import type { FunctionContext, FunctionDefinition } from "../registry.ts";

/** A kind of object, as its function is named, and what its names mean. */
interface ObjectKind {
  readonly kind: string;
  /** The question that finds an object by its name. */
  readonly finder: string | undefined;
  readonly privileges: string;
}

const TABLE_PRIVILEGES =
  "select insert update delete truncate references trigger maintain";

const KINDS: readonly ObjectKind[] = [
  { kind: "table", finder: "regclassin", privileges: TABLE_PRIVILEGES },
  {
    kind: "any_column",
    finder: "regclassin",
    privileges: "select insert update references",
  },
  {
    kind: "sequence",
    finder: "regclassin",
    privileges: "usage select update",
  },
  { kind: "schema", finder: "regnamespacein", privileges: "create usage" },
  { kind: "type", finder: "regtypein", privileges: "usage" },
  { kind: "function", finder: "regprocedurein", privileges: "execute" },
  {
    kind: "database",
    finder: undefined,
    privileges: "create connect temporary temp",
  },
  { kind: "language", finder: undefined, privileges: "usage" },
  { kind: "tablespace", finder: undefined, privileges: "create" },
];

const ROLE_PRIVILEGES = "member usage set";

/** @throws {SqlError} `22023` for a privilege that there is not. */
function checkPrivileges(asked: string, known: string): void {
  const words = known.split(" ");
  for (const part of asked.split(",")) {
    const word = part.trim().toLowerCase()
      .replace(/ with (grant|admin|hierarchy) option$/, "");
    if (words.includes(word)) continue;
    throw new SqlError(
      "22023",
      `unrecognized privilege type: "${part.trim()}"`,
    );
  }
}

/** @throws {SqlError} when an object or a role is named that there is not. */
function checkNamed(
  value: Nullable,
  finder: string | undefined,
  context: FunctionContext,
): void {
  if (typeof value !== "string" || finder === undefined) return;
  context.catalog?.(finder, [value]);
}

function checkRole(role: Nullable, context: FunctionContext): void {
  if (role !== "public") checkNamed(role, "regrolein", context);
}

/** The types of who asks: nobody, by name, by OID. */
const ASKERS: readonly (readonly DataType[])[] = [[], [name], [oid]];

function ofKind(
  { kind, finder, privileges }: ObjectKind,
): FunctionDefinition[] {
  return ASKERS.flatMap((asker) =>
    [text, oid].map((type) =>
      define(
        `has_${kind}_privilege`,
        [...asker, type, text],
        bool,
        (args, context) => {
          const [object, asked] = args.slice(asker.length);
          if (asker.length > 0) checkRole(args[0]!, context);
          checkNamed(object!, finder, context);
          checkPrivileges(asked as string, privileges);
          return true;
        },
        { volatility: "stable" },
      )
    )
  );
}

const columnPrivileges = ASKERS.flatMap((asker) =>
  [text, oid].flatMap((table) =>
    [text, int2].map((column) =>
      define(
        "has_column_privilege",
        [...asker, table, column, text],
        bool,
        (args, context) => {
          const [object, , asked] = args.slice(asker.length);
          if (asker.length > 0) checkRole(args[0]!, context);
          checkNamed(object!, "regclassin", context);
          checkPrivileges(
            asked as string,
            "select insert update references",
          );
          return true;
        },
        { volatility: "stable" },
      )
    )
  )
);

const rolePrivileges = ASKERS.flatMap((asker) =>
  [name, oid].map((role) =>
    define(
      "pg_has_role",
      [...asker, role, text],
      bool,
      (args, context) => {
        const [object, asked] = args.slice(asker.length);
        if (asker.length > 0) checkRole(args[0]!, context);
        checkRole(object!, context);
        checkPrivileges(asked as string, ROLE_PRIVILEGES);
        return true;
      },
      { volatility: "stable" },
    )
  )
);

/** Functions about privileges. */
export const privilegeFunctions: readonly FunctionDefinition[] = [
  ...KINDS.flatMap(ofKind),
  ...columnPrivileges,
  ...rolePrivileges,
];
