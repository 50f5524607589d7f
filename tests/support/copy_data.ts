/**
 * What COPY … TO has written, as text.
 *
 * @module
 */

/** The text of a stream of bytes. */
export async function readAll(
  stream: ReadableStream<Uint8Array>,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stream) {
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}
