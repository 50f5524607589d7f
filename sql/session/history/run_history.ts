/**
 * CREATE SNAPSHOT, DROP SNAPSHOT, and ALTER SYSTEM for what is kept of the past.
 *
 * What they do is in the manifest, not in a commit: nothing of it could be
 * rolled back, so they are refused inside a transaction block.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { AlterSystemSyntax, SnapshotSyntax } from "../../parser/syntax.ts";
import type { DatabaseCore } from "../database_core.ts";
import { type QueryResult, tagOnly } from "../result.ts";
import type { RunOptions } from "../run_options.ts";
import type { Settings } from "../settings.ts";
import { RETENTION_SETTING } from "./history.ts";

function refuseBlock(settings: Settings, command: string): void {
  if (!settings.inTransaction) return;
  throw new SqlError(
    "25001",
    `${command} cannot run inside a transaction block`,
  );
}

/** @throws {SqlError} `25006` for a reader. */
function refuseReader({ store }: DatabaseCore, command: string): void {
  if (!store.readOnly) return;
  throw new SqlError(
    "25006",
    `cannot execute ${command} in a read-only transaction`,
  );
}

/** Runs ALTER SYSTEM. */
export async function alterSystem(
  core: DatabaseCore,
  settings: Settings,
  { set }: AlterSystemSyntax,
): Promise<QueryResult<unknown>> {
  refuseBlock(settings, "ALTER SYSTEM");
  refuseReader(core, "ALTER SYSTEM");
  if (set.kind === "set") {
    const { name, values } = set;
    const { definition, value } = settings.copy().assign(name, values);
    const given = values === undefined ? definition.initial : value;
    if (definition.name !== RETENTION_SETTING) {
      throw new SqlError(
        "0A000",
        `ALTER SYSTEM of parameter "${definition.name}" is not supported`,
        { hint: "Give it when the database is opened." },
      );
    }
    await core.setRetention(given);
  } else await core.setRetention("0");
  return tagOnly("ALTER SYSTEM");
}

/** Runs CREATE SNAPSHOT and DROP SNAPSHOT. */
export async function runSnapshot(
  core: DatabaseCore,
  settings: Settings,
  syntax: SnapshotSyntax,
  options: RunOptions,
): Promise<QueryResult<unknown>> {
  const { kind, name } = syntax;
  const command = kind === "create_snapshot"
    ? "CREATE SNAPSHOT"
    : "DROP SNAPSHOT";
  refuseBlock(settings, command);
  refuseReader(core, command);
  const { history } = core;
  const isKnown = history.snapshots.some((each) => each.name === name);
  const skip = (message: string): QueryResult<unknown> => {
    options.onNotice?.({ severity: "NOTICE", code: "00000", message });
    return tagOnly(command);
  };
  if (syntax.kind === "create_snapshot") {
    if (syntax.ifNotExists && isKnown) {
      return skip(`snapshot "${name}" already exists, skipping`);
    }
    await history.createSnapshot(name);
  } else {
    if (syntax.ifExists && !isKnown) {
      return skip(`snapshot "${name}" does not exist, skipping`);
    }
    await history.dropSnapshot(name);
  }
  return tagOnly(command);
}
