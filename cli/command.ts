/**
 * What a command of `kriya` is given, and what it is.
 *
 * @module
 */

/** Where a command writes, and what ends it. */
export interface Terminal {
  /** A line of the result. */
  readonly out: (line: string) => void;
  /** A line for the person who waits. */
  readonly say: (line: string) => void;
  /** Ends the command. */
  readonly signal?: AbortSignal | undefined;
}

/** What was given to a command. */
export interface CommandInput {
  /** The address of the database. */
  readonly address: string;
  /** What came after it. */
  readonly rest: readonly string[];
  /** The flags that were set. */
  readonly flags: ReadonlySet<string>;
  /** The options that were given a value. */
  readonly values: ReadonlyMap<string, string>;
}

/** A command. */
export interface Command {
  /** What it does, in a line. */
  readonly about: string;
  /** What it takes after the address. */
  readonly takes?: string;
  /** Its flags, with what they do. */
  readonly flags: Readonly<Record<string, string>>;
  /** Its options that take a value: a name for that, and what it does. */
  readonly values?: Readonly<Record<string, readonly [string, string]>>;
  /** Runs it; resolves with the exit code. */
  readonly run: (input: CommandInput, terminal: Terminal) => Promise<number>;
}
