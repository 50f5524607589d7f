/**
 * Fields to values of a column: straight into typed arrays where a field has the
 * usual form, by the type's input function otherwise.
 *
 * @module
 */
import type { ColumnBuilder } from "../../chunk/chunk.ts";
import type {
  DataType,
  InputContext,
  SqlValue,
  TypeRef,
} from "../../types/data_type.ts";

/** Adds a field to a column. */
export type AppendField = (field: string, builder: ColumnBuilder) => void;

/** What reads the fields of a column of that type. */
export function columnParser(
  { type, typmod }: TypeRef,
  context: InputContext,
): AppendField {
  const read = inputOf(type, typmod, context);
  const slow: AppendField = (field, builder) => builder.append(read(field));
  if (typmod >= 0) return slow;
  switch (type.name) {
    case "int2":
      return integers(32_767, slow);
    case "int4":
      return integers(2_147_483_647, slow);
    case "int8":
      return (field, builder) => {
        const value = integerOf(field, 15);
        if (value === undefined) slow(field, builder);
        else builder.appendReference(value);
      };
    case "float8":
      return floats(slow);
    case "text":
    case "varchar":
      return (field, builder) => builder.appendReference(field);
    default:
      return slow;
  }
}

/** Reads one value. */
function inputOf(
  type: DataType,
  typmod: number,
  context: InputContext,
): (field: string) => SqlValue {
  if (typmod < 0 || type.inputTakesTypmod === true) {
    return (field) => type.input(field, typmod, context);
  }
  return (field) => {
    const value = type.input(field, -1, context);
    return type.applyTypmod === undefined
      ? value
      : type.applyTypmod(value, typmod, false);
  };
}

function integers(max: number, slow: AppendField): AppendField {
  return (field, builder) => {
    const value = integerOf(field, 9);
    if (value === undefined || value > max || value < -max - 1) {
      slow(field, builder);
    } else {
      builder.appendNumber(value);
    }
  };
}

/** A number of at most so many digits, and a sign; else `undefined`. */
function integerOf(field: string, digitsMax: number): number | undefined {
  const { length } = field;
  const isNegative = field.charCodeAt(0) === 45;
  let i = isNegative ? 1 : 0;
  if (length === i || length - i > digitsMax) return undefined;
  let value = 0;
  for (; i < length; i++) {
    const digit = field.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return isNegative ? 0 - value : value;
}

function floats(slow: AppendField): AppendField {
  return (field, builder) => {
    if (isPlainDecimal(field)) builder.appendNumber(Number(field));
    else slow(field, builder);
  };
}

/** Whether JavaScript and PostgreSQL read the text alike: `-12.5`. */
function isPlainDecimal(field: string): boolean {
  const { length } = field;
  let i = field.charCodeAt(0) === 45 ? 1 : 0;
  let digits = 0;
  let points = 0;
  for (; i < length; i++) {
    const code = field.charCodeAt(i);
    if (code === 46) points++;
    else if (code >= 48 && code <= 57) digits++;
    else return false;
  }
  return digits > 0 && digits <= 17 && points <= 1;
}
