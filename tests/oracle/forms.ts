/**
 * The kinds of values of random statements, and the forms of expressions that
 * give them.
 *
 * @module
 */

/** A kind of value. */
export type Kind =
  | "int"
  | "big"
  | "numeric"
  | "float"
  | "text"
  | "bool"
  | "date"
  | "stamp"
  | "ints"
  | "texts"
  | "json"
  | "span";

/**
 * The kinds of columns. Not of intervals: a month and 30 days are equal, and
 * which of them stands for a group is open.
 */
export const KINDS: readonly Kind[] = [
  ...["int", "text", "bool", "numeric", "big", "float", "date"] as const,
  ...["stamp", "ints", "texts", "json"] as const,
];

/** The type of a kind. */
export const TYPES: Readonly<Record<Kind, string>> = {
  int: "int",
  big: "bigint",
  numeric: "numeric",
  float: "float8",
  text: "text",
  bool: "boolean",
  date: "date",
  stamp: "timestamp",
  ints: "int[]",
  texts: "text[]",
  json: "jsonb",
  span: "interval",
};

/** Constants, the simplest first. */
export const LITERALS: Readonly<Record<Kind, readonly string[]>> = {
  int: ["1", "0", "2", "-1", "3", "NULL::int", "7"],
  big: ["1::bigint", "5000000000", "NULL::bigint", "-2::bigint"],
  numeric: ["1.50", "0.00", "-2.25", "NULL::numeric", "10.00"],
  float: ["0.5::float8", "2::float8", "NULL::float8", "-1.25::float8"],
  text: ["'a'", "'abc'", "''", "NULL::text", "'B c'", "'k1'"],
  bool: ["true", "false", "NULL::bool"],
  date: ["date '2024-02-29'", "'2023-12-31'::date", "NULL::date"],
  stamp: [
    "timestamp '2024-01-31 10:20:30'",
    "'2023-03-01'::timestamp",
    "NULL::timestamp",
  ],
  ints: ["ARRAY[1, 2]", "'{}'::int[]", "'{3,NULL,1}'::int[]", "NULL::int[]"],
  texts: ["ARRAY['a', 'b']", "'{}'::text[]", "'{k1,NULL}'::text[]"],
  json: [
    `'{"a": 1}'::jsonb`,
    `'[1, "x", null]'::jsonb`,
    `'{"b": [1, 2], "a": "x"}'::jsonb`,
    "NULL::jsonb",
  ],
  span: ["interval '1 day'", "interval '1 mon 2 days'", "interval '-3 hours'"],
};

/** Forms of every kind. */
const SHARED: readonly string[] = [
  "coalesce({same}, {same})",
  "CASE WHEN {bool} THEN {same} ELSE {same} END",
  "CASE WHEN {bool} THEN {same} WHEN {bool} THEN {same} END",
  "CASE {int} WHEN {int} THEN {same} WHEN 2 THEN {same} ELSE {same} END",
  "nullif({same}, {same})",
  "(ARRAY[{same}, {same}])[{int}]",
];

/** Forms of every kind that is no array: an array of those is no other kind. */
const PLAIN: readonly string[] = [
  ...SHARED,
  "greatest({same}, {same})",
  "least({same}, {same}, {same})",
];

/** Forms by the kind of what they give. */
export const FORMS: Readonly<Record<Kind, readonly string[]>> = {
  int: [
    ...["({int} + {int})", "({int} - {int})", "({int} * {int})"],
    ...["({int} / nullif({int}, 0))", "({int} % nullif({int}, 0))"],
    ...["(- {int})", "abs({int})", "sign({int})::int", "(~ {int})"],
    ...["({int} & {int})", "({int} | {int})", "({int} # {int})"],
    ...["({int} << 2)", "({int} >> 1)", "mod({int}, nullif({int}, 0))"],
    ...["gcd({int}, {int})", "width_bucket({int}, 0, 10, 5)"],
    ...["length({text})", "octet_length({text})", "ascii({text})"],
    ...["position({text} IN {text})", "strpos({text}, {text})"],
    ...["({bool})::int", "round({numeric})::int", "floor({numeric})::int"],
    ...["cardinality({ints})", "cardinality({texts})"],
    ...["array_length({ints}, 1)", "array_position({ints}, {int})"],
    ...["({ints})[{int}]", "array_upper({texts}, 1)"],
    ...["array_ndims({ints})", "({json} ->> 'n')::int"],
    ...["extract(year FROM {date})::int", "extract(dow FROM {date})::int"],
    ...["extract(day FROM {span})::int", "({date} - {date})"],
    ...["date_part('month', {stamp})::int", "num_nulls({text}, {int})"],
    ...[
      "num_nonnulls({date}, {ints}, {bool})",
      "bit_count({int}::bit(8))::int",
    ],
    ...["regexp_count({text}, '[a-k]')", "char_length({text})"],
    ...PLAIN,
  ],
  big: [
    ...["({int})::bigint", "({big} + {int})", "({big} - {big})"],
    ...["({big} * 2)", "({big} / nullif({big}, 0))", "abs({big})"],
    ...["({big} % nullif({big}, 0))", "(- {big})", "({int} + {big})"],
    ...PLAIN,
  ],
  numeric: [
    ...["({int})::numeric", "({numeric} + {numeric})", "({numeric} * {int})"],
    ...["({numeric} - {numeric})", "({numeric} * {numeric})"],
    ...["round({numeric}, 1)", "trunc({numeric}, 1)", "ceil({numeric})"],
    ...["floor({numeric})", "abs({numeric})", "sign({numeric})"],
    ...["({numeric} / nullif({numeric}, 0))", "({numeric})::numeric(20,3)"],
    ...["({numeric} % nullif({numeric}, 0))", "({big})::numeric"],
    ...["div({numeric}, nullif({numeric}, 0))", "trim_scale({numeric})"],
    ...["sqrt(abs({numeric}))", "ln(abs({numeric}) + 1)"],
    ...["extract(epoch FROM {stamp})", "(- {numeric})"],
    ...PLAIN,
  ],
  float: [
    ...["({int})::float8", "({float} + {float})", "({float} - {float})"],
    ...["({float} * 2)", "({float} / 4)", "abs({float})", "floor({float})"],
    ...["ceil({float})", "round({float})", "trunc({float})", "sign({float})"],
    ...["({numeric})::float8", "(- {float})", "({float} + {int})"],
    ...["sqrt(abs({float}))"],
    ...PLAIN,
  ],
  text: [
    ...["({text} || {text})", "upper({text})", "lower({text})"],
    ...["initcap({text})", "left({text}, {int})", "right({text}, {int})"],
    ...["substr({text}, 2)", "substring({text} FROM 1 FOR 2)"],
    ...["replace({text}, 'a', {text})", "reverse({text})"],
    ...["repeat({text}, 2)", "lpad({text}, 4, 'x')", "rpad({text}, 3, '-')"],
    ...["trim({text})", "ltrim({text}, 'a')", "btrim({text}, 'kx')"],
    ...["split_part({text}, 'b', 1)", "translate({text}, 'abk', 'xy')"],
    ...["md5({text})", "({int})::text", "({bool})::text", "({date})::text"],
    ...["to_char({date}, 'YYYY-MM-DD Dy')", "to_char({int}, '999')"],
    ...["to_char({numeric}, 'FM9990.00')", "({stamp})::text"],
    ...["concat({text}, {int}, {bool})", "concat_ws('-', {text}, {text})"],
    ...["format('%s:%I:%L', {int}, {text}, {text})", "quote_literal({text})"],
    ...["array_to_string({ints}, ',')", "array_to_string({texts}, '-', '*')"],
    ...["({json} ->> 'a')", "({json} #>> '{b,0}')", "jsonb_typeof({json})"],
    ...["overlay({text} PLACING 'zz' FROM 1 FOR 1)", "({texts})[{int}]"],
    ...["chr(65 + abs({int} % 26))", "to_hex({int})", "quote_ident({text})"],
    ...["regexp_replace({text}, '[a-c]', 'Z', 'g')", "({ints})::text"],
    ...["({text} || {int})", "encode(convert_to({text}, 'UTF8'), 'hex')"],
    ...["({span})::text", "(({text})::varchar(2) || '')", "({texts})::text"],
    ...["regexp_substr({text}, '[b-k]+')", "({big})::text", "({json})::text"],
    ...["row({int}, {text})::text", "quote_nullable({int})"],
    ...PLAIN,
  ],
  bool: [
    ...["({int} = {int})", "({bool} AND {bool})", "({bool} OR {bool})"],
    ...["({K} = {K})", "({K} <> {K})", "({K} < {K})", "({K} >= {K})"],
    ...["({K} IS NULL)", "({K} IS NOT NULL)", "({K} BETWEEN {K} AND {K})"],
    ...["({K} IS DISTINCT FROM {K})", "({K} IS NOT DISTINCT FROM {K})"],
    ...["({K} IN ({K}, {K}))", "({K} NOT IN ({K}, {K}))", "(NOT {bool})"],
    ...["({int} BETWEEN SYMMETRIC {int} AND {int})", "({bool} IS TRUE)"],
    ...["({bool} IS NOT FALSE)", "({bool} IS UNKNOWN)", "({bool} = {bool})"],
    ...["({text} LIKE 'a%')", "({text} NOT LIKE '%b_')", "({text} ~ '^k')"],
    ...["({text} ILIKE {text})", "({text} SIMILAR TO '(a|k)%')"],
    ...["({text} !~* 'B')", "starts_with({text}, {text})"],
    ...["({int} = ANY ({ints}))", "({text} <> ALL ({texts}))"],
    ...["({int} = ANY (ARRAY[{int}, {int}]))", "({int} < ANY ({ints}))"],
    ...["({ints} @> {ints})", "({ints} <@ {ints})", "({texts} && {texts})"],
    ...["({json} @> {json})", "({json} ? 'a')", "({json} ?| ARRAY['b', 'x'])"],
    ...["(({int}, {text}) < ({int}, {text}))", "({int} = {big})"],
    ...["(({int}, {text}) = ({int}, {text}))", "({int} < {numeric})"],
    ...["(({int}, {bool}) IN (({int}, {bool}), (1, true)))"],
    ...["({numeric} > {float})", "({date} < {stamp})", "({big} <= {float})"],
    ...["(({date}, {date}) OVERLAPS ({date}, {date}))"],
    ...["jsonb_path_exists({json}, '$.b[*] ? (@ > 1)')", "({text} IS JSON)"],
    ...["(row({int}, {text}) IS NULL)", '({text} COLLATE "C" < {text})'],
    ...["coalesce({bool}, {bool})", "(NOT ({bool} AND {bool}))"],
    "CASE WHEN {bool} THEN {bool} ELSE {bool} END",
  ],
  date: [
    ...["({date} + {int})", "({date} - {int})", "({stamp})::date"],
    "date_trunc('month', {stamp})::date",
    "make_date(2024, 1 + abs({int} % 12), 1 + abs({int} % 28))",
    "to_date(to_char({date}, 'YYYYMM'), 'YYYYMM')",
    ...PLAIN,
  ],
  stamp: [
    ...["({date})::timestamp", "({date} + {span})", "({stamp} - {span})"],
    ...["({stamp} + {span})", "date_trunc('hour', {stamp})"],
    ...["date_bin('15 minutes', {stamp}, timestamp '2020-01-01')"],
    ...PLAIN,
  ],
  span: [
    ...["({stamp} - {stamp})", "({span} + {span})", "({span} * 2)"],
    ...["make_interval(0, 0, 0, {int})", "age({stamp}, {stamp})", "(- {span})"],
    ...["justify_days({span})", "justify_hours({span})", "({span} / 2)"],
    ...PLAIN,
  ],
  ints: [
    ...["ARRAY[{int}, {int}]", "({ints} || {int})", "({int} || {ints})"],
    ...["({ints} || {ints})", "array_append({ints}, {int})"],
    ...["array_remove({ints}, {int})", "array_replace({ints}, {int}, {int})"],
    ...["({ints})[1:2]", "({ints})[{int}:]", "array_prepend({int}, {ints})"],
    ...["array_reverse({ints})", "array_sort({ints})", "ARRAY[{int}]::int[]"],
    "coalesce({ints}, {ints})",
    "CASE WHEN {bool} THEN {ints} ELSE {ints} END",
  ],
  texts: [
    ...["ARRAY[{text}, {text}]", "string_to_array({text}, 'b')"],
    ...["({texts} || {text})", "({texts} || {texts})", "({texts})[:1]"],
    ...["({ints})::text[]", "regexp_split_to_array({text}, '[ b]')"],
    "regexp_match({text}, '(a)(b)?')",
    "coalesce({texts}, {texts})",
    "CASE WHEN {bool} THEN {texts} ELSE {texts} END",
  ],
  json: [
    ...["jsonb_build_object('a', {int}, 'b', {text})", "to_jsonb({int})"],
    ...["jsonb_build_array({int}, {text}, {bool})", "({json} || {json})"],
    ...["to_jsonb({text}::text)", "to_jsonb({ints})", "({json} -> 'a')"],
    ...["({json} #> '{b,0}')", "({json} -> {int})", "to_jsonb({date})"],
    ...["jsonb_strip_nulls({json})", "to_jsonb(row({int}, {texts}))"],
    "jsonb_path_query_first({json}, '$.*')",
    "JSON_QUERY({json}, '$.b' WITH WRAPPER)",
    "jsonb_set(jsonb_build_object('n', {int}), '{n}', to_jsonb({bool}))",
    ...PLAIN,
  ],
};
