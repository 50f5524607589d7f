/**
 * Reads a `jsonpath` (PostgreSQL's chapter 9.16.2).
 *
 * What stands in parentheses may be a condition or a computation; which one is
 * known only when it was read. So everything is read as an expression, a
 * condition being one that begins with a predicate.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { Numeric } from "../numeric.ts";
import type {
  JsonPath,
  PathArithmetic,
  PathComparison,
  PathExpression,
  PathMethod,
  PathPredicate,
  PathStart,
  PathStep,
  PathSubscript,
} from "./path_syntax.ts";
import { badPath, type PathToken, pathTokens } from "./path_tokens.ts";

const DEPTH_MAX = 500;

const METHODS: ReadonlySet<string> = new Set<PathMethod>([
  "type",
  "size",
  "abs",
  "ceiling",
  "floor",
  "double",
  "bigint",
  "integer",
  "number",
  "decimal",
  "boolean",
  "string",
  "keyvalue",
  "datetime",
  "date",
  "time",
  "time_tz",
  "timestamp",
  "timestamp_tz",
]);

/** How many numbers a method takes. */
const ARGUMENTS: Readonly<Partial<Record<PathMethod, number>>> = {
  decimal: 2,
  time: 1,
  "time_tz": 1,
  timestamp: 1,
  "timestamp_tz": 1,
};

const COMPARISONS = new Set(["==", "!=", "<", "<=", ">", ">="]);

function plain(start: PathStart): PathExpression {
  return { start, steps: [] };
}

function ofPredicate(predicate: PathPredicate): PathExpression {
  return plain({ kind: "predicate", predicate });
}

class PathParser {
  readonly #tokens: readonly PathToken[];
  #at = 0;
  #depth = 0;
  #inFilter = 0;
  #inSubscript = 0;

  constructor(tokens: readonly PathToken[]) {
    this.#tokens = tokens;
  }

  parse(): JsonPath {
    const strict = this.#takeWord("strict");
    if (!strict) this.#takeWord("lax");
    const expression = this.#expression();
    if (this.#next.kind !== "end") throw this.#bad();
    return { strict, expression };
  }

  get #next(): PathToken {
    return this.#tokens[this.#at]!;
  }

  #bad(): SqlError {
    const { kind, text } = this.#next;
    return badPath(kind === "variable" ? `$${text}` : text);
  }

  #is(symbol: string): boolean {
    const { kind, text } = this.#next;
    return kind === "symbol" && text === symbol;
  }

  #take(symbol: string): boolean {
    if (!this.#is(symbol)) return false;
    this.#at++;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#take(symbol)) throw this.#bad();
  }

  #takeWord(word: string): boolean {
    const { kind, text } = this.#next;
    if (kind !== "word" || text.toLowerCase() !== word) return false;
    this.#at++;
    return true;
  }

  #expectWord(word: string): void {
    if (!this.#takeWord(word)) throw this.#bad();
  }

  #predicate(expression: PathExpression): PathPredicate {
    const { start, steps } = expression;
    if (start.kind === "predicate" && steps.length === 0) {
      return start.predicate;
    }
    if (start.kind === "group" && steps.length === 0) {
      return this.#predicate(start.inner);
    }
    throw this.#bad();
  }

  #expression(): PathExpression {
    if (++this.#depth > DEPTH_MAX) {
      throw new SqlError("54001", "stack depth limit exceeded");
    }
    let left = this.#conjunction();
    while (this.#take("||")) {
      left = ofPredicate({
        kind: "or",
        left: this.#predicate(left),
        right: this.#predicate(this.#conjunction()),
      });
    }
    this.#depth--;
    return left;
  }

  #conjunction(): PathExpression {
    let left = this.#negation();
    while (this.#take("&&")) {
      left = ofPredicate({
        kind: "and",
        left: this.#predicate(left),
        right: this.#predicate(this.#negation()),
      });
    }
    return left;
  }

  #negation(): PathExpression {
    if (!this.#take("!")) return this.#comparison();
    if (!this.#is("(") && this.#next.text !== "exists") throw this.#bad();
    const operand = this.#predicate(this.#primary());
    return ofPredicate({ kind: "not", operand });
  }

  #comparison(): PathExpression {
    const left = this.#sum();
    const { kind, text } = this.#next;
    if (kind === "symbol" && COMPARISONS.has(text)) {
      this.#at++;
      return ofPredicate({
        kind: "comparison",
        operator: text as PathComparison,
        left,
        right: this.#sum(),
      });
    }
    if (this.#takeWord("starts")) {
      this.#expectWord("with");
      const { kind } = this.#next;
      if (kind !== "string" && kind !== "variable") throw this.#bad();
      return ofPredicate({
        kind: "starts_with",
        operand: left,
        prefix: this.#primary(),
      });
    }
    if (this.#takeWord("like_regex")) return this.#likeRegex(left);
    if (this.#takeWord("is")) {
      this.#expectWord("unknown");
      return ofPredicate({
        kind: "is_unknown",
        operand: this.#predicate(left),
      });
    }
    return left;
  }

  #string(): string {
    const { kind, text } = this.#next;
    if (kind !== "string") throw this.#bad();
    this.#at++;
    return text;
  }

  #likeRegex(operand: PathExpression): PathExpression {
    const pattern = this.#string();
    const flags = this.#takeWord("flag") ? this.#string() : "";
    const unknown = /[^ismxq]/.exec(flags);
    if (unknown !== null) {
      throw new SqlError("42601", "invalid input syntax for type jsonpath", {
        detail: `Unrecognized flag character "${
          unknown[0]
        }" in LIKE_REGEX predicate.`,
      });
    }
    return ofPredicate({ kind: "like_regex", operand, pattern, flags });
  }

  #sum(): PathExpression {
    let left = this.#product();
    while (this.#is("+") || this.#is("-")) {
      const operator = this.#tokens[this.#at++]!.text as PathArithmetic;
      const right = this.#product();
      left = plain({ kind: "arithmetic", operator, left, right });
    }
    return left;
  }

  #product(): PathExpression {
    let left = this.#signed();
    while (this.#is("*") || this.#is("/") || this.#is("%")) {
      const operator = this.#tokens[this.#at++]!.text as PathArithmetic;
      const right = this.#signed();
      left = plain({ kind: "arithmetic", operator, left, right });
    }
    return left;
  }

  #signed(): PathExpression {
    if (!this.#is("+") && !this.#is("-")) return this.#primary();
    if (++this.#depth > DEPTH_MAX) {
      throw new SqlError("54001", "stack depth limit exceeded");
    }
    const operator = this.#tokens[this.#at++]!.text as "+" | "-";
    const operand = this.#signed();
    this.#depth--;
    return plain({ kind: "sign", operator, operand });
  }

  #primary(): PathExpression {
    if (this.#takeWord("exists")) {
      this.#expect("(");
      const operand = this.#expression();
      this.#expect(")");
      return ofPredicate({ kind: "exists", operand });
    }
    return { start: this.#start(), steps: this.#steps() };
  }

  #start(): PathStart {
    const { kind, text } = this.#next;
    this.#at++;
    if (kind === "string") return { kind, value: text };
    if (kind === "number") {
      return { kind, text: Numeric.parse(text).toString() };
    }
    if (kind === "variable") return { kind, name: text };
    if (kind === "word") {
      const word = text.toLowerCase();
      if (word === "true" || word === "false") {
        return { kind: "boolean", value: word === "true" };
      }
      if (word === "null") return { kind: "null" };
      if (word === "last") {
        if (this.#inSubscript > 0) return { kind: "last" };
        throw new SqlError(
          "42601",
          "LAST is allowed only in array subscripts",
        );
      }
    }
    if (kind === "symbol" && text === "$") return { kind: "root" };
    if (kind === "symbol" && text === "@") {
      if (this.#inFilter > 0) return { kind: "current" };
      throw new SqlError("42601", "@ is not allowed in root expressions");
    }
    if (kind === "symbol" && text === "(") {
      const inner = this.#expression();
      this.#expect(")");
      return { kind: "group", inner };
    }
    this.#at--;
    throw this.#bad();
  }

  #steps(): PathStep[] {
    const steps: PathStep[] = [];
    for (;;) {
      if (this.#take(".")) {
        steps.push(this.#accessor());
      } else if (this.#take("[")) {
        steps.push(this.#elements());
      } else if (this.#take("?")) {
        this.#expect("(");
        this.#inFilter++;
        const predicate = this.#predicate(this.#expression());
        this.#inFilter--;
        this.#expect(")");
        steps.push({ kind: "filter", predicate });
      } else {
        return steps;
      }
    }
  }

  #accessor(): PathStep {
    if (this.#take("*")) return { kind: "any_member" };
    if (this.#take("**")) return this.#anyLevel();
    const { kind, text } = this.#next;
    if (kind !== "word" && kind !== "string") throw this.#bad();
    this.#at++;
    const isMethod = kind === "word" && this.#is("(");
    if (isMethod && METHODS.has(text)) return this.#method(text as PathMethod);
    return { kind: "member", key: text };
  }

  #method(name: PathMethod): PathStep {
    this.#expect("(");
    const args: number[] = [];
    const { kind, text } = this.#next;
    if (name === "datetime" && kind === "string") {
      this.#at++;
      this.#expect(")");
      return { kind: "method", name, args, template: text };
    }
    const count = ARGUMENTS[name] ?? 0;
    while (!this.#is(")") && args.length < count) {
      if (args.length > 0) this.#expect(",");
      const sign = name === "decimal" && this.#take("-") ? -1 : 1;
      args.push(sign * this.#count());
    }
    this.#expect(")");
    return { kind: "method", name, args };
  }

  /** A small integer. */
  #count(): number {
    const { kind, text } = this.#next;
    if (kind !== "number" || !/^\d{1,9}$/.test(text)) throw this.#bad();
    this.#at++;
    return Number(text);
  }

  #anyLevel(): PathStep {
    if (!this.#take("{")) return { kind: "any_level", from: 0, to: Infinity };
    const level = (): number =>
      this.#takeWord("last") ? Infinity : this.#count();
    const from = level();
    const to = this.#takeWord("to") ? level() : from;
    this.#expect("}");
    return { kind: "any_level", from, to };
  }

  #elements(): PathStep {
    if (this.#take("*")) {
      this.#expect("]");
      return { kind: "any_element" };
    }
    this.#inSubscript++;
    const subscripts: PathSubscript[] = [];
    do {
      const from = this.#sum();
      const to = this.#takeWord("to") ? this.#sum() : undefined;
      subscripts.push({ from, to });
    } while (this.#take(","));
    this.#inSubscript--;
    this.#expect("]");
    return { kind: "elements", subscripts };
  }
}

const CACHE_MAX = 200;
const cache = new Map<string, JsonPath>();

/**
 * Reads a path; the last ones that were asked for are kept.
 *
 * @throws {SqlError} `42601`.
 */
export function parseJsonPath(text: string): JsonPath {
  let path = cache.get(text);
  if (path === undefined) {
    if (text.trim() === "") {
      throw new SqlError(
        "22P02",
        `invalid input syntax for type jsonpath: "${text}"`,
      );
    }
    path = new PathParser(pathTokens(text)).parse();
    if (cache.size >= CACHE_MAX) cache.clear();
    if (text.length <= 1000) cache.set(text, path);
  }
  return path;
}
