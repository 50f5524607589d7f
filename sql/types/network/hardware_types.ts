/**
 * `macaddr` and `macaddr8`: hardware addresses of 6 and 8 bytes.
 *
 * `macaddr` is read as PostgreSQL's `sscanf` reads it, in seven ways;
 * `macaddr8` as pairs of digits with one separator throughout. In JavaScript
 * both are their text.
 *
 * @module
 */
import { compareBytes } from "../../../base/bytes.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { CastDefinition } from "../cast_definition.ts";
import type { DataType, SqlValue } from "../data_type.ts";
import { hexOf, textOfJs } from "../js_value.ts";
import { invalidSyntax } from "../type_error.ts";

/** A number as `sscanf` reads it: blanks before it, a sign, `0x`. */
const NUMBER = "\\s*([+-]?(?:0[xX](?=[0-9a-fA-F]))?[0-9a-fA-F]+)";
/** The same, two characters at most. */
const PAIR =
  "\\s*((?:[0-9a-fA-F]{2})|[+-][0-9a-fA-F]|[0-9a-fA-F](?![0-9a-fA-F]))";

const MAC_FORMS: readonly RegExp[] = [
  Array(6).fill(NUMBER).join(":"),
  Array(6).fill(NUMBER).join("-"),
  `${PAIR.repeat(3)}:${PAIR.repeat(3)}`,
  `${PAIR.repeat(3)}-${PAIR.repeat(3)}`,
  Array(3).fill(PAIR.repeat(2)).join("\\."),
  Array(3).fill(PAIR.repeat(2)).join("-"),
  PAIR.repeat(6),
].map((form) => new RegExp(`^${form}\\s*$`));

function readMac(given: string): Uint8Array {
  for (const form of MAC_FORMS) {
    const found = form.exec(given);
    if (found === null) continue;
    const octets = found.slice(1).map((digits) => parseInt(digits, 16));
    if (octets.every((octet) => octet >= 0 && octet <= 255)) {
      return Uint8Array.from(octets);
    }
    throw new SqlError(
      "22003",
      `invalid octet value in "macaddr" value: "${given}"`,
    );
  }
  throw invalidSyntax("macaddr", given);
}

const SPACE = /\s/;
const SEPARATORS = ":-.";

function readMac8(given: string): Uint8Array {
  const fail = (): SqlError => invalidSyntax("macaddr8", given);
  let at = 0;
  while (SPACE.test(given[at] ?? "")) at++;
  const octets: number[] = [];
  let separator: string | undefined;
  while (at + 1 < given.length) {
    const digits = given.slice(at, at + 2);
    if (!/^[0-9a-fA-F]{2}$/.test(digits) || octets.length === 8) throw fail();
    octets.push(parseInt(digits, 16));
    at += 2;
    const next = given[at];
    if (next !== undefined && SEPARATORS.includes(next)) {
      separator ??= next;
      if (next !== separator) throw fail();
      at++;
    }
    const isWhole = octets.length === 6 || octets.length === 8;
    if (isWhole && SPACE.test(given[at] ?? "")) {
      while (SPACE.test(given[at] ?? "")) at++;
      if (at < given.length) throw fail();
    }
  }
  if (octets.length === 6) return mac8OfMac(Uint8Array.from(octets));
  if (octets.length === 8) return Uint8Array.from(octets);
  throw fail();
}

/** The address of 8 bytes that one of 6 is. */
function mac8OfMac(value: Uint8Array): Uint8Array {
  return Uint8Array.of(
    ...value.subarray(0, 3),
    0xff,
    0xfe,
    ...value.subarray(3),
  );
}

function macOfMac8(value: Uint8Array): Uint8Array {
  if (value[3] === 0xff && value[4] === 0xfe) {
    return Uint8Array.of(...value.subarray(0, 3), ...value.subarray(5));
  }
  throw new SqlError(
    "22003",
    "macaddr8 data out of range to convert to macaddr",
    {
      hint:
        "Only addresses that have FF and FE as values in the 4th and 5th bytes from the left, for example xx:xx:xx:ff:fe:xx:xx:xx, are eligible to be converted from macaddr8 to macaddr.",
    },
  );
}

function writeMac(value: SqlValue): string {
  return hexOf(value as Uint8Array).replace(/..(?=.)/g, "$&:");
}

function hardwareType(
  oid: number,
  name: string,
  length: number,
  read: (text: string) => Uint8Array,
): DataType {
  return {
    oid,
    name,
    displayName: name,
    category: "U",
    preferred: false,
    length,
    storage: "reference",
    input: read,
    output: writeMac,
    compare: compareBytes as (a: SqlValue, b: SqlValue) => number,
    hashKey: writeMac,
    fromJs: (value) => read(textOfJs(value)),
    toJs: writeMac,
  };
}

/** `macaddr`. */
export const macaddr: DataType = hardwareType(829, "macaddr", 6, readMac);

/** `macaddr8`. */
export const macaddr8: DataType = hardwareType(774, "macaddr8", 8, readMac8);

/** Casts between the two. */
export const hardwareCasts: readonly CastDefinition[] = [
  {
    source: macaddr,
    target: macaddr8,
    context: "implicit",
    convert: (value) => mac8OfMac(value as Uint8Array),
  },
  {
    source: macaddr8,
    target: macaddr,
    context: "implicit",
    convert: (value) => macOfMac8(value as Uint8Array),
  },
];
