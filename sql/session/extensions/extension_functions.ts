/**
 * The functions that a catalog's extensions add, as a search path finds them,
 * and those of `information_schema`, which need its name.
 *
 * @module
 */
import type { SearchPathCatalog } from "../../catalog/search_path.ts";
import { FunctionRegistry } from "../../functions/registry.ts";
import { informationSchemaFunctions } from "../../functions/system/information_schema_functions.ts";

const INFORMATION_SCHEMA = new FunctionRegistry();
INFORMATION_SCHEMA.registerFunctions(informationSchemaFunctions);

/** The functions that names without a schema mean. */
export function functionsIn(
  base: FunctionRegistry,
  catalog: SearchPathCatalog,
): FunctionRegistry {
  const extensions = catalog.extensions();
  if (extensions.length === 0) return base;
  const found = extensions.filter(({ schema }) =>
    catalog.path.includes(schema)
  );
  return base.extended(found.map(({ name }) => name));
}

/** The functions that names with that schema mean. */
export function functionsOfSchema(
  base: FunctionRegistry,
  catalog: SearchPathCatalog,
  schema: string,
): FunctionRegistry {
  if (schema === "information_schema") return INFORMATION_SCHEMA;
  const found = catalog.extensions().filter((each) => each.schema === schema);
  return base.extended(found.map(({ name }) => name));
}
