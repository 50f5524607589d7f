/**
 * What clients of PostgreSQL's protocol get: pgbench's own select-only and
 * TPC-B-like scripts, round trips and nearest neighbours over node's `pg`.
 *
 * Server and client share one core on every side. What counts is the CPU time
 * of both, all processes: what one core can give, however busy the machine is.
 *
 * @module
 */
import { join } from "node:path";
import pg from "pg";
import { dataFolder, exists } from "../cache.ts";
import { prepareGlove } from "../glove.ts";
import type { Side, Workload } from "../harness.ts";
import { endedChildrenCpuMs } from "../process_times.ts";
import { randomNumbers } from "../random.ts";
import {
  output,
  type Served,
  serveOurs,
  servePglite,
  servePostgres,
} from "../wire_servers.ts";
import { OurKnn, PgliteKnn } from "./knn.ts";

const CLIENTS = 8;

/** Transactions of a client in a round: enough to be at full speed again. */
const SELECTS = 2000;
const TPCB_TRANSACTIONS = 250;

/** Point queries of a round. */
const QUERIES = 500;

/** Rows of pgbench's table at scale 1. */
const ACCOUNTS = 100_000;

const PGBENCH = "/usr/lib/postgresql/15/bin/pgbench";

/** What pgbench runs. */
interface Script {
  readonly words: readonly string[];
  /** Of a client in a round. */
  readonly transactions: number;
}

class PgbenchSide implements Side {
  readonly #serve: () => Promise<Served>;
  readonly #script: readonly string[];
  readonly #transactions: number;
  #server: Served | undefined;

  constructor(serve: () => Promise<Served>, script: Script) {
    this.#serve = serve;
    this.#script = script.words;
    this.#transactions = script.transactions;
  }

  async setup(): Promise<string> {
    this.#server = await this.#serve();
    await this.#pgbench("-i", "-q", "-I", "dtGp");
    await this.round();
    return `scale 1, ${CLIENTS} clients, prepared`;
  }

  async round(): Promise<number> {
    const said = await this.#pgbench(
      ...["-n", "-M", "prepared", "-c", `${CLIENTS}`, "-j", "1"],
      ...["-t", `${this.#transactions}`, "--max-tries=1000", ...this.#script],
    );
    if (!said.includes("number of failed transactions: 0 ")) {
      throw new Error(said);
    }
    return CLIENTS * this.#transactions;
  }

  otherCpuMs(): number {
    return endedChildrenCpuMs() + (this.#server?.cpuMs?.() ?? 0);
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  async #pgbench(...args: string[]): Promise<string> {
    const { port } = this.#server!;
    return await output(PGBENCH, [
      ...["-h", "127.0.0.1", "-p", `${port}`, "-U", "postgres", ...args],
      "postgres",
    ]);
  }
}

class RoundTripSide implements Side {
  readonly #serve: () => Promise<Served>;
  readonly #random = randomNumbers(5);
  #server: Served | undefined;
  #client: pg.Client | undefined;

  constructor(serve: () => Promise<Served>) {
    this.#serve = serve;
  }

  async setup(): Promise<string> {
    this.#server = await this.#serve();
    const client = this.#client = await connect(this.#server.port);
    await client.query("CREATE TABLE t (id int PRIMARY KEY, v text)");
    await client.query(
      `INSERT INTO t SELECT i, 'value ' || i FROM generate_series(1, ${ACCOUNTS}) i`,
    );
    await this.round();
    return `${ACCOUNTS} rows`;
  }

  async round(): Promise<number> {
    for (let i = 0; i < QUERIES; i++) {
      const id = 1 + Math.floor(this.#random() * ACCOUNTS);
      const { rows } = await this.#client!.query({
        name: "point",
        text: "SELECT v FROM t WHERE id = $1",
        values: [id],
      });
      if (rows[0].v !== `value ${id}`) throw new Error(`no row ${id}`);
    }
    return QUERIES;
  }

  otherCpuMs(): number {
    return this.#server?.cpuMs?.() ?? 0;
  }

  async close(): Promise<void> {
    await this.#client?.end();
    await this.#server?.close();
  }
}

/** Nearest neighbours of a server, through its client. */
class Neighbours {
  readonly #client: pg.Client;

  constructor(client: pg.Client) {
    this.#client = client;
  }

  async ask(vector: Float32Array): Promise<readonly number[]> {
    const { rows } = await this.#client.query({
      name: "nearest",
      text: "SELECT id FROM v ORDER BY e <=> $1 LIMIT 10",
      values: [`[${vector.join(",")}]`],
    });
    return (rows as { id: number }[]).map(({ id }) => id);
  }

  async set(setting: string): Promise<void> {
    await this.#client.query(`SET ${setting}`);
  }

  async close(): Promise<void> {
    await this.#client.end();
  }
}

class OurWireKnn extends OurKnn {
  #server: Served | undefined;
  #neighbours: Neighbours | undefined;

  protected override async build(): Promise<string> {
    const said = await super.build();
    const { serve } = await import("../../server/mod.ts");
    this.#server = await serve(this.database, { port: 0 });
    this.#neighbours = new Neighbours(await connect(this.#server.port));
    return said;
  }

  protected override async ask(i: number): Promise<readonly number[]> {
    return await this.#neighbours!.ask(this.glove.query(i));
  }

  override async close(): Promise<void> {
    await this.#neighbours?.close();
    await this.#server?.close();
    await super.close();
  }
}

class PgliteWireKnn extends PgliteKnn {
  #server: Served | undefined;
  #neighbours: Neighbours | undefined;

  protected override async build(): Promise<string> {
    const said = await super.build();
    await super.close();
    this.#server = await servePglite(
      join(dataFolder(), "pglite-0.5.14-glove-m16-efc64"),
    );
    this.#neighbours = new Neighbours(await connect(this.#server.port));
    return said;
  }

  protected override async use(setting: string): Promise<void> {
    await this.#neighbours!.set(setting);
  }

  protected override async ask(i: number): Promise<readonly number[]> {
    return await this.#neighbours!.ask(this.glove.query(i));
  }

  override async close(): Promise<void> {
    await this.#neighbours?.close();
    await this.#server?.close();
  }
}

async function connect(port: number): Promise<pg.Client> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port,
    user: "postgres",
    database: "postgres",
  });
  await client.connect();
  return client;
}

function pgbench(name: string, script: Script): Workload {
  const side = (serve: () => Promise<Served>) => (): Side =>
    new PgbenchSide(serve, script);
  return {
    name,
    unit: "transactions/s",
    peers: { postgres: { name: "postgresql-15", target: 0.5 } },
    sides: {
      ours: side(serveOurs),
      pglite: side(servePglite),
      postgres: side(servePostgres),
    },
    prepare: checkPrograms,
  };
}

function checkPrograms(): Promise<void> {
  if (exists(PGBENCH)) return Promise.resolve();
  throw new Error("this needs Debian's packages postgresql, postgresql-client");
}

const select = pgbench("wire-select", {
  words: ["-S"],
  transactions: SELECTS,
});

/** What clients get. */
export const wire: readonly Workload[] = [
  {
    ...select,
    peers: {
      pglite: { name: "pglite-socket", target: 10 },
      ...select.peers,
    },
  },
  // PGlite has one session: transactions of eight clients are one to it.
  pgbench("wire-tpcb", {
    words: ["-b", "tpcb-like"],
    transactions: TPCB_TRANSACTIONS,
  }),
  {
    name: "wire-round-trip",
    unit: "queries/s",
    peers: {
      pglite: { name: "pglite-socket", target: 1 },
      postgres: { name: "postgresql-15", target: 0.5 },
    },
    sides: {
      ours: () => new RoundTripSide(serveOurs),
      pglite: () => new RoundTripSide(servePglite),
      postgres: () => new RoundTripSide(servePostgres),
    },
    prepare: checkPrograms,
  },
  {
    name: "wire-knn",
    unit: "queries/s",
    peers: { pglite: { name: "pglite-socket+pgvector", target: 5 } },
    sides: {
      ours: () => new OurWireKnn(),
      pglite: () => new PgliteWireKnn(),
    },
    prepare: prepareGlove,
  },
];
