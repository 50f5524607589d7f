/**
 * `kriya mcp`: serves a database to an agent, over standard input and output.
 *
 * @module
 */
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { mcpServer } from "../integrations/mcp/mod.ts";
import { open } from "../mod.ts";
import type { CommandInput, Terminal } from "./command.ts";

/** Runs the command: to the end of standard input. */
export async function runMcp(
  { address, flags }: CommandInput,
  { signal }: Terminal,
): Promise<number> {
  const write = flags.has("write");
  await using db = await open(address, { readOnly: !write });
  const server = mcpServer(db, { write });
  const ended = Promise.withResolvers<void>();
  server.onclose = () => ended.resolve();
  signal?.addEventListener("abort", () => ended.resolve(), { once: true });
  const input = (await import("node:process")).stdin;
  input.once("end", () => ended.resolve());
  await server.connect(new StdioServerTransport());
  if (signal?.aborted !== true) await ended.promise;
  await server.close();
  return 0;
}
