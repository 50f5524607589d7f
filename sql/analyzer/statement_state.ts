/**
 * What the analysis of one statement knows and finds out: the catalog and the
 * registries it looks into, the types of parameters, whether the result may be
 * kept.
 *
 * Parameters follow PostgreSQL's rule: one whose type was not declared gets the
 * type of the first place that wants one; a later place that wants another
 * type is an error (`42P08`), as is one whose type is never wanted (`42P18`).
 *
 * @module
 */
import type { AccessRegistry } from "../access/access_registry.ts";
import type {
  CatalogView,
  RoutineEntry,
  TableEntry,
} from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { FunctionRegistry } from "../functions/registry.ts";
import type { CteChange, SelectSyntax } from "../parser/expression_syntax.ts";
import type {
  DataType,
  InputContext,
  Nullable,
  TypeRef,
} from "../types/data_type.ts";
import { systemNow } from "../types/temporal_types.ts";
import { text, unknown } from "../types/text_types.ts";
import type { TypeRegistry } from "../types/type_registry.ts";
import type { BoundCteChange, BoundQuery } from "./bound_expression.ts";
import type { NameReferences } from "./name_references.ts";
import type { ParentScope, Scope } from "./scope.ts";
import type { BoundExpression } from "./bound_expression.ts";

/** The highest number a parameter can have. */
const PARAMETERS_MAX = 65535;

/** How many expressions a statement may have. */
const EXPRESSIONS_MAX = 1_000_000;

/** Where the analyzer looks things up. */
export interface AnalyzeOptions {
  /** The catalog as the transaction sees it, with the search path. */
  readonly catalog: CatalogView;
  /** The data types. */
  readonly types: TypeRegistry;
  /** Functions, operators, aggregates. */
  readonly functions: FunctionRegistry;
  /** Those that a name with a schema means; default: the same. */
  readonly functionsOfSchema?:
    | ((schema: string) => FunctionRegistry)
    | undefined;
  /** The access methods. */
  readonly access: AccessRegistry;
  /** Types of parameters that were declared; default: none is. */
  readonly parameterTypes?: readonly (TypeRef | undefined)[] | undefined;
  /** What `'now'` means in a literal; default: the system's clock. */
  readonly inputContext?: InputContext | undefined;
  /** The place (`ctid`) of the row of a table that a cursor is on. */
  readonly currentRow?:
    | ((cursor: string, table: TableEntry) => Nullable)
    | undefined;
  /** The variables of a routine, around its statements. */
  readonly variables?: VariableScope | undefined;
  /** The transition tables of a trigger, by name: their rows are a table's. */
  readonly transitionTables?: ReadonlyMap<string, TableEntry> | undefined;
  /** Whether calls of a routine have to be waited for; default: all have. */
  readonly routineWaits?: ((entry: RoutineEntry) => RoutineWait) | undefined;
  /** The access method of tables without USING; default `lsm_s3`. */
  readonly tableAccessMethod?: string | undefined;
  /** The session's temporary schema; default: it has none. */
  readonly temporarySchema?: string | undefined;
}

/**
 * Whether a call is waited for: `always`, as it runs statements; not if there is
 * a place where that cannot be, `long`, as it has loops; or `never`.
 */
export type RoutineWait = "never" | "long" | "always";

/** The variables of a routine. */
export interface VariableScope {
  /** Their names, as those of parameters. */
  readonly scope: Scope;
  /** Whether a name that a column has, too, is ambiguous; else it is a column's. */
  readonly isStrict: boolean;
}

/** How a query is bound. */
export interface QueryOptions {
  /** Whether literals in the result become text: not under INSERT. */
  readonly resolveUnknowns: boolean;
  /** The names around it. */
  readonly parent?: ParentScope | undefined;
}

/** Binds a query; expressions and FROM reach it through the state. */
export type BindQuery = (
  state: StatementState,
  syntax: SelectSyntax,
  options: QueryOptions,
) => BoundQuery;

/** Binds a change in WITH. */
export type BindChange = (
  state: StatementState,
  syntax: CteChange,
  parent: ParentScope,
) => BoundCteChange;

/**
 * Binds an expression that the catalog keeps, over one column: number 0 of
 * relation 0.
 */
export type BindStored = (
  state: StatementState,
  sql: string,
  column: { readonly name: string; readonly type: TypeRef },
) => BoundExpression;

/** The binders of what stands in other things. */
export interface NestedBinders {
  readonly query: BindQuery;
  readonly change: BindChange;
  readonly stored: BindStored;
  /** The functions, with the operators and casts of the catalog. */
  readonly functions: (options: AnalyzeOptions) => FunctionRegistry;
}

/** The state of one statement's analysis. */
export class StatementState {
  /** Where to look things up. */
  readonly options: AnalyzeOptions;
  readonly #parameters: (TypeRef | undefined)[];
  #relations = 0;
  #slots = 0;
  readonly #cteUses: number[] = [];
  #expressions = 0;
  #cacheable = true;
  #references: NameReferences | undefined;

  /** The input of literals, which notes when the result depends on the time. */
  readonly inputContext: InputContext;

  readonly #nested: NestedBinders;

  /** The state at the start; `nested` binds what stands in other things. */
  constructor(options: AnalyzeOptions, nested: NestedBinders) {
    this.options = options.catalog.hasOperators
      ? { ...options, functions: nested.functions(options) }
      : options;
    this.#nested = nested;
    this.#parameters = [...options.parameterTypes ?? []];
    const outer = options.inputContext;
    this.inputContext = {
      now: (): number => {
        this.#cacheable = false;
        return outer?.now() ?? systemNow();
      },
      datetime: outer?.datetime,
      catalog: (question, args): Nullable =>
        outer?.catalog?.(question, args) ?? null,
    };
  }

  /** What names mean is noted here while a view is bound. */
  get references(): NameReferences | undefined {
    return this.#references;
  }

  /** Does `work`, and notes in `references` what names are found to mean. */
  noting<T>(references: NameReferences | undefined, work: () => T): T {
    const outer = this.#references;
    this.#references = references;
    try {
      return work();
    } finally {
      this.#references = outer;
    }
  }

  /** The state of an analysis beside this one, under another catalog. */
  within(catalog: CatalogView): StatementState {
    return new StatementState(
      { ...this.options, catalog, parameterTypes: [] },
      this.#nested,
    );
  }

  /** Whether a parameter was met. */
  get hasParameters(): boolean {
    return this.#parameters.length > 0;
  }

  /** Binds an expression that the catalog keeps. */
  bindStored(sql: string, name: string, type: TypeRef): BoundExpression {
    return this.#nested.stored(this, sql, { name, type });
  }

  /** Binds a query within another. */
  bindQuery(syntax: SelectSyntax, options: QueryOptions): BoundQuery {
    return this.#nested.query(this, syntax, options);
  }

  /** Binds a change in WITH. */
  bindChange(syntax: CteChange, parent: ParentScope): BoundCteChange {
    return this.#nested.change(this, syntax, parent);
  }

  /** Notes that the result holds for this moment only. */
  dependOnMoment(): void {
    this.#cacheable = false;
  }

  /** Whether the statement may be run again from what the analysis made. */
  get cacheable(): boolean {
    return this.#cacheable;
  }

  /**
   * Counts one more expression. BETWEEN doubles what is in it, so a short text
   * can mean very many.
   */
  countExpression(): void {
    if (++this.#expressions > EXPRESSIONS_MAX) {
      throw new SqlError("54001", "statement too complex", {
        detail: `It has more than ${EXPRESSIONS_MAX} expressions.`,
      });
    }
  }

  /** A number for one more query of WITH. */
  newCte(): number {
    return this.#cteUses.push(0) - 1;
  }

  /** Notes that a query of WITH is read once more. */
  useCte(id: number): void {
    this.#cteUses[id]!++;
  }

  /** How often a query of WITH is read. */
  cteUses(id: number): number {
    return this.#cteUses[id]!;
  }

  /**
   * A number for one more value that a query takes from around it: an even one,
   * since the planner has the odd ones.
   */
  newSlot(): number {
    return 2 * this.#slots++;
  }

  /** A number for one more relation. */
  newRelation(): number {
    return this.#relations++;
  }

  /** The type `$number` has so far; `unknown` while it is open. */
  parameterType(number: number, offset: number): TypeRef {
    if (number < 1 || number > PARAMETERS_MAX) {
      throw new SqlError("42P02", `there is no parameter $${number}`, {
        offset,
      });
    }
    while (this.#parameters.length < number) this.#parameters.push(undefined);
    return this.#parameters[number - 1] ?? UNKNOWN;
  }

  /** Settles the type of a parameter whose type was open when it was met. */
  settleParameter(index: number, type: DataType, offset: number): void {
    const known = this.#parameters[index];
    if (known === undefined || known.type === unknown) {
      this.#parameters[index] = { type, typmod: -1 };
    } else if (known.type !== type) {
      throw new SqlError(
        "42P08",
        `inconsistent types deduced for parameter $${index + 1}`,
        {
          detail: `${known.type.displayName} versus ${type.displayName}`,
          offset,
        },
      );
    }
  }

  /**
   * The types of all parameters.
   *
   * @throws {SqlError} `42P18` when one is still open.
   */
  parameterTypes(): readonly TypeRef[] {
    return this.#parameters.map((type, index) => {
      if (type !== undefined && type.type !== unknown) return type;
      throw new SqlError(
        "42P18",
        `could not determine data type of parameter $${index + 1}`,
      );
    });
  }
}

/** The type of what is not known yet. */
export const UNKNOWN: TypeRef = { type: unknown, typmod: -1 };

/** `text` without a modifier. */
export const TEXT: TypeRef = { type: text, typmod: -1 };
