/**
 * What a connection is once its client has come in: a session, what comes from
 * the client and what goes to it. Queries of either protocol run with it.
 *
 * @module
 */
import type {
  Notice,
  Notification,
  ProtocolSession,
  QueryOptions,
  QueryResult,
  ScriptStatement,
} from "../../mod.ts";
import { CopyData, copySink, writeCopyResponse } from "./copy_transfer.ts";
import { writeNotice } from "./error_response.ts";
import type { MessageInput } from "./message_input.ts";
import type { MessageOutput } from "./message_output.ts";
import { ParameterStatus } from "./parameter_status.ts";
import { RowMessages } from "./row_messages.ts";

/** The severities of notices, the least first, as `client_min_messages` has them. */
const SEVERITIES = [
  "debug5",
  "debug4",
  "debug3",
  "debug2",
  "debug1",
  "log",
  "notice",
  "warning",
  "error",
];

/** What of a statement a client gets. */
export interface RunForm {
  /** The form of each column, one for all, or none: text. */
  readonly formats: readonly number[];
  /** Whether the columns are described before the rows. */
  readonly describes: boolean;
}

/** A client and its session. */
export class Client {
  readonly session: ProtocolSession;
  readonly input: MessageInput;
  readonly output: MessageOutput;
  readonly rows: RowMessages;
  readonly status: ParameterStatus;
  #stop = new AbortController();
  #running = false;
  /** Notifications that came while a statement ran. */
  #notifications: Notification[] = [];
  readonly #onNotice = (notice: Notice): void => this.#notice(notice);

  /** A client that has come in. */
  constructor(
    session: ProtocolSession,
    input: MessageInput,
    output: MessageOutput,
  ) {
    this.session = session;
    this.input = input;
    this.output = output;
    this.rows = new RowMessages(output);
    this.status = new ParameterStatus(session);
    session.onNotification((notification) => this.#notified(notification));
  }

  /** Whether what it asked for is being done. */
  get running(): boolean {
    return this.#running;
  }

  /** It asks for something; {@linkcode ready} when that is done. */
  begin(): void {
    this.#running = true;
  }

  /** Stops the statement that runs, if one does. */
  cancel(): void {
    if (this.#running) this.#stop.abort();
  }

  /** What stops a statement. */
  get signal(): AbortSignal {
    if (this.#stop.signal.aborted) this.#stop = new AbortController();
    return this.#stop.signal;
  }

  /** How a statement runs whose rows are sent as they come. */
  options({ formats, describes }: RunForm): QueryOptions {
    this.rows.start(formats, describes);
    return {
      rowMode: "array",
      resultFormat: resultFormatOf(formats),
      signal: this.signal,
      onNotice: this.#onNotice,
      rowSink: this.rows,
    };
  }

  /** How a statement runs whose rows are sent when they are asked for. */
  heldOptions(formats: readonly number[]): QueryOptions {
    return {
      rowMode: "array",
      resultFormat: resultFormatOf(formats),
      signal: this.signal,
      onNotice: this.#onNotice,
    };
  }

  /** Runs a COPY from or to the client, if the statement is one. */
  copy(statement: ScriptStatement): Promise<QueryResult<unknown>> | undefined {
    const { copy } = this.session.describe(statement);
    if (copy === undefined) return undefined;
    return this.#copy(statement, copy);
  }

  async #copy(
    statement: ScriptStatement,
    copy: Parameters<typeof writeCopyResponse>[1],
  ): Promise<QueryResult<unknown>> {
    const { session, output, signal } = this;
    writeCopyResponse(output, copy);
    const options = { signal, onNotice: this.#onNotice };
    if (copy.direction === "to") {
      const result = await session.run(statement, [], {
        ...options,
        copySink: copySink(output),
      });
      output.empty("c");
      return result;
    }
    await output.flush();
    const copySource = new CopyData(this.input);
    try {
      return await session.run(statement, [], { ...options, copySource });
    } finally {
      await copySource.return();
    }
  }

  /** Tells that a statement is done; `empty`: there was none. */
  complete(command: string): void {
    const { output } = this;
    if (command === "") output.empty("I");
    else {
      output.begin("C");
      output.zeroEnded(command);
      output.end();
    }
    this.status.write(output);
  }

  /** Tells that the next request is waited for. */
  ready(): void {
    const { output, session } = this;
    this.#running = false;
    for (const each of this.#notifications) this.#writeNotification(each);
    this.#notifications = [];
    this.status.write(output);
    output.begin("Z");
    output.u8(STATUS[session.status]);
    output.end();
  }

  #notice(notice: Notice): void {
    const least = this.session.setting("client_min_messages") ?? "notice";
    const { severity } = notice;
    const isLess = severity !== "INFO" &&
      SEVERITIES.indexOf(severity.toLowerCase()) < SEVERITIES.indexOf(least);
    if (!isLess) writeNotice(this.output, notice);
  }

  #notified(notification: Notification): void {
    if (this.#running) this.#notifications.push(notification);
    else {
      this.#writeNotification(notification);
      // Who reads no more is found out by what waits for its requests.
      this.output.flush().catch(() => {});
    }
  }

  #writeNotification({ channel, payload, processId }: Notification): void {
    const { output } = this;
    output.begin("A");
    output.i32(processId);
    output.zeroEnded(channel);
    output.zeroEnded(payload);
    output.end();
  }
}

const STATUS = {
  idle: "I".charCodeAt(0),
  block: "T".charCodeAt(0),
  failed: "E".charCodeAt(0),
};

function resultFormatOf(
  formats: readonly number[],
): NonNullable<QueryOptions["resultFormat"]> {
  return formats.length === 0
    ? "text"
    : formats.length === 1
    ? resultFormat(formats[0]!)
    : formats.map(resultFormat);
}

function resultFormat(format: number): "text" | "binary" {
  return format === 1 ? "binary" : "text";
}
