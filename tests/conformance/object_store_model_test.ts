/**
 * Random programs over two handles of a folder, and over two of the store in
 * memory, give the same answers, but for tags and dates.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { KriyaError } from "../../base/errors.ts";
import { FileStore } from "../../storage/object_store/file_store.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import {
  ABSENT,
  type ByteRange,
  type ObjectStore,
  type PutResult,
} from "../../storage/object_store/object_store.ts";

const path = fc.constantFrom(
  "a/1",
  "a/2",
  "a-b",
  "b/c/1",
  "gc/boundary",
  "pins/x",
);
const prefix = fc.constantFrom("", "a", "a/", "b/c/", "gc/b", "pins/");
const handle = fc.nat(1);
const range: fc.Arbitrary<ByteRange> = fc.oneof(
  fc.record({ offset: fc.nat(12), length: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ suffix: fc.integer({ min: 1, max: 12 }) }),
);

type Command =
  | { kind: "create"; handle: number; path: string; size: number }
  | { kind: "replace"; handle: number; path: string; size: number; tag: number }
  | { kind: "delete"; handle: number; path: string }
  | { kind: "get"; handle: number; path: string; range?: ByteRange | undefined }
  | { kind: "list"; handle: number; prefix: string; limit: number };

const size = fc.nat(10);
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant("create" as const), handle, path, size }),
  fc.record({
    kind: fc.constant("replace" as const),
    handle,
    path,
    size,
    // Which of the tags that were seen: 0 is the last one.
    tag: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(3)),
  }),
  fc.record({ kind: fc.constant("delete" as const), handle, path }),
  fc.record({
    kind: fc.constant("get" as const),
    handle,
    path,
    range: fc.option(range, { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant("list" as const),
    handle,
    prefix,
    limit: fc.integer({ min: 1, max: 4 }),
  }),
);

/** Runs a program; gives what can be seen of it. */
async function run(
  handles: readonly ObjectStore[],
  program: readonly Command[],
): Promise<unknown[]> {
  const tags = new Map<string, string[]>();
  const seen: unknown[] = [];
  const put = async (
    step: number,
    path: string,
    call: (bytes: Uint8Array) => Promise<PutResult>,
    size: number,
  ): Promise<string> => {
    const result = await call(new Uint8Array(size).fill(step));
    if (result.kind === "stored") {
      tags.set(path, [result.etag, ...tags.get(path) ?? []]);
    }
    return result.kind;
  };
  for (const [i, command] of program.entries()) {
    const store = handles[command.handle]!;
    switch (command.kind) {
      case "create": {
        const { path, size } = command;
        const call = (bytes: Uint8Array): Promise<PutResult> =>
          store.put(path, bytes, ABSENT);
        seen.push(await put(i, path, call, size));
        break;
      }
      case "replace": {
        const { path, size, tag } = command;
        const etag = tags.get(path)?.[tag] ?? "never";
        const call = (bytes: Uint8Array): Promise<PutResult> =>
          store.put(path, bytes, { kind: "match", etag });
        seen.push(await put(i, path, call, size));
        break;
      }
      case "delete":
        await store.delete(command.path);
        break;
      case "get":
        try {
          const { path, range } = command;
          const body = await store.get(path, { range });
          const head = await store.head(path);
          seen.push(body && [body.size, ...body.bytes], head?.size);
          seen.push(body?.etag === head?.etag);
        } catch (error) {
          seen.push(error instanceof KriyaError ? error.kind : error);
        }
        break;
      case "list": {
        const { prefix, limit } = command;
        const page = await store.list(prefix, { limit });
        seen.push(page.truncated);
        seen.push(page.objects.map(({ path, size }) => [path, size]));
      }
    }
  }
  return seen;
}

Deno.test("a folder and the store in memory give the same answers", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { minLength: 5, maxLength: 25 }),
      async (program) => {
        const folder = await Deno.makeTempDir({ prefix: "kriya-model-" });
        const bucket = new MemoryBucket();
        const memory = [
          new MemoryStore({ bucket }),
          new MemoryStore({ bucket }),
        ];
        const files = [
          await FileStore.open(folder),
          await FileStore.open(folder),
        ];
        try {
          const want = await run(memory, program);
          assertEquals(await run(files, program), want);
        } finally {
          for (const store of files) await store.close();
          await Deno.remove(folder, { recursive: true });
        }
      },
    ),
    { numRuns: 60 },
  );
});
