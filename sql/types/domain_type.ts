/**
 * Domains: types that are another type with a name of their own, and with
 * constraints.
 *
 * A value of a domain is one of its base type. What must hold of it is in the
 * catalog; whoever binds a cast, or writes a row, looks there. So a domain as a
 * type is only its base under another name: expressions have the base type, and
 * say of which domain they are where somebody asks.
 *
 * @module
 */
import type { DataType, SqlValue, TypeRef } from "./data_type.ts";
import { shownTypeName } from "./shown_type_name.ts";

/** What a domain is. */
export interface DomainDefinition {
  /** The OID of the type. */
  readonly id: number;
  readonly name: string;
  /** The schema it is in. */
  readonly schema?: string;
  /** What it is over, which may be another domain. */
  readonly base: TypeRef;
}

/** A domain of a database; its name may change. */
export class DomainType {
  /** The type. */
  readonly type: DataType;
  readonly #names: { name: string; shown: string };

  /** The type that `definition` says. */
  constructor(definition: DomainDefinition) {
    const { id, name, base } = definition;
    const names = { name, shown: shownTypeName(definition) };
    this.#names = names;
    const root = baseOf(base);
    const { type, typmod } = root;
    const fitted = (value: SqlValue): SqlValue =>
      typmod < 0 || type.applyTypmod === undefined
        ? value
        : type.applyTypmod(value, typmod, false);
    const { typmodInput: _, typmodOutput: _o, applyTypmod: _a, ...rest } = type;
    this.type = {
      ...rest,
      oid: id,
      get name() {
        return names.name;
      },
      get displayName() {
        return names.shown;
      },
      aliases: [],
      preferred: false,
      storedAs: type.storedAs ?? type,
      domain: base,
      input: (text, _typmod, context) =>
        fitted(type.input(text, typmod, context)),
      output: (value, settings) => type.output(value, settings),
      compare: (a, b) => type.compare(a, b),
      hashKey: (value) => type.hashKey(value),
      fromJs: (value, context) => fitted(type.fromJs(value, context)),
      toJs: (value) => type.toJs(value),
    };
  }

  /** Gives it another name. */
  change(definition: DomainDefinition): void {
    this.#names.name = definition.name;
    this.#names.shown = shownTypeName(definition);
  }
}

/** What a type is below all domains. */
export function baseOf(ref: TypeRef): TypeRef {
  let { type, typmod } = ref;
  while (type.domain !== undefined) ({ type, typmod } = type.domain);
  return type === ref.type ? ref : { type, typmod };
}

/** OIDs from here on are of one database. */
const FIRST_OWN_OID = 16384;

/** The type of the database that a type is, or that its elements are of. */
export function ownTypeOf(type: DataType): DataType | undefined {
  const isOwn = type.domain !== undefined || type.enumeration !== undefined ||
    type.fields !== undefined || type.host !== undefined ||
    (type.oid >= FIRST_OWN_OID &&
      (type.range ?? type.multirangeOf) !== undefined);
  if (isOwn) return type;
  return type.element === undefined ? undefined : ownTypeOf(type.element);
}
