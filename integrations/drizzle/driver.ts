/**
 * `drizzle(database)`: Drizzle's database over ours.
 *
 * @module
 */
import {
  createTableRelationsHelpers,
  DefaultLogger,
  entityKind,
  extractTablesRelationalConfig,
  type ExtractTablesWithRelations,
  type Logger,
  type TablesRelationalConfig,
} from "drizzle-orm";
import { PgDatabase, PgDialect } from "drizzle-orm/pg-core";
import type { Database } from "../../mod.ts";
import {
  type KriyaQueryResultHkt,
  KriyaSession,
  type RelationalSchema,
} from "./session.ts";

/** How Drizzle's database is made. */
export interface DrizzleOptions<S extends Record<string, unknown>> {
  /** Tables and relations, for relational queries. */
  readonly schema?: S | undefined;
  /** Is told of statements; `true`: the console. */
  readonly logger?: boolean | Logger | undefined;
  /** How names of columns are written where a table does not say. */
  readonly casing?: "snake_case" | "camelCase" | undefined;
}

/** Drizzle's database over ours. */
export class KriyaDatabase<
  S extends Record<string, unknown> = Record<string, never>,
> extends PgDatabase<KriyaQueryResultHkt, S> {
  /** Drizzle's name of the class. */
  static override readonly [entityKind]: string = "KriyaDatabase";
  /** The database below. */
  declare readonly $client: Database;
}

/** Drizzle's database over one that is open. */
export function drizzle<
  S extends Record<string, unknown> = Record<string, never>,
>(client: Database, options: DrizzleOptions<S> = {}): KriyaDatabase<S> {
  const dialect = new PgDialect({
    ...options.casing !== undefined && { casing: options.casing },
  });
  const schema = relationalSchema(options.schema);
  const session = new KriyaSession(client, dialect, {
    schema,
    logger: loggerOf(options.logger),
  });
  const db = new KriyaDatabase<S>(
    dialect,
    session as never,
    schema as
      | RelationalSchema<S, ExtractTablesWithRelations<S>>
      | undefined,
  );
  return Object.assign(db, { $client: client });
}

function relationalSchema(
  fullSchema: Record<string, unknown> | undefined,
):
  | RelationalSchema<Record<string, unknown>, TablesRelationalConfig>
  | undefined {
  if (fullSchema === undefined) return undefined;
  const { tables: schema, tableNamesMap } = extractTablesRelationalConfig(
    fullSchema,
    createTableRelationsHelpers,
  );
  return { fullSchema, schema, tableNamesMap };
}

function loggerOf(logger: boolean | Logger | undefined): Logger | undefined {
  if (logger === true) return new DefaultLogger();
  return logger === false ? undefined : logger;
}
