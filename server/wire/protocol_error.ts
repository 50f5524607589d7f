/**
 * What ends a connection: the client broke the protocol, may not come in, or
 * has to go.
 *
 * @module
 */

/** An error after which the connection is closed: PostgreSQL's FATAL. */
export class ProtocolError extends Error {
  /** The name of the class. */
  override readonly name: string = "ProtocolError";
  /** The SQLSTATE. */
  readonly code: string;

  /** An error with SQLSTATE `code`, by default a violation of the protocol. */
  constructor(message: string, code = "08P01") {
    super(message);
    this.code = code;
  }
}
