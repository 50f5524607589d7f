/**
 * Statements about what a session has: prepared statements, cursors, channels.
 *
 * @module
 */
import type { ChangeSyntax } from "./change_syntax.ts";
import type { RelationName } from "./leaf_syntax.ts";
import type {
  Expression,
  SelectSyntax,
  TypeName,
} from "./expression_syntax.ts";

/** `PREPARE name (types) AS …` */
export interface PrepareSyntax {
  readonly kind: "prepare";
  readonly name: string;
  readonly types: readonly TypeName[];
  readonly statement: SelectSyntax | ChangeSyntax;
}

/** `EXECUTE name (values)` */
export interface ExecuteSyntax {
  readonly kind: "execute";
  readonly name: string;
  readonly args: readonly Expression[];
}

/** `DEALLOCATE name` */
export interface DeallocateSyntax {
  readonly kind: "deallocate";
  /** Absent: ALL. */
  readonly name: string | undefined;
}

/** `DECLARE name CURSOR FOR …` */
export interface DeclareCursorSyntax {
  readonly kind: "declare_cursor";
  readonly name: string;
  readonly query: SelectSyntax;
  readonly binary: boolean;
  /** SCROLL, NO SCROLL; absent: as it can. */
  readonly scroll: boolean | undefined;
  readonly sensitivity: "insensitive" | "asensitive" | undefined;
  readonly hold: boolean;
}

/** `FETCH … FROM name`, `MOVE … IN name` */
export interface FetchSyntax {
  readonly kind: "fetch";
  readonly cursor: string;
  readonly direction: "forward" | "backward" | "absolute" | "relative";
  /** Rows to go, `Infinity` for ALL; or the row to go to. */
  readonly count: number;
  /** Whether it is MOVE: the rows are not given. */
  readonly move: boolean;
}

/** `CLOSE name` */
export interface CloseCursorSyntax {
  readonly kind: "close_cursor";
  /** Absent: ALL. */
  readonly name: string | undefined;
}

/** `LISTEN channel` */
export interface ListenSyntax {
  readonly kind: "listen";
  readonly channel: string;
}

/** `UNLISTEN channel` */
export interface UnlistenSyntax {
  readonly kind: "unlisten";
  /** Absent: `*`. */
  readonly channel: string | undefined;
}

/** `NOTIFY channel, 'payload'` */
export interface NotifySyntax {
  readonly kind: "notify";
  readonly channel: string;
  readonly payload: string;
}

/** `DISCARD …` */
export interface DiscardSyntax {
  readonly kind: "discard";
  readonly target: "all" | "plans" | "sequences" | "temp";
}

/** `LOCK TABLE …` */
export interface LockTableSyntax {
  readonly kind: "lock_table";
  readonly relations: readonly RelationName[];
  /** The mode's number: 1, ACCESS SHARE, to 8, ACCESS EXCLUSIVE. */
  readonly mode: number;
  readonly nowait: boolean;
}

/** A statement about what a session has. */
export type SessionSyntax =
  | PrepareSyntax
  | DeallocateSyntax
  | DeclareCursorSyntax
  | FetchSyntax
  | CloseCursorSyntax
  | ListenSyntax
  | UnlistenSyntax
  | NotifySyntax
  | DiscardSyntax;
