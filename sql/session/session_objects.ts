/**
 * What a session has besides its settings and its transaction.
 *
 * @module
 */
import { SessionStops } from "./backends.ts";
import { Cursors } from "./cursors/cursors.ts";
import { SessionNotifications } from "./notifications/session_notifications.ts";
import type { SeededRandom } from "./seeded_random.ts";
import { NamedStatements } from "./statements/named_statements.ts";

let lastProcessId = 0;

/** What a session has. */
export class SessionObjects {
  /** What PREPARE gave a name; sessions that begin as copies share it. */
  readonly statements: NamedStatements;

  /** What DECLARE gave a name. */
  readonly cursors: Cursors = new Cursors();

  /** What it listens to. */
  readonly notifications: SessionNotifications = new SessionNotifications();
  /** Where its random numbers come from, once it has set a seed. */
  random: SeededRandom | undefined;
  /** Its number among the sessions of this process: `pg_backend_pid()`. */
  readonly processId: number = ++lastProcessId;

  /** What stops its statements from outside. */
  readonly stops: SessionStops = new SessionStops();

  /** What a new session has. */
  constructor(statements: NamedStatements = new NamedStatements()) {
    this.statements = statements;
  }
}
