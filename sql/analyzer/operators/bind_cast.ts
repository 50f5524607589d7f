/**
 * CREATE, DROP and COMMENT ON CAST.
 *
 * @module
 */
import type { CastEntry } from "../../catalog/entries.ts";
import { castName } from "../../catalog/operators/cast_entry.ts";
import { inputsOf, type RoutineEntry } from "../../catalog/routine_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type {
  CastTarget,
  CommentCastSyntax,
  CreateCastSyntax,
  DropCastSyntax,
} from "../../parser/operator_syntax.ts";
import { bool } from "../../types/bool_type.ts";
import { isListedCast } from "../../types/cast.ts";
import type { DataType } from "../../types/data_type.ts";
import { int4 } from "../../types/int_types.ts";
import { isRowType } from "../../types/row/row_type.ts";
import type { BoundDrop } from "../bound_tree.ts";
import { isBinaryCoercible } from "../routines/aggregate_part.ts";
import type { BoundChangeEntry } from "../routines/bound_routine.ts";
import { findRoutine } from "../routines/find_routine.ts";
import { bindRoutineType } from "../routines/routine_type.ts";
import { storedType, typeDependencies } from "../routines/stored_type.ts";
import type { StatementState } from "../statement_state.ts";

/** The types of a cast. */
interface Pair {
  readonly source: DataType;
  readonly target: DataType;
}

function typesOf(state: StatementState, cast: CastTarget): Pair {
  return {
    source: bindRoutineType(state, cast.source).type,
    target: bindRoutineType(state, cast.target).type,
  };
}

function invalid(message: string): SqlError {
  return new SqlError("42P17", message);
}

/** Binds CREATE CAST. */
export function bindCreateCast(
  state: StatementState,
  syntax: CreateCastSyntax,
): BoundChangeEntry {
  const pair = typesOf(state, syntax.cast);
  const { source, target } = pair;
  refusePseudo("source", source);
  refusePseudo("target", target);
  const notices = (["source", "target"] as const).flatMap((side) =>
    pair[side].domain === undefined
      ? []
      : [`cast will be ignored because the ${side} data type is a domain`]
  );
  const called = syntax.function === undefined
    ? undefined
    : functionOf(state, findRoutine(state, "function", syntax.function), pair);
  if (syntax.method === "binary") refuseIncompatible(pair);
  if (source === target && (called?.argumentCount ?? 1) < 2) {
    throw invalid("source data type and target data type are the same");
  }
  const name = castName(source.oid, target.oid);
  const { catalog } = state.options;
  if (catalog.casts.has(name) || isListedCast(source, target)) {
    throw new SqlError("42710", `cast ${shown(pair)} already exists`);
  }
  const { context, method } = syntax;
  const refs = [source, target].map((type) => ({ type, typmod: -1 }));
  const after: CastEntry = {
    kind: "cast",
    id: 0,
    schema: "",
    name,
    source: source.oid,
    target: target.oid,
    context,
    method,
    ...called,
    dependencies: [
      ...typeDependencies(state.options, refs),
      ...called === undefined
        ? []
        : [{ id: called.function.id!, kind: "normal" } as const],
    ],
  };
  return {
    kind: "change_entry",
    tag: "CREATE CAST",
    before: undefined,
    after,
    notices,
  };
}

function shown({ source, target }: Pair): string {
  return `from type ${source.displayName} to type ${target.displayName}`;
}

function refusePseudo(side: string, type: DataType): void {
  if (type.category !== "P") return;
  throw new SqlError(
    "42809",
    `${side} data type ${type.displayName} is a pseudo-type`,
  );
}

function functionOf(
  { options }: StatementState,
  entry: RoutineEntry,
  { source, target }: Pair,
): Required<Pick<CastEntry, "function" | "argumentCount">> & {
  readonly function: { readonly name: string; readonly id?: number };
} {
  const [first, second, third, ...more] = inputsOf(entry).map(({ type }) =>
    storedType(options, type).type
  );
  if (first === undefined || more.length > 0) {
    throw invalid("cast function must take one to three arguments");
  }
  if (!isBinaryCoercible(source, first)) {
    throw invalid(
      "argument of cast function must match or be binary-coercible from source data type",
    );
  }
  if (second !== undefined && second !== int4) {
    throw invalid("second argument of cast function must be type integer");
  }
  if (third !== undefined && third !== bool) {
    throw invalid("third argument of cast function must be type boolean");
  }
  const result = storedType(options, entry.returns).type;
  if (!isBinaryCoercible(result, target)) {
    throw invalid(
      "return data type of cast function must match or be binary-coercible to target data type",
    );
  }
  if (entry.returnsSet) throw invalid("cast function must not return a set");
  const argumentCount = third !== undefined ? 3 : second !== undefined ? 2 : 1;
  return { function: { name: entry.name, id: entry.id }, argumentCount };
}

/** Types whose values have one form, each group for itself. */
const SAME_FORMS: readonly (readonly string[])[] = [
  ["int4", "oid", "date", "xid", "cid"],
  ["int8", "timestamp", "timestamptz", "money", "xid8", "pg_lsn"],
  ["text", "varchar", "json"],
  ["bit", "varbit"],
];

/** @throws {SqlError} `42P17` when values of the one are none of the other. */
function refuseIncompatible({ source, target }: Pair): void {
  if (source === target) return;
  const both = [source, target];
  const isAlike = SAME_FORMS.some((group) =>
    both.every(({ name, oid }) => group.includes(name) && oid < 16384)
  );
  if (isAlike) return;
  const kinds: readonly (readonly [string, (type: DataType) => boolean])[] = [
    ["composite", isRowType],
    ["enum", (type): boolean => type.enumeration !== undefined],
    [
      "range",
      (type): boolean =>
        type.range !== undefined || type.multirangeOf !== undefined,
    ],
    ["domain", (type): boolean => type.domain !== undefined],
  ];
  const sizes = new Set(both.map(({ length }) => length));
  const refused = sizes.size > 1
    ? undefined
    : kinds.find(([, test]) => both.some(test));
  throw invalid(
    refused === undefined
      ? "source and target data types are not physically compatible"
      : `${refused[0]} data types are not binary-compatible`,
  );
}

/**
 * The cast that a statement names.
 *
 * @throws {SqlError} `42704`, `2BP01` for one that every database has.
 */
function open(state: StatementState, cast: CastTarget): CastEntry {
  const pair = typesOf(state, cast);
  const { source, target } = pair;
  const found = state.options.catalog.casts.get(
    castName(source.oid, target.oid),
  );
  if (found !== undefined) return found;
  if (!isListedCast(source, target)) {
    throw new SqlError("42704", `cast ${shown(pair)} does not exist`);
  }
  throw new SqlError(
    "2BP01",
    `cannot drop cast from ${source.displayName} to ${target.displayName} because it is required by the database system`,
  );
}

/** Binds COMMENT ON CAST. */
export function bindCommentCast(
  state: StatementState,
  { cast, text }: CommentCastSyntax,
): BoundChangeEntry {
  const before = open(state, cast);
  const { comment: _, ...rest } = before;
  return {
    kind: "change_entry",
    tag: "COMMENT",
    before,
    after: text === undefined || text === ""
      ? rest
      : { ...rest, comment: text },
    notices: [],
  };
}

/** Binds DROP CAST. */
export function bindDropCast(
  state: StatementState,
  { cast, ifExists, cascade }: DropCastSyntax,
): Omit<BoundDrop, "parameterTypes" | "cacheable"> {
  const entries: CastEntry[] = [];
  const notices: string[] = [];
  try {
    entries.push(open(state, cast));
  } catch (error) {
    const isMissing = error instanceof SqlError &&
      ["42704", "3F000"].includes(error.code);
    if (!ifExists || !isMissing) throw error;
    notices.push(`${error.message}, skipping`);
  }
  return { kind: "drop", object: "cast", entries, cascade, notices };
}
