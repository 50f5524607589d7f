/**
 * Whether JSON that is made of values, or values that are made of JSON, depend
 * on the session: as their text does.
 *
 * @module
 */
import { isImmutableCast } from "../../../types/cast.ts";
import type { DataType } from "../../../types/data_type.ts";
import { text } from "../../../types/text_types.ts";
import type { Volatility } from "../../definition.ts";

/** The volatility of what reads or writes the text of these types. */
export function textVolatility(types: readonly DataType[]): Volatility {
  return types.every((type) => isImmutableCast(type, text))
    ? "immutable"
    : "stable";
}
