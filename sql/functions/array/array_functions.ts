/**
 * The functions over arrays.
 *
 * @module
 */
import { anyCompatible, anyCompatibleArray } from "../../types/pseudo_types.ts";
import type { FunctionDefinition } from "../registry.ts";
import {
  appendFunction,
  concatenateFunction,
  prependFunction,
} from "./array_growth.ts";
import { arrayOrderFunctions } from "./array_order.ts";
import { arrayRowFunctions } from "./array_rows.ts";
import { arraySearchFunctions } from "./array_search.ts";
import { arrayShapeFunctions } from "./array_shape.ts";
import { arrayTextFunctions } from "./array_text_functions.ts";

/** The functions over arrays. */
export const arrayFunctions: readonly FunctionDefinition[] = [
  ...arrayShapeFunctions,
  ...arraySearchFunctions,
  ...arrayOrderFunctions,
  ...arrayTextFunctions,
  ...arrayRowFunctions,
  appendFunction("array_append", anyCompatibleArray, anyCompatible),
  prependFunction("array_prepend", anyCompatible, anyCompatibleArray),
  concatenateFunction("array_cat", anyCompatibleArray),
];
