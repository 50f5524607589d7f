/**
 * The access methods by name: what USING can say.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { IndexAccessMethod } from "./index_access.ts";
import type { TableAccessMethod } from "./table_access.ts";

/** The registered access methods. */
export class AccessRegistry {
  readonly #tables = new Map<string, TableAccessMethod>();
  readonly #indexes = new Map<string, IndexAccessMethod>();
  readonly #aliases = new Map<string, IndexAccessMethod>();

  /**
   * Registers a kind of table.
   *
   * @throws {SqlError} `42710` when the name is taken.
   */
  registerTableAccessMethod(method: TableAccessMethod): void {
    this.#refuseTaken(method.name);
    this.#tables.set(method.name, method);
  }

  /**
   * Registers a kind of index.
   *
   * @throws {SqlError} `42710` when the name is taken.
   */
  registerIndexAccessMethod(method: IndexAccessMethod): void {
    this.#refuseTaken(method.name);
    this.#indexes.set(method.name, method);
    for (const alias of method.aliases ?? []) {
      this.#refuseTaken(alias);
      this.#aliases.set(alias, method);
    }
  }

  /**
   * The kind of table called `name`.
   *
   * @throws {SqlError} `42704` when there is none.
   */
  table(name: string): TableAccessMethod {
    const method = this.#tables.get(name);
    if (method === undefined) throw this.#missing(name, "TABLE");
    return method;
  }

  /**
   * The kind of index called `name`.
   *
   * @throws {SqlError} `42704` when there is none.
   */
  index(name: string): IndexAccessMethod {
    const method = this.#indexes.get(name) ?? this.#aliases.get(name);
    if (method === undefined) throw this.#missing(name, "INDEX");
    return method;
  }

  /** The names of all kinds, in order of registration. */
  names(): { readonly name: string; readonly kind: "table" | "index" }[] {
    return [
      ...[...this.#tables.keys()].map((name) => ({
        name,
        kind: "table" as const,
      })),
      ...[...this.#indexes.keys()].map((name) => ({
        name,
        kind: "index" as const,
      })),
    ];
  }

  #refuseTaken(name: string): void {
    if (
      this.#tables.has(name) || this.#indexes.has(name) ||
      this.#aliases.has(name)
    ) {
      throw new SqlError("42710", `access method "${name}" already exists`);
    }
  }

  #missing(name: string, wanted: "TABLE" | "INDEX"): SqlError {
    if (this.#tables.has(name) || this.#indexes.has(name)) {
      return new SqlError(
        "42809",
        `access method "${name}" is not of type ${wanted}`,
      );
    }
    return new SqlError("42704", `access method "${name}" does not exist`);
  }
}
