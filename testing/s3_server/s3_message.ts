/**
 * Requests of the S3 protocol as the server sees them, and its answers.
 *
 * An answer's body is bytes or XML. A refusal is thrown as
 * {@linkcode S3Refusal}, with the code of S3's list and its HTTP status, and
 * becomes an XML document of `Error`, `Code`, `Message` and `Resource`.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** A request, taken apart. */
export interface S3Call {
  /** `GET`, `PUT` … */
  readonly method: string;
  /** The path as it was sent, encoded. */
  readonly rawPath: string;
  /** The query as it was sent, without "?". */
  readonly rawQuery: string;
  /** The bucket; empty for the server itself. */
  readonly bucket: string;
  /** The key; empty for the bucket itself. */
  readonly key: string;
  /** The query, decoded. */
  readonly query: URLSearchParams;
  /** Headers by lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** The body. */
  readonly body: Uint8Array;
}

/** An answer. */
export interface S3Reply {
  /** The HTTP status. */
  readonly status: number;
  /** Headers besides the length and the date. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body; of a HEAD, what a GET would give. */
  readonly body: Uint8Array;
}

/** A request that is refused. */
export class S3Refusal extends Error {
  override readonly name = "S3Refusal";
  /** The HTTP status. */
  readonly status: number;
  /** S3's code. */
  readonly code: string;
  /** Headers besides those of every answer. */
  readonly headers: Readonly<Record<string, string>>;

  /** A refusal with a status, a code and words for people. */
  constructor(
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

const encoder = new TextEncoder();

/** An answer without a body. */
export function emptyReply(
  status: number,
  headers: Readonly<Record<string, string>> = {},
): S3Reply {
  return { status, headers, body: new Uint8Array(0) };
}

/** An answer of one XML element and what is in it. */
export function xmlReply(
  status: number,
  name: string,
  content: string,
  headers: Readonly<Record<string, string>> = {},
): S3Reply {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${name}>`;
  return {
    status,
    headers: { "content-type": "application/xml", ...headers },
    body: encoder.encode(text),
  };
}

/** The answer to a request that is refused. */
export function refusalReply(call: S3Call, refusal: S3Refusal): S3Reply {
  const { status, code, message, headers } = refusal;
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<Error>${element("Code", code)}${element("Message", message)}` +
    `${element("Resource", call.rawPath)}</Error>`;
  return {
    status,
    headers: { "content-type": "application/xml", ...headers },
    body: encoder.encode(text),
  };
}

/** One element with a text. */
export function element(name: string, text: string | number): string {
  return `<${name}>${escapeXml(String(text))}</${name}>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => ENTITIES[char]!);
}

/** The texts of the elements of a name, wherever they are. */
export function elements(xml: string, name: string): string[] {
  const pattern = new RegExp(`<${name}(?:\\s[^>]*)?>([^]*?)</${name}>`, "g");
  return [...xml.matchAll(pattern)].map(([, text]) => text!);
}

/** A text as it was before it went into XML. */
export function unescapeXml(text: string): string {
  return text.replace(/&quot;/g, '"').replace(/&apos;/g, "'")
    .replace(
      /&#x([0-9a-f]+);/gi,
      (_, hex) => String.fromCodePoint(parseInt(hex, 16)),
    )
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

/**
 * The bytes within the frames of `aws-chunked`: each a line of the size in hex
 * and extensions, the bytes, a line end; the last is empty and may be followed
 * by trailing headers. Signatures of chunks are not checked.
 *
 * @throws {S3Refusal} `IncompleteBody`.
 */
export function decodeChunks(framed: Uint8Array): Uint8Array {
  const bytes = Buffer.from(
    framed.buffer,
    framed.byteOffset,
    framed.byteLength,
  );
  const parts: Uint8Array[] = [];
  for (let at = 0;;) {
    const end = bytes.indexOf("\r\n", at);
    const line = end < 0 ? "" : bytes.toString("latin1", at, end);
    const match = /^([0-9a-f]{1,8})(?:;|$)/i.exec(line);
    if (match === null) throw incomplete();
    const size = parseInt(match[1]!, 16);
    if (size === 0) return new Uint8Array(Buffer.concat(parts));
    const start = end + 2;
    if (start + size + 2 > bytes.length) throw incomplete();
    parts.push(bytes.subarray(start, start + size));
    at = start + size + 2;
  }
}

function incomplete(): S3Refusal {
  return new S3Refusal(400, "IncompleteBody", "The body ends too early");
}
