/**
 * A question about the catalog, and who is asked.
 *
 * @module
 */
import type { AnalyzeOptions } from "../analyzer/analyzer.ts";
import type { SearchPathCatalog } from "../catalog/search_path.ts";
import type { Nullable } from "../types/data_type.ts";
import type { DatabaseCore } from "./database_core.ts";
import type { Settings } from "./settings.ts";

/** Whom a question is put to. */
export interface Asked {
  readonly catalog: SearchPathCatalog;
  readonly core: Pick<
    DatabaseCore,
    | "access"
    | "store"
    | "types"
    | "functions"
    | "user"
    | "settings"
    | "locks"
    | "locksOf"
    | "builds"
    | "activity"
    | "catalog"
    | "planningHandle"
    | "planQuality"
  >;
  readonly settings: Settings;
  /** What queries of views are analyzed with. */
  analysis(): AnalyzeOptions;
  /** Answers another question. */
  ask(question: string, args: readonly Nullable[]): Nullable;
}

/** Answers a function; its arguments are no NULLs. */
export type Answer = (asked: Asked, args: readonly Nullable[]) => Nullable;
