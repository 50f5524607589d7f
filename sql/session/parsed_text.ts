/**
 * The statements of a text, or why it has none: told when it is its turn.
 *
 * @module
 */
import { parse, type ParsedStatement } from "../parser/parser.ts";

/** What a text turned out to be: its statements, or why it has none. */
export type ParsedText =
  | { readonly statements: readonly ParsedStatement[] }
  | { readonly error: unknown };

/** Parses a text; an error is one of its statements'. */
export function parseText(text: string): ParsedText {
  try {
    return { statements: parse(text) };
  } catch (error) {
    return { error };
  }
}
