/**
 * Names of tables and columns as SQL writes them.
 *
 * @module
 */

/** A name in quotes. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A table's name, perhaps with a schema before it, in quotes. */
export function quotedPath(name: string): string {
  return name.split(".").map(quoted).join(".");
}
