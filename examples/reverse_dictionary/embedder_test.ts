import { assert, assertEquals } from "@std/assert";
import { embedAll } from "./embedder.ts";
import { DIMENSIONS, loadSentenceModel } from "./sentence_model.ts";

Deno.test("embedAll embeds each sentence as the model alone does", async () => {
  const sentences = Array.from(
    { length: 70 },
    (_, i) => `sentence ${"very ".repeat(i % 7)}${i}`,
  );
  const vectors = new Map<string, Float32Array>();
  for await (const batch of embedAll(sentences, (sentence) => sentence)) {
    batch.items.forEach((item, i) => vectors.set(item, batch.vectors[i]!));
  }
  assertEquals([...vectors.keys()].sort(), sentences.toSorted());
  const model = await loadSentenceModel();
  for (const sentence of ["sentence very 1", "sentence 0"]) {
    const [vector] = await model.embed([sentence]);
    const other = vectors.get(sentence)!;
    assertEquals(other.length, DIMENSIONS);
    let product = 0;
    for (let i = 0; i < DIMENSIONS; i++) product += vector![i]! * other[i]!;
    assert(product > 0.999, `${sentence}: ${product}`);
  }
});
