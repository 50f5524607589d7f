/**
 * The variables of a PL/pgSQL routine: each has a slot, which is the number of
 * the parameter that it is in expressions and statements.
 *
 * | slots | what |
 * | --- | --- |
 * | 0 … | the routine's parameters, in order: `$1` is the first |
 * | then | `found`, and what a trigger is told |
 * | then | what blocks and loops declare, in the order of the text |
 *
 * @module
 */
import { bindRoutineType } from "../../../analyzer/routines/routine_type.ts";
import { NOTHING_NESTED } from "../../../analyzer/constraints/table_rules.ts";
import {
  type AnalyzeOptions,
  StatementState,
} from "../../../analyzer/statement_state.ts";
import { SqlError } from "../../../errors/sql_error.ts";
import { parse } from "../../../parser/parser.ts";
import type {
  CodeText,
  PlpgsqlBlock,
  PlpgsqlDeclaration,
  PlpgsqlStatement,
  PlpgsqlTarget,
} from "../../../parser/plpgsql/plpgsql_syntax.ts";
import type { TypeRef } from "../../../types/data_type.ts";
import { int4 } from "../../../types/int_types.ts";
import { record } from "../../../types/row/row_type.ts";
import { refcursor, text } from "../../../types/text_types.ts";

/** A variable. */
export interface Slot {
  readonly index: number;
  readonly name: string;
  /** Its type; `record` where it takes that of its value. */
  readonly type: TypeRef;
  readonly constant: boolean;
  readonly notNull: boolean;
  readonly default: CodeText | undefined;
  /** The query of a cursor, and its parameters. */
  readonly cursor?:
    | {
      readonly query: CodeText;
      readonly parameters: readonly Slot[];
      readonly scroll: boolean | undefined;
    }
    | undefined;
}

/** The names of a block, or of a loop. */
export class NameScope {
  readonly parent: NameScope | undefined;
  readonly label: string | undefined;
  readonly slots = new Map<string, Slot>();

  /** The names within `parent`. */
  constructor(parent: NameScope | undefined, label: string | undefined) {
    this.parent = parent;
    this.label = label;
  }

  /** The variable of a name, here or around. */
  find(name: string): Slot | undefined {
    return this.slots.get(name) ?? this.parent?.find(name);
  }

  /** The variable at the front of a path, and the fields behind it. */
  resolve(
    path: readonly string[],
  ): { readonly slot: Slot; readonly fields: readonly string[] } | undefined {
    const [first, second, ...rest] = path;
    const slot = this.find(first!);
    if (slot !== undefined) return { slot, fields: path.slice(1) };
    if (second === undefined) return undefined;
    const own = this.labelled(first!)?.slots.get(second);
    return own && { slot: own, fields: rest };
  }

  /** The names of the block with a label. */
  labelled(label: string): NameScope | undefined {
    return this.label === label ? this : this.parent?.labelled(label);
  }
}

/** What a routine declares around its block. */
export interface GivenVariable {
  readonly name: string;
  readonly type: TypeRef;
}

/** The variables of a whole routine. */
export class PlpgsqlNames {
  readonly slots: Slot[] = [];
  readonly root: NameScope;
  readonly #scopes = new Map<object, NameScope>();
  readonly #options: AnalyzeOptions;

  /** Those of `block`, in a routine named `name` that is given `given`. */
  constructor(
    options: AnalyzeOptions,
    name: string,
    given: readonly GivenVariable[],
    block: PlpgsqlBlock,
  ) {
    this.#options = options;
    this.root = new NameScope(undefined, name);
    for (const each of given) this.#add(this.root, each.name, each.type);
    this.#block(block, this.root);
  }

  /** The names that a block or a loop declares. */
  scopeOf(node: object): NameScope {
    return this.#scopes.get(node)!;
  }

  #add(
    scope: NameScope,
    name: string,
    type: TypeRef,
    more: Partial<Slot> = {},
  ): Slot {
    const slot: Slot = {
      index: this.slots.length,
      name,
      type,
      constant: false,
      notNull: false,
      default: undefined,
      ...more,
    };
    this.slots.push(slot);
    if (name !== "") scope.slots.set(name, slot);
    return slot;
  }

  #block(block: PlpgsqlBlock, parent: NameScope): void {
    const scope = new NameScope(parent, block.label);
    this.#scopes.set(block, scope);
    for (const each of block.declarations) this.#declare(scope, each);
    this.#statements(block.body, scope);
    for (const handler of block.handlers) {
      const inner = new NameScope(scope, undefined);
      this.#scopes.set(handler, inner);
      const words: TypeRef = { type: text, typmod: -1 };
      this.#add(inner, "sqlstate", words);
      this.#add(inner, "sqlerrm", words);
      this.#statements(handler.body, inner);
    }
  }

  #declare(scope: NameScope, declaration: PlpgsqlDeclaration): void {
    const { name } = declaration;
    if (scope.slots.has(name)) {
      throw new SqlError("42601", `duplicate declaration at or near "${name}"`);
    }
    switch (declaration.kind) {
      case "alias": {
        const { target } = declaration;
        const slot = /^\$\d+$/.test(target)
          ? this.slots[Number(target.slice(1)) - 1]
          : scope.find(target);
        if (slot === undefined) {
          throw new SqlError("42704", `variable "${target}" does not exist`);
        }
        scope.slots.set(name, slot);
        return;
      }
      case "cursor": {
        const inner = new NameScope(scope, name);
        const parameters = declaration.parameters.map((each) =>
          this.#add(inner, each.name, this.#type(scope, each.type))
        );
        this.#scopes.set(declaration.query, inner);
        this.#add(scope, name, { type: refcursor, typmod: -1 }, {
          cursor: {
            query: declaration.query,
            parameters,
            scroll: declaration.scroll,
          },
        });
        return;
      }
      case "variable": {
        const { constant, notNull, default: value } = declaration;
        const type = this.#type(scope, declaration.type);
        this.#add(scope, name, type, { constant, notNull, default: value });
      }
    }
  }

  #statements(
    statements: readonly PlpgsqlStatement[],
    scope: NameScope,
  ): void {
    for (const each of statements) this.#statement(each, scope);
  }

  #statement(statement: PlpgsqlStatement, scope: NameScope): void {
    for (const target of targetsOf(statement)) requireTarget(scope, target);
    switch (statement.kind) {
      case "block":
        return this.#block(statement, scope);
      case "if":
      case "case":
        for (const { body } of statement.branches) {
          this.#statements(body, scope);
        }
        return this.#statements(statement.otherwise ?? [], scope);
      case "for_integer": {
        const inner = new NameScope(scope, statement.label);
        this.#scopes.set(statement, inner);
        this.#add(inner, statement.variable, { type: int4, typmod: -1 });
        return this.#statements(statement.body, inner);
      }
      case "for_query":
      case "for_execute": {
        const inner = this.#loopRecord(statement, scope);
        return this.#statements(statement.body, inner);
      }
      case "loop":
      case "while":
      case "foreach":
        return this.#statements(statement.body, scope);
      default:
        return;
    }
  }

  /** A loop over a cursor declares its record. */
  #loopRecord(
    statement: PlpgsqlStatement & {
      readonly kind: "for_query" | "for_execute";
    },
    scope: NameScope,
  ): NameScope {
    const inner = new NameScope(scope, statement.label);
    this.#scopes.set(statement, inner);
    const [target] = statement.targets as [PlpgsqlTarget];
    const cursor = /^\s*(\w+)\s*(\(.*\))?\s*$/s.exec(statement.query.text)?.[1];
    const isCursor = cursor !== undefined &&
      scope.find(cursor.toLowerCase())?.cursor !== undefined;
    if (isCursor) {
      this.#add(inner, target.path[0]!, { type: record, typmod: -1 });
    }
    return inner;
  }

  /** The type that a declaration names. */
  #type(scope: NameScope, written: string): TypeRef {
    const name = written.replace(/%\s*rowtype\s*$/i, "").trim();
    const variable = /^([\w$."]+)\s*%\s*type$/i.exec(name)?.[1];
    if (variable !== undefined) {
      const slot = scope.resolve(variable.toLowerCase().split("."))?.slot;
      if (slot !== undefined) return slot.type;
    }
    if (/^record$/i.test(name)) return { type: record, typmod: -1 };
    const syntax = parse(
      `CREATE FUNCTION f(a ${name}) RETURNS void LANGUAGE sql AS ''`,
    )[0]?.syntax;
    const type = syntax?.kind === "create_routine"
      ? syntax.parameters[0]?.type
      : undefined;
    if (type === undefined) {
      throw new SqlError("42601", `syntax error at or near "${name}"`);
    }
    const state = new StatementState(this.#options, NOTHING_NESTED);
    return bindRoutineType(state, type);
  }
}

/** What a statement assigns to. */
function targetsOf(statement: PlpgsqlStatement): readonly PlpgsqlTarget[] {
  switch (statement.kind) {
    case "assign":
      return [statement.target];
    case "sql":
    case "execute":
      return statement.into?.targets ?? [];
    case "get_diagnostics":
      return statement.items.map(({ target }) => target);
    case "foreach":
      return statement.targets;
    case "fetch":
      return statement.targets ?? [];
    default:
      return [];
  }
}

/** @throws {SqlError} `42601`, `22005`. */
function requireTarget(scope: NameScope, { path }: PlpgsqlTarget): void {
  const found = scope.resolve(path);
  if (found === undefined) {
    throw new SqlError("42601", `"${path.join(".")}" is not a known variable`);
  }
  if (!found.slot.constant) return;
  throw new SqlError(
    "22005",
    `variable "${found.slot.name}" is declared CONSTANT`,
  );
}
