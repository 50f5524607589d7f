/**
 * Syntax of changes of a composite type's attributes.
 *
 * @module
 */
import type { RelationName, TypeName } from "./expression_syntax.ts";

/** A change of one attribute. */
export type AttributeAction =
  | {
    readonly kind: "add";
    readonly name: string;
    readonly type: TypeName;
  }
  | {
    readonly kind: "drop";
    readonly name: string;
    readonly ifExists: boolean;
  }
  | {
    readonly kind: "set_type";
    readonly name: string;
    readonly type: TypeName;
  }
  | { readonly kind: "rename"; readonly name: string; readonly to: string };

/** `ALTER TYPE … ADD ATTRIBUTE` and its kin. */
export interface AlterAttributesSyntax {
  readonly kind: "alter_attributes";
  readonly name: RelationName;
  readonly actions: readonly AttributeAction[];
}
