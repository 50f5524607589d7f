/**
 * The commands of `kriya`, and what their arguments mean.
 *
 * What a command finds goes to standard output, as JSON with `--json`; how far
 * it is, and errors, to standard error. Exit codes: 0 it is done and all is
 * well, 1 it failed or found damage, 2 the arguments make no sense.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { KriyaError } from "../mod.ts";
import { runBackup } from "./backup_command.ts";
import { runCheck } from "./check_command.ts";
import type { Command, CommandInput, Terminal } from "./command.ts";
import { runCompact } from "./compact_command.ts";
import { runServe } from "./serve_command.ts";
import { runSql } from "./sql_command.ts";
import { runStatus } from "./status_command.ts";

const JSON_FLAG = { json: "print the result as JSON" };

const COMMANDS: Readonly<Record<string, Command>> = {
  backup: {
    about: "copy the database to an ADDRESS; back again it is a restore",
    takes: "ADDRESS",
    flags: { "no-verify": "do not read the copy back", ...JSON_FLAG },
    run: runBackup,
  },
  compact: {
    about: "merge tables, beside a writer or without one",
    flags: {
      full: "merge everything, not only what is due",
      once: "end after one merge",
      ...JSON_FLAG,
    },
    run: runCompact,
  },
  fsck: {
    about: "read everything the database needs, and say what is wrong",
    flags: { orphans: "list objects that nothing needs", ...JSON_FLAG },
    run: runCheck,
  },
  mcp: {
    about: "let an agent use the database, over standard input and output",
    flags: { write: "may change the database (default: reads only)" },
    // What only this needs is loaded by this alone.
    run: async (input, terminal) =>
      await (await import("./mcp_command.ts")).runMcp(input, terminal),
  },
  serve: {
    about:
      "let clients of PostgreSQL, or of HTTP, use the database, until it is interrupted",
    flags: {
      readonly: "only read, beside a process that writes",
      trust: "let everybody in who reaches an address that others reach",
    },
    values: {
      pg: ["PORT", "the port for clients of PostgreSQL (default 5432)"],
      http: ["PORT", "the port of the HTTP API; without --pg, that alone"],
      host: ["NAME", "the address to listen on (default 127.0.0.1)"],
      "tls-cert": ["FILE", "the certificate for TLS, in PEM"],
      "tls-key": ["FILE", "its private key, in PEM"],
    },
    run: runServe,
  },
  sql: {
    about: "run statements; without any, those of standard input",
    takes: "[STATEMENT …]",
    flags: {
      write: "may change the database (default: reads only)",
      ...JSON_FLAG,
    },
    run: runSql,
  },
  status: {
    about: "what the database holds",
    flags: JSON_FLAG,
    run: runStatus,
  },
};

/** What `kriya --help` says. */
function usage(): string {
  const lines = ["usage: kriya COMMAND ADDRESS [OPTIONS]", ""];
  for (
    const [name, { about, takes = "", flags, values = {} }] of Object.entries(
      COMMANDS,
    )
  ) {
    lines.push(`  kriya ${name} ADDRESS ${takes}`.trimEnd());
    lines.push(`      ${about}`);
    for (const [flag, what] of Object.entries(flags)) {
      lines.push(`      ${`--${flag}`.padEnd(12)}${what}`);
    }
    for (const [option, [value, what]] of Object.entries(values)) {
      lines.push(`      ${`--${option} ${value}`.padEnd(18)}${what}`);
    }
  }
  lines.push(
    "",
    'An ADDRESS is "file:./folder" or "s3://bucket/prefix"; buckets are reached',
    "with the usual AWS variables (AWS_REGION, AWS_ENDPOINT_URL, …).",
    "kriya serve asks for the password in KRIYA_PASSWORD, if there is one; over",
    "HTTP for the token in KRIYA_TOKEN, too.",
  );
  return lines.join("\n");
}

/** Runs the command that `args` say; resolves with the exit code. */
export async function runCommand(
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const [name, ...others] = args;
  if (name === undefined || name === "help" || args.includes("--help")) {
    terminal.out(usage());
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    terminal.say(`kriya: there is no command "${name}"\n\n${usage()}`);
    return 2;
  }
  let input: CommandInput;
  try {
    input = inputOf(command, others);
  } catch (error) {
    terminal.say(`kriya ${name}: ${(error as Error).message}\n\n${usage()}`);
    return 2;
  }
  try {
    return await command.run(input, terminal);
  } catch (error) {
    for (const line of errorLines(error)) terminal.say(line);
    return 1;
  }
}

/** @throws {Error} that says what makes no sense. */
function inputOf(command: Command, args: readonly string[]): CommandInput {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: Object.fromEntries([
      ...Object.keys(command.flags)
        .map((flag) => [flag, { type: "boolean" }] as const),
      ...Object.keys(command.values ?? {})
        .map((option) => [option, { type: "string" }] as const),
    ]),
  });
  const [address, ...rest] = positionals;
  if (address === undefined) throw new Error("the address is missing");
  if (rest.length > 0 && command.takes === undefined) {
    throw new Error(`"${rest[0]}" means nothing here`);
  }
  const given = Object.entries(values);
  return {
    address,
    rest,
    flags: new Set(given.flatMap(([name, is]) => is === true ? [name] : [])),
    values: new Map(
      given.flatMap(([name, value]) =>
        typeof value === "string" ? [[name, value] as const] : []
      ),
    ),
  };
}

/** An error for people: what, where, what to do. */
function errorLines(error: unknown): string[] {
  if (!(error instanceof KriyaError)) {
    return [error instanceof Error ? error.message : String(error)];
  }
  const { code, message, detail, hint } = error;
  return [
    `ERROR ${code}: ${message}`,
    ...(detail === undefined ? [] : [`DETAIL: ${detail}`]),
    ...(hint === undefined ? [] : [`HINT: ${hint}`]),
  ];
}
