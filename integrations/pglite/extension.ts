/**
 * Extensions as PGlite takes them: objects that add a name to the database.
 *
 * What is compiled for PGlite's own server cannot be loaded; what the database
 * has anyway (vectors) needs no loading, and is let pass.
 *
 * @module
 */
import { SqlError } from "../../mod.ts";

/** What an extension's `setup` gives. */
export interface ExtensionSetupResult<TNamespace = unknown> {
  /** What stands under the extension's name. */
  namespaceObj?: TNamespace;
  /** Where its code for PGlite's server is. */
  bundlePath?: URL;
  /** Runs when the database is open. */
  init?: () => Promise<void>;
  /** Runs before it is closed. */
  close?: () => Promise<void>;
}

/** An extension. */
export interface Extension<TNamespace = unknown> {
  /** Its name. */
  name: string;
  /** Sets it up for a database. */
  setup: (
    // deno-lint-ignore no-explicit-any
    pg: any,
    // deno-lint-ignore no-explicit-any
    emscriptenOpts: any,
    clientOnly?: boolean,
  ) => Promise<ExtensionSetupResult<TNamespace>>;
}

/** Extensions by the name they are reached by. */
export type Extensions = { [namespace: string]: Extension | URL };

/** What extensions add to a database. */
export type InitializedExtensions<E> = E extends Extensions ? {
    [K in keyof E]: E[K] extends Extension<infer TNamespace> ? TNamespace
      : never;
  }
  : Record<never, never>;

/** What the database has without loading anything. */
const BUILT_IN: ReadonlySet<string> = new Set(["vector", "pgvector"]);

/** pgvector, which needs no loading here: `extensions: { vector }`. */
export const vector: Extension<undefined> = {
  name: "pgvector",
  setup: () => Promise.resolve({}),
};

/** The extensions of a database that is being opened. */
export class LoadedExtensions {
  readonly #results: ExtensionSetupResult[] = [];

  /**
   * Sets up extensions; what they are reached by becomes a property of `pg`.
   *
   * @throws {SqlError} `0A000` for one that is compiled for PGlite.
   */
  async load(pg: object, extensions: Extensions): Promise<void> {
    for (const [name, extension] of Object.entries(extensions)) {
      if (extension instanceof URL) throw refusal(name);
      const result = await extension.setup(pg, {});
      if (result.bundlePath !== undefined && !BUILT_IN.has(extension.name)) {
        throw refusal(extension.name);
      }
      this.#results.push(result);
      if (result.namespaceObj !== undefined) {
        Object.defineProperty(pg, name, { value: result.namespaceObj });
      }
    }
  }

  /** Runs what they want to run when the database is open. */
  async init(): Promise<void> {
    for (const { init } of this.#results) await init?.();
  }

  /** Runs what they want to run before it is closed. */
  async close(): Promise<void> {
    for (const { close } of this.#results) await close?.();
  }
}

function refusal(name: string): SqlError {
  return new SqlError(
    "0A000",
    `PGlite extension "${name}" is not supported`,
    { detail: "Its code is compiled for PGlite's own server." },
  );
}
