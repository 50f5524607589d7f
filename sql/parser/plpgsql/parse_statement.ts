/**
 * The statements of PL/pgSQL. Whatever begins with no word of its own is a
 * statement of SQL, or an assignment.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { parseFor, parseForeach } from "./parse_loop.ts";
import {
  ended,
  loopBody,
  parseList,
  parseTarget,
  parseTargets,
  type PlpgsqlReader,
} from "./parse_parts.ts";
import type {
  CodeText,
  IntoClause,
  PlpgsqlBranch,
  PlpgsqlRaise,
  PlpgsqlStatement,
  PlpgsqlTarget,
} from "./plpgsql_syntax.ts";
import type { PlpgsqlTokens } from "./plpgsql_tokens.ts";

/** The next statement; `undefined` for NULL, which does nothing. */
export function parseStatement(
  parser: PlpgsqlReader,
): PlpgsqlStatement | undefined {
  const { tokens } = parser;
  const label = parser.label();
  if (tokens.is("DECLARE") || tokens.is("BEGIN")) {
    return ended(tokens, parser.block(label));
  }
  const loop = parseLoop(parser, label);
  if (loop !== undefined) return loop;
  if (label !== undefined) throw tokens.error();
  if (isAssignment(tokens)) return parseAssignment(tokens);
  const { text } = tokens.peek()!;
  switch (text.toUpperCase()) {
    case "IF":
      return parseIf(parser);
    case "CASE":
      return parseCase(parser);
    case "EXIT":
    case "CONTINUE":
      return parseExit(tokens);
    case "RETURN":
      return parseReturn(tokens);
    case "RAISE":
      return parseRaise(parser);
    case "PERFORM":
      tokens.next();
      return ended(tokens, {
        kind: "perform",
        query: { text: `SELECT ${tokens.until(";")}` },
      });
    case "EXECUTE":
      return parseExecute(tokens);
    case "GET":
      return parseDiagnostics(tokens);
    case "ASSERT":
      return parseAssert(tokens);
    case "OPEN":
      return parseOpen(tokens);
    case "FETCH":
    case "MOVE":
      return parseFetch(tokens);
    case "CLOSE": {
      tokens.next();
      return ended(tokens, { kind: "close", cursor: tokens.name() });
    }
    case "COMMIT":
    case "ROLLBACK": {
      const command = tokens.take("COMMIT") ? "commit" : "rollback";
      if (command === "rollback") tokens.next();
      if (tokens.take("AND")) {
        tokens.take("NO");
        tokens.expect("CHAIN");
      }
      return ended(tokens, { kind: "end_transaction", command });
    }
    case "NULL":
      if (!tokens.is("NULL", ";")) throw tokens.error();
      tokens.take("NULL", ";");
      return undefined;
    default:
      return parseSql(tokens);
  }
}

function parseLoop(
  parser: PlpgsqlReader,
  label: string | undefined,
): PlpgsqlStatement | undefined {
  const { tokens } = parser;
  if (tokens.take("LOOP")) {
    return { kind: "loop", label, body: loopBody(parser, label) };
  }
  if (tokens.take("WHILE")) {
    const condition = { text: tokens.until("LOOP") };
    tokens.expect("LOOP");
    return { kind: "while", label, condition, body: loopBody(parser, label) };
  }
  if (tokens.take("FOREACH")) return parseForeach(parser, label);
  return tokens.take("FOR") ? parseFor(parser, label) : undefined;
}

/** Whether `name[.name]… [subscripts] :=` stands next. */
function isAssignment(tokens: PlpgsqlTokens): boolean {
  const { mark } = tokens;
  try {
    parseTarget(tokens);
    return tokens.is(":", "=") || tokens.is("=");
  } catch {
    return false;
  } finally {
    tokens.returnTo(mark);
  }
}

function parseAssignment(tokens: PlpgsqlTokens): PlpgsqlStatement {
  const target = parseTarget(tokens);
  tokens.take(":");
  tokens.expect("=");
  const value = { text: tokens.until(";") };
  return ended(tokens, { kind: "assign", target, value });
}

function parseIf(parser: PlpgsqlReader): PlpgsqlStatement {
  const { tokens } = parser;
  tokens.expect("IF");
  const branches: PlpgsqlBranch[] = [];
  do {
    const condition = { text: tokens.until("THEN") };
    tokens.expect("THEN");
    const body = parser.body("ELSIF", "ELSEIF", "ELSE", "END");
    branches.push({ condition, body });
  } while (tokens.take("ELSIF") || tokens.take("ELSEIF"));
  const otherwise = tokens.take("ELSE") ? parser.body("END") : [];
  tokens.expect("END");
  tokens.expect("IF");
  return ended(tokens, { kind: "if", branches, otherwise });
}

function parseCase(parser: PlpgsqlReader): PlpgsqlStatement {
  const { tokens } = parser;
  tokens.expect("CASE");
  const operand = tokens.is("WHEN")
    ? undefined
    : { text: tokens.until("WHEN") };
  const branches: PlpgsqlBranch[] = [];
  while (tokens.take("WHEN")) {
    const condition = { text: tokens.until("THEN") };
    tokens.expect("THEN");
    const body = parser.body("WHEN", "ELSE", "END");
    branches.push({ condition, body });
  }
  const otherwise = tokens.take("ELSE") ? parser.body("END") : undefined;
  tokens.expect("END");
  tokens.expect("CASE");
  return ended(tokens, { kind: "case", operand, branches, otherwise });
}

function parseExit(tokens: PlpgsqlTokens): PlpgsqlStatement {
  const isExit = tokens.take("EXIT");
  if (!isExit) tokens.expect("CONTINUE");
  const label = tokens.is("WHEN") || tokens.is(";") ? undefined : tokens.name();
  const condition = tokens.take("WHEN")
    ? { text: tokens.until(";") }
    : undefined;
  return ended(tokens, { kind: "exit", isExit, label, condition });
}

function parseReturn(tokens: PlpgsqlTokens): PlpgsqlStatement {
  tokens.expect("RETURN");
  if (tokens.take("QUERY")) {
    if (!tokens.take("EXECUTE")) {
      const query = { text: tokens.until(";") };
      return ended(tokens, { kind: "return_query", query });
    }
    const query = { text: tokens.until("USING", ";") };
    const using = tokens.take("USING") ? parseList(tokens, ";") : [];
    return ended(tokens, { kind: "return_execute", query, using });
  }
  const kind = tokens.take("NEXT") ? "return_next" : "return";
  const value = tokens.is(";") ? undefined : { text: tokens.until(";") };
  return ended(tokens, { kind, value });
}

const LEVELS: readonly PlpgsqlRaise["level"][] = [
  "debug",
  "log",
  "info",
  "notice",
  "warning",
  "exception",
];

function parseRaise(parser: PlpgsqlReader): PlpgsqlStatement {
  const { tokens } = parser;
  tokens.expect("RAISE");
  const level = LEVELS.find((each) => tokens.take(each.toUpperCase())) ??
    "exception";
  let condition: PlpgsqlRaise["condition"];
  let message: string | undefined;
  let args: CodeText[] = [];
  if (tokens.peek()?.kind === "text") {
    message = tokens.string();
    if (tokens.take(",")) args = parseList(tokens, "USING", ";");
    requireArguments(message, args.length);
  } else if (!tokens.is(";") && !tokens.is("USING")) {
    condition = parser.condition();
  }
  const options: { name: string; value: CodeText }[] = [];
  if (tokens.take("USING")) {
    do {
      const name = tokens.name();
      if (!tokens.take(":", "=")) tokens.expect("=");
      options.push({ name, value: { text: tokens.until(",", ";") } });
    } while (tokens.take(","));
  }
  return ended(tokens, {
    kind: "raise",
    level,
    condition,
    message,
    args,
    options,
  });
}

/** Each `%` takes an argument; `%%` is one. */
function requireArguments(message: string, count: number): void {
  const wanted = message.replaceAll("%%", "").split("%").length - 1;
  if (wanted === count) return;
  throw new SqlError(
    "42601",
    `too ${count > wanted ? "many" : "few"} parameters specified for RAISE`,
  );
}

function parseExecute(tokens: PlpgsqlTokens): PlpgsqlStatement {
  tokens.expect("EXECUTE");
  const query = { text: tokens.until("INTO", "USING", ";") };
  let into: IntoClause | undefined;
  let using: CodeText[] = [];
  for (;;) {
    if (into === undefined && tokens.take("INTO")) into = parseInto(tokens);
    else if (tokens.take("USING")) using = parseList(tokens, "INTO", ";");
    else break;
  }
  return ended(tokens, { kind: "execute", query, using, into });
}

function parseInto(tokens: PlpgsqlTokens): IntoClause {
  const strict = tokens.take("STRICT");
  return { targets: parseTargets(tokens), strict };
}

function parseDiagnostics(tokens: PlpgsqlTokens): PlpgsqlStatement {
  tokens.expect("GET");
  const stacked = tokens.take("STACKED");
  tokens.take("CURRENT");
  tokens.expect("DIAGNOSTICS");
  const items: { target: PlpgsqlTarget; item: string }[] = [];
  do {
    const target = parseTarget(tokens);
    tokens.take(":");
    tokens.expect("=");
    items.push({ target, item: tokens.name() });
  } while (tokens.take(","));
  return ended(tokens, { kind: "get_diagnostics", stacked, items });
}

function parseAssert(tokens: PlpgsqlTokens): PlpgsqlStatement {
  tokens.expect("ASSERT");
  const condition = { text: tokens.until(",", ";") };
  const message = tokens.take(",") ? { text: tokens.until(";") } : undefined;
  return ended(tokens, { kind: "assert", condition, message });
}

function parseOpen(tokens: PlpgsqlTokens): PlpgsqlStatement {
  tokens.expect("OPEN");
  const cursor = tokens.name();
  const args = tokens.take("(") ? parseList(tokens, ")") : [];
  if (args.length > 0) tokens.expect(")");
  const scroll = takeScroll(tokens);
  let query: CodeText | undefined;
  let using: CodeText[] = [];
  let dynamic = false;
  if (tokens.take("FOR")) {
    dynamic = tokens.take("EXECUTE");
    query = { text: dynamic ? tokens.until("USING", ";") : tokens.until(";") };
    if (tokens.take("USING")) using = parseList(tokens, ";");
  }
  return ended(tokens, {
    kind: "open",
    cursor,
    args,
    query,
    dynamic,
    using,
    scroll,
  });
}

/** SCROLL or NO SCROLL, if it stands there. */
export function takeScroll(tokens: PlpgsqlTokens): boolean | undefined {
  if (tokens.take("NO", "SCROLL")) return false;
  return tokens.take("SCROLL") ? true : undefined;
}

const DIRECTIONS: readonly string[] = [
  "NEXT",
  "PRIOR",
  "FIRST",
  "LAST",
  "ABSOLUTE",
  "RELATIVE",
  "FORWARD",
  "BACKWARD",
];

function parseFetch(tokens: PlpgsqlTokens): PlpgsqlStatement {
  const isMove = tokens.take("MOVE");
  if (!isMove) tokens.expect("FETCH");
  const direction = DIRECTIONS.find((each) => tokens.take(each)) ?? "NEXT";
  const isPlain = tokens.is("FROM") || tokens.is("IN") || tokens.is("INTO") ||
    tokens.peek(1)?.text === ";" ||
    tokens.peek(1)?.text.toUpperCase() === "INTO";
  const count = isPlain ? undefined : { text: tokens.until("FROM", "IN") };
  tokens.take("FROM") || tokens.take("IN");
  const cursor = tokens.name();
  if (!isMove) tokens.expect("INTO");
  const isMany = count !== undefined &&
    !["FIRST", "LAST", "ABSOLUTE", "RELATIVE"].includes(direction);
  if (isMany && !isMove) {
    throw new SqlError(
      "0A000",
      "FETCH statement cannot return multiple rows",
    );
  }
  const targets = isMove ? undefined : parseTargets(tokens);
  return ended(tokens, {
    kind: "fetch",
    cursor,
    direction: direction.toLowerCase(),
    count,
    targets,
  });
}

/** A statement of SQL, with INTO taken out of it. */
function parseSql(tokens: PlpgsqlTokens): PlpgsqlStatement {
  const first = tokens.peek()!;
  if (first.kind !== "word") throw tokens.error();
  const parts: string[] = [];
  let into: IntoClause | undefined;
  let start = first.start;
  let previous = "";
  while (!tokens.is(";")) {
    const token = tokens.peek();
    if (token === undefined) throw tokens.error();
    const isInto = token.depth === first.depth && tokens.is("INTO") &&
      previous !== "INSERT" && previous !== "MERGE" && into === undefined;
    if (!isInto) {
      previous = token.text.toUpperCase();
      tokens.next();
      continue;
    }
    parts.push(tokens.text.slice(start, token.start));
    tokens.next();
    into = parseInto(tokens);
    start = tokens.peek()?.start ?? start;
  }
  parts.push(tokens.text.slice(start, tokens.peek()!.start));
  const text = parts.join(" ").trim();
  return ended(tokens, { kind: "sql", statement: { text }, into });
}
