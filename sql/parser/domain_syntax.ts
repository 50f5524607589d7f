/**
 * Domains as they are written in CREATE and ALTER DOMAIN.
 *
 * @module
 */
import type {
  Expression,
  RelationName,
  TypeName,
} from "./expression_syntax.ts";

/** A CHECK of a domain. */
export interface DomainCheckSyntax {
  readonly name: string | undefined;
  readonly expression: Expression;
  readonly notValid: boolean;
}

/** `CREATE DOMAIN …` */
export interface CreateDomainSyntax {
  readonly kind: "create_domain";
  readonly name: RelationName;
  readonly type: TypeName;
  readonly notNull: boolean;
  readonly default: Expression | undefined;
  readonly checks: readonly DomainCheckSyntax[];
}

/** `ALTER DOMAIN …`, but for its name and schema. */
export interface AlterDomainSyntax {
  readonly kind: "alter_domain";
  readonly name: RelationName;
  readonly action:
    | { readonly kind: "default"; readonly expression: Expression | undefined }
    | { readonly kind: "not_null"; readonly on: boolean }
    | { readonly kind: "add_check"; readonly check: DomainCheckSyntax }
    | {
      readonly kind: "drop_constraint";
      readonly name: string;
      readonly ifExists: boolean;
    }
    | { readonly kind: "validate"; readonly name: string }
    | {
      readonly kind: "rename_constraint";
      readonly old: string;
      readonly name: string;
    };
}
