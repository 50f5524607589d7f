/**
 * Raw nodes of constraints to `constraint_syntax.ts`; `0A000` for the rest.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { narrowExpression } from "./narrow_expression.ts";
import { narrowRelation } from "./narrow_from.ts";
import { narrowIndexElement } from "./narrow_index_element.ts";
import {
  flagOf,
  listOf,
  nodeOf,
  type RawFields,
  type RawReader,
  stringOf,
  textOf,
} from "./raw_node.ts";
import type {
  CheckSyntax,
  ConstraintSyntax,
  ExcludeSyntax,
  ForeignKeySyntax,
  KeySyntax,
  ReferentialAction,
} from "./constraint_syntax.ts";

/** A constraint, of `column` where it is a column's. */
export function narrowConstraint(
  reader: RawReader,
  fields: RawFields,
  column: string | undefined,
): ConstraintSyntax {
  const type = fields["contype"] as string;
  const name = textOf(fields["conname"]);
  const offset = reader.offsetOf(fields);
  switch (type) {
    case "CONSTR_PRIMARY":
    case "CONSTR_UNIQUE":
      return narrowKey(reader, fields, column);
    case "CONSTR_CHECK":
      return narrowCheck(reader, fields, column);
    case "CONSTR_FOREIGN":
      return narrowForeignKey(reader, fields, column);
    case "CONSTR_NOTNULL":
      if (column !== undefined) break;
      return {
        form: "not_null",
        name,
        columns: listOf(fields["keys"]).map(stringOf),
        offset,
      };
    case "CONSTR_EXCLUSION":
      return narrowExclude(reader, fields);
  }
  throw reader.unsupported(type, offset);
}

const KEY_FIELDS: ReadonlySet<string> = new Set([
  "contype",
  "conname",
  "keys",
  "including",
  "location",
  "is_enforced",
  "initially_valid",
  "skip_validation",
  "nulls_not_distinct",
  "deferrable",
  "initdeferred",
  "indexname",
  "without_overlaps",
  "options",
]);

function narrowKey(
  reader: RawReader,
  fields: RawFields,
  column: string | undefined,
): KeySyntax | ExcludeSyntax {
  reader.expectFields({ type: "Constraint", fields }, KEY_FIELDS);
  if (flagOf(fields["without_overlaps"])) {
    return narrowTemporalKey(reader, fields);
  }
  return {
    form: fields["contype"] === "CONSTR_PRIMARY" ? "primary_key" : "unique",
    name: textOf(fields["conname"]),
    columns: column === undefined
      ? listOf(fields["keys"]).map(stringOf)
      : [column],
    include: listOf(fields["including"]).map(stringOf),
    nullsNotDistinct: flagOf(fields["nulls_not_distinct"]),
    usingIndex: textOf(fields["indexname"]),
    deferrable: flagOf(fields["deferrable"]),
    initiallyDeferred: flagOf(fields["initdeferred"]),
    offset: reader.offsetOf(fields),
  };
}

/** A key `(…, period WITHOUT OVERLAPS)`: it excludes periods that overlap. */
function narrowTemporalKey(
  reader: RawReader,
  fields: RawFields,
): ExcludeSyntax {
  const offset = reader.offsetOf(fields);
  const columns = listOf(fields["keys"]).map(stringOf);
  if (columns.length < 2) {
    throw new SqlError(
      "42601",
      "constraint using WITHOUT OVERLAPS needs at least two columns",
      { offset },
    );
  }
  if (flagOf(fields["nulls_not_distinct"])) {
    throw reader.unsupported(
      "NULLS NOT DISTINCT with WITHOUT OVERLAPS",
      offset,
    );
  }
  return {
    form: "exclude",
    temporal: fields["contype"] === "CONSTR_PRIMARY" ? "primary_key" : "unique",
    name: textOf(fields["conname"]),
    accessMethod: "gist",
    elements: columns.map((key) => ({
      key,
      operatorClass: undefined,
      operatorClassSchema: undefined,
      direction: "default",
      nulls: "default",
    })),
    operators: columns.map((_, i) => ({
      schema: undefined,
      name: i === columns.length - 1 ? "&&" : "=",
    })),
    include: listOf(fields["including"]).map(stringOf),
    where: undefined,
    deferrable: flagOf(fields["deferrable"]),
    initiallyDeferred: flagOf(fields["initdeferred"]),
    offset,
  };
}

const EXCLUDE_FIELDS: ReadonlySet<string> = new Set([
  "contype",
  "conname",
  "exclusions",
  "including",
  "access_method",
  "where_clause",
  "location",
  "is_enforced",
  "initially_valid",
  "deferrable",
  "initdeferred",
  "options",
]);

function narrowExclude(reader: RawReader, fields: RawFields): ExcludeSyntax {
  reader.expectFields({ type: "Constraint", fields }, EXCLUDE_FIELDS);
  const pairs = listOf(fields["exclusions"]).map((pair) =>
    listOf(nodeOf(pair).fields["items"]).map(nodeOf)
  );
  return {
    form: "exclude",
    name: textOf(fields["conname"]),
    accessMethod: textOf(fields["access_method"]) ?? "btree",
    elements: pairs.map(([element]) => narrowIndexElement(reader, element!)),
    operators: pairs.map(([, operator]) => {
      const names = listOf(operator!.fields["items"]).map(stringOf);
      return { schema: names.at(-2), name: names.at(-1)! };
    }),
    include: listOf(fields["including"]).map(stringOf),
    where: fields["where_clause"] === undefined
      ? undefined
      : narrowExpression(reader, fields["where_clause"]),
    deferrable: flagOf(fields["deferrable"]),
    initiallyDeferred: flagOf(fields["initdeferred"]),
    offset: reader.offsetOf(fields),
  };
}

const CHECK_FIELDS: ReadonlySet<string> = new Set([
  "contype",
  "conname",
  "raw_expr",
  "location",
  "is_enforced",
  "initially_valid",
  "skip_validation",
  "is_no_inherit",
]);

function narrowCheck(
  reader: RawReader,
  fields: RawFields,
  column: string | undefined,
): CheckSyntax {
  reader.expectFields({ type: "Constraint", fields }, CHECK_FIELDS);
  return {
    form: "check",
    name: textOf(fields["conname"]),
    expression: narrowExpression(reader, fields["raw_expr"]),
    column,
    ...validityOf(fields),
    noInherit: flagOf(fields["is_no_inherit"]),
    offset: reader.offsetOf(fields),
  };
}

const FOREIGN_FIELDS: ReadonlySet<string> = new Set([
  "contype",
  "conname",
  "location",
  "is_enforced",
  "initially_valid",
  "skip_validation",
  "deferrable",
  "initdeferred",
  "pktable",
  "fk_attrs",
  "pk_attrs",
  "fk_matchtype",
  "fk_upd_action",
  "fk_del_action",
  "fk_del_set_cols",
  "fk_with_period",
  "pk_with_period",
]);

const ACTIONS: Readonly<Record<string, ReferentialAction>> = {
  a: "no_action",
  r: "restrict",
  c: "cascade",
  n: "set_null",
  d: "set_default",
};

function narrowForeignKey(
  reader: RawReader,
  fields: RawFields,
  column: string | undefined,
): ForeignKeySyntax {
  reader.expectFields({ type: "Constraint", fields }, FOREIGN_FIELDS);
  const action = (name: string): ReferentialAction =>
    ACTIONS[fields[name] as string] ?? "no_action";
  const offset = reader.offsetOf(fields);
  if (fields["fk_matchtype"] === "p") {
    throw new SqlError("0A000", "MATCH PARTIAL not yet implemented", {
      offset,
    });
  }
  return {
    form: "foreign_key",
    name: textOf(fields["conname"]),
    columns: column === undefined
      ? listOf(fields["fk_attrs"]).map(stringOf)
      : [column],
    referenced: narrowRelation(reader, fields["pktable"] as RawFields),
    referencedColumns: listOf(fields["pk_attrs"]).map(stringOf),
    period: flagOf(fields["fk_with_period"]),
    referencedPeriod: flagOf(fields["pk_with_period"]),
    matchFull: fields["fk_matchtype"] === "f",
    onDelete: action("fk_del_action"),
    onUpdate: action("fk_upd_action"),
    setColumns: listOf(fields["fk_del_set_cols"]).map(stringOf),
    deferrable: flagOf(fields["deferrable"]),
    initiallyDeferred: flagOf(fields["initdeferred"]),
    ...validityOf(fields),
    offset,
  };
}

/** A constraint that is not enforced is not valid, either: that says nothing. */
function validityOf(
  fields: RawFields,
): Pick<CheckSyntax, "notValid" | "notEnforced"> {
  const notEnforced = !flagOf(fields["is_enforced"]);
  return {
    notValid: !notEnforced && flagOf(fields["skip_validation"]),
    notEnforced,
  };
}
