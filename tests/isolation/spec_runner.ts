/**
 * Runs isolation specs: one session each, one step after the other, in the
 * orders that the spec names.
 *
 * Nothing here depends on time: after a step was given, turns are taken until
 * it is done or its session waits for a lock, which `pg_locks` says. Then what
 * waited before and can go on does.
 *
 * @module
 */
import { assert } from "@std/assert";
import { nextTurn } from "../../base/environment.ts";
import {
  type Database,
  type DatabaseSession,
  open,
  type QueryResult,
  type SqlError,
} from "../../mod.ts";
import { parseSpec, type Spec, type SpecStep } from "./spec_format.ts";

/** Turns after which a step that neither ends nor waits is a fault. */
const TURNS_MAX = 10_000;

/** A session with the step that it waits in. */
interface Client {
  readonly session: DatabaseSession;
  readonly pid: number;
  waiting: SpecStep | undefined;
  /** What came of its step. */
  outcome: string[] | undefined;
  notices: string[];
}

/** What a spec gives, in the words of PostgreSQL's isolation tester. */
export async function runSpec(text: string): Promise<string> {
  const spec = parseSpec(text);
  const lines = [`Parsed test spec with ${spec.sessions.length} sessions`];
  for (const permutation of spec.permutations) {
    lines.push("", `starting permutation: ${permutation.join(" ")}`);
    await using db = await open("memory:");
    lines.push(...await new Permutation(spec, db).run(permutation));
  }
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

class Permutation {
  readonly #spec: Spec;
  readonly #db: Database;
  readonly #clients: Client[] = [];
  readonly #lines: string[] = [];

  constructor(spec: Spec, db: Database) {
    this.#spec = spec;
    this.#db = db;
  }

  async run(permutation: readonly string[]): Promise<string[]> {
    const { setup, teardown, sessions } = this.#spec;
    const steps = new Map(
      sessions.flatMap(({ steps }) => steps.map((step) => [step.name, step])),
    );
    await this.#db.exec("SET default_transaction_isolation = 'read committed'");
    for (const sql of setup) await this.#db.exec(sql);
    for (const each of sessions) {
      const client = await this.#connect();
      if (each.setup === undefined) continue;
      this.#lines.push(...shown(await client.session.exec(each.setup)));
    }
    for (const name of permutation) {
      const step = steps.get(name);
      assert(step !== undefined, `no step "${name}"`);
      await this.#step(step);
    }
    await this.#settle();
    for (const [i, each] of sessions.entries()) {
      const { session, waiting } = this.#clients[i]!;
      assert(waiting === undefined, `step "${waiting?.name}" waits for ever`);
      if (each.teardown !== undefined) {
        this.#lines.push(...shown(await session.exec(each.teardown)));
      }
      await session.close();
    }
    if (teardown !== undefined) await this.#db.exec(teardown);
    return this.#lines;
  }

  async #connect(): Promise<Client> {
    const session = this.#db.session();
    await session.exec("SET default_transaction_isolation = 'read committed'");
    const { rows } = await session.query<{ pid: number }>(
      "SELECT pg_backend_pid() AS pid",
    );
    const client = {
      session,
      pid: rows[0]!.pid,
      waiting: undefined,
      outcome: undefined,
      notices: [],
    };
    this.#clients.push(client);
    return client;
  }

  async #step(step: SpecStep): Promise<void> {
    const client = this.#clients[step.session]!;
    // A session takes one step at a time.
    if (client.waiting !== undefined) await this.#settle();
    assert(client.waiting === undefined, `"${client.waiting?.name}" waits`);
    client.waiting = step;
    client.outcome = undefined;
    void this.#run(client, step).then((lines) => client.outcome = lines);
    const head = `step ${step.name}: ${step.sql}`;
    if (await this.#rests(client)) {
      this.#lines.push(head, ...this.#take(client));
      await this.#settle();
    } else {
      this.#lines.push(`${head} <waiting ...>`);
      await this.#settle();
    }
  }

  async #run({ session }: Client, { sql }: SpecStep): Promise<string[]> {
    try {
      return shown(await session.exec(sql));
    } catch (error) {
      const { message } = error as SqlError;
      return [`ERROR:  ${message}`];
    }
  }

  /** Takes turns until the client is done (true) or waits for a lock. */
  async #rests(client: Client): Promise<boolean> {
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      if (client.outcome !== undefined) return true;
      await nextTurn();
      if (
        turn > 3 && client.outcome === undefined &&
        await this.#isBlocked(client)
      ) {
        return false;
      }
    }
    throw new Error(`step "${client.waiting?.name}" does not end`);
  }

  async #isBlocked({ pid }: Client): Promise<boolean> {
    const { rows } = await this.#db.query(
      "SELECT 1 FROM pg_locks WHERE pid = $1 AND NOT granted",
      [pid],
    );
    return rows.length > 0;
  }

  /** Lets those that waited and can go on do so, in the order of sessions. */
  async #settle(): Promise<void> {
    for (let more = true; more;) {
      more = false;
      for (const client of this.#clients) {
        const { waiting } = client;
        if (waiting === undefined || !await this.#rests(client)) continue;
        this.#lines.push(
          `step ${waiting.name}: <... completed>`,
          ...this.#take(client),
        );
        more = true;
      }
    }
  }

  #take(client: Client): string[] {
    const { outcome } = client;
    client.waiting = undefined;
    client.outcome = undefined;
    return outcome!;
  }
}

/** Results as `psql` shows them. */
function shown(results: readonly QueryResult[]): string[] {
  return results.flatMap((result) => {
    const { rows, fields } = result;
    if (fields.length === 0) return [];
    const cells = rows.map((row) => fields.map(({ name }) => cell(row[name])));
    const widths = fields.map(({ name }, i) =>
      Math.max(name.length, ...cells.map((row) => row[i]!.length))
    );
    const line = (row: readonly string[]): string =>
      row.map((each, i) => {
        const isNumber = /^(int|float|numeric|oid)/.test(
          fields[i]!.dataType,
        );
        return isNumber && row !== names
          ? each.padStart(widths[i]!)
          : each.padEnd(widths[i]!);
      }).join("|");
    const names = fields.map(({ name }) => name);
    return [
      line(names),
      widths.map((width) => "-".repeat(width)).join("+"),
      ...cells.map(line),
      `(${rows.length} ${rows.length === 1 ? "row" : "rows"})`,
      "",
    ];
  });
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "t" : "f";
  return String(value);
}
