/**
 * Isolation specs, in the form of PostgreSQL's isolation tester:
 *
 * ```text
 * setup       { SQL }
 * teardown    { SQL }
 * session s1
 * setup       { SQL }
 * step a      { SQL }
 * teardown    { SQL }
 * permutation a b c
 * ```
 *
 * `#` begins a comment. A permutation's steps run in its order; a step that
 * waits lets the next one begin. What stands in parentheses behind a step of a
 * permutation is read and not needed: here it is known when a step waits.
 * Without permutations, every order of the sessions' steps is run.
 *
 * @module
 */

/** A step of a session. */
export interface SpecStep {
  readonly name: string;
  readonly sql: string;
  /** The session it belongs to. */
  readonly session: number;
}

/** A session. */
export interface SpecSession {
  readonly name: string;
  readonly setup: string | undefined;
  readonly teardown: string | undefined;
  readonly steps: readonly SpecStep[];
}

/** A spec. */
export interface Spec {
  readonly setup: readonly string[];
  readonly teardown: string | undefined;
  readonly sessions: readonly SpecSession[];
  /** The orders in which steps run. */
  readonly permutations: readonly (readonly string[])[];
}

const TOKEN =
  /\s+|#[^\n]*|\{(?<block>[^}]*)\}|"(?<quoted>[^"]*)"|\((?<marker>[^)]*)\)|(?<word>[^\s{}"()#]+)/gy;

interface Token {
  readonly kind: "word" | "block";
  readonly text: string;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new SyntaxError(`spec, offset ${at}`);
    const { block, quoted, word } = match.groups!;
    if (block !== undefined) tokens.push({ kind: "block", text: block });
    const name = quoted ?? word;
    if (name !== undefined) tokens.push({ kind: "word", text: name });
  }
  return tokens;
}

/** What is read of a session so far. */
type OpenSession =
  & {
    -readonly [K in keyof Omit<SpecSession, "steps">]: SpecSession[K];
  }
  & { steps: SpecStep[] };

/** Reads a spec. */
export function parseSpec(text: string): Spec {
  const tokens = tokensOf(text);
  const setup: string[] = [];
  let teardown: string | undefined;
  const sessions: OpenSession[] = [];
  const permutations: string[][] = [];
  let at = 0;
  const block = (): string => {
    const token = tokens[at++];
    if (token?.kind !== "block") throw new SyntaxError("spec: { expected");
    return token.text.trim();
  };
  while (at < tokens.length) {
    const { text } = tokens[at++]!;
    const session = sessions.at(-1);
    if (text === "setup") {
      if (session === undefined) setup.push(block());
      else session.setup = block();
    } else if (text === "teardown") {
      if (session === undefined) teardown = block();
      else session.teardown = block();
    } else if (text === "session") {
      const name = tokens[at++]!.text;
      sessions.push({ name, setup: undefined, teardown: undefined, steps: [] });
    } else if (text === "step") {
      const name = tokens[at++]!.text;
      const step = { name, sql: block(), session: sessions.length - 1 };
      session!.steps.push(step);
    } else if (text === "permutation") {
      permutations.push([]);
    } else {
      const open = permutations.at(-1);
      if (open === undefined) throw new SyntaxError(`spec: "${text}"`);
      open.push(text);
    }
  }
  return {
    setup,
    teardown,
    sessions,
    permutations: permutations.length > 0 ? permutations : allOrders(
      sessions.map(({ steps }) => steps.map(({ name }) => name)),
    ),
  };
}

/** Every order that keeps each list's own. */
function allOrders(lists: readonly (readonly string[])[]): string[][] {
  if (lists.every((list) => list.length === 0)) return [[]];
  return lists.flatMap((list, i) =>
    list.length === 0
      ? []
      : allOrders(lists.map((each, k) => k === i ? each.slice(1) : each))
        .map((rest) => [list[0]!, ...rest])
  );
}
