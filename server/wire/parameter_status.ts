/**
 * Settings that a client is told of: all at first, then those that change.
 *
 * @module
 */
import type { ProtocolSession } from "../../mod.ts";
import type { MessageOutput } from "./message_output.ts";

/** The settings that PostgreSQL reports, by the names it gives them. */
const REPORTED = [
  "application_name",
  "client_encoding",
  "DateStyle",
  "default_transaction_read_only",
  "in_hot_standby",
  "integer_datetimes",
  "IntervalStyle",
  "scram_iterations",
  "search_path",
  "server_encoding",
  "server_version",
  "session_authorization",
  "standard_conforming_strings",
  "TimeZone",
] as const;

/** What a client was told of its session's settings. */
export class ParameterStatus {
  readonly #session: ProtocolSession;
  readonly #told = new Map<string, string>();
  #version = -1;

  /** Of a session, whose client was told nothing. */
  constructor(session: ProtocolSession) {
    this.#session = session;
  }

  /** Tells what is new. */
  write(output: MessageOutput): void {
    const version = this.#session.settingsVersion;
    if (version === this.#version) return;
    this.#version = version;
    for (const name of REPORTED) {
      const value = this.#session.setting(name) ?? "";
      if (this.#told.get(name) === value) continue;
      this.#told.set(name, value);
      output.begin("S");
      output.zeroEnded(name);
      output.zeroEnded(value);
      output.end();
    }
  }

  /** Tells at first what is no setting, too. */
  writeAll(output: MessageOutput): void {
    output.begin("S");
    output.zeroEnded("is_superuser");
    output.zeroEnded("on");
    output.end();
    this.write(output);
  }
}
