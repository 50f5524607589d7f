/**
 * The simple protocol: a text with any number of statements, and their results.
 *
 * Several statements are one transaction, unless they begin and end their own.
 *
 * @module
 */
import type { QueryResult, ScriptStatement } from "../../mod.ts";
import type { Client } from "./client.ts";
import { writeError } from "./error_response.ts";
import { ProtocolError } from "./protocol_error.ts";
import { writeRow, writeRowDescription } from "./row_messages.ts";

const TEXT: readonly number[] = [];

/** Runs the statements of a text. @throws {ProtocolError} */
export async function simpleQuery(client: Client, text: string): Promise<void> {
  const { session } = client;
  client.begin();
  session.forget("");
  try {
    const statements = session.script(text);
    if (statements.length === 0) client.complete("");
    for (const statement of statements) {
      if (statements.length > 1 && !session.inTransaction) {
        if (!endsTransaction(statement)) await session.beginImplicit();
      }
      const { command } = await runSimple(client, statement);
      client.complete(command);
    }
    if (session.inTransaction) await session.endImplicit();
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    writeError(client.output, error, text);
    session.fail(error);
    await session.endImplicit();
  }
  client.ready();
}

function endsTransaction({ kind }: ScriptStatement): boolean {
  return kind === "commit" || kind === "rollback";
}

/** Runs a statement, and sends its rows. */
async function runSimple(
  client: Client,
  statement: ScriptStatement,
): Promise<QueryResult<unknown>> {
  if (statement.kind === "copy") {
    const copied = client.copy(statement);
    if (copied !== undefined) return await copied;
  }
  const { session, output, rows } = client;
  const options = client.options({ formats: TEXT, describes: true });
  const result = await session.run(statement, [], options);
  if (!rows.described && result.fields.length > 0) {
    writeRowDescription(output, result.fields, TEXT);
    for (const row of result.rows) {
      writeRow(output, row as unknown[]);
      if (output.isFull) await output.flush();
    }
  }
  return result;
}
