/**
 * Arbitrary queries over several relations, whose outcome PostgreSQL and we must
 * agree on: joins of every kind, queries in FROM (LATERAL too) and functions, in
 * conditions and
 * in select lists, set operations, WITH.
 *
 * A query is made as a tree and then written, so that a difference shrinks to a
 * small one. All relations have the columns `id`, `i`, `j` and `s`; a column
 * names its relation by a number, which counts those that are visible where it
 * stands. Every query is ordered by all its columns.
 *
 * @module
 */
import { fc } from "fast-check";

/** The tables, and their rows. */
export const RELATION_TABLES: readonly string[] = [
  "CREATE TABLE r (id int PRIMARY KEY, i int, j int, s text)",
  "CREATE TABLE q (id int PRIMARY KEY, i int, j int, s text)",
  "CREATE TABLE e (id int PRIMARY KEY, i int, j int, s text)",
  `INSERT INTO r VALUES (1, 1, 2, 'a'), (2, 2, 2, 'b'), (3, NULL, 1, 'a'),
    (4, 3, NULL, NULL), (5, 1, 5, 'c'), (6, 7, 1, 'b')`,
  `INSERT INTO q VALUES (1, 2, 1, 'b'), (2, 2, 3, NULL), (3, NULL, NULL, 'a'),
    (5, 1, 2, 'a'), (8, 4, 4, 'd')`,
];

interface Column {
  readonly relation: number;
  readonly name: "id" | "i" | "j";
}

type Value =
  | { readonly kind: "column"; readonly column: Column }
  | { readonly kind: "constant"; readonly value: number | null }
  | {
    readonly kind: "scalar";
    readonly aggregate: string;
    readonly column: Column;
    readonly from: From;
    readonly where: Condition;
  };

type Condition =
  | {
    readonly kind: "compare";
    readonly operator: string;
    readonly left: Value;
    readonly right: Value;
  }
  | {
    readonly kind: "text";
    readonly operator: string;
    readonly left: number;
    readonly right: number;
  }
  | { readonly kind: "null"; readonly column: Column; readonly not: boolean }
  | {
    readonly kind: "logical";
    readonly operator: "AND" | "OR";
    readonly left: Condition;
    readonly right: Condition;
  }
  | { readonly kind: "not"; readonly operand: Condition }
  | {
    readonly kind: "exists";
    readonly from: From;
    readonly where: Condition;
    readonly not: boolean;
  }
  | {
    readonly kind: "member";
    readonly left: Value;
    readonly operator: string;
    readonly column: Column;
    readonly from: From;
    readonly where: Condition;
  };

type From =
  | { readonly kind: "table"; readonly name: string }
  /** Functions side by side, one of them until a column before it. */
  | { readonly kind: "functions"; readonly until: Column }
  | {
    readonly kind: "join";
    readonly join: string;
    readonly left: From;
    readonly right: From;
    readonly on: Condition;
    readonly equal: readonly [Column, Column];
  }
  | {
    readonly kind: "query";
    readonly from: From;
    readonly where: Condition;
    readonly lateral: boolean;
    readonly limit: boolean;
  };

// Aliases, since fast-check wants a type with an index signature.
type Parts = { value: Value; condition: Condition; from: From };

const column: fc.Arbitrary<Column> = fc.record({
  relation: fc.nat({ max: 7 }),
  name: fc.constantFrom("id", "i", "j"),
});
const comparison = fc.constantFrom("=", "=", "=", "<>", "<", ">=");

const { value, condition, from } = fc.letrec<Parts>((tie) => {
  const depthIdentifier = fc.createDepthIdentifier();
  const options = { maxDepth: 3, depthIdentifier } as const;
  const record = <T>(
    model: { [K in keyof T]: fc.Arbitrary<T[K]> },
  ): fc.Arbitrary<T> => fc.record(model) as fc.Arbitrary<T>;
  const plain = record<Extract<Value, { kind: "column" }>>({
    kind: fc.constant("column"),
    column,
  });
  const compared = (right: fc.Arbitrary<Value>): fc.Arbitrary<Condition> =>
    record<Extract<Condition, { kind: "compare" }>>({
      kind: fc.constant("compare"),
      operator: comparison,
      left: plain,
      right,
    });
  return {
    value: fc.oneof(
      options,
      plain,
      plain,
      record<Extract<Value, { kind: "constant" }>>({
        kind: fc.constant("constant"),
        value: fc.constantFrom(1, 2, 5, null),
      }),
      record<Extract<Value, { kind: "scalar" }>>({
        kind: fc.constant("scalar"),
        aggregate: fc.constantFrom("max", "min", "count"),
        column,
        from: tie("from"),
        where: tie("condition"),
      }),
    ),
    condition: fc.oneof(
      options,
      compared(plain),
      compared(tie("value")),
      record<Extract<Condition, { kind: "text" }>>({
        kind: fc.constant("text"),
        operator: comparison,
        left: fc.nat({ max: 7 }),
        right: fc.nat({ max: 7 }),
      }),
      record<Extract<Condition, { kind: "null" }>>({
        kind: fc.constant("null"),
        column,
        not: fc.boolean(),
      }),
      record<Extract<Condition, { kind: "logical" }>>({
        kind: fc.constant("logical"),
        operator: fc.constantFrom("AND", "AND", "OR"),
        left: tie("condition"),
        right: tie("condition"),
      }),
      record<Extract<Condition, { kind: "not" }>>({
        kind: fc.constant("not"),
        operand: tie("condition"),
      }),
      record<Extract<Condition, { kind: "exists" }>>({
        kind: fc.constant("exists"),
        from: tie("from"),
        where: tie("condition"),
        not: fc.boolean(),
      }),
      record<Extract<Condition, { kind: "member" }>>({
        kind: fc.constant("member"),
        left: plain,
        operator: fc.constantFrom(
          "IN",
          "NOT IN",
          "= ANY",
          "< ANY",
          "<> ALL",
          ">= ALL",
        ),
        column,
        from: tie("from"),
        where: tie("condition"),
      }),
    ),
    from: fc.oneof(
      options,
      record<Extract<From, { kind: "table" }>>({
        kind: fc.constant("table"),
        name: fc.constantFrom("r", "q", "r", "q", "e"),
      }),
      record<Extract<From, { kind: "functions" }>>({
        kind: fc.constant("functions"),
        until: column,
      }),
      record<Extract<From, { kind: "join" }>>({
        kind: fc.constant("join"),
        join: fc.constantFrom(
          ...["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN"],
        ),
        left: tie("from"),
        right: tie("from"),
        on: tie("condition"),
        equal: fc.tuple(column, column),
      }),
      record<Extract<From, { kind: "query" }>>({
        kind: fc.constant("query"),
        from: tie("from"),
        where: tie("condition"),
        lateral: fc.boolean(),
        limit: fc.boolean(),
      }),
    ),
  };
});

/** Writes a tree as SQL. */
class Writer {
  #relations = 0;

  /** A FROM; `around` are the relations that conditions in it may see too. */
  from(tree: From, around: readonly string[], before: readonly string[]): {
    readonly sql: string;
    readonly names: readonly string[];
  } {
    switch (tree.kind) {
      case "table": {
        const name = `t${this.#relations++}`;
        return { sql: `${tree.name} ${name}`, names: [name] };
      }
      case "functions": {
        const sees = [...before, ...around];
        const until = sees.length === 0 ? "3" : ref(tree.until, sees);
        const name = `t${this.#relations++}`;
        return {
          sql: `ROWS FROM (generate_series(1, ${until}), ` +
            "generate_series(2, 4), generate_series(1, 0, -1), upper('a')) " +
            `AS ${name}(id, i, j, s)`,
          names: [name],
        };
      }
      case "query": {
        const sees = tree.lateral ? [...before, ...around] : around;
        const inner = this.from(tree.from, sees, []);
        const name = `t${this.#relations++}`;
        const [first] = inner.names;
        const where = this.condition(tree.where, [...inner.names, ...sees]);
        const limit = tree.limit
          ? ` ORDER BY ${
            ["id", "i", "j", "s"].map((each) => `${first}.${each}`).join(", ")
          } LIMIT 2`
          : "";
        return {
          sql: `${tree.lateral ? "LATERAL " : ""}(SELECT ${first}.* ` +
            `FROM ${inner.sql} WHERE ${where}${limit}) ${name}`,
          names: [name],
        };
      }
      case "join": {
        const left = this.from(tree.left, around, before);
        const mayRefer = !/RIGHT|FULL/.test(tree.join);
        const right = this.from(
          tree.right,
          around,
          mayRefer ? [...before, ...left.names] : before,
        );
        const names = [...left.names, ...right.names];
        const [a, b] = tree.equal;
        const on = tree.join === "CROSS JOIN"
          ? ""
          : tree.join === "FULL JOIN"
          ? ` ON ${ref(a, left.names)} = ${ref(b, right.names)}`
          : ` ON ${ref(a, left.names)} = ${ref(b, right.names)} AND ${
            this.condition(plainOf(tree.on), [...names, ...around])
          }`;
        return { sql: `(${left.sql} ${tree.join} ${right.sql}${on})`, names };
      }
    }
  }

  value(tree: Value, names: readonly string[]): string {
    switch (tree.kind) {
      case "column":
        return ref(tree.column, names);
      case "constant":
        return tree.value === null ? "NULL" : String(tree.value);
      case "scalar": {
        const inner = this.from(tree.from, names, []);
        const where = this.condition(tree.where, [...inner.names, ...names]);
        const of = ref(tree.column, inner.names);
        return `(SELECT ${tree.aggregate}(${of}) FROM ${inner.sql} WHERE ${where})`;
      }
    }
  }

  condition(tree: Condition, names: readonly string[]): string {
    switch (tree.kind) {
      case "compare":
        return `${this.value(tree.left, names)} ${tree.operator} ${
          this.value(tree.right, names)
        }`;
      case "text":
        return `${names[tree.left % names.length]}.s ${tree.operator} ${
          names[tree.right % names.length]
        }.s`;
      case "null":
        return `${ref(tree.column, names)} IS ${tree.not ? "NOT " : ""}NULL`;
      case "logical":
        return `(${this.condition(tree.left, names)} ${tree.operator} ${
          this.condition(tree.right, names)
        })`;
      case "not":
        return `NOT (${this.condition(tree.operand, names)})`;
      case "exists": {
        const inner = this.from(tree.from, names, []);
        const where = this.condition(tree.where, [...inner.names, ...names]);
        return `${
          tree.not ? "NOT " : ""
        }EXISTS (SELECT 1 FROM ${inner.sql} WHERE ${where})`;
      }
      case "member": {
        const inner = this.from(tree.from, names, []);
        const where = this.condition(tree.where, [...inner.names, ...names]);
        return `${this.value(tree.left, names)} ${tree.operator} (SELECT ${
          ref(tree.column, inner.names)
        } FROM ${inner.sql} WHERE ${where})`;
      }
    }
  }
}

/** A condition without queries: what an outer join may have. */
function plainOf(tree: Condition): Condition {
  switch (tree.kind) {
    case "exists":
    case "member":
      return { kind: "null", column: { relation: 0, name: "i" }, not: true };
    case "compare":
      return tree.right.kind === "scalar"
        ? { ...tree, right: { kind: "constant", value: 2 } }
        : tree;
    case "logical":
      return { ...tree, left: plainOf(tree.left), right: plainOf(tree.right) };
    case "not":
      return { ...tree, operand: plainOf(tree.operand) };
    default:
      return tree;
  }
}

function ref({ relation, name }: Column, names: readonly string[]): string {
  return `${names[relation % names.length]}.${name}`;
}

const columns = fc.tuple(column, column, fc.nat({ max: 7 }));

/** A SELECT of two numbers and a text, not ordered. */
const select: fc.Arbitrary<string> = fc.tuple(from, condition, columns, value)
  .map(([tree, where, [a, , s], computed]) => {
    const writer = new Writer();
    const { sql, names } = writer.from(tree, [], []);
    const shown = `${ref(a, names)}, ${
      writer.value(computed, names)
    }::bigint, ${names[s % names.length]}.s`;
    return `SELECT ${shown} FROM ${sql} WHERE ${
      writer.condition(where, names)
    }`;
  });

const grouped: fc.Arbitrary<string> = fc.tuple(from, condition, columns, value)
  .map(([tree, where, [a, b, s], computed]) => {
    const writer = new Writer();
    const { sql, names } = writer.from(tree, [], []);
    const key = ref(a, names);
    const most = computed.kind === "scalar"
      ? `max(${writer.value(computed, names)})`
      : `sum(${ref(b, names)})`;
    return `SELECT ${key}, ${most}::bigint, min(${
      names[s % names.length]
    }.s) FROM ${sql} WHERE ${
      writer.condition(where, names)
    } GROUP BY ${key} HAVING count(*) < 9`;
  });

const body = fc.oneof(select, select, grouped);

const setOperation = fc.constantFrom(
  ...["UNION", "UNION ALL", "INTERSECT", "INTERSECT ALL", "EXCEPT"],
  "EXCEPT ALL",
);

/** A query whose rows are in a certain order, or a change. */
export const relationQuery: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: body.map((sql) => `${sql} ORDER BY 1, 2, 3`) },
  {
    weight: 2,
    arbitrary: fc.tuple(body, setOperation, body).map(([a, operation, b]) =>
      `(${a}) ${operation} (${b}) ORDER BY 1, 2, 3`
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(body, fc.constantFrom("", "MATERIALIZED "), condition)
      .map(([sql, how]) =>
        `WITH w (i, n, s) AS ${how}(${sql}) SELECT w.i, w.n, r.s FROM w ` +
        "LEFT JOIN r ON r.id = w.i WHERE w.n IS NOT NULL ORDER BY 1, 2, 3"
      ),
  },
  {
    weight: 1,
    arbitrary: condition.map((where) =>
      `DELETE FROM r WHERE ${new Writer().condition(where, ["r"])} RETURNING id`
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(condition, value).map(([where, set]) => {
      const writer = new Writer();
      return `UPDATE r SET i = ${writer.value(set, ["r"])} WHERE ${
        writer.condition(where, ["r"])
      } RETURNING id, i`;
    }),
  },
);
