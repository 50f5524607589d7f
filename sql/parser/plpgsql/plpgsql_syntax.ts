/**
 * PL/pgSQL as plain data: blocks, declarations, statements. Expressions and SQL
 * are texts, which mean what they mean as SQL.
 *
 * @module
 */

/** An expression, or a statement of SQL, as it was written. */
export interface CodeText {
  readonly text: string;
}

/** What is assigned to: a variable, a field of one, parts of its array. */
export interface PlpgsqlTarget {
  /** `r.a`: the names. */
  readonly path: readonly string[];
  /** What stands in brackets behind it, brackets included; empty without. */
  readonly subscripts: string;
}

/** `INTO [STRICT] a, b` */
export interface IntoClause {
  readonly targets: readonly PlpgsqlTarget[];
  readonly strict: boolean;
}

/** A declaration. */
export type PlpgsqlDeclaration =
  | {
    readonly kind: "variable";
    readonly name: string;
    readonly type: string;
    readonly constant: boolean;
    readonly notNull: boolean;
    readonly default: CodeText | undefined;
  }
  | { readonly kind: "alias"; readonly name: string; readonly target: string }
  | {
    readonly kind: "cursor";
    readonly name: string;
    readonly parameters: readonly {
      readonly name: string;
      readonly type: string;
    }[];
    readonly query: CodeText;
    /** SCROLL, NO SCROLL; absent: as the query can. */
    readonly scroll: boolean | undefined;
  };

/** WHEN … THEN of EXCEPTION. */
export interface PlpgsqlHandler {
  /** Names of conditions, or `sqlstate` with a code. */
  readonly conditions: readonly (
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "sqlstate"; readonly code: string }
  )[];
  readonly body: readonly PlpgsqlStatement[];
}

/** A block. */
export interface PlpgsqlBlock {
  readonly kind: "block";
  readonly label: string | undefined;
  readonly declarations: readonly PlpgsqlDeclaration[];
  readonly body: readonly PlpgsqlStatement[];
  readonly handlers: readonly PlpgsqlHandler[];
}

/** A branch of IF and CASE. */
export interface PlpgsqlBranch {
  readonly condition: CodeText;
  readonly body: readonly PlpgsqlStatement[];
}

/** What a loop has. */
interface LoopCommon {
  readonly label: string | undefined;
  readonly body: readonly PlpgsqlStatement[];
}

/** RAISE. */
export interface PlpgsqlRaise {
  readonly kind: "raise";
  readonly level: "debug" | "log" | "info" | "notice" | "warning" | "exception";
  /** The name of a condition, or its code; absent: a message, or nothing. */
  readonly condition: PlpgsqlHandler["conditions"][number] | undefined;
  readonly message: string | undefined;
  readonly args: readonly CodeText[];
  readonly options: readonly {
    readonly name: string;
    readonly value: CodeText;
  }[];
}

/** A statement. */
export type PlpgsqlStatement =
  | PlpgsqlBlock
  | PlpgsqlRaise
  | {
    readonly kind: "assign";
    readonly target: PlpgsqlTarget;
    readonly value: CodeText;
  }
  | {
    readonly kind: "if";
    readonly branches: readonly PlpgsqlBranch[];
    readonly otherwise: readonly PlpgsqlStatement[];
  }
  | {
    readonly kind: "case";
    readonly operand: CodeText | undefined;
    readonly branches: readonly PlpgsqlBranch[];
    /** Absent: no branch that fits is an error. */
    readonly otherwise: readonly PlpgsqlStatement[] | undefined;
  }
  | ({ readonly kind: "loop" } & LoopCommon)
  | ({ readonly kind: "while"; readonly condition: CodeText } & LoopCommon)
  | ({
    readonly kind: "for_integer";
    readonly variable: string;
    readonly reverse: boolean;
    readonly lower: CodeText;
    readonly upper: CodeText;
    readonly step: CodeText | undefined;
  } & LoopCommon)
  | ({
    readonly kind: "for_query";
    readonly targets: readonly PlpgsqlTarget[];
    readonly query: CodeText;
  } & LoopCommon)
  | ({
    readonly kind: "for_execute";
    readonly targets: readonly PlpgsqlTarget[];
    readonly query: CodeText;
    readonly using: readonly CodeText[];
  } & LoopCommon)
  | ({
    readonly kind: "foreach";
    readonly targets: readonly PlpgsqlTarget[];
    readonly slice: number;
    readonly array: CodeText;
  } & LoopCommon)
  | {
    readonly kind: "exit";
    readonly isExit: boolean;
    readonly label: string | undefined;
    readonly condition: CodeText | undefined;
  }
  | { readonly kind: "return"; readonly value: CodeText | undefined }
  | { readonly kind: "return_next"; readonly value: CodeText | undefined }
  | { readonly kind: "return_query"; readonly query: CodeText }
  | {
    readonly kind: "return_execute";
    readonly query: CodeText;
    readonly using: readonly CodeText[];
  }
  | { readonly kind: "perform"; readonly query: CodeText }
  | {
    readonly kind: "sql";
    readonly statement: CodeText;
    readonly into: IntoClause | undefined;
  }
  | {
    readonly kind: "execute";
    readonly query: CodeText;
    readonly using: readonly CodeText[];
    readonly into: IntoClause | undefined;
  }
  | {
    readonly kind: "get_diagnostics";
    readonly stacked: boolean;
    readonly items: readonly {
      readonly target: PlpgsqlTarget;
      readonly item: string;
    }[];
  }
  | {
    readonly kind: "assert";
    readonly condition: CodeText;
    readonly message: CodeText | undefined;
  }
  | {
    readonly kind: "open";
    readonly cursor: string;
    readonly args: readonly CodeText[];
    /** FOR query, FOR EXECUTE; absent: the cursor's own. */
    readonly query: CodeText | undefined;
    readonly dynamic: boolean;
    readonly using: readonly CodeText[];
    /** SCROLL, NO SCROLL; absent: as the query can. */
    readonly scroll: boolean | undefined;
  }
  | {
    readonly kind: "fetch";
    readonly cursor: string;
    readonly direction: string;
    readonly count: CodeText | undefined;
    /** Absent: MOVE. */
    readonly targets: readonly PlpgsqlTarget[] | undefined;
  }
  | { readonly kind: "close"; readonly cursor: string }
  | {
    readonly kind: "end_transaction";
    readonly command: "commit" | "rollback";
  };
