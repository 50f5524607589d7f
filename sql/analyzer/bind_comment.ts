/**
 * COMMENT: the object that it is on, with the comment.
 *
 * @module
 */
import type { CatalogEntry, RelationEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { CommentSyntax } from "../parser/syntax.ts";
import { missingRelation } from "./bind_from.ts";
import { openSchema } from "./bind_schema.ts";
import { openDomain } from "./domains/bind_domain.ts";
import { openType } from "./bind_type_definition.ts";
import type { BoundComment } from "./bound_tree.ts";
import { rolesOf } from "../catalog/roles.ts";
import { kindWord } from "../catalog/dependencies.ts";
import type { StatementState } from "./statement_state.ts";

/** Binds COMMENT. */
export function bindComment(
  state: StatementState,
  { object, path, text }: CommentSyntax,
): Omit<BoundComment, "parameterTypes" | "cacheable"> {
  // No comment and an empty one are the same.
  const comment = text === undefined || text === "" ? undefined : text;
  if (object === "schema") {
    const before = openSchema(state, path.at(-1)!);
    return { kind: "comment", before, after: withComment(before, comment) };
  }
  if (object === "extension") {
    const name = path.at(-1)!;
    const before = state.options.catalog.extensions()
      .find((each) => each.name === name);
    if (before === undefined) {
      throw new SqlError("42704", `extension "${name}" does not exist`);
    }
    return { kind: "comment", before, after: withComment(before, comment) };
  }
  if (object === "role") {
    const name = path.at(-1)!;
    const before = rolesOf(state.options.catalog).get(name);
    if (before === undefined) {
      throw new SqlError("42704", `role "${name}" does not exist`);
    }
    return { kind: "comment", before, after: withComment(before, comment) };
  }
  if (object === "column") return onColumn(state, path, comment);
  if (object === "type" || object === "domain") {
    const name = { schema: path.at(-2), name: path.at(-1)!, offset: -1 };
    const before = object === "type"
      ? openType(state, name)
      : openDomain(state, name);
    return { kind: "comment", before, after: withComment(before, comment) };
  }
  if (object === "table constraint") {
    return onTableConstraint(state, path, comment);
  }
  if (object === "domain constraint") {
    return onDomainConstraint(state, path, comment);
  }
  const before = openRelation(state, path);
  if (kindWord(before) !== object) {
    const article = object === "index" ? "an" : "a";
    throw new SqlError(
      "42809",
      `"${before.name}" is not ${article} ${object}`,
    );
  }
  return { kind: "comment", before, after: withComment(before, comment) };
}

function withComment<T extends object>(
  object: T & { readonly comment?: string | undefined },
  comment: string | undefined,
): T {
  const { comment: _, ...rest } = object;
  return (comment === undefined ? rest : { ...rest, comment }) as T;
}

function openRelation(
  state: StatementState,
  path: readonly string[],
): RelationEntry {
  const entry = state.options.catalog.relation(path.at(-2), path.at(-1)!);
  if (entry === undefined) throw missingRelation(path.at(-2), path.at(-1)!);
  return entry;
}

function onColumn(
  state: StatementState,
  path: readonly string[],
  comment: string | undefined,
): Omit<BoundComment, "parameterTypes" | "cacheable"> {
  const before = openRelation(state, path.slice(0, -1));
  const name = path.at(-1)!;
  if (before.kind !== "table" && before.kind !== "view") {
    throw new SqlError(
      "42809",
      `cannot set comment on relation "${before.name}"`,
      {
        detail: `This operation is not supported for ${
          before.kind === "index" ? "indexes" : "sequences"
        }.`,
      },
    );
  }
  if (!before.columns.some((column) => column.name === name)) {
    throw new SqlError(
      "42703",
      `column "${name}" of relation "${before.name}" does not exist`,
    );
  }
  const columns = before.columns.map((column) =>
    column.name === name ? withComment(column, comment) : column
  );
  const after: CatalogEntry = { ...before, columns };
  return { kind: "comment", before, after };
}

/** All of `constraints`, that of the name commented; `undefined`: none has it. */
function commentedIn<T extends { readonly name: string }>(
  constraints: readonly T[] | undefined,
  name: string,
  comment: string | undefined,
): readonly T[] | undefined {
  if (constraints?.some((each) => each.name === name) !== true) {
    return undefined;
  }
  return constraints.map((each) =>
    each.name === name ? withComment(each, comment) : each
  );
}

function onTableConstraint(
  state: StatementState,
  path: readonly string[],
  comment: string | undefined,
): Omit<BoundComment, "parameterTypes" | "cacheable"> {
  const table = openRelation(state, path.slice(0, -1));
  const name = path.at(-1)!;
  if (table.kind === "table") {
    const checks = commentedIn(table.checks, name, comment);
    if (checks !== undefined) {
      return { kind: "comment", before: table, after: { ...table, checks } };
    }
    const foreignKeys = commentedIn(table.foreignKeys, name, comment);
    if (foreignKeys !== undefined) {
      const after = { ...table, foreignKeys };
      return { kind: "comment", before: table, after };
    }
  }
  const index = state.options.catalog.indexesOf(table.id).find((each) =>
    each.constraintName === name
  );
  if (index !== undefined) {
    const { constraintComment: _, ...rest } = index;
    const after = comment === undefined
      ? rest
      : { ...rest, constraintComment: comment };
    return { kind: "comment", before: index, after };
  }
  throw new SqlError(
    "42704",
    `constraint "${name}" for table "${table.name}" does not exist`,
  );
}

function onDomainConstraint(
  state: StatementState,
  path: readonly string[],
  comment: string | undefined,
): Omit<BoundComment, "parameterTypes" | "cacheable"> {
  const name = path.at(-1)!;
  const domain = openDomain(state, {
    schema: path.at(-3),
    name: path.at(-2)!,
    offset: -1,
  });
  const checks = commentedIn(domain.checks, name, comment);
  if (checks !== undefined) {
    return { kind: "comment", before: domain, after: { ...domain, checks } };
  }
  throw new SqlError(
    "42704",
    `constraint "${name}" for domain ${domain.name} does not exist`,
  );
}
