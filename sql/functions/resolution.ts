/**
 * Which of several functions a call means: PostgreSQL's chapter 10.2 and 10.3
 * (`func_select_candidate`).
 *
 * Candidates have as many arguments as the call. An exact match ends it. Else,
 * of those whose arguments the call's coerce to implicitly:
 *
 * 1. the ones with the most exactly matching types;
 * 2. of these, the ones that accept the most preferred types where types do not
 *    match;
 * 3. where arguments are `unknown`: in each such place the category of string
 *    if any candidate takes it, else the one category all candidates share;
 *    then only candidates of that category, and its preferred type if any of
 *    them takes it;
 * 4. if all known arguments are of one type, unknown ones are taken for it.
 *
 * Each step that leaves one candidate ends it; none left is "none", several
 * "ambiguous".
 *
 * @module
 */
import { canCoerce } from "../types/cast.ts";
import type { DataType, TypeCategory } from "../types/data_type.ts";
import { unknown } from "../types/text_types.ts";
import { isConsistent, isPolymorphic, settleTypes } from "./polymorphism.ts";

/** A function with the types that it takes in this call. */
export interface Candidate<T> {
  /** The function. */
  readonly item: T;
  /** One type an argument. */
  readonly types: readonly DataType[];
}

/** Whether more than the system's casts make a type another by itself. */
export type ImplicitCasts = (source: DataType, target: DataType) => boolean;

/** The candidate that takes exactly these types. */
export function exactCandidate<T>(
  candidates: readonly Candidate<T>[],
  types: readonly DataType[],
): Candidate<T> | undefined {
  return candidates.find((candidate) =>
    types.every((type, i) => type === candidate.types[i])
  );
}

/** Whether the arguments coerce implicitly to what the candidate takes. */
function accepts<T>(
  candidate: Candidate<T>,
  types: readonly DataType[],
  casts: ImplicitCasts | undefined,
): boolean {
  for (let i = 0; i < types.length; i++) {
    const wanted = candidate.types[i]!;
    if (isPolymorphic(wanted)) continue;
    const given = types[i]!;
    if (canCoerce(given, wanted, "implicit")) continue;
    if (casts?.(given, wanted) !== true) return false;
  }
  return isConsistent(candidate.types, types);
}

/** The candidates with the highest count. */
function best<T>(
  candidates: readonly Candidate<T>[],
  count: (candidate: Candidate<T>) => number,
): readonly Candidate<T>[] {
  let highest = -1;
  let kept: Candidate<T>[] = [];
  for (const candidate of candidates) {
    const value = count(candidate);
    if (value > highest) {
      highest = value;
      kept = [];
    }
    if (value === highest) kept.push(candidate);
  }
  return kept;
}

/** How many places satisfy `test`. */
function places(
  types: readonly DataType[],
  test: (type: DataType, place: number) => boolean,
): number {
  let count = 0;
  for (let i = 0; i < types.length; i++) {
    if (test(types[i]!, i)) count++;
  }
  return count;
}

/** The candidate with `anyelement` and its kin replaced by what they are. */
function settle<T>(
  { item, types: wanted }: Candidate<T>,
  types: readonly DataType[],
): Candidate<T> {
  return { item, types: settleTypes(wanted, types) };
}

/**
 * The candidate that a call with these types means, polymorphic types replaced
 * by the call's; or why there is none.
 */
export function chooseCandidate<T>(
  all: readonly Candidate<T>[],
  types: readonly DataType[],
  casts?: ImplicitCasts,
): Candidate<T> | "none" | "ambiguous" {
  let candidates: readonly Candidate<T>[] = all.filter((candidate) =>
    accepts(candidate, types, casts)
  );
  if (candidates.length === 0) return "none";
  if (candidates.length === 1) return settle(candidates[0]!, types);
  candidates = best(
    candidates,
    (candidate) =>
      places(
        types,
        (type, i) => type !== unknown && candidate.types[i] === type,
      ),
  );
  if (candidates.length === 1) return settle(candidates[0]!, types);
  candidates = best(
    candidates,
    (candidate) => places(types, (type, i) => fits(type, candidate.types[i]!)),
  );
  if (candidates.length === 1) return settle(candidates[0]!, types);
  if (!types.includes(unknown)) return "ambiguous";
  candidates = byCategory(candidates, types);
  if (candidates.length === 1) return settle(candidates[0]!, types);
  const chosen = bySameType(candidates, types, casts);
  return chosen === undefined ? "ambiguous" : settle(chosen, types);
}

/** Whether a known type matches, or meets the preferred type it becomes. */
function fits(type: DataType, wanted: DataType): boolean {
  if (type === unknown) return false;
  return type === wanted ||
    (wanted.preferred && wanted.category === type.category);
}

/** Step 3: categories for unknown arguments. */
function byCategory<T>(
  candidates: readonly Candidate<T>[],
  types: readonly DataType[],
): readonly Candidate<T>[] {
  let kept = candidates;
  for (let i = 0; i < types.length; i++) {
    if (types[i] !== unknown) continue;
    const category = categoryOf(candidates, i);
    if (category === undefined) return candidates;
    const hasPreferred = candidates.some((candidate) => {
      const wanted = candidate.types[i]!;
      return wanted.category === category && wanted.preferred;
    });
    kept = kept.filter((candidate) => {
      const wanted = candidate.types[i]!;
      return wanted.category === category &&
        (!hasPreferred || wanted.preferred);
    });
  }
  return kept.length === 0 ? candidates : kept;
}

/** String if any candidate takes it in place `i`, else the one all share. */
function categoryOf<T>(
  candidates: readonly Candidate<T>[],
  place: number,
): TypeCategory | undefined {
  const categories = new Set(
    candidates.map((candidate) => candidate.types[place]!.category),
  );
  if (categories.has("S")) return "S";
  return categories.size === 1 ? [...categories][0] : undefined;
}

/** Step 4: unknown arguments are of the one type that the known ones have. */
function bySameType<T>(
  candidates: readonly Candidate<T>[],
  types: readonly DataType[],
  casts: ImplicitCasts | undefined,
): Candidate<T> | undefined {
  const known = new Set(types.filter((type) => type !== unknown));
  if (known.size !== 1) return undefined;
  const [type] = [...known];
  const assumed = types.map(() => type!);
  const kept = candidates.filter((candidate) =>
    accepts(candidate, assumed, casts)
  );
  return kept.length === 1 ? kept[0] : undefined;
}
