/**
 * What the statements of PL/pgSQL are made of, and their reader as the files
 * beside this one see it.
 *
 * @module
 */
import type {
  CodeText,
  PlpgsqlBlock,
  PlpgsqlHandler,
  PlpgsqlStatement,
  PlpgsqlTarget,
} from "./plpgsql_syntax.ts";
import type { PlpgsqlTokens } from "./plpgsql_tokens.ts";

/** Reads one text. */
export interface PlpgsqlReader {
  readonly tokens: PlpgsqlTokens;
  /** `<<label>>` */
  label(): string | undefined;
  /** A block, after its label. */
  block(label: string | undefined): PlpgsqlBlock;
  /** The label behind END. */
  endLabel(label: string | undefined): void;
  /** Statements up to one of some words. */
  body(...ends: readonly string[]): PlpgsqlStatement[];
  /** The name of a condition, or SQLSTATE with a code. */
  condition(): PlpgsqlHandler["conditions"][number];
}

/** The statement, after its semicolon. */
export function ended<T>(tokens: PlpgsqlTokens, statement: T): T {
  tokens.expect(";");
  return statement;
}

/** The body of a loop, after LOOP. */
export function loopBody(
  parser: PlpgsqlReader,
  label: string | undefined,
): PlpgsqlStatement[] {
  const { tokens } = parser;
  const body = parser.body("END");
  tokens.expect("END");
  tokens.expect("LOOP");
  parser.endLabel(label);
  tokens.expect(";");
  return body;
}

/** What is assigned to. */
export function parseTarget(tokens: PlpgsqlTokens): PlpgsqlTarget {
  const path = [tokens.name()];
  while (tokens.is(".")) {
    tokens.next();
    path.push(tokens.name());
  }
  let subscripts = "";
  while (tokens.take("[")) {
    subscripts += `[${tokens.until("]")}]`;
    tokens.expect("]");
  }
  return { path, subscripts };
}

/** Several of them. */
export function parseTargets(tokens: PlpgsqlTokens): PlpgsqlTarget[] {
  const targets: PlpgsqlTarget[] = [];
  do targets.push(parseTarget(tokens)); while (tokens.take(","));
  return targets;
}

/** Expressions between commas, up to one of some words. */
export function parseList(
  tokens: PlpgsqlTokens,
  ...ends: readonly string[]
): CodeText[] {
  const list: CodeText[] = [];
  do list.push({ text: tokens.until(",", ...ends) }); while (tokens.take(","));
  return list;
}
