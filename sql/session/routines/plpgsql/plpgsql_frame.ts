/**
 * A call of a PL/pgSQL routine: the values of its variables, expressions and
 * statements over them.
 *
 * @module
 */
import { fieldAt } from "../../../analyzer/bind_row.ts";
import type { BoundExpression } from "../../../analyzer/bound_expression.ts";
import type { ResultField } from "../../../analyzer/bound_tree.ts";
import { Scope, type ScopeRelation } from "../../../analyzer/scope.ts";
import { type Chunk, valueAt } from "../../../chunk/chunk.ts";
import { SqlError } from "../../../errors/sql_error.ts";
import { assignFunction } from "../../../functions/array/array_subscript.ts";
import { forEachRow } from "../../../executor/column_tools.ts";
import { parse } from "../../../parser/parser.ts";
import type {
  CodeText,
  PlpgsqlTarget,
} from "../../../parser/plpgsql/plpgsql_syntax.ts";
import type { Environment } from "../../../planner/evaluate.ts";
import type { Nullable, RowField, TypeRef } from "../../../types/data_type.ts";
import { isRowType, record } from "../../../types/row/row_type.ts";
import { SqlRow } from "../../../types/row/row_value.ts";
import {
  type BodyNames,
  BodyStatement,
  evaluateSimple,
  type PreparedBody,
  runPlan,
} from "../body_statement.ts";
import { wait, type Work } from "../drive.ts";
import type { RoutineSession } from "../routine_session.ts";
import { variableCast } from "../value_cast.ts";
import type { NameScope, PlpgsqlNames, Slot } from "./plpgsql_names.ts";
import { type RecordShape, shapeOf } from "./record_shape.ts";

/** A value with its type. */
export interface TypedValue {
  readonly value: Nullable;
  readonly type: TypeRef;
}

/** Statements of a routine that were parsed, and scopes that were made. */
export interface CodeCache {
  readonly statements: WeakMap<CodeText, BodyStatement>;
  readonly names: WeakMap<NameScope, Map<string, BodyNames>>;
}

/** Rows of a query. */
export interface QueryRows {
  readonly fields: readonly ResultField[];
  readonly rows: readonly (readonly Nullable[])[];
  readonly count: number;
}

/** A running call. */
export class PlpgsqlFrame {
  readonly session: RoutineSession;
  readonly names: PlpgsqlNames;
  readonly values: Nullable[];
  /** The shapes of records; absent: not assigned yet. */
  readonly #shapes: (RecordShape | undefined)[] = [];
  readonly #cache: CodeCache;
  /** The names that can be seen now. */
  scope: NameScope;
  /** What the last statement did: GET DIAGNOSTICS. */
  rowCount = 0;
  /** Whether the call may wait: between the rounds of loops, too. */
  waits = true;

  /** A call that begins. */
  constructor(
    session: RoutineSession,
    names: PlpgsqlNames,
    cache: CodeCache,
  ) {
    this.session = session;
    this.names = names;
    this.#cache = cache;
    this.scope = names.root;
    this.values = names.slots.map(() => null);
  }

  /** What expressions over values ask. */
  get environment(): Environment {
    const { session, values } = this;
    const { functions } = session.context;
    const { inputContext } = session;
    return { parameters: values, functions, inputContext };
  }

  /** Sets a variable to a value that has its type. */
  set(slot: Slot, value: Nullable): void {
    if (value === null && slot.notNull) {
      throw new SqlError(
        "22004",
        `null value cannot be assigned to variable "${slot.name}" declared NOT NULL`,
      );
    }
    this.values[slot.index] = value;
    if (slot.type.type === record && value !== null) {
      this.#shapes[slot.index] = shapeOf((value as SqlRow).fields);
    }
  }

  /** Sets a record to NULL, with or without a shape. */
  setShape(slot: Slot, fields: readonly RowField[] | undefined): void {
    this.#shapes[slot.index] = fields && shapeOf(fields);
  }

  /** Assigns a value of any type. */
  assign(slot: Slot, { value, type }: TypedValue): void {
    if (slot.type.type === record) {
      if (value !== null && !isRowType(type.type)) {
        throw new SqlError(
          "42804",
          "cannot assign non-composite value to a record variable",
        );
      }
      if (value === null) {
        const fields = this.#shapes[slot.index]?.fields ?? type.type.fields;
        return this.set(
          slot,
          fields === undefined
            ? null
            : new SqlRow(fields, fields.map(() => null)),
        );
      }
      return this.set(slot, value);
    }
    const { analyzeOptions } = this.session;
    const cast = variableCast(analyzeOptions, type, slot.type);
    this.set(slot, cast === undefined ? value : cast(value, this.environment));
  }

  /** The variable that a target names. */
  target(
    { path }: PlpgsqlTarget,
  ): { readonly slot: Slot; readonly fields: readonly string[] } {
    const found = this.scope.resolve(path);
    if (found === undefined) {
      throw new SqlError(
        "42601",
        `"${path.join(".")}" is not a known variable`,
      );
    }
    if (found.slot.constant) {
      throw new SqlError(
        "22005",
        `variable "${found.slot.name}" is declared CONSTANT`,
      );
    }
    return found;
  }

  /** Assigns to a variable, a field, or a part of an array. */
  *store(target: PlpgsqlTarget, given: TypedValue): Work<void> {
    const { slot, fields } = this.target(target);
    if (target.subscripts !== "") {
      return yield* this.#storePart(target, given);
    }
    if (fields.length === 0) return this.assign(slot, given);
    this.#storeField(slot, fields, given);
  }

  #storeField(slot: Slot, path: readonly string[], given: TypedValue): void {
    const [name] = path as [string];
    const declared = slot.type.type.fields ??
      this.#shapes[slot.index]?.fields;
    if (declared === undefined) throw unassigned(slot.name);
    const at = declared.findIndex((field) => field.name === name);
    if (at < 0) {
      throw new SqlError(
        "42703",
        `record "${slot.name}" has no field "${name}"`,
      );
    }
    const row = this.values[slot.index] as SqlRow | null;
    const values = row === null ? declared.map(() => null) : [...row.values];
    const { type } = declared[at]!;
    if (path.length > 1) {
      throw new SqlError("0A000", "fields of fields cannot be assigned to");
    }
    const { analyzeOptions } = this.session;
    const cast = variableCast(analyzeOptions, given.type, type);
    values[at] = cast === undefined
      ? given.value
      : cast(given.value, this.environment);
    this.values[slot.index] = new SqlRow(declared, values);
  }

  /** Assigns to a part of an array, as UPDATE does. */
  *#storePart(target: PlpgsqlTarget, given: TypedValue): Work<void> {
    const name = target.path.map((each) => `"${each}"`).join(".");
    const { slot, fields } = this.target(target);
    const base = fields.length === 0
      ? slot.type
      : (slot.type.type.fields ?? this.#shapes[slot.index]?.fields ?? [])
        .find((field) => field.name === fields[0])?.type;
    if (base === undefined) throw unassigned(slot.name);
    const part = yield* this.#assignPart(name, target.subscripts, base, given);
    yield* this.store({ path: target.path, subscripts: "" }, part);
  }

  /** The array after the assignment: that of a one-row table's column. */
  *#assignPart(
    name: string,
    subscripts: string,
    base: TypeRef,
    { value, type }: TypedValue,
  ): Work<TypedValue> {
    const old = (yield* this.evaluate({ text: name })).value;
    const written = subscripts.slice(1, -1).split("][")
      .map((each) => each.split(/(?<!:):(?!:)/).map((part) => part.trim()));
    const isSlice = written.some(({ length }) => length > 1);
    const bounds: Nullable[] = [];
    const given: (readonly [boolean, boolean])[] = [];
    for (const each of written) {
      // Beside a slice, `[n]` means `[1:n]`.
      const parts = each.length > 1 || !isSlice ? each : ["1", ...each];
      const [lower, upper] = parts.length > 1 ? parts : ["", parts[0]];
      given.push([lower !== "", upper !== ""]);
      for (const part of [lower, upper]) {
        if (part === undefined || part === "") continue;
        const text = `CAST((${part}) AS integer)`;
        bounds.push((yield* this.evaluate({ text })).value);
      }
    }
    const element = base.type.element;
    if (element === undefined) {
      throw new SqlError(
        "42804",
        `cannot subscript type ${base.type.displayName} because it does not support subscripting`,
      );
    }
    const { functions } = this.session.context;
    const wanted = isSlice ? base : { type: element, typmod: base.typmod };
    const cast = variableCast(this.session.analyzeOptions, type, wanted);
    const item = cast === undefined ? value : cast(value, this.environment);
    const { scalar } = assignFunction(base.type, { isSlice, given });
    const after = scalar!([old, ...bounds, item], functions);
    return { value: after, type: base };
  }

  /** The value of an expression. */
  *evaluate(code: CodeText): Work<TypedValue> {
    const prepared = this.prepare(code, "expression");
    const { simple, fields } = prepared;
    const type = fields[0]?.type;
    if (type === undefined || fields.length !== 1) {
      throw new SqlError(
        "42601",
        `query returned ${fields.length} columns`,
      );
    }
    if (simple !== undefined) {
      const { context } = this.session;
      return { type, value: evaluateSimple(simple, context, this.values) };
    }
    const { rows } = yield* this.query(prepared, 2);
    if (rows.length > 1) {
      throw new SqlError("21000", "query returned more than one row");
    }
    return { type, value: rows[0]?.[0] ?? null };
  }

  /** Whether a condition is true. */
  *holds(code: CodeText): Work<boolean> {
    const { value, type } = yield* this.evaluate(code);
    if (typeof value === "boolean" || value === null) return value === true;
    const { analyzeOptions } = this.session;
    const bool = analyzeOptions.types.byName("bool")!;
    const cast = variableCast(analyzeOptions, type, { type: bool, typmod: -1 });
    return cast?.(value, this.environment) === true;
  }

  /** The text of an expression's value; NULL where it is. */
  *textOf(code: CodeText): Work<string | null> {
    const { value, type } = yield* this.evaluate(code);
    if (value === null) return null;
    return type.type.output(value, this.session.settings.datetime);
  }

  /** Prepares an expression or a statement. */
  prepare(code: CodeText, kind: "expression" | "statement"): PreparedBody {
    let statement = this.#cache.statements.get(code);
    if (statement === undefined) {
      const text = kind === "expression" ? `SELECT ${code.text}` : code.text;
      const parsed = parse(text);
      if (parsed.length !== 1) {
        throw new SqlError("42601", "syntax error at end of input");
      }
      statement = new BodyStatement(parsed[0]!.syntax, parsed[0]!.text);
      this.#cache.statements.set(code, statement);
    }
    try {
      return statement.prepare(this.session, this.#bodyNames());
    } catch (error) {
      throw this.#explained(error, code);
    }
  }

  /** A name that is not there may be a field of a record without a value. */
  #explained(error: unknown, { text }: CodeText): unknown {
    if (!(error instanceof SqlError)) return error;
    if (error.code !== "42P01" && error.code !== "42703") return error;
    for (let scope: NameScope | undefined = this.scope; scope;) {
      for (const [name, slot] of scope.slots) {
        const isOpen = slot.type.type === record &&
          this.#shapes[slot.index] === undefined;
        if (isOpen && new RegExp(`\\b${name}\\.`, "i").test(text)) {
          return unassigned(name);
        }
        const field = new RegExp(`\\b${name}\\.(\\w+)`, "i").exec(text)?.[1];
        const fields = this.#shapes[slot.index]?.fields;
        if (
          slot.type.type === record && field !== undefined &&
          fields?.every((each) => each.name !== field.toLowerCase()) === true
        ) {
          return new SqlError(
            "42703",
            `record "${name}" has no field "${field.toLowerCase()}"`,
          );
        }
      }
      scope = scope.parent;
    }
    return error;
  }

  /** The rows of a prepared statement, at most `limit`. */
  *query(prepared: PreparedBody, limit = Infinity): Work<QueryRows> {
    const { context } = this.session;
    const { plan, simple, fields, bound } = prepared;
    if (simple !== undefined) {
      const value = evaluateSimple(simple, context, this.values);
      return { fields, rows: [[value]], count: 1 };
    }
    const rows: Nullable[][] = [];
    const width = fields.length;
    const affected = yield* wait(
      runPlan(plan!, context, [...this.values], (chunk: Chunk) => {
        forEachRow(chunk.selection, chunk.rowCount, (row) => {
          if (rows.length >= limit) return;
          rows.push(
            chunk.columns.slice(0, width).map((column) => valueAt(column, row)),
          );
        });
        return bound.kind === "select" && rows.length >= limit;
      }),
    );
    const isSelect = bound.kind === "select" || bound.kind === "call_procedure";
    return { fields, rows, count: isSelect ? rows.length : affected };
  }

  /** The names and types that statements see now. */
  #bodyNames(): BodyNames {
    let byShape = this.#cache.names.get(this.scope);
    if (byShape === undefined) {
      this.#cache.names.set(this.scope, byShape = new Map());
    }
    let key = "";
    for (const shape of this.#shapes) key += `${shape?.id ?? ""},`;
    let names = byShape.get(key);
    if (names === undefined) {
      names = {
        variables: { scope: this.#scopeFor(this.scope), isStrict: true },
        parameterTypes: this.names.slots.map((slot) => this.#typeOf(slot)),
      };
      byShape.set(key, names);
    }
    return names;
  }

  #typeOf(slot: Slot): TypeRef {
    if (slot.type.type !== record) return slot.type;
    const shape = this.#shapes[slot.index];
    return shape === undefined ? slot.type : { type: shape.type, typmod: -1 };
  }

  #scopeFor({ parent, label, slots }: NameScope): Scope {
    const entries = [...slots];
    const columns = entries.map(([, slot]): BoundExpression => ({
      kind: "parameter",
      index: slot.index,
      type: this.#typeOf(slot),
      offset: -1,
    }));
    const own: ScopeRelation = {
      relation: -1,
      alias: label ?? "",
      table: undefined,
      names: entries.map(([name]) => name),
      columns,
      relationVisible: label !== undefined,
      columnsVisible: true,
    };
    const rows = entries.flatMap(([name], i): ScopeRelation[] => {
      const row = columns[i]!;
      const { fields } = row.type.type;
      if (fields === undefined) return [];
      return [{
        relation: -1,
        alias: name,
        table: undefined,
        names: fields.map((field) => field.name),
        columns: fields.map((_, at) => fieldAt(row, fields, at)),
        relationVisible: true,
        columnsVisible: false,
      }];
    });
    const relations = [own, ...rows];
    const outer = parent && {
      scope: this.#scopeFor(parent),
      frame: undefined,
    };
    return new Scope(relations, relations, outer);
  }
}

/** `55000`: a record has no fields yet. */
export function unassigned(name: string): SqlError {
  return new SqlError("55000", `record "${name}" is not assigned yet`, {
    detail:
      "The tuple structure of a not-yet-assigned record is indeterminate.",
  });
}
