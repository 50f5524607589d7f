/**
 * FOR and FOREACH of PL/pgSQL.
 *
 * @module
 */
import {
  loopBody,
  parseList,
  parseTargets,
  type PlpgsqlReader,
} from "./parse_parts.ts";
import type { PlpgsqlStatement } from "./plpgsql_syntax.ts";

/** FOREACH, after the word. */
export function parseForeach(
  parser: PlpgsqlReader,
  label: string | undefined,
): PlpgsqlStatement {
  const { tokens } = parser;
  const targets = parseTargets(tokens);
  const slice = tokens.take("SLICE") ? Number(tokens.next().text) : 0;
  tokens.expect("IN");
  tokens.expect("ARRAY");
  const array = { text: tokens.until("LOOP") };
  tokens.expect("LOOP");
  const body = loopBody(parser, label);
  return { kind: "foreach", label, targets, slice, array, body };
}

/** FOR, after the word. */
export function parseFor(
  parser: PlpgsqlReader,
  label: string | undefined,
): PlpgsqlStatement {
  const { tokens } = parser;
  const targets = parseTargets(tokens);
  tokens.expect("IN");
  if (tokens.take("EXECUTE")) {
    const query = { text: tokens.until("USING", "LOOP") };
    const using = tokens.take("USING") ? parseList(tokens, "LOOP") : [];
    tokens.expect("LOOP");
    const body = loopBody(parser, label);
    return { kind: "for_execute", label, targets, query, using, body };
  }
  const { mark } = tokens;
  const reverse = tokens.take("REVERSE");
  const text = tokens.until("LOOP");
  const dots = dotsIn(text);
  const variable = targets[0]!.path[0]!;
  if (dots !== undefined) {
    tokens.expect("LOOP");
    const [upper, step] = splitBy(text.slice(dots + 2));
    const lower = { text: text.slice(0, dots).trim() };
    const body = loopBody(parser, label);
    return {
      kind: "for_integer",
      label,
      variable,
      reverse,
      lower,
      upper: { text: upper },
      step: step === undefined ? undefined : { text: step },
      body,
    };
  }
  tokens.returnTo(mark);
  const query = { text: tokens.until("LOOP") };
  tokens.expect("LOOP");
  const body = loopBody(parser, label);
  return { kind: "for_query", label, targets, query, body };
}

/** Where `..` stands outside of parentheses and quotes. */
function dotsIn(text: string): number | undefined {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]!;
    if (letter === "'" || letter === '"') {
      i = text.indexOf(letter, i + 1);
      if (i < 0) return undefined;
    } else if (letter === "(" || letter === "[") depth++;
    else if (letter === ")" || letter === "]") depth--;
    else if (depth === 0 && text.startsWith("..", i)) return i;
  }
  return undefined;
}

/** `upper BY step` */
function splitBy(text: string): readonly [string, string | undefined] {
  const match = /^(.*?)\sBY\s(.*)$/is.exec(text);
  return match === null
    ? [text.trim(), undefined]
    : [match[1]!.trim(), match[2]!.trim()];
}
