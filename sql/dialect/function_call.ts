/**
 * A call of a function, of an aggregate or of a window function: by the rules of
 * the dialect where it means something else than in PostgreSQL, by its name
 * where not.
 *
 * @module
 */
import { quoteIdentifier } from "../parser/quote.ts";
import { writeCondition, writeValue } from "./condition.ts";
import { operand } from "./fragments.ts";
import type { Translation } from "./translation.ts";
import { TreeNode, unsupported } from "./tree_node.ts";
import { writeOrder, writeWindow } from "./window.ts";

/** A call as its rule sees it. */
export class FunctionCall {
  /** Its name in lower case. */
  readonly name: string;
  /** The arguments. */
  readonly args: readonly TreeNode[];
  /** The statement's translation. */
  readonly translation: Translation;
  readonly #node: TreeNode;
  readonly #isStar: boolean;
  readonly #isDistinct: boolean;
  readonly #order: readonly TreeNode[];
  readonly #separator: TreeNode | undefined;

  /** Reads a call. */
  constructor(node: TreeNode, translation: Translation) {
    this.#node = node;
    this.translation = translation;
    this.name = nameOf(node, translation);
    const args = node.node("args");
    const listed = args?.raw("type") === "expr_list";
    // An aggregate has one argument, with DISTINCT, ORDER BY and the separator.
    const single = listed ? undefined : args?.node("expr") ?? args;
    const isList = single?.raw("type") === "expr_list";
    this.#isStar = single?.raw("type") === "star";
    this.args = listed
      ? args!.list("value")
      : isList
      ? single!.list("value")
      : single === undefined || this.#isStar
      ? []
      : [single];
    this.#isDistinct = !listed && args !== single &&
      args?.has("distinct") === true;
    this.#order = listed || args === single ? [] : orderOf(args, node);
    this.#separator = listed ? undefined : args?.node("separator");
    if (!listed && args !== single) args?.done();
  }

  /** How many arguments there are. */
  get count(): number {
    return this.args.length;
  }

  /** Argument `index` as an operand. @throws {SqlError} `0A000` if missing. */
  value(index: number): string {
    return operand(this.text(index));
  }

  /** Argument `index`. @throws {SqlError} `0A000` if it is missing. */
  text(index: number): string {
    return writeValue(this.need(index), this.translation);
  }

  /** Argument `index` as a condition. */
  condition(index: number): string {
    return writeCondition(this.need(index), this.translation);
  }

  /** The node of argument `index`. @throws {SqlError} `0A000` if missing. */
  need(index: number): TreeNode {
    const node = this.args[index];
    if (node === undefined) throw unsupported(this.describe());
    return node;
  }

  /** Argument `index` if it is a literal text. */
  literal(index: number): string | undefined {
    return this.translation.textOf(String(this.args[index]?.raw("value")));
  }

  /** Argument `index` if it is a bare word, as units are. */
  word(index: number): string | undefined {
    const node = this.args[index];
    const column = node?.raw("column");
    const wrapped = TreeNode.of(TreeNode.of(column)?.raw("expr"))?.raw("value");
    const word = typeof column === "string" ? column : wrapped;
    return typeof word === "string" ? word : this.literal(index);
  }

  /** All arguments, separated by commas. */
  all(): string {
    return this.args.map((each) => writeValue(each, this.translation))
      .join(", ");
  }

  /** The separator of GROUP_CONCAT and LISTAGG; `undefined` for none. */
  separator(): string | undefined {
    const separator = this.#separator;
    if (separator === undefined) return undefined;
    separator.raw("keyword");
    separator.raw("symbol");
    const value = separator.node("value") ?? separator.node("delimiter");
    if (value === undefined) throw unsupported("A separator");
    separator.done();
    return this.translation.expression(value);
  }

  /** A call of an aggregate with DISTINCT and ORDER BY as this one has. */
  aggregate(name: string, args: string): string {
    const distinct = this.#isDistinct ? "DISTINCT " : "";
    const order = this.#order.length === 0
      ? ""
      : ` ${writeOrder(this.#order, this.translation)}`;
    return `${name}(${distinct}${this.#isStar ? "*" : args}${order})`;
  }

  /** What to say where a form of the call has no translation. */
  describe(): string {
    const plural = this.count === 1 ? "argument" : "arguments";
    return `${this.name.toUpperCase()} with ${this.count} ${plural} of this kind`;
  }

  /** The call in PostgreSQL's words, by `rule` if there is one. */
  write(rule: FunctionRule | undefined): string {
    const plain = (): string => {
      if (this.#separator !== undefined) throw unsupported(this.describe());
      const isBare = this.#node.raw("args") === undefined ||
        this.#node.raw("args") === null;
      const name = SYNTAX.has(this.name)
        ? this.name
        : this.name.split(".").map(quoteIdentifier).join(".");
      return isBare && BARE.has(this.name)
        ? name
        : this.aggregate(name, this.all());
    };
    const text = rule === undefined ? plain() : rule(this);
    const over = this.#node.node("over");
    const windowed = over === undefined
      ? text
      : `${text} OVER ${writeWindow(over, this.translation)}`;
    for (const arg of this.args) arg.done();
    return windowed;
  }
}

/** Functions that are called without parentheses. */
const BARE = new Set([
  ...["current_timestamp", "current_date", "current_time", "current_user"],
  ...["localtime", "localtimestamp", "session_user"],
]);

/** What looks like a function and is syntax, which quotes would hide. */
const SYNTAX = new Set(["coalesce", "nullif", "greatest", "least"]);

/** The order inside of an aggregate's parentheses, or of WITHIN GROUP. */
function orderOf(
  args: TreeNode | undefined,
  node: TreeNode,
): readonly TreeNode[] {
  const within = node.node("within_group_orderby") ??
    args?.node("within_group_orderby");
  return within?.list("orderby") ?? args?.list("orderby") ?? [];
}

function nameOf(node: TreeNode, translation: Translation): string {
  const name = node.raw("name");
  if (typeof name === "string") return translation.plainName(name);
  const parts = TreeNode.of(name);
  const words = [parts?.raw("schema"), ...(parts?.list("name") ?? [])]
    .map((part) =>
      part === undefined || part === null
        ? undefined
        : part instanceof TreeNode
        ? part.raw("value")
        : TreeNode.of(part)?.raw("value")
    )
    .filter((part): part is string => typeof part === "string");
  if (words.length === 0) throw unsupported("A call without a name");
  return words.map((word) => translation.plainName(word)).join(".");
}

/** Writes a call in PostgreSQL's words. */
export type FunctionRule = (call: FunctionCall) => string;

/** Rules by the function's name in lower case. */
export type FunctionRules = Readonly<Record<string, FunctionRule>>;
