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
import { quoteIdentifier, quoteLiteral } from "../../parser/quote.ts";
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
