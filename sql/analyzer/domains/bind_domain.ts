/**
 * CREATE and ALTER DOMAIN.
 *
 * @module
 */
import type { CheckEntry, DomainEntry } from "../../catalog/entries.ts";
import { isTemporarySchema } from "../../catalog/temporary_schema.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type {
  AlterDomainSyntax,
  CreateDomainSyntax,
  DomainCheckSyntax,
} from "../../parser/domain_syntax.ts";
import type {
  Expression,
  RelationName,
} from "../../parser/expression_syntax.ts";
import type { TypeRef } from "../../types/data_type.ts";
import { baseOf } from "../../types/domain_type.ts";
import { bindDefault } from "../assign.ts";
import { creationSchema } from "../bind_schema.ts";
import { bindTypeName, refuseTableRows } from "../bind_type.ts";
import { columnsBinder } from "../constraints/column_expression.ts";
import { deparse } from "../deparse.ts";
import type { StatementState } from "../statement_state.ts";
import type { BoundAlterDomain, BoundCreateDomain } from "./bound_domain.ts";
import { VALUE_COLUMN } from "./domain_rules.ts";

/** Binds CREATE DOMAIN. */
export function bindCreateDomain(
  state: StatementState,
  { name: { schema: given, name }, type: typeName, ...syntax }:
    CreateDomainSyntax,
): BoundCreateDomain {
  const schema = creationSchema(state, given, -1);
  if (isTemporarySchema(schema)) {
    throw new SqlError("0A000", "temporary types are not supported");
  }
  if (state.options.catalog.type(schema, name) !== undefined) {
    throw new SqlError("42710", `type "${name}" already exists`);
  }
  const base = bindTypeName(state, typeName);
  refuseTableRows(state, base.type, `domain "${name}"`, typeName.offset);
  if (base.type.category === "P") {
    throw new SqlError(
      "42804",
      `"${base.type.displayName}" is not a valid base type for a domain`,
      { offset: typeName.offset },
    );
  }
  const defaultSql = syntax.default &&
    defaultText(state, syntax.default, name, base);
  const checks: CheckEntry[] = [];
  for (const check of syntax.checks) {
    checks.push(bindCheck(state, { name, base, checks }, check));
  }
  return {
    kind: "create_domain",
    domain: {
      kind: "domain",
      id: 0,
      schema,
      name,
      base,
      notNull: syntax.notNull,
      ...defaultSql !== undefined && { defaultSql },
      ...checks.length > 0 && { checks },
    },
  };
}

/** The DEFAULT as text, one of the base type. */
function defaultText(
  state: StatementState,
  syntax: Expression,
  name: string,
  base: TypeRef,
): string {
  const column = { name, type: baseOf(base) };
  return deparse(bindDefault(state, syntax, column));
}

/** Binds a CHECK; its name is one that the domain has not. */
function bindCheck(
  state: StatementState,
  { name: domain, base, checks = [] }: Pick<
    DomainEntry,
    "name" | "base" | "checks"
  >,
  { name, expression: syntax, notValid }: DomainCheckSyntax,
): CheckEntry {
  const columns = [{ name: VALUE_COLUMN, type: baseOf(base) }];
  const binder = columnsBinder(
    state,
    { name: "", columns },
    "check constraints",
  );
  const expression = binder.coercer.toBoolean(binder.bind(syntax), "CHECK");
  const isUsed = (wanted: string): boolean =>
    checks.some((each) => each.name === wanted);
  if (name !== undefined && isUsed(name)) {
    throw new SqlError(
      "42710",
      `constraint "${name}" for domain "${domain}" already exists`,
    );
  }
  let free = `${domain}_check`;
  for (let n = 1; isUsed(free); n++) free = `${domain}_check${n}`;
  return {
    name: name ?? free,
    sql: deparse(expression, { column: () => VALUE_COLUMN.toUpperCase() }),
    ...notValid && { notValid },
  };
}

/**
 * The domain of that name.
 *
 * @throws {SqlError} `42704`, `42809`.
 */
export function openDomain(
  { options: { catalog, types } }: StatementState,
  { schema, name }: RelationName,
): DomainEntry {
  const entry = catalog.type(schema, name);
  if (entry?.kind === "domain") return entry;
  const shown = schema === undefined ? name : `${schema}.${name}`;
  const other = entry === undefined
    ? types.byName(name, schema)?.displayName
    : shown;
  if (other !== undefined) {
    throw new SqlError("42809", `${other} is not a domain`);
  }
  throw new SqlError("42704", `type "${shown}" does not exist`);
}

/** Binds ALTER DOMAIN. */
export function bindAlterDomain(
  state: StatementState,
  { name, action }: AlterDomainSyntax,
): BoundAlterDomain {
  const before = openDomain(state, name);
  const { checks = [] } = before;
  const done = (
    change: Partial<DomainEntry>,
    verify?: BoundAlterDomain["verify"],
  ): BoundAlterDomain => ({
    kind: "alter_domain",
    before,
    after: { ...before, ...change },
    verify,
    notices: [],
  });
  switch (action.kind) {
    case "default": {
      const { expression } = action;
      return done({
        defaultSql: expression &&
          defaultText(state, expression, before.name, before.base),
      });
    }
    case "not_null":
      return done(
        { notNull: action.on },
        action.on && !before.notNull ? "not_null" : undefined,
      );
    case "add_check": {
      const check = bindCheck(state, before, action.check);
      return done(
        { checks: [...checks, check] },
        check.notValid === true ? undefined : check,
      );
    }
    case "drop_constraint": {
      if (checks.some((each) => each.name === action.name)) {
        return done({
          checks: checks.filter((each) => each.name !== action.name),
        });
      }
      if (!action.ifExists) throw noConstraint(before, action.name);
      const { message } = noConstraint(before, action.name);
      return { ...done({}), notices: [`${message}, skipping`] };
    }
    case "validate": {
      const check = requireCheck(before, action.name);
      const { notValid: _, ...valid } = check;
      return done(
        { checks: checks.map((each) => each === check ? valid : each) },
        check,
      );
    }
    case "rename_constraint": {
      const check = requireCheck(before, action.old);
      if (checks.some((each) => each.name === action.name)) {
        throw new SqlError(
          "42710",
          `constraint "${action.name}" for domain ${before.name} already exists`,
        );
      }
      const renamed = { ...check, name: action.name };
      return done({
        checks: checks.map((each) => each === check ? renamed : each),
      });
    }
  }
}

function requireCheck(domain: DomainEntry, name: string): CheckEntry {
  const check = domain.checks?.find((each) => each.name === name);
  if (check === undefined) throw noConstraint(domain, name);
  return check;
}

function noConstraint({ name }: DomainEntry, constraint: string): SqlError {
  return new SqlError(
    "42704",
    `constraint "${constraint}" of domain "${name}" does not exist`,
  );
}
