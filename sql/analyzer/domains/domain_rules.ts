/**
 * What holds for the values of a domain: what its entry says, and before that
 * what those say that it is over.
 *
 * @module
 */
import type { CatalogView, DomainEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType, TypeRef } from "../../types/data_type.ts";
import type { BoundExpression } from "../bound_expression.ts";
import type { StatementState } from "../statement_state.ts";

/** What a CHECK of a domain calls the value, and how it is kept. */
export const VALUE_COLUMN = "value";

/** What holds for the values of a domain. */
export interface DomainRules {
  /** The domain's name, for messages. */
  readonly name: string;
  readonly notNull: boolean;
  /** Conditions over column 0 of relation 0, the value. */
  readonly checks: readonly {
    readonly name: string;
    readonly expression: BoundExpression;
  }[];
}

/** The entries of a domain and of those below it, the lowest first. */
export function domainChain(
  catalog: CatalogView,
  type: DataType,
): DomainEntry[] {
  const chain: DomainEntry[] = [];
  for (let each = type; each.domain !== undefined; each = each.domain.type) {
    const entry = catalog.byId(each.oid);
    if (entry?.kind === "domain") chain.unshift(entry);
  }
  return chain;
}

/** What holds for the values of a domain over `base`. */
export function domainRules(
  state: StatementState,
  type: DataType,
  base: TypeRef,
): DomainRules {
  const chain = domainChain(state.options.catalog, type);
  return {
    name: type.displayName,
    notNull: chain.some(({ notNull }) => notNull),
    checks: chain.flatMap(({ checks = [] }) =>
      [...checks].sort((a, b) => a.name < b.name ? -1 : 1).map((
        { name, sql },
      ) => ({ name, expression: state.bindStored(sql, VALUE_COLUMN, base) }))
    ),
  };
}

/** The DEFAULT of a domain, of the highest that has one. */
export function domainDefault(
  catalog: CatalogView,
  type: DataType,
): string | undefined {
  return domainChain(catalog, type).findLast(({ defaultSql }) =>
    defaultSql !== undefined
  )?.defaultSql;
}

/** `23502`: NULL is no value of the domain. */
export function nullOfDomain(name: string): SqlError {
  return new SqlError("23502", `domain ${name} does not allow null values`);
}

/** `23514`: a CHECK of the domain is false. */
export function brokenDomain(name: string, constraint: string): SqlError {
  return new SqlError(
    "23514",
    `value for domain ${name} violates check constraint "${constraint}"`,
    { constraint },
  );
}
