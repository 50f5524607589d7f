/**
 * Collations: orders of text.
 *
 * Those of code points (`C`, `POSIX`, `ucs_basic` …) and the default have the
 * order of `text_order.ts`; those of a language (`de-x-icu`, `en_US`) the order
 * that Unicode gives it, and texts it takes for equal are in the order of code
 * points. So equality is the same in all of them: only what asks for an order
 * has to know.
 *
 * A column's collation is in its {@linkcode TypeRef}. Where values are put in
 * order they have the type that {@linkcode collatedType} makes.
 *
 * @module
 */
import type { Collation, DataType, SqlValue } from "./data_type.ts";
import { foldCase } from "./extensions/citext_type.ts";
import { compareText } from "./text_order.ts";
import { trimBlanks } from "./text_types.ts";

function ofCodePoints(
  oid: number,
  name: string,
  provider: Collation["provider"],
  locale: string | undefined,
  encoding: number,
): Collation {
  return { oid, name, provider, locale, encoding, language: undefined };
}

/** The collation of whatever says no other. */
export const DEFAULT_COLLATION: Collation = ofCodePoints(
  100,
  "default",
  "d",
  undefined,
  -1,
);

const UTF8 = 6;

const FIXED: readonly Collation[] = [
  DEFAULT_COLLATION,
  ofCodePoints(811, "pg_c_utf8", "b", "C.UTF-8", UTF8),
  ofCodePoints(950, "C", "c", "C", -1),
  ofCodePoints(951, "POSIX", "c", "POSIX", -1),
  ofCodePoints(962, "ucs_basic", "b", "C", UTF8),
  {
    oid: 963,
    name: "unicode",
    provider: "i",
    locale: "und",
    encoding: -1,
    language: "und",
  },
  ofCodePoints(6411, "pg_unicode_fast", "b", "PG_UNICODE_FAST", UTF8),
];

/** Languages, each with the regions that have a collation of their own. */
const LANGUAGES = "und af:ZA am:ET ar:AE,EG,SA az:AZ be:BY bg:BG bn:BD,IN " +
  "bs:BA ca:ES cs:CZ cy:GB da:DK de:AT,CH,DE el:GR en:AU,CA,GB,IE,IN,NZ,US,ZA " +
  "eo es:AR,CL,CO,ES,MX,PE,US et:EE eu:ES fa:IR fi:FI fil:PH fo:FO " +
  "fr:BE,CA,CH,FR ga:IE gl:ES gu:IN ha:NG he:IL hi:IN hr:HR hu:HU hy:AM id:ID " +
  "is:IS it:CH,IT ja:JP ka:GE kk:KZ km:KH kn:IN ko:KR ky:KG lo:LA lt:LT lv:LV " +
  "mk:MK ml:IN mn:MN mr:IN ms:MY mt:MT my:MM nb:NO ne:NP nl:BE,NL nn:NO pa:IN " +
  "pl:PL ps:AF pt:BR,PT ro:RO ru:RU,UA si:LK sk:SK sl:SI sq:AL sr:RS sv:FI,SE " +
  "sw:KE,TZ ta:IN te:IN th:TH tr:TR uk:UA ur:PK uz:UZ vi:VN wo:SN yo:NG " +
  "zh:CN,HK,SG,TW zu:ZA";

const FIRST_LANGUAGE_OID = 12_400;

function collationsOfLanguages(): Collation[] {
  const found: Collation[] = [];
  const add = (
    name: string,
    provider: "c" | "i",
    locale: string,
    language: string,
  ): void => {
    const oid = FIRST_LANGUAGE_OID + found.length;
    const encoding = provider === "c" ? UTF8 : -1;
    found.push({ oid, name, provider, locale, encoding, language });
  };
  for (const item of LANGUAGES.split(" ")) {
    const [language, regions] = item.split(":") as [string, string?];
    add(`${language}-x-icu`, "i", language, language);
    for (const region of regions?.split(",") ?? []) {
      const tag = `${language}-${region}`;
      const locale = `${language}_${region}.utf8`;
      add(`${tag}-x-icu`, "i", tag, tag);
      add(`${language}_${region}`, "c", locale, tag);
      add(locale, "c", locale, tag);
    }
  }
  return found;
}

/** All collations. */
export const COLLATIONS: readonly Collation[] = [
  ...FIXED,
  ...collationsOfLanguages(),
];

const BY_NAME: ReadonlyMap<string, Collation> = new Map(
  COLLATIONS.map((collation) => [collation.name, collation]),
);

/** The collation of that name. */
export function collationNamed(name: string): Collation | undefined {
  return BY_NAME.get(name);
}

/** Whether values of the type have a collation. */
export function isCollatable(type: DataType): boolean {
  return COLLATABLE.has((type.storedAs ?? type).name) ||
    (type.element !== undefined && isCollatable(type.element));
}

const COLLATABLE: ReadonlySet<string> = new Set([
  "text",
  "varchar",
  "bpchar",
  "unknown",
  "citext",
]);

const collators = new Map<string, (a: string, b: string) => number>();

function compareOf(language: string): (a: string, b: string) => number {
  let compare = collators.get(language);
  if (compare === undefined) {
    const tag = language === "und" ? "en" : language;
    const collator = new Intl.Collator(tag, { sensitivity: "variant" });
    compare = (a, b) => collator.compare(a, b) || compareText(a, b);
    collators.set(language, compare);
  }
  return compare;
}

/** What of a text counts, for types of which not all does. */
const COUNTED: Readonly<Record<string, (value: string) => string>> = {
  bpchar: trimBlanks,
  citext: foldCase,
};

const types = new Map<string, DataType>();

/**
 * The type whose values are in the order of `collation`; `type` itself where
 * that is the order it has.
 */
export function collatedType(
  type: DataType,
  collation: Collation | undefined,
): DataType {
  const language = collation?.language;
  if (language === undefined || type.element !== undefined) return type;
  const key = `${type.oid} ${language}`;
  let found = types.get(key);
  if (found === undefined) {
    const texts = compareOf(language);
    const counted = COUNTED[type.name];
    const compare = counted === undefined
      ? texts as (a: SqlValue, b: SqlValue) => number
      : (a: SqlValue, b: SqlValue) =>
        texts(counted(a as string), counted(b as string));
    found = { ...type, compare };
    types.set(key, found);
  }
  return found;
}
