/**
 * PostgreSQL's grammar as a function: text to the JSON of its raw parse tree.
 *
 * The WebAssembly of `libpg-query` is instantiated by us, from bytes that are
 * part of the source: no file, no network, no permission, and none of the code
 * that Emscripten puts around it. What the module imports are its `setjmp`
 * helpers (`invoke_*`), memory growth and a standard error that nobody reads.
 *
 * Results in the module's memory (32-bit little-endian words):
 *
 * | at | `parse` returns | `error` points to |
 * | -: | --- | --- |
 * |  0 | the JSON, a C string | the message, a C string |
 * |  4 | standard error | the C function |
 * |  8 | `error`, 0 if none | the C file |
 * | 12 | | the C line |
 * | 16 | | the position: 1-based, in code points; 0 if none |
 *
 * Invariants:
 * 1. An instance that trapped or ran out of stack or memory is thrown away: its
 *    memory contexts are in no known state. So is one that grew beyond
 *    {@linkcode MEMORY_KEPT_MAX}, for WebAssembly's memory never shrinks.
 * 2. Between two calls nothing of ours is left allocated in the module.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { SqlError } from "../errors/sql_error.ts";
import { GRAMMAR_WASM, GRAMMAR_WASM_BYTES } from "./grammar_wasm.ts";

/** An instance with more memory than this is not used again. */
const MEMORY_KEPT_MAX = 64 * 1024 * 1024;

/** The longest text the grammar is given, in bytes. */
export const TEXT_BYTES_MAX: number = 32 * 1024 * 1024;

/** What the module exports, by the names its linker gave. */
interface GrammarExports {
  /** The memory. */
  readonly z: WebAssembly.Memory;
  /** `__wasm_call_ctors` */
  readonly A: () => void;
  /** `malloc` */
  readonly C: (bytes: number) => number;
  /** The function table. */
  readonly D: WebAssembly.Table;
  /** `free` */
  readonly E: (pointer: number) => void;
  /** `wasm_parse_query_raw` */
  readonly F: (text: number) => number;
  /** `wasm_free_parse_result` */
  readonly G: (result: number) => void;
  /** `setThrew` */
  readonly P: (threw: number, value: number) => void;
  /** `_emscripten_stack_restore` */
  readonly Q: (pointer: number) => void;
  /** `emscripten_stack_get_current` */
  readonly R: () => number;
}

/** What the grammar says about a text that it does not accept. */
export interface GrammarError {
  /** PostgreSQL's message. */
  readonly message: string;
  /** 0-based, in code points; -1 if there is none. */
  readonly position: number;
}

/** The answer to a text: one of the two is there. */
export interface GrammarResult {
  /** The JSON of the parse tree. */
  readonly json: string | undefined;
  /** Why there is no tree. */
  readonly error: GrammarError | undefined;
}

/** Thrown by the module's `longjmp`, caught by its `invoke_*`. */
const LONG_JUMP = { name: "longjmp" } as const;

let compiled: WebAssembly.Module | undefined;
let compiling: Promise<void> | undefined;
let instance: GrammarExports | undefined;

/**
 * Unpacks and compiles the grammar. Must have resolved once before the first
 * {@linkcode runGrammar}; further calls cost nothing.
 */
export function loadGrammar(): Promise<void> {
  compiling ??= compileGrammar();
  return compiling;
}

async function compileGrammar(): Promise<void> {
  const unpacking = new DecompressionStream("deflate-raw");
  const writer = unpacking.writable.getWriter();
  const written = writer.write(decodeBase64(GRAMMAR_WASM))
    .then(() => writer.close());
  // A response gathers a stream in native code: half the time of a loop.
  const bytes = await new Response(unpacking.readable).arrayBuffer();
  await written;
  if (bytes.byteLength !== GRAMMAR_WASM_BYTES) {
    throw new KriyaError("corrupt", "Cannot load the grammar: it is cut short");
  }
  compiled = await WebAssembly.compile(bytes);
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const native = (Uint8Array as unknown as {
    fromBase64?: (text: string) => Uint8Array<ArrayBuffer>;
  }).fromBase64;
  if (native !== undefined) return native.call(Uint8Array, text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/**
 * Parses `text`, which has no NUL and no lone surrogate.
 *
 * @throws {SqlError} `54001` when it nests too deep, `54000` when it is too
 * long, `53200` when memory runs out.
 */
export function runGrammar(text: string): GrammarResult {
  const exports = instance ?? instantiate();
  // Forgotten until the call is over: whatever is thrown leaves no instance.
  instance = undefined;
  let result: GrammarResult;
  try {
    result = call(exports, text);
  } catch (error) {
    throw failureOf(error);
  }
  if (exports.z.buffer.byteLength <= MEMORY_KEPT_MAX) instance = exports;
  return result;
}

/** What a trap inside the module means. */
function failureOf(error: unknown): Error {
  if (error instanceof SqlError) return error;
  if (error instanceof RangeError) return stackDepthError();
  if (error instanceof WebAssembly.RuntimeError) {
    return new SqlError("53200", "out of memory", {
      detail: "Failed while parsing the statement.",
      cause: error,
    });
  }
  return error as Error;
}

/** PostgreSQL's error for text or expressions that nest too deep. */
export function stackDepthError(offset?: number): SqlError {
  return new SqlError("54001", "stack depth limit exceeded", {
    hint: "Write the statement with less nesting.",
    offset,
  });
}

function call(exports: GrammarExports, text: string): GrammarResult {
  // Three bytes a UTF-16 unit is the most that UTF-8 needs.
  const capacity = text.length * 3 + 1;
  if (text.length > TEXT_BYTES_MAX) throw tooLong();
  const pointer = exports.C(capacity);
  if (pointer === 0) throw tooLong();
  const target = new Uint8Array(exports.z.buffer, pointer, capacity);
  const { written } = encoder.encodeInto(text, target);
  target[written] = 0;
  const result = exports.F(pointer);
  exports.E(pointer);
  if (result === 0) throw new WebAssembly.RuntimeError("no result");
  const words = new Uint32Array(exports.z.buffer, result, 3);
  const errorPointer = words[2]!;
  const answer: GrammarResult = errorPointer === 0
    ? { json: cString(exports, words[0]!), error: undefined }
    : { json: undefined, error: readError(exports, errorPointer) };
  exports.G(result);
  return answer;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function tooLong(): SqlError {
  return new SqlError("54000", "statement is too long", {
    detail: `At most ${TEXT_BYTES_MAX} bytes are parsed at once.`,
  });
}

function readError(exports: GrammarExports, pointer: number): GrammarError {
  const words = new Uint32Array(exports.z.buffer, pointer, 5);
  const message = words[0]! === 0 ? "syntax error" : cString(
    exports,
    words[0]!,
  );
  return { message, position: (words[4]! | 0) - 1 };
}

function cString(exports: GrammarExports, pointer: number): string {
  const memory = new Uint8Array(exports.z.buffer);
  return decoder.decode(memory.subarray(pointer, memory.indexOf(0, pointer)));
}

function instantiate(): GrammarExports {
  if (compiled === undefined) {
    throw new KriyaError(
      "internal",
      "Cannot parse: loadParser() was not awaited",
    );
  }
  let exports: GrammarExports | undefined = undefined;
  const imports = makeImports(() => exports!);
  exports = new WebAssembly.Instance(compiled, { a: imports })
    .exports as unknown as GrammarExports;
  exports.A();
  return exports;
}

/** The functions that the module calls. */
function makeImports(
  get: () => GrammarExports,
): Record<string, WebAssembly.ImportValue> {
  const invoke = invoker(get, undefined);
  const fail = (): never => {
    throw new WebAssembly.RuntimeError("aborted");
  };
  const jump = (): never => {
    throw LONG_JUMP;
  };
  return {
    c: fail, // __assert_fail
    x: fail, // abort
    m: fail, // exit
    v: fail, // proc_exit
    p: jump, // longjmp
    w: () => {}, // runtime_keepalive_clear
    o: () => 0, // setitimer
    q: (bytes: number) => grow(get().z, bytes >>> 0), // resize_heap
    u: () => 0, // fd_close
    r: () => 8, // fd_read: EBADF
    s: () => 8, // fd_seek: EBADF
    t: (_fd: number, vectors: number, count: number, written: number) =>
      swallow(get().z, vectors, count, written), // fd_write
    a: invoke,
    b: invoke,
    d: invoke,
    e: invoke,
    f: invoke,
    g: invoke,
    h: invoke,
    i: invoke,
    j: invoke,
    k: invoke,
    n: invoke,
    y: invoke,
    l: invoker(get, 0n), // the one whose result is 64 bits wide
  };
}

/** Calls through the table and turns a long jump into the module's flag. */
function invoker(
  get: () => GrammarExports,
  failed: bigint | undefined,
): (index: number, ...args: number[]) => unknown {
  return (index, ...args) => {
    const exports = get();
    const stack = exports.R();
    try {
      return (exports.D.get(index) as (...args: number[]) => unknown)(...args);
    } catch (error) {
      exports.Q(stack);
      if (error !== LONG_JUMP) throw error;
      exports.P(1, 0);
      return failed;
    }
  };
}

/** Grows the memory to at least `bytes`; says whether it could. */
function grow(memory: WebAssembly.Memory, bytes: number): number {
  const have = memory.buffer.byteLength;
  const wanted = Math.max(bytes, Math.min(have * 1.2, have + 96 * 1024 * 1024));
  for (const size of [wanted, bytes]) {
    try {
      memory.grow(Math.ceil((size - have) / 65536));
      return 1;
    } catch {
      // Less may still be possible.
    }
  }
  return 0;
}

/** Takes what is written to standard error and lets it go. */
function swallow(
  memory: WebAssembly.Memory,
  vectors: number,
  count: number,
  written: number,
): number {
  const words = new Uint32Array(memory.buffer);
  let bytes = 0;
  for (let i = 0; i < count; i++) bytes += words[(vectors >>> 2) + 2 * i + 1]!;
  words[written >>> 2] = bytes;
  return 0;
}
