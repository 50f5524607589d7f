/**
 * A database for agents, over the Model Context Protocol: tables are listed and
 * described, statements are run, vectors and texts are searched. `kriya mcp
 * ADDRESS` is the same over standard input and output.
 *
 * Here belongs what an agent can do with a database.
 *
 * @module
 */
export { mcpServer } from "./mcp_server.ts";
export type { McpToolOptions } from "./tools.ts";
