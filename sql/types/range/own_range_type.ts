/**
 * Range types of a database, and their multirange types; their names may change.
 *
 * @module
 */
import { makeArrayType } from "../array/array_type.ts";
import type { DataType, TypeRef } from "../data_type.ts";
import { shownTypeName } from "../shown_type_name.ts";
import { linkMultirange, multirangeType, rangeType } from "./range_type.ts";

/** What a range type is. */
export interface RangeDefinition {
  /** The OID of the type. */
  readonly id: number;
  /** The OID of the type of its arrays. */
  readonly arrayId: number;
  readonly name: string;
  /** The schema it is in. */
  readonly schema?: string;
  /** The type of its bounds. */
  readonly subtype: TypeRef;
}

/** What a multirange type is. */
export interface MultirangeDefinition {
  /** The OID of the type. */
  readonly id: number;
  /** The OID of the type of its arrays. */
  readonly arrayId: number;
  readonly name: string;
  /** The schema it is in. */
  readonly schema?: string;
  /** The OID of the range type. */
  readonly rangeId: number;
}

/** What a type is called; it may change. */
interface Names {
  name: string;
  shown: string;
}

/** A range type or a multirange type of a database. */
export class OwnRangeType {
  /** The type. */
  readonly type: DataType;
  /** The type of its arrays. */
  readonly arrayType: DataType;
  readonly #names: Names;

  private constructor(
    arrayId: number,
    names: Names,
    type: DataType,
  ) {
    this.#names = names;
    this.type = type;
    this.arrayType = makeArrayType(type, arrayId);
  }

  /** The range type that `definition` says. */
  static range(definition: RangeDefinition): OwnRangeType {
    const { id, arrayId, subtype } = definition;
    const names = namesOf(definition);
    const type = rangeType(id, names, { subtype: subtype.type });
    return new OwnRangeType(arrayId, names, type);
  }

  /** The multirange type that `definition` says, of a range type. */
  static multirange(
    definition: MultirangeDefinition,
    range: DataType,
  ): OwnRangeType {
    const { id, arrayId } = definition;
    const names = namesOf(definition);
    const type = multirangeType(id, names, range);
    linkMultirange(range, type);
    return new OwnRangeType(arrayId, names, type);
  }

  /** Gives it another name. */
  rename(definition: RangeDefinition | MultirangeDefinition): void {
    Object.assign(this.#names, namesOf(definition));
  }
}

function namesOf(definition: RangeDefinition | MultirangeDefinition): Names {
  return { name: definition.name, shown: shownTypeName(definition) };
}
