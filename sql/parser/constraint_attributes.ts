/**
 * What stands behind a column's constraint and says when it is checked:
 * `DEFERRABLE`, `INITIALLY DEFERRED`, `ENFORCED`. The grammar gives them as
 * nodes of their own; behind a table's constraint it reads them itself.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { ConstraintSyntax } from "./constraint_syntax.ts";
import type { RawFields, RawReader } from "./raw_node.ts";

/** The attributes that are nodes of their own. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  CONSTR_ATTR_DEFERRABLE: "DEFERRABLE",
  CONSTR_ATTR_NOT_DEFERRABLE: "NOT DEFERRABLE",
  CONSTR_ATTR_DEFERRED: "INITIALLY DEFERRED",
  CONSTR_ATTR_IMMEDIATE: "INITIALLY IMMEDIATE",
  CONSTR_ATTR_ENFORCED: "ENFORCED",
  CONSTR_ATTR_NOT_ENFORCED: "NOT ENFORCED",
};

/** Whether a raw constraint only says something of the one before it. */
export function isAttribute(fields: RawFields): boolean {
  return (fields["contype"] as string) in ATTRIBUTES;
}

/** What is said of one constraint so far. */
interface Said {
  deferrable?: boolean;
  initially?: "DEFERRED" | "IMMEDIATE";
  enforced?: boolean;
}

/**
 * `constraint` with what the attributes behind it say.
 *
 * @throws {SqlError} `42601` for what contradicts itself or stands nowhere.
 */
export function withAttributes(
  reader: RawReader,
  constraint: ConstraintSyntax | undefined,
  attributes: readonly RawFields[],
): ConstraintSyntax {
  const said: Said = {};
  for (const fields of attributes) {
    const offset = reader.offsetOf(fields);
    const words = ATTRIBUTES[fields["contype"] as string]!;
    if (!takes(constraint, words)) {
      throw new SqlError("42601", `misplaced ${words} clause`, { offset });
    }
    say(said, words, offset);
  }
  const initiallyDeferred = said.initially === "DEFERRED";
  const deferrable = said.deferrable ?? initiallyDeferred;
  const taken = constraint!;
  switch (taken.form) {
    case "check":
      return { ...taken, notEnforced: said.enforced === false };
    case "foreign_key":
      return {
        ...taken,
        deferrable,
        initiallyDeferred,
        notEnforced: said.enforced === false,
      };
    case "primary_key":
    case "unique":
    case "exclude":
      return { ...taken, deferrable, initiallyDeferred };
    case "not_null":
      return taken;
  }
}

/** Whether a constraint can have such an attribute. */
function takes(
  constraint: ConstraintSyntax | undefined,
  words: string,
): boolean {
  const form = constraint?.form;
  if (words.endsWith("ENFORCED")) {
    return form === "check" || form === "foreign_key";
  }
  return form !== undefined && form !== "check" && form !== "not_null";
}

function say(said: Said, words: string, offset: number): void {
  const refuse = (message: string): never => {
    throw new SqlError("42601", message, { offset });
  };
  switch (words) {
    case "DEFERRABLE":
    case "NOT DEFERRABLE":
      if (said.deferrable !== undefined) {
        refuse("multiple DEFERRABLE/NOT DEFERRABLE clauses not allowed");
      }
      said.deferrable = words === "DEFERRABLE";
      break;
    case "INITIALLY DEFERRED":
    case "INITIALLY IMMEDIATE":
      if (said.initially !== undefined) {
        refuse("multiple INITIALLY IMMEDIATE/DEFERRED clauses not allowed");
      }
      said.initially = words === "INITIALLY DEFERRED"
        ? "DEFERRED"
        : "IMMEDIATE";
      break;
    default:
      if (said.enforced !== undefined) {
        refuse("multiple ENFORCED/NOT ENFORCED clauses not allowed");
      }
      said.enforced = words === "ENFORCED";
  }
  if (said.deferrable === false && said.initially === "DEFERRED") {
    refuse("constraint declared INITIALLY DEFERRED must be DEFERRABLE");
  }
}
