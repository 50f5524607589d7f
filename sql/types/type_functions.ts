/**
 * The functions behind a type: what reads and writes its text and its binary
 * form. Drivers know types by them: an array is what `array_in` reads.
 *
 * They have rows in `pg_proc`, PostgreSQL's names and, where PostgreSQL has the
 * type, its OIDs. They cannot be called: their arguments are no SQL values.
 *
 * @module
 */
import type { DataType } from "./data_type.ts";
import { baseOf } from "./domain_type.ts";

/** What a function does for its type. */
export type TypeFunctionKind = "in" | "out" | "recv" | "send";

/** A function of a type. */
export interface TypeFunction {
  readonly id: number;
  readonly name: string;
}

/** The functions of a type. */
export type TypeFunctions = Readonly<Record<TypeFunctionKind, TypeFunction>>;

const KINDS: readonly TypeFunctionKind[] = ["in", "out", "recv", "send"];

/** No function. */
export const NO_TYPE_FUNCTION: TypeFunction = { id: 0, name: "-" };

/** What names begin with, and the OIDs; 0: there is no such function. */
const KNOWN: readonly (readonly [string, number, number, number, number])[] = [
  ["bool", 1242, 1243, 2436, 2437],
  ["bytea", 1244, 31, 2412, 2413],
  ["char", 1245, 33, 2434, 2435],
  ["name", 34, 35, 2422, 2423],
  ["int8", 460, 461, 2408, 2409],
  ["int2", 38, 39, 2404, 2405],
  ["int2vector", 40, 41, 2410, 2411],
  ["int4", 42, 43, 2406, 2407],
  ["regproc", 44, 45, 2444, 2445],
  ["text", 46, 47, 2414, 2415],
  ["oid", 1798, 1799, 2418, 2419],
  ["tid", 48, 49, 2438, 2439],
  ["xid", 50, 51, 2440, 2441],
  ["cid", 52, 53, 2442, 2443],
  ["oidvector", 54, 55, 2420, 2421],
  ["json_", 321, 322, 323, 324],
  ["point_", 117, 118, 2428, 2429],
  ["lseg_", 119, 120, 2480, 2481],
  ["path_", 121, 122, 2482, 2483],
  ["box_", 123, 124, 2484, 2485],
  ["poly_", 347, 348, 2486, 2487],
  ["line_", 1490, 1491, 2488, 2489],
  ["circle_", 1450, 1451, 2490, 2491],
  ["float4", 200, 201, 2424, 2425],
  ["float8", 214, 215, 2426, 2427],
  ["unknown", 109, 110, 2416, 2417],
  ["cash_", 886, 887, 2492, 2493],
  ["macaddr_", 436, 437, 2494, 2495],
  ["inet_", 910, 911, 2496, 2497],
  ["cidr_", 1267, 1427, 2498, 2499],
  ["macaddr8_", 4110, 4111, 3446, 3447],
  ["aclitem", 1031, 1032, 0, 0],
  ["array_", 750, 751, 2400, 2401],
  ["bpchar", 1044, 1045, 2430, 2431],
  ["varchar", 1046, 1047, 2432, 2433],
  ["date_", 1084, 1085, 2468, 2469],
  ["time_", 1143, 1144, 2470, 2471],
  ["timestamp_", 1312, 1313, 2474, 2475],
  ["timestamptz_", 1150, 1151, 2476, 2477],
  ["interval_", 1160, 1161, 2478, 2479],
  ["timetz_", 1350, 1351, 2472, 2473],
  ["bit_", 1564, 1565, 2456, 2457],
  ["varbit_", 1579, 1580, 2458, 2459],
  ["numeric_", 1701, 1702, 2460, 2461],
  ["regprocedure", 2212, 2213, 2446, 2447],
  ["regclass", 2218, 2219, 2452, 2453],
  ["regtype", 2220, 2221, 2454, 2455],
  ["regnamespace", 4084, 4085, 4087, 4088],
  ["regrole", 4098, 4092, 4094, 4095],
  ["regcollation", 4193, 4194, 4196, 4197],
  ["regconfig", 3736, 3737, 3738, 3739],
  ["record_", 2290, 2291, 2402, 2403],
  ["any_", 2294, 2295, 0, 0],
  ["anyarray_", 2296, 2297, 2502, 2503],
  ["anyelement_", 2312, 2313, 0, 0],
  ["anynonarray_", 2777, 2778, 0, 0],
  ["anyenum_", 3504, 3505, 0, 0],
  ["anyrange_", 3832, 3833, 0, 0],
  ["anymultirange_", 4229, 4230, 0, 0],
  ["anycompatible_", 5086, 5087, 0, 0],
  ["anycompatiblearray_", 5088, 5089, 5090, 5091],
  ["anycompatiblenonarray_", 5092, 5093, 0, 0],
  ["void_", 2298, 2299, 3120, 3121],
  ["trigger_", 2300, 2301, 0, 0],
  ["uuid_", 2952, 2953, 2961, 2962],
  ["txid_snapshot_", 2939, 2940, 2941, 2942],
  ["pg_snapshot_", 5055, 5056, 5057, 5058],
  ["pg_lsn_", 3229, 3230, 3238, 3239],
  ["enum_", 3506, 3507, 3532, 3533],
  ["range_", 3834, 3835, 3836, 3837],
  ["multirange_", 4231, 4232, 4233, 4234],
  ["domain_", 2597, 0, 2598, 0],
  ["tsvector", 3610, 3611, 3639, 3638],
  ["tsquery", 3612, 3613, 3641, 3640],
  ["jsonb_", 3806, 3804, 3805, 3803],
  ["jsonpath_", 4001, 4003, 4002, 4004],
  ["xid8", 5070, 5081, 5082, 5083],
];

/** The functions of types that PostgreSQL does not have get OIDs from here. */
const FIRST_OTHER_ID = 1_100_000_000;

/** Types whose functions are named after something else. */
const STEMS: Readonly<Record<string, string>> = {
  polygon: "poly_",
  money: "cash_",
  refcursor: "text",
};

const BY_STEM: ReadonlyMap<string, TypeFunctions> = new Map(
  KNOWN.map(([stem, ...ids]) => [
    stem,
    functionsOf(stem, (i) => ids[i]!),
  ]),
);

function functionsOf(stem: string, id: (i: number) => number): TypeFunctions {
  const each = KINDS.map((kind, i) => [
    kind,
    id(i) === 0 ? NO_TYPE_FUNCTION : { id: id(i), name: stem + kind },
  ]);
  return Object.fromEntries(each) as unknown as TypeFunctions;
}

/** The functions of a type. */
export function typeFunctions(type: DataType): TypeFunctions {
  if (type.domain !== undefined) {
    const { in: input, recv } = BY_STEM.get("domain_")!;
    const { out, send } = typeFunctions(baseOf({ type, typmod: -1 }).type);
    return { in: input, out, recv, send };
  }
  const stem = stemOf(type);
  return BY_STEM.get(stem) ??
    functionsOf(stem, (i) => FIRST_OTHER_ID + type.oid * KINDS.length + i);
}

function stemOf(type: DataType): string {
  const { name } = type;
  if (BY_STEM.has(name)) return name;
  if (type.element !== undefined) return "array_";
  if (type.enumeration !== undefined) return "enum_";
  if (type.fields !== undefined) return "record_";
  if (type.range !== undefined) return "range_";
  if (type.multirangeOf !== undefined) return "multirange_";
  return STEMS[name] ?? `${name}_`;
}

/** A function, with its kind and a type that it is for. */
export interface TypeFunctionUse extends TypeFunction {
  readonly kind: TypeFunctionKind;
  readonly type: DataType;
}

/** The functions of some types, each once. */
export function allTypeFunctions(
  types: Iterable<DataType>,
): ReadonlyMap<number, TypeFunctionUse> {
  const all = new Map<number, TypeFunctionUse>();
  for (const type of types) {
    const functions = typeFunctions(type);
    for (const kind of KINDS) {
      const each = functions[kind];
      if (each.id === 0 || all.has(each.id)) continue;
      all.set(each.id, { ...each, kind, type });
    }
  }
  return all;
}
