/**
 * COPY, as plain data.
 *
 * @module
 */
import type { ChangeSyntax, NamedColumn } from "./change_syntax.ts";
import type {
  Expression,
  RelationName,
  SelectSyntax,
} from "./expression_syntax.ts";

/** `name value` in the options of COPY. */
export interface CopyOptionSyntax {
  readonly name: string;
  /** A text or number as text; names; `*`; absent: only the name was given. */
  readonly value:
    | string
    | readonly string[]
    | { readonly star: true }
    | undefined;
  readonly offset: number;
}

/** `COPY …` */
export interface CopySyntax {
  readonly kind: "copy";
  readonly direction: "from" | "to";
  /** The table; absent where a query is copied. */
  readonly relation: RelationName | undefined;
  readonly columns: readonly NamedColumn[];
  /** `COPY (query) TO` */
  readonly query: SelectSyntax | ChangeSyntax | undefined;
  /** Absent: STDIN or STDOUT. */
  readonly file: string | undefined;
  readonly where: Expression | undefined;
  readonly options: readonly CopyOptionSyntax[];
}
