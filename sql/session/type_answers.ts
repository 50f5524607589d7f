/**
 * What functions about the text of types answer: `pg_input_is_valid`,
 * `pg_input_error_info`, `to_regtypemod`, `pg_basetype`.
 *
 * @module
 */
import { builtInType, modifierOf } from "../analyzer/bind_type.ts";
import { SqlError } from "../errors/sql_error.ts";
import { parse } from "../parser/parser.ts";
import { arrayTypeOf } from "../types/array/array_type.ts";
import { ownTypeOf } from "../types/domain_type.ts";
import { castValue } from "../types/cast.ts";
import type { Nullable, TypeRef } from "../types/data_type.ts";
import type { RegValue } from "../types/reg_value.ts";
import { unknown } from "../types/text_types.ts";
import type { Answer, Asked } from "./catalog_question.ts";

/** The type that a text names, as it is written in a cast. */
export function typeNamed(
  { core, catalog }: Asked,
  text: string,
): TypeRef | undefined {
  const syntax = parse(`SELECT CAST(NULL AS ${text})`)[0]?.syntax;
  if (syntax?.kind !== "select" || syntax.body.kind !== "select_body") {
    return undefined;
  }
  const expression = syntax.body.targets[0]?.expression;
  if (expression?.kind !== "cast") return undefined;
  const { name, schema, modifiers, isArray, offset } = expression.type;
  const entry = catalog.type(schema, name) ?? catalog.relation(schema, name);
  const known = entry && core.types.byOid(entry.id);
  const element = builtInType({ types: core.types, catalog }, name, schema) ??
    (known && ownTypeOf(known));
  if (element === undefined) return undefined;
  const typmod = modifiers.length === 0 ? -1 : element.typmodInput?.(
    modifiers.map((each) => modifierOf(each, offset)),
  ) ?? -1;
  const isPlain = isArray !== true || element.element !== undefined;
  const type = isPlain ? element : arrayTypeOf(element);
  return type && { type, typmod };
}

/** What the input of a type says of a text; `undefined`: it takes it. */
function inputError(
  asked: Asked,
  [text, name]: readonly Nullable[],
): SqlError | undefined {
  const type = typeNamed(asked, name as string);
  if (type === undefined) {
    throw new SqlError("42704", `type "${name}" does not exist`);
  }
  try {
    castValue(text!, unknown, type, "assignment", {
      now: () => 0,
      datetime: asked.settings.datetime,
      catalog: (question, given) => asked.ask(question, given),
    });
    return undefined;
  } catch (error) {
    if (error instanceof SqlError && /^(22|23|0A)/.test(error.code)) {
      return error;
    }
    throw error;
  }
}

/** What a domain is over, through all that it is over; of others, the type. */
function baseType(
  { core, catalog, ask }: Asked,
  [which]: readonly Nullable[],
): Nullable {
  let id = (which as RegValue).oid;
  for (;;) {
    const entry = catalog.byId(id);
    if (entry?.kind !== "domain") break;
    id = entry.base.type.oid;
  }
  const isThere = core.types.byOid(id) !== undefined;
  return isThere ? ask("regtypeout", [id]) : null;
}

/** The answers to questions about the text of types. */
export const TYPE_ANSWERS: readonly (readonly [string, Answer])[] = [
  [
    "pg_input_is_valid",
    (asked, args) => inputError(asked, args) === undefined,
  ],
  [
    "pg_input_error_info",
    (asked, args) => {
      const error = inputError(asked, args);
      return JSON.stringify([
        error === undefined ? [null, null, null, null] : [
          error.message,
          error.detail ?? null,
          error.hint ?? null,
          error.code,
        ],
      ]);
    },
  ],
  ["pg_basetype", baseType],
  [
    "to_regtypemod",
    (asked, [text]) => typeNamed(asked, text as string)?.typmod ?? null,
  ],
];
