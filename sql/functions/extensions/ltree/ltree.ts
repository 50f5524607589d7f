/**
 * The extension `ltree`: functions and operators of trees of labels; the types
 * are in `sql/types/extensions/`.
 *
 * @module
 */
import type { SqlArray } from "../../../types/array/array_value.ts";
import { arrayTypeOf } from "../../../types/array/array_type.ts";
import { bool } from "../../../types/bool_type.ts";
import type { DataType, Nullable, SqlValue } from "../../../types/data_type.ts";
import {
  matchesLquery,
  type QueryItem,
  readLquery,
} from "../../../types/extensions/ltree/lquery.ts";
import {
  lquery,
  ltree,
  ltxtquery,
} from "../../../types/extensions/ltree/ltree_types.ts";
import {
  compareLtrees,
  isAncestor,
  labelsOf,
  ltreeOf,
  readLtree,
} from "../../../types/extensions/ltree/ltree_value.ts";
import {
  type LabelCondition,
  matchesLtxtquery,
  readLtxtquery,
} from "../../../types/extensions/ltree/ltxtquery.ts";
import { int4 } from "../../../types/int_types.ts";
import { text } from "../../../types/text_types.ts";
import { comparisonOperatorsOf } from "../../comparison/comparison_operators.ts";
import { binary, define, infix, unary } from "../../define.ts";
import type {
  FunctionDefinition,
  OperatorDefinition,
} from "../../definition.ts";
import type { ExtensionParts } from "../extension.ts";
import {
  commonAncestor,
  indexOf,
  subpath,
  subtree,
  treesOf,
} from "./ltree_paths.ts";

const trees = arrayTypeOf(ltree)!;
const queries = arrayTypeOf(lquery)!;

/** The last pattern that was read is kept: it is mostly the same. */
function keeping<T>(read: (text: string) => T): (text: string) => T {
  let last: string | undefined;
  let kept: T;
  return (given) => {
    if (given !== last) {
      kept = read(given);
      last = given;
    }
    return kept;
  };
}

const queryItems = keeping<readonly QueryItem[]>(readLquery);
const condition = keeping<LabelCondition>(readLtxtquery);

type Test = (tree: string, other: SqlValue) => boolean;

const matchesQuery: Test = (tree, query) =>
  matchesLquery(queryItems(query as string), labelsOf(tree));
const matchesOneQuery: Test = (tree, list) =>
  treesOf(list as SqlArray).some((query) =>
    matchesLquery(readLquery(query), labelsOf(tree))
  );
const matchesText: Test = (tree, query) =>
  matchesLtxtquery(condition(query as string), labelsOf(tree));
const isAncestorOf: Test = (tree, other) => isAncestor(tree, other as string);
const descendsFrom: Test = (tree, other) => isAncestor(other as string, tree);

/** A test of a tree, by all the symbols and names that it has. */
interface TreeTest {
  readonly symbols: readonly string[];
  readonly other: DataType;
  readonly test: Test;
  /** Functions: tree first, other first, array of trees first, other first. */
  readonly names: readonly [string, string, string, string];
  readonly commutators: readonly string[];
}

const TESTS: readonly TreeTest[] = [
  {
    symbols: ["@>", "^@>"],
    other: ltree,
    test: isAncestorOf,
    names: ["ltree_isparent", "", "_ltree_isparent", "_ltree_r_isparent"],
    commutators: ["<@", "^<@"],
  },
  {
    symbols: ["<@", "^<@"],
    other: ltree,
    test: descendsFrom,
    names: ["ltree_risparent", "", "_ltree_risparent", "_ltree_r_risparent"],
    commutators: ["@>", "^@>"],
  },
  {
    symbols: ["~", "^~"],
    other: lquery,
    test: matchesQuery,
    names: ["ltq_regex", "ltq_rregex", "_ltq_regex", "_ltq_rregex"],
    commutators: ["~", "^~"],
  },
  {
    symbols: ["?", "^?"],
    other: queries,
    test: matchesOneQuery,
    names: ["lt_q_regex", "lt_q_rregex", "_lt_q_regex", "_lt_q_rregex"],
    commutators: ["?", "^?"],
  },
  {
    symbols: ["@", "^@"],
    other: ltxtquery,
    test: matchesText,
    names: ["ltxtq_exec", "ltxtq_rexec", "_ltxtq_exec", "_ltxtq_rexec"],
    commutators: ["@", "^@"],
  },
];

/** The operators of a test, for both orders of trees and arrays of trees. */
function operatorsOf(
  { symbols, other, test, names, commutators }: TreeTest,
): OperatorDefinition[] {
  const someTree: (list: Nullable, value: Nullable) => boolean = (
    list,
    value,
  ) => treesOf(list as SqlArray).some((tree) => test(tree, value!));
  const [direct, reversed, ofArray, arrayReversed] = names;
  const forms = [
    define(
      direct,
      [ltree, other],
      bool,
      ([tree, value]) => test(tree as string, value!),
    ),
    define(
      ofArray,
      [trees, other],
      bool,
      ([list, value]) => someTree(list!, value!),
    ),
    ...reversed === "" ? [] : [
      define(
        reversed,
        [other, ltree],
        bool,
        ([value, tree]) => test(tree as string, value!),
      ),
    ],
    define(
      arrayReversed,
      [other, trees],
      bool,
      ([value, list]) => someTree(list!, value!),
    ),
  ];
  return symbols.flatMap((symbol, i) =>
    forms.map((form) => {
      // `tree <@ trees` asks what `trees @> tree` does.
      const isTurned = reversed === "" && form.argumentTypes[1] === trees;
      const [name, commutator] = isTurned
        ? [commutators[i]!, symbol]
        : [symbol, commutators[i]!];
      return infix(form, { commutator }, name);
    })
  );
}

/** The first tree of an array that a test holds for. */
function extractor(
  symbol: string,
  name: string,
  other: DataType,
  test: Test,
): OperatorDefinition {
  return infix(
    define(
      name,
      [trees, other],
      ltree,
      ([list, value]) =>
        treesOf(list as SqlArray).find((tree) => test(tree, value!)) ?? null,
    ),
    {},
    symbol,
  );
}

const joined = (a: string, b: string): string =>
  ltreeOf([...labelsOf(a), ...labelsOf(b)]);

const comparisons = comparisonOperatorsOf(ltree);

const OPERATORS: readonly OperatorDefinition[] = [
  ...comparisons,
  ...TESTS.flatMap(operatorsOf),
  extractor("?@>", "_ltree_extract_isparent", ltree, isAncestorOf),
  extractor("?<@", "_ltree_extract_risparent", ltree, descendsFrom),
  extractor("?~", "_ltq_extract_regex", lquery, matchesQuery),
  extractor("?@", "_ltxtq_extract_exec", ltxtquery, matchesText),
  infix(binary("ltree_addltree", [ltree, ltree], ltree, joined), {}, "||"),
  infix(
    binary<string, string>(
      "ltree_addtext",
      [ltree, text],
      ltree,
      (a, b) => joined(a, readLtree(b)),
    ),
    {},
    "||",
  ),
  infix(
    binary<string, string>(
      "ltree_textadd",
      [text, ltree],
      ltree,
      (a, b) => joined(readLtree(a), b),
    ),
    {},
    "||",
  ),
];

const COMPARISON_NAMES: Readonly<Record<string, string>> = {
  "=": "ltree_eq",
  "<>": "ltree_ne",
  "<": "ltree_lt",
  "<=": "ltree_le",
  ">": "ltree_gt",
  ">=": "ltree_ge",
};

const FUNCTIONS: readonly FunctionDefinition[] = [
  unary<string>("nlevel", ltree, int4, (value) => labelsOf(value).length),
  unary<string>("ltree2text", ltree, text, (value) => value),
  unary<string>("text2ltree", text, ltree, readLtree),
  define(
    "subltree",
    [ltree, int4, int4],
    ltree,
    (args) => subtree(...args as [string, number, number]),
  ),
  define(
    "subpath",
    [ltree, int4],
    ltree,
    (args) => subpath(...args as [string, number]),
  ),
  define(
    "subpath",
    [ltree, int4, int4],
    ltree,
    (args) => subpath(...args as [string, number, number]),
  ),
  binary<string, string>(
    "index",
    [ltree, ltree],
    int4,
    (value, part) => indexOf(value, part, 0),
  ),
  define(
    "index",
    [ltree, ltree, int4],
    int4,
    (args) => indexOf(...args as [string, string, number]),
  ),
  ...[2, 3, 4, 5, 6, 7, 8].map((count) =>
    define(
      "lca",
      Array.from({ length: count }, () => ltree),
      ltree,
      (args) => commonAncestor(args as string[]),
    )
  ),
  unary<SqlArray>("lca", trees, ltree, (list) => commonAncestor(treesOf(list))),
  binary<string, string>(
    "ltree_cmp",
    [ltree, ltree],
    int4,
    (a, b) => Math.sign(compareLtrees(a, b)),
  ),
];

/** What `ltree` adds. */
export const ltreeExtension: ExtensionParts = {
  functions: [
    ...FUNCTIONS,
    ...comparisons.map(({ name, function: form }) => ({
      ...form,
      name: COMPARISON_NAMES[name]!,
    })),
    ...new Set(
      OPERATORS.slice(comparisons.length).map((each) => each.function),
    ),
  ],
  operators: OPERATORS,
};
