/**
 * RETURNING: the columns of the changed row, as it was (`old`) and as it is
 * (`new`), and of what the statement read besides.
 *
 * A column without `old` or `new` is that of the new row, of the old one under
 * DELETE. `old` and `new` are names that a table of the statement can hide;
 * `WITH (OLD AS o, NEW AS n)` gives others.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { ReturningSyntax } from "../parser/syntax.ts";
import { fieldsOf } from "./bind_query.ts";
import { bindTargets } from "./bind_targets.ts";
import type {
  BoundFrom,
  BoundTarget,
  ResultField,
} from "./bound_expression.ts";
import type { RowImages } from "./bound_change.ts";
import { ExpressionBinder } from "./expression_binder.ts";
import { Scope, type ScopeRelation } from "./scope.ts";
import type { ChangeTarget } from "./updatable_views/change_target.ts";

/** RETURNING, bound. */
export interface BoundReturning {
  readonly images: RowImages;
  readonly returning: readonly BoundTarget[];
  readonly fields: readonly ResultField[];
}

/**
 * Binds RETURNING over the scope of `binder`, in which `target` is what
 * changes; `read` is all that the statement reads.
 */
export function bindReturning(
  binder: ExpressionBinder,
  syntax: ReturningSyntax,
  target: ChangeTarget,
  read: BoundFrom = target.from,
): BoundReturning {
  const { state, scope } = binder;
  const images: RowImages = {
    old: state.newRelation(),
    new: state.newRelation(),
  };
  const names = imageNames(syntax, scope);
  const own = names.map(([image, alias]): ScopeRelation => ({
    ...target.scope(images[image], alias),
    columnsVisible: false,
  }));
  const around = new Scope(
    [...scope.relations, ...own],
    [...scope.all, ...own],
    scope.parent,
    scope.ctes,
  );
  const inner = new ExpressionBinder({
    state,
    coercer: binder.coercer,
    scope: around,
    place: "RETURNING",
  });
  const returning = bindTargets(inner, syntax.returning).map((column) => ({
    ...column,
    expression: binder.coercer.settleUnknown(column.expression),
  }));
  return { images, returning, fields: fieldsOf(returning, read) };
}

/** What the two images are called. */
function imageNames(
  { aliases }: ReturningSyntax,
  scope: Scope,
): ["old" | "new", string][] {
  const given = new Map<"old" | "new", string>();
  const taken = (name: string): boolean =>
    scope.relations.some(({ alias, relationVisible }) =>
      relationVisible && alias === name
    );
  for (const { image, name, offset } of aliases) {
    if (given.has(image)) {
      throw new SqlError(
        "42601",
        `${image.toUpperCase()} cannot be specified multiple times`,
        { offset },
      );
    }
    if (taken(name) || [...given.values()].includes(name)) {
      throw new SqlError(
        "42712",
        `table name "${name}" specified more than once`,
        { offset },
      );
    }
    given.set(image, name);
  }
  const images = ["old", "new"] as const;
  return images.flatMap((image): ["old" | "new", string][] => {
    const name = given.get(image);
    if (name !== undefined) return [[image, name]];
    return taken(image) || [...given.values()].includes(image)
      ? []
      : [[image, image]];
  });
}
