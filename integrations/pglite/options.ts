/**
 * How a PGlite is opened, and where its data directory is for us.
 *
 * | data directory | address |
 * | --- | --- |
 * | none, `memory://` | `memory:` |
 * | `file://path`, `path` | `file:path` |
 * | `s3://bucket/prefix`, `memory:name` | the same |
 * | `idb://name`, `opfs-ahp://path` | not supported |
 *
 * @module
 */
import { type OpenOptions, SqlError } from "../../mod.ts";
import type { Extensions } from "./extension.ts";
import type { ParserOptions, SerializerOptions } from "./results.ts";

/** How a PGlite is opened. */
export interface PGliteOptions<E extends Extensions = Extensions> {
  /** Where the data is; see the table of this module. */
  dataDir?: string;
  /** The name of the user (default `postgres`). */
  username?: string;
  /** Not looked at: there is one database. */
  database?: string;
  /** Acknowledges before a commit is durable (default false). */
  relaxedDurability?: boolean;
  /** What makes values of text, by the OID of the type. */
  parsers?: ParserOptions;
  /** What makes text of parameters, by the OID of the type. */
  serializers?: SerializerOptions;
  /** What is added to the database. */
  extensions?: E;
  /** Not looked at. */
  debug?: number;
  /** Not looked at: memory grows as it is needed. */
  initialMemory?: number;
  /** How the database below is opened, beside what PGlite knows of. */
  kriya?: OpenOptions;
}

/** Options of PGlite that would mean something, and cannot here. */
const REFUSED = [
  "fs",
  "pgDataProxyFs",
  "loadDataDir",
  "icuDataDir",
  "noInitDb",
  "startParams",
  "initDbStartParams",
  "postgresqlconf",
  "onStdout",
  "onStderr",
];

/** @throws {SqlError} `0A000`, with the option's name. */
export function refuseOptions(options: PGliteOptions): void {
  const given = options as Readonly<Record<string, unknown>>;
  for (const name of REFUSED) {
    if (given[name] !== undefined) {
      throw new SqlError("0A000", `PGlite option "${name}" is not supported`);
    }
  }
}

/**
 * The address of a data directory.
 *
 * @throws {SqlError} `0A000` for one of a browser.
 */
export function addressOf(dataDir: string | undefined): string {
  if (dataDir === undefined || dataDir === "" || dataDir === "memory://") {
    return "memory:";
  }
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]+):(.*)$/s.exec(dataDir) ?? [];
  switch (scheme) {
    case undefined:
      return `file:${dataDir}`;
    case "file":
      return rest!.startsWith("///")
        ? dataDir
        : `file:${rest!.replace(/^\/\//, "")}`;
    case "idb":
    case "opfs-ahp":
      throw new SqlError(
        "0A000",
        `data directory "${dataDir}" is not supported`,
        {
          hint: 'Use "memory://", a folder, or "s3://bucket/prefix".',
        },
      );
    default:
      return dataDir;
  }
}

/** How the database below is opened. */
export function openOptions(
  { username, relaxedDurability, kriya }: PGliteOptions,
): OpenOptions {
  return {
    ...username !== undefined && { user: username },
    ...kriya,
    ...relaxedDurability === true && {
      settings: { synchronous_commit: "off", ...kriya?.settings },
    },
  };
}
