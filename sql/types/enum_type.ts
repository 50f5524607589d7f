/**
 * Enumerations: types whose values are labels, in an order of their own.
 *
 * A value is the number that its label is ordered by, which a label keeps for
 * as long as it lives; a label that comes between two others gets a number
 * between theirs. So renaming a label touches no row.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { shownTypeName } from "./shown_type_name.ts";
import { makeArrayType } from "./array/array_type.ts";
import type { DataType, SqlValue } from "./data_type.ts";
import { float8 } from "./float_types.ts";
import { textOfJs } from "./js_value.ts";

/** A label with the number that it is ordered by. */
export interface EnumLabel {
  readonly label: string;
  readonly order: number;
}

/** What an enumeration is. */
export interface EnumDefinition {
  /** The OID of the type. */
  readonly id: number;
  /** The OID of the type of its arrays. */
  readonly arrayId: number;
  readonly name: string;
  /** The schema it is in. */
  readonly schema?: string;
  /** The labels, in order. */
  readonly labels: readonly EnumLabel[];
}

/** An enumeration of a database; its labels may change. */
export class EnumType {
  /** The type. */
  readonly type: DataType;
  /** The type of its arrays. */
  readonly arrayType: DataType;
  #labels: readonly EnumLabel[] = [];
  #orders = new Map<string, number>();
  #words = new Map<number, string>();
  readonly #names: { name: string; shown: string };

  /** The type that `definition` says. */
  constructor(definition: EnumDefinition) {
    const { id, arrayId } = definition;
    const names = {
      name: definition.name,
      shown: shownTypeName(definition),
    };
    this.#names = names;
    const input = (text: string): SqlValue => this.#orderOf(text, names.shown);
    const output = (value: SqlValue): string =>
      this.#words.get(value as number) ?? `(${value})`;
    this.type = {
      oid: id,
      get name() {
        return names.name;
      },
      get displayName() {
        return names.shown;
      },
      category: "E",
      preferred: false,
      length: 4,
      storage: "float64",
      storedAs: float8,
      enumeration: this,
      input,
      output,
      compare: (a, b) => (a as number) - (b as number),
      hashKey: (value) => value as number,
      fromJs: (value) => input(textOfJs(value)),
      toJs: output,
    };
    this.arrayType = makeArrayType(this.type, arrayId);
    this.change(definition);
  }

  /** The labels, in order. */
  get labels(): readonly EnumLabel[] {
    return this.#labels;
  }

  /** Gives it another name and other labels. */
  change(definition: EnumDefinition): void {
    const { name, labels } = definition;
    this.#names.name = name;
    this.#names.shown = shownTypeName(definition);
    this.#labels = labels;
    this.#orders = new Map(labels.map(({ label, order }) => [label, order]));
    this.#words = new Map(labels.map(({ label, order }) => [order, label]));
  }

  #orderOf(text: string, name: string): number {
    const order = this.#orders.get(text);
    if (order !== undefined) return order;
    throw new SqlError(
      "22P02",
      `invalid input value for enum ${name}: "${text}"`,
    );
  }
}
