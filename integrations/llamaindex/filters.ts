/**
 * LlamaIndex's filters as a condition of SQL over metadata in jsonb.
 *
 * Numbers are compared where the metadata has numbers; a row without the key
 * passes `!=`, `nin` and `is_empty` alone.
 *
 * @module
 */
import {
  escapeLikeString,
  type MetadataFilter,
  type VectorStoreQuery,
} from "@llamaindex/core/vector-store";
import { SqlError } from "../../mod.ts";
import type { Condition } from "../vector_table/vector_table.ts";

/** A condition as text, `$k` for the key and `$v` for the value. */
interface Rule {
  readonly text: string;
  /** What is sent for the value (default: its JSON). */
  readonly value?: (filter: MetadataFilter) => unknown;
}

const compared = (operator: string): Rule => ({
  text: `CASE WHEN jsonb_typeof(metadata -> $k) = 'number'
    THEN (metadata ->> $k)::float8 ${operator} $v::float8 ELSE false END`,
  value: ({ value }) => Number(value),
});

const list = ({ value, operator }: MetadataFilter): unknown => {
  if (Array.isArray(value)) return value;
  throw new SqlError("22023", `filter "${operator}" wants a list`);
};

const MEMBER =
  "coalesce(metadata -> $k IN (SELECT jsonb_array_elements($v::jsonb)), false)";

const RULES: Readonly<Record<MetadataFilter["operator"], Rule>> = {
  "==": { text: "metadata -> $k = $v::jsonb" },
  "!=": { text: "metadata -> $k IS DISTINCT FROM $v::jsonb" },
  ">": compared(">"),
  ">=": compared(">="),
  "<": compared("<"),
  "<=": compared("<="),
  in: { text: MEMBER, value: (filter) => JSON.stringify(list(filter)) },
  nin: {
    text: `NOT ${MEMBER}`,
    value: (filter) => JSON.stringify(list(filter)),
  },
  any: { text: "metadata -> $k ?| $v::text[]", value: list },
  all: { text: "metadata -> $k ?& $v::text[]", value: list },
  contains: { text: "metadata -> $k @> $v::jsonb" },
  "text_match": {
    text: "metadata ->> $k ILIKE $v",
    value: ({ value }) => `%${escapeLikeString(String(value))}%`,
  },
  "is_empty": {
    text: `(metadata -> $k IS NULL OR
      metadata -> $k IN ('null', '""', '[]') OR $v::jsonb IS NULL AND false)`,
    value: () => null,
  },
};

/**
 * What a query asks of metadata, if anything.
 *
 * @throws {SqlError} `22023` for a filter without a value that needs one,
 * `0A000` for one that is not known.
 */
export function conditionOf(
  { filters, docIds }: VectorStoreQuery,
): Condition | undefined {
  const rules: { text: string; values: unknown[] }[] = [];
  for (const filter of filters?.filters ?? []) rules.push(ruleOf(filter));
  const joined = filters?.condition === "or" ? " OR " : " AND ";
  const wantsIds = docIds !== undefined && docIds.length > 0;
  if (rules.length === 0 && !wantsIds) return undefined;
  return {
    text: (first) => {
      let next = first;
      const texts = rules.map(({ text }) => {
        const [key, value] = [`$${next++}::text`, `$${next++}`];
        return `(${
          text.replaceAll("$k", () => key).replaceAll("$v", () => value)
        })`;
      });
      const all = texts.length === 0 ? [] : [`(${texts.join(joined)})`];
      if (wantsIds) all.push(`metadata ->> 'doc_id' = ANY ($${next})`);
      return all.join(" AND ");
    },
    values: [
      ...rules.flatMap(({ values }) => values),
      ...wantsIds ? [docIds] : [],
    ],
  };
}

function ruleOf(
  filter: MetadataFilter,
): { text: string; values: unknown[] } {
  const { key, operator, value } = filter;
  const rule = Object.hasOwn(RULES, operator) ? RULES[operator] : undefined;
  if (rule === undefined) {
    throw new SqlError("0A000", `filter "${operator}" is not supported`);
  }
  if (value === undefined && operator !== "is_empty") {
    throw new SqlError(
      "22023",
      `filter "${operator}" of "${key}" has no value`,
    );
  }
  const sent = rule.value === undefined
    ? JSON.stringify(value)
    : rule.value(filter);
  return { text: rule.text, values: [key, sent] };
}
