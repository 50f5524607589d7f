/**
 * Where RETURN, EXIT and CONTINUE may stand in a PL/pgSQL block.
 *
 * @module
 */
import {
  outputsOf,
  type RoutineEntry,
} from "../../../catalog/routine_entry.ts";
import { SqlError } from "../../../errors/sql_error.ts";
import type {
  PlpgsqlBlock,
  PlpgsqlStatement,
} from "../../../parser/plpgsql/plpgsql_syntax.ts";
import { voidType } from "../../../types/pseudo_types.ts";

/** A block or a loop around a statement. */
interface Around {
  readonly isLoop: boolean;
  readonly label: string | undefined;
}

/** @throws {SqlError} `42601`, `42804`. */
export function checkFlow(entry: RoutineEntry, block: PlpgsqlBlock): void {
  check(entry, [block], []);
}

function check(
  entry: RoutineEntry,
  statements: readonly PlpgsqlStatement[],
  around: readonly Around[],
): void {
  for (const each of statements) {
    switch (each.kind) {
      case "block": {
        const inner = [...around, { isLoop: false, label: each.label }];
        check(entry, each.body, inner);
        for (const { body } of each.handlers) check(entry, body, inner);
        break;
      }
      case "loop":
      case "while":
      case "for_integer":
      case "for_query":
      case "for_execute":
      case "foreach":
        check(entry, each.body, [
          ...around,
          { isLoop: true, label: each.label },
        ]);
        break;
      case "if":
      case "case":
        for (const { body } of each.branches) check(entry, body, around);
        check(entry, each.otherwise ?? [], around);
        break;
      case "exit":
        checkExit(each, around);
        break;
      case "return":
      case "return_next":
      case "return_query":
      case "return_execute":
        checkReturn(entry, each);
    }
  }
}

function checkExit(
  { isExit, label }: PlpgsqlStatement & { readonly kind: "exit" },
  around: readonly Around[],
): void {
  const word = isExit ? "EXIT" : "CONTINUE";
  if (label === undefined) {
    if (around.some(({ isLoop }) => isLoop)) return;
    throw new SqlError(
      "42601",
      isExit
        ? "EXIT cannot be used outside a loop, unless it has a label"
        : "CONTINUE cannot be used outside a loop",
    );
  }
  const found = around.findLast((each) => each.label === label);
  if (found === undefined) {
    throw new SqlError(
      "42601",
      `there is no label "${label}" attached to any block or loop enclosing this statement`,
    );
  }
  if (isExit || found.isLoop) return;
  throw new SqlError(
    "42601",
    `block label "${label}" cannot be used in ${word}`,
  );
}

function checkReturn(
  entry: RoutineEntry,
  statement: PlpgsqlStatement & {
    readonly kind:
      | "return"
      | "return_next"
      | "return_query"
      | "return_execute";
  },
): void {
  const refuse = (message: string, hint?: string): never => {
    throw new SqlError("42804", message, hint === undefined ? {} : { hint });
  };
  const refuseMissing = (): never => {
    throw new SqlError("42601", 'missing expression at or near ";"');
  };
  const { returnsSet, returns, routine } = entry;
  const hasOutputs = outputsOf(entry).length > 0;
  if (statement.kind !== "return") {
    const word = statement.kind === "return_next" ? "NEXT" : "QUERY";
    if (!returnsSet) {
      refuse(`cannot use RETURN ${word} in a non-SETOF function`);
    }
    if (statement.kind !== "return_next") return;
    if (hasOutputs && statement.value !== undefined) {
      refuse(
        "RETURN NEXT cannot have a parameter in function with OUT parameters",
      );
    }
    if (!hasOutputs && statement.value === undefined) {
      refuseMissing();
    }
    return;
  }
  const { value } = statement;
  if (value === undefined) {
    const isSilent = returnsSet || hasOutputs || routine === "procedure" ||
      returns.oid === voidType.oid;
    if (!isSilent) refuseMissing();
    return;
  }
  if (returnsSet) {
    refuse(
      "RETURN cannot have a parameter in function returning set",
      "Use RETURN NEXT or RETURN QUERY.",
    );
  }
  if (routine === "procedure") {
    refuse("RETURN cannot have a parameter in a procedure");
  }
  if (hasOutputs) {
    refuse("RETURN cannot have a parameter in function with OUT parameters");
  }
  if (returns.oid === voidType.oid) {
    refuse("RETURN cannot have a parameter in function returning void");
  }
}
