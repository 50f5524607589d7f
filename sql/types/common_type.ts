/**
 * The type that values of several types can share: PostgreSQL's
 * `select_common_type`.
 *
 * @module
 */
import { canCoerce } from "./cast.ts";
import type { DataType } from "./data_type.ts";
import { text, unknown } from "./text_types.ts";

/**
 * The type that values of all `types` become implicitly; `undefined` where
 * their categories differ or a cast lacks. Of `unknown` alone it is `text`.
 */
export function commonTypeOf(
  types: readonly DataType[],
): DataType | undefined {
  let common = unknown;
  for (const type of types) {
    if (type === unknown || type === common) continue;
    if (common === unknown) {
      common = type;
    } else if (type.category !== common.category) {
      return undefined;
    } else if (
      !common.preferred && canCoerce(common, type, "implicit") &&
      !canCoerce(type, common, "implicit")
    ) {
      common = type;
    }
  }
  if (common === unknown) return text;
  return types.every((type) => canCoerce(type, common, "implicit"))
    ? common
    : undefined;
}
