import { assertEquals, assertRejects } from "@std/assert";
import {
  FileStore,
  KriyaError,
  LsmStore,
  WriteBatch,
} from "../../storage/mod.ts";
import { withFolder } from "../support/databases.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array | undefined): string | undefined =>
  bytes && new TextDecoder().decode(bytes);

async function scanAll(store: LsmStore): Promise<string[]> {
  const found: string[] = [];
  const scan = store.scan({ start: encode("b"), end: encode("d") });
  for (let run = await scan.next(); run; run = await scan.next()) {
    for (let i = 0; i < run.count; i++) {
      const key = run.keys.subarray(run.keyStarts[i], run.keyEnds[i]);
      const value = run.values.subarray(run.valueStarts[i], run.valueEnds[i]);
      found.push(`${decode(key)}=${decode(value)}`);
    }
  }
  return found;
}

Deno.test("[K-008] the storage engine is a key-value store of its own", () =>
  withFolder(async (folder) => {
    {
      const store = await LsmStore.open(await FileStore.open(folder));
      const batch = new WriteBatch();
      for (const name of ["a", "b", "c1", "c2", "d"]) {
        batch.put(encode(name), encode(`${name}!`));
      }
      await store.write(batch);
      const snapshot = store.snapshot();
      const removing = new WriteBatch();
      removing.delete(encode("c1"));
      removing.put(encode("b"), encode("new"));
      await store.write(removing);
      assertEquals(await scanAll(store), ["b=new", "c2=c2!"]);
      assertEquals(decode(await store.get(encode("c1"))), undefined);
      const before = await store.get(encode("c1"), snapshot.sequence);
      assertEquals(decode(before), "c1!");
      const late = new WriteBatch();
      late.put(encode("b"), encode("late"), true);
      const error = await assertRejects(
        () => store.write(late, { snapshot: snapshot.sequence }),
        KriyaError,
      );
      assertEquals(error.kind, "conflict");
      snapshot.release();
      await store.flush();
      await store.close();
      await store.objects.close();
    }
    const store = await LsmStore.open(await FileStore.open(folder));
    assertEquals(await scanAll(store), ["b=new", "c2=c2!"]);
    assertEquals(decode(await store.get(encode("a"))), "a!");
    await store.close();
    await store.objects.close();
  }));
