/**
 * The HTTP API: a request in, a response out, wherever those come from
 * (`Deno.serve`, Hono, an edge).
 *
 * | request | what it does |
 * | --- | --- |
 * | `POST /v1/insert` | stores documents |
 * | `POST /v1/search` | the documents nearest to a vector |
 * | `POST /v1/query` | documents by id, or SQL |
 * | `POST /v1/delete` | deletes documents by id |
 * | `POST /v1/flush` | moves the newest vectors into segments |
 * | `GET /v1/health` | whether the database answers |
 *
 * Whatever stands before `/v1/` is the place where it is mounted. Each request
 * is a session of its own, and READ COMMITTED unless it says otherwise. A client
 * that goes away stops what it asked for.
 *
 * @module
 */
import { type Database, systemEnvironment } from "../../mod.ts";
import { Authentication } from "../wire/authentication.ts";
import { AccessControl } from "./access_control.ts";
import {
  crossOriginHeaders,
  type Origins,
  preflightResponse,
} from "./cross_origin.ts";
import { errorResponse, HttpError } from "./http_error.ts";
import { readBody } from "./request_body.ts";
import { answerRequest, type RequestHost } from "./requests.ts";

/** How the API is opened. */
export interface HttpOptions {
  /**
   * Who may come in, as for clients of PostgreSQL: passwords, or SCRAM secrets,
   * by user (`Authorization: Basic`).
   */
  readonly users?: Readonly<Record<string, string>> | undefined;
  /**
   * Who may come in with a token (`Authorization: Bearer`): users by token.
   * Without `users` and `tokens` everybody may.
   */
  readonly tokens?: Readonly<Record<string, string>> | undefined;
  /** The origins whose pages may ask; `*`: all (default: none). */
  readonly origins?: Origins | undefined;
  /**
   * The names that requests may be for (their `Host`, without the port); absent:
   * any. It keeps pages out whose own name was made to mean this machine.
   */
  readonly hosts?: readonly string[] | undefined;
  /** The longest body, in bytes (default 16 MiB). */
  readonly bodyBytesMax?: number | undefined;
  /** How long a body may take to come, in ms (default 30,000). */
  readonly bodyTimeoutMs?: number | undefined;
  /** The longest answer that is not streamed (default 64 Mi characters). */
  readonly answerCharactersMax?: number | undefined;
  /** How long a statement may run, in ms (default 0: as long as it wants). */
  readonly statementTimeoutMs?: number | undefined;
  /** How long the reader of a stream may take nothing, in ms (default 60,000). */
  readonly streamIdleMs?: number | undefined;
  /** How many requests may be under way (default 500). */
  readonly requestsMax?: number | undefined;
  /** Ends what is under way. */
  readonly signal?: AbortSignal | undefined;
}

/** Answers a request; never rejects. */
export type HttpHandler = (request: Request) => Promise<Response>;

const MIB = 1024 * 1024;

/** The handler of {@linkcode HttpOptions}; `authentication` knows the users. */
export function createHandler(
  db: Database,
  options: HttpOptions,
  authentication: Authentication = new Authentication(options.users),
): HttpHandler {
  const api = new HttpApi(db, options, authentication);
  return (request) => api.answer(request);
}

class HttpApi {
  readonly #host: RequestHost;
  readonly #access: AccessControl;
  readonly #options: HttpOptions;
  readonly #requestsMax: number;
  #requestCount = 0;

  constructor(
    db: Database,
    options: HttpOptions,
    authentication: Authentication,
  ) {
    this.#options = options;
    this.#access = new AccessControl(authentication, options.tokens);
    this.#requestsMax = options.requestsMax ?? 500;
    this.#host = {
      db,
      environment: systemEnvironment,
      bodyBytesMax: options.bodyBytesMax ?? 16 * MIB,
      bodyTimeoutMs: options.bodyTimeoutMs ?? 30_000,
      answerCharactersMax: options.answerCharactersMax ?? 64 * MIB,
      statementTimeoutMs: options.statementTimeoutMs ?? 0,
      streamIdleMs: options.streamIdleMs ?? 60_000,
      signal: options.signal,
    };
  }

  async answer(request: Request): Promise<Response> {
    const { origins = [] } = this.#options;
    if (request.method === "OPTIONS") {
      return preflightResponse(request, origins);
    }
    let response: Response;
    try {
      this.#checkHost(request);
      response = await this.#route(request);
    } catch (error) {
      response = errorResponse(error);
    }
    const headers = crossOriginHeaders(request, origins);
    for (const [name, value] of Object.entries(headers)) {
      response.headers.set(name, value);
    }
    return response;
  }

  /** @throws {HttpError} 421. */
  #checkHost(request: Request): void {
    const { hosts } = this.#options;
    const { hostname } = new URL(request.url);
    if (hosts === undefined || hosts.includes(hostname)) return;
    throw new HttpError(421, "22023", `there is no host "${hostname}" here`);
  }

  async #route(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname;
    const name = /\/v1\/([a-z]+)$/.exec(path)?.[1] ?? "";
    if (name === "health") return await this.#health(request);
    const answer = answerRequest(name);
    if (answer === undefined) {
      throw new HttpError(404, "22023", `there is nothing at ${path}`);
    }
    requireMethod(request, ["POST"]);
    const user = await this.#access.userOf(request);
    if (this.#requestCount >= this.#requestsMax) {
      throw new HttpError(503, "53300", "sorry, too many clients already", {
        "retry-after": "1",
      });
    }
    this.#requestCount++;
    let isStreamed = false;
    try {
      const body = await readBody(request, this.#host);
      return await answer(this.#host, {
        request,
        user,
        body,
        stream: () => {
          isStreamed = true;
          return () => this.#requestCount--;
        },
      });
    } finally {
      if (!isStreamed) this.#requestCount--;
    }
  }

  async #health(request: Request): Promise<Response> {
    requireMethod(request, ["GET", "HEAD"]);
    const { db } = this.#host;
    await db.query("SELECT 1");
    return Response.json({ status: "ok", read_only: db.readOnly });
  }
}

/** @throws {HttpError} 405. */
function requireMethod(request: Request, methods: readonly string[]): void {
  if (methods.includes(request.method)) return;
  const allowed = methods.join(", ");
  throw new HttpError(405, "22023", `the method has to be ${allowed}`, {
    allow: allowed,
  });
}
