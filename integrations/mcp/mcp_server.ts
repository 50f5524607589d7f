/**
 * The server: tools over the Model Context Protocol.
 *
 * @module
 */
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  type CallToolRequest,
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from "@modelcontextprotocol/sdk/types.js";
import { type Database, KriyaError } from "../../mod.ts";
import { type McpToolOptions, TOOLS } from "./tools.ts";

const NAME = "kriyadb";
const VERSION = "0.1.0";

const DEFAULTS = { rowsMax: 200, textMax: 100_000, timeoutMs: 30_000 };

/**
 * A server of the Model Context Protocol over a database; `connect` gives it a
 * transport.
 *
 * @example
 * ```ts
 * import { Client } from "@modelcontextprotocol/sdk/client/index.js";
 * import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
 * import { open } from "@kriyadb/kriyadb";
 * import { mcpServer } from "@kriyadb/kriyadb/mcp";
 *
 * await using db = await open("memory:");
 * const [mine, theirs] = InMemoryTransport.createLinkedPair();
 * await mcpServer(db).connect(mine);
 * const client = new Client({ name: "example", version: "1" });
 * await client.connect(theirs);
 * const { content } = await client.callTool({
 *   name: "query",
 *   arguments: { sql: "SELECT 1 AS n" },
 * });
 * console.assert(JSON.stringify(content).includes("rows"));
 * await client.close();
 * ```
 */
export function mcpServer(db: Database, given: McpToolOptions = {}): Server {
  const write = given.write ?? false;
  const options = {
    write,
    rowsMax: given.rowsMax ?? DEFAULTS.rowsMax,
    textMax: given.textMax ?? DEFAULTS.textMax,
    timeoutMs: given.timeoutMs ?? DEFAULTS.timeoutMs,
  };
  const server = new Server({ name: NAME, version: VERSION }, {
    capabilities: { tools: {} },
    instructions:
      "A PostgreSQL-compatible database with vector search. List the tables first.",
  });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: Object.entries(TOOLS).map(([name, tool]) => ({
      name,
      description: tool.description,
      inputSchema: {
        type: "object" as const,
        properties: { ...tool.properties },
        required: [...tool.required],
      },
      annotations: { readOnlyHint: name !== "query" || !write },
    })),
  }));
  server.setRequestHandler(
    CallToolRequestSchema,
    async (
      { params }: CallToolRequest,
      { signal }: { readonly signal: AbortSignal },
    ): Promise<CallToolResult> => {
      const tool = Object.hasOwn(TOOLS, params.name)
        ? TOOLS[params.name]
        : undefined;
      if (tool === undefined) {
        throw new McpError(
          ErrorCode.InvalidParams,
          `there is no tool "${params.name}"`,
        );
      }
      const given = params.arguments ?? {};
      try {
        return textResult(await tool.run({ db, given, options, signal }));
      } catch (error) {
        if (!(error instanceof KriyaError)) throw error;
        return { ...textResult(errorFacts(error)), isError: true };
      }
    },
  );
  return server;
}

function textResult(value: unknown): CallToolResult {
  return { content: [{ type: "text", text: JSON.stringify(value) }] };
}

/** What helps to write the statement anew. */
function errorFacts(
  { code, message, detail, hint }: KriyaError,
): Record<string, string | undefined> {
  return { error: message, code, detail, hint };
}
