/**
 * Composite types: row types of a database, with a name of their own, or with
 * that of the table or view whose rows they are.
 *
 * @module
 */
import { makeArrayType } from "../array/array_type.ts";
import type { DataType, RowField } from "../data_type.ts";
import { shownTypeName } from "../shown_type_name.ts";
import { parseRow } from "./row_text.ts";
import { COMMON, rowOfJs } from "./row_type.ts";

/** What a composite type is. */
export interface CompositeDefinition {
  /** The OID of the type. */
  readonly id: number;
  /** The OID of the type of its arrays. */
  readonly arrayId: number;
  readonly name: string;
  /** The schema it is in. */
  readonly schema?: string;
  /** The fields, in order; `number` says which place each has, from 1. */
  readonly columns: readonly (RowField & { readonly number: number })[];
  /** The highest number that a field ever had, where that is gone. */
  readonly columnNumberMax?: number | undefined;
}

/** What of a type may change. */
interface Shape {
  name: string;
  shown: string;
  fields: readonly RowField[];
  slots: readonly number[] | undefined;
}

/** A composite type of a database; its name and its fields may change. */
export class CompositeType {
  /** The type. */
  readonly type: DataType;
  /** The type of its arrays. */
  readonly arrayType: DataType;
  readonly #shape: Shape;
  #definition: CompositeDefinition;

  /** The type that `definition` says. */
  constructor(definition: CompositeDefinition) {
    const shape: Shape = {
      name: "",
      shown: "",
      fields: [],
      slots: undefined,
    };
    this.#shape = shape;
    this.#definition = definition;
    this.type = {
      ...COMMON,
      oid: definition.id,
      category: "C",
      get name() {
        return shape.name;
      },
      get displayName() {
        return shape.shown;
      },
      get fields() {
        return shape.fields;
      },
      get slots() {
        return shape.slots;
      },
      input: (text, _typmod, context) => parseRow(text, shape.fields, context),
      fromJs: (value, context) => rowOfJs(shape.fields, value, context),
    };
    this.change(definition);
    this.arrayType = makeArrayType(this.type, definition.arrayId);
  }

  /** What it is now. */
  get definition(): CompositeDefinition {
    return this.#definition;
  }

  /** Gives it another name and other fields. */
  change(definition: CompositeDefinition): void {
    this.#definition = definition;
    const { name, columns } = definition;
    const isWhole = columns.every(({ number }, i) => number === i + 1);
    this.#shape.slots = isWhole && definition.columnNumberMax === undefined
      ? undefined
      : columns.map(({ number }) => number - 1);
    this.#shape.name = name;
    this.#shape.shown = shownTypeName(definition);
    this.#shape.fields = columns.map((column) => ({
      name: column.name,
      type: column.type,
    }));
  }
}
