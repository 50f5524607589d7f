/**
 * Functions that make text of values of any type: `concat`, `concat_ws`,
 * `format`, `quote_literal` and its kin.
 *
 * Each is specialized for the types of a call: a value becomes text by its
 * type's output, as it would be sent to a client.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { int4 } from "../../types/int_types.ts";
import { anyElement, anyType } from "../../types/pseudo_types.ts";
import { characterCount, text } from "../../types/text_types.ts";
import { define, unary } from "../define.ts";
import type {
  FunctionContext,
  FunctionDefinition,
  ScalarForm,
} from "../registry.ts";

/** The texts of values; NULL stays NULL. */
function textsOf(
  types: readonly DataType[],
  values: readonly Nullable[],
  { datetime }: FunctionContext,
): (string | null)[] {
  return values.map((value, i) =>
    value === null ? null : types[i]!.output(value, datetime)
  );
}

/** A function of arguments of any types that sees them as text. */
function overTexts(
  name: string,
  declared: readonly DataType[],
  form: (texts: readonly (string | null)[]) => Nullable,
  returnType: DataType = text,
  strict = false,
): FunctionDefinition {
  // Outputs may depend on settings; that a value is NULL does not.
  const volatility = returnType === text ? "stable" : "immutable";
  const options = {
    strict,
    volatility,
    variadic: declared.at(-1) === anyType,
  } as const;
  const missing: ScalarForm = () => null;
  return {
    ...define(name, declared, returnType, missing, options),
    specialize(types: readonly DataType[]): FunctionDefinition {
      return define(
        name,
        types,
        returnType,
        (args, context) => form(textsOf(types, args, context)),
        { strict, volatility },
      );
    },
  };
}

function present(texts: readonly (string | null)[]): string[] {
  return texts.filter((value) => value !== null);
}

/** An identifier as SQL needs it: in quotes unless it is plain. */
export function quoteIdentifier(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !RESERVED.has(name)
    ? name
    : `"${name.replaceAll('"', '""')}"`;
}

/** Key words that cannot be names (PostgreSQL's, but for unreserved ones). */
const RESERVED: ReadonlySet<string> = new Set(
  ("all analyse analyze and any array as asc asymmetric authorization between " +
    "bigint binary bit boolean both case cast char character check coalesce " +
    "collate collation column concurrently constraint create cross " +
    "current_catalog current_date current_role current_schema current_time " +
    "current_timestamp current_user dec decimal default deferrable desc " +
    "distinct do else end except exists extract false fetch float for foreign " +
    "freeze from full grant greatest group grouping having ilike in initially " +
    "inner inout int integer intersect interval into is isnull join json " +
    "json_array json_arrayagg json_exists json_object json_objectagg " +
    "json_query json_scalar json_serialize json_table json_value lateral " +
    "leading least left like limit localtime localtimestamp merge_action " +
    "national natural nchar none normalize not notnull null nullif numeric " +
    "offset on only or order out outer overlaps overlay placing position " +
    "precision primary real references returning right row select session_user " +
    "setof similar smallint some substring symmetric system_user table " +
    "tablesample then time timestamp to trailing treat trim true union unique " +
    "user using values varchar variadic verbose when where window with " +
    "xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces " +
    "xmlparse xmlpi xmlroot xmlserialize xmltable").split(" "),
);

/** A text as an SQL literal. */
export function quoteLiteral(value: string): string {
  const quoted = `'${value.replaceAll("'", "''").replaceAll("\\", "\\\\")}'`;
  return value.includes("\\") ? `E${quoted}` : quoted;
}

/** One directive of a format: `%2$-10s`. */
const DIRECTIVE = /%(?:(\d+)\$)?(-?)(?:(\d+)|(\*)(?:(\d+)\$)?)?(.?)/gsu;

/** `format`: `%s` text, `%I` identifier, `%L` literal, `%%`. */
class Formatter {
  readonly #texts: readonly (string | null)[];
  #next = 1;

  constructor(texts: readonly (string | null)[]) {
    this.#texts = texts;
  }

  run(): string {
    return this.#texts[0]!.replace(
      DIRECTIVE,
      (_all, place, minus, width, star, starPlace, kind) =>
        this.#directive(
          { place, minus, star, starPlace, width },
          kind as string,
        ),
    );
  }

  #argument(place: string | undefined): string | null {
    if (place !== undefined) {
      if (Number(place) === 0) {
        throw new SqlError(
          "22023",
          "format specifies argument 0, but arguments are numbered from 1",
        );
      }
      this.#next = Number(place);
    }
    const value = this.#texts[this.#next++];
    if (value === undefined) {
      throw new SqlError("22023", "too few arguments for format()");
    }
    return value;
  }

  #directive(
    parts: Readonly<Record<string, string | undefined>>,
    kind: string,
  ): string {
    if (kind === "%") return "%";
    if (kind === "") {
      throw new SqlError("22023", "unterminated format() type specifier", {
        hint: 'For a single "%" use "%%".',
      });
    }
    let width = Number(parts.width ?? 0);
    if (parts.star === "*") {
      width = Number(this.#argument(parts.starPlace) ?? 0);
    }
    if (!/[sIL]/.test(kind)) {
      throw new SqlError(
        "22023",
        `unrecognized format() type specifier "${kind}"`,
        { hint: 'For a single "%" use "%%".' },
      );
    }
    const value = shown(this.#argument(parts.place), kind);
    const pad = " ".repeat(
      Math.max(0, Math.abs(width) - characterCount(value)),
    );
    return parts.minus === "-" || width < 0 ? value + pad : pad + value;
  }
}

function shown(value: string | null, kind: string): string {
  if (kind === "L") return value === null ? "NULL" : quoteLiteral(value);
  if (kind === "s") return value ?? "";
  if (value === null) {
    throw new SqlError(
      "22004",
      "null values cannot be formatted as an SQL identifier",
    );
  }
  return quoteIdentifier(value);
}

function format(texts: readonly (string | null)[]): string | null {
  return texts[0] === null ? null : new Formatter(texts).run();
}

/** Functions that make text of values. */
export const formatFunctions: readonly FunctionDefinition[] = [
  overTexts("concat", [anyType], (texts) => present(texts).join("")),
  overTexts(
    "concat_ws",
    [text, anyType],
    ([separator, ...texts]) =>
      separator === null ? null : present(texts).join(separator),
  ),
  define("format", [text], text, (args) => format(args as (string | null)[]), {
    strict: false,
    volatility: "stable",
  }),
  overTexts("format", [text, anyType], format),
  overTexts(
    "num_nulls",
    [anyType],
    (texts) => texts.length - present(texts).length,
    int4,
  ),
  overTexts("num_nonnulls", [anyType], (texts) => present(texts).length, int4),
  unary<string>("quote_ident", text, text, quoteIdentifier),
  unary<string>("quote_literal", text, text, quoteLiteral),
  overTexts(
    "quote_literal",
    [anyElement],
    ([value]) => quoteLiteral(value!),
    text,
    true,
  ),
  define(
    "quote_nullable",
    [text],
    text,
    ([value]) => value === null ? "NULL" : quoteLiteral(value as string),
    { strict: false },
  ),
  overTexts(
    "quote_nullable",
    [anyElement],
    ([value]) => value === null ? "NULL" : quoteLiteral(value!),
  ),
];
