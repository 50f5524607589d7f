/**
 * Raw nodes of CREATE and ALTER DOMAIN to `domain_syntax.ts`.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type {
  AlterDomainSyntax,
  CreateDomainSyntax,
  DomainCheckSyntax,
} from "./domain_syntax.ts";
import type { Expression } from "./expression_syntax.ts";
import { narrowExpression, narrowTypeName } from "./narrow_expression.ts";
import { typeNameOf } from "./narrow_type_definition.ts";
import {
  flagOf,
  listOf,
  nodeOf,
  type RawFields,
  type RawNode,
  type RawReader,
  textOf,
} from "./raw_node.ts";

/** What tables have and domains do not, as messages call it. */
const NOT_OF_DOMAINS: Readonly<Record<string, string>> = {
  CONSTR_UNIQUE: "unique constraints",
  CONSTR_PRIMARY: "primary key constraints",
  CONSTR_EXCLUSION: "exclusion constraints",
  CONSTR_FOREIGN: "foreign key constraints",
};

/** A `CreateDomainStmt`. */
export function narrowCreateDomain(
  reader: RawReader,
  { fields }: RawNode,
): CreateDomainSyntax {
  if (fields["collClause"] !== undefined) throw reader.unsupported("COLLATE");
  let notNull: boolean | undefined;
  let value: Expression | undefined;
  const checks: DomainCheckSyntax[] = [];
  for (const item of listOf(fields["constraints"])) {
    const constraint = nodeOf(item).fields;
    const type = constraint["contype"] as string;
    switch (type) {
      case "CONSTR_CHECK":
        checks.push(checkOf(reader, constraint));
        break;
      case "CONSTR_NULL":
      case "CONSTR_NOTNULL": {
        const wanted = type === "CONSTR_NOTNULL";
        if ((notNull ?? wanted) !== wanted) {
          throw refused(
            reader,
            constraint,
            "conflicting NULL/NOT NULL constraints",
          );
        }
        notNull = wanted;
        break;
      }
      case "CONSTR_DEFAULT":
        if (value !== undefined) {
          throw refused(reader, constraint, "multiple default expressions");
        }
        value = narrowExpression(reader, constraint["raw_expr"]);
        break;
      default:
        throw notPossible(reader, constraint);
    }
  }
  return {
    kind: "create_domain",
    name: typeNameOf(fields["domainname"]),
    type: narrowTypeName(reader, fields["typeName"]),
    notNull: notNull ?? false,
    default: value,
    checks,
  };
}

function refused(
  reader: RawReader,
  constraint: RawFields,
  message: string,
  code = "42601",
): SqlError {
  return new SqlError(code, message, { offset: reader.offsetOf(constraint) });
}

function notPossible(reader: RawReader, constraint: RawFields): SqlError {
  const what = NOT_OF_DOMAINS[constraint["contype"] as string];
  return what === undefined
    ? refused(
      reader,
      constraint,
      "specifying constraint deferrability not supported for domains",
      "0A000",
    )
    : refused(reader, constraint, `${what} not possible for domains`);
}

function checkOf(reader: RawReader, constraint: RawFields): DomainCheckSyntax {
  return {
    name: textOf(constraint["conname"]),
    expression: narrowExpression(reader, constraint["raw_expr"]),
    notValid: flagOf(constraint["skip_validation"]),
  };
}

/** An `AlterDomainStmt`. */
export function narrowAlterDomain(
  reader: RawReader,
  { fields }: RawNode,
): AlterDomainSyntax {
  return {
    kind: "alter_domain",
    name: typeNameOf(fields["typeName"]),
    action: actionOf(reader, fields),
  };
}

function actionOf(
  reader: RawReader,
  fields: RawFields,
): AlterDomainSyntax["action"] {
  const name = textOf(fields["name"]) ?? "";
  const { subtype, def } = fields;
  switch (subtype) {
    case "T":
      return {
        kind: "default",
        expression: def === undefined
          ? undefined
          : narrowExpression(reader, def),
      };
    case "N":
      return { kind: "not_null", on: false };
    case "O":
      return { kind: "not_null", on: true };
    case "C": {
      const constraint = nodeOf(def).fields;
      if (constraint["contype"] === "CONSTR_NOTNULL") {
        return { kind: "not_null", on: true };
      }
      if (constraint["contype"] !== "CONSTR_CHECK") {
        throw notPossible(reader, constraint);
      }
      return { kind: "add_check", check: checkOf(reader, constraint) };
    }
    case "X":
      return {
        kind: "drop_constraint",
        name,
        ifExists: flagOf(fields["missing_ok"]),
      };
    case "V":
      return { kind: "validate", name };
  }
  throw reader.unsupported("ALTER DOMAIN");
}

/** A `RenameStmt` of a constraint of a domain. */
export function narrowRenameDomainConstraint(
  { fields }: RawNode,
): AlterDomainSyntax {
  const { items, names } = nodeOf(fields["object"]).fields;
  return {
    kind: "alter_domain",
    name: typeNameOf(names ?? items),
    action: {
      kind: "rename_constraint",
      old: textOf(fields["subname"])!,
      name: textOf(fields["newname"])!,
    },
  };
}
