/**
 * How a bucket is reached: options, environment variables, defaults, in this
 * order.
 *
 * | what | option | environment | default |
 * | --- | --- | --- | --- |
 * | endpoint | `endpoint` | `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL` | AWS |
 * | region | `region` | `AWS_REGION`, `AWS_DEFAULT_REGION` | `us-east-1` |
 * | credentials | `credentials` | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | the chain of the AWS SDK: shared files, SSO, container, instance |
 *
 * The environment is only asked where the program has the permission.
 *
 * @module
 */
import {
  type Environment,
  systemEnvironment,
} from "../../../base/environment.ts";
import { KriyaError } from "../../../base/errors.ts";

/** Who asks. */
export interface S3Credentials {
  /** The public half. */
  readonly accessKeyId: string;
  /** The secret half; never part of an error, an address or a setting. */
  readonly secretAccessKey: string;
  /** The session of temporary credentials. */
  readonly sessionToken?: string | undefined;
  /** Until when they are good; a function is asked again before it. */
  readonly expiration?: Date | undefined;
}

/** How a bucket is reached. Everything has a default. */
export interface S3Options {
  /** The server, for example `http://127.0.0.1:9000` (AWS's own). */
  readonly endpoint?: string | undefined;
  /** The region of the bucket (`us-east-1`). */
  readonly region?: string | undefined;
  /** The bucket of addresses that name none, as `s3:///prefix` does. */
  readonly bucket?: string | undefined;
  /**
   * Whether the bucket is in the path of URLs rather than in the host name
   * (true with an endpoint and for names with dots, else false).
   */
  readonly pathStyle?: boolean | undefined;
  /**
   * Credentials, or a function that gets fresh ones (environment, then the
   * chain of the AWS SDK).
   */
  readonly credentials?:
    | S3Credentials
    | (() => Promise<S3Credentials>)
    | undefined;
  /**
   * Ms after which an attempt is given up (15 000), and a second more for each
   * MiB that it moves.
   */
  readonly requestTimeoutMs?: number | undefined;
  /**
   * Attempts at a read, a listing, a delete or a part (4). A conditional write
   * is attempted once: whoever called reads back what became of it.
   */
  readonly attemptsMax?: number | undefined;
  /** The first wait between attempts, in ms; each is twice as long (50). */
  readonly backoffMs?: number | undefined;
  /** The longest wait, in ms (2000). */
  readonly backoffMsMax?: number | undefined;
  /** Bytes above which an object is uploaded in parts (16 MiB). */
  readonly multipartBytesMin?: number | undefined;
  /** Bytes of a part, at least 5 MiB (8 MiB). */
  readonly partBytes?: number | undefined;
  /** Parts in flight at once (4). */
  readonly partsInFlightMax?: number | undefined;
  /** Clock, timers and chance (the system's). */
  readonly environment?: Environment | undefined;
}

/** Options with every default filled in. */
export interface S3Config {
  /** The server; `undefined` for AWS. */
  readonly endpoint: string | undefined;
  /** The region. */
  readonly region: string;
  /** Whether the bucket is in the path of URLs. */
  readonly pathStyle: boolean;
  /** Credentials; `undefined` for the chain of the SDK. */
  readonly credentials:
    | S3Credentials
    | (() => Promise<S3Credentials>)
    | undefined;
  /** As in {@linkcode S3Options}. */
  readonly requestTimeoutMs: number;
  /** As in {@linkcode S3Options}. */
  readonly attemptsMax: number;
  /** As in {@linkcode S3Options}. */
  readonly backoffMs: number;
  /** As in {@linkcode S3Options}. */
  readonly backoffMsMax: number;
  /** As in {@linkcode S3Options}. */
  readonly multipartBytesMin: number;
  /** As in {@linkcode S3Options}. */
  readonly partBytes: number;
  /** As in {@linkcode S3Options}. */
  readonly partsInFlightMax: number;
  /** As in {@linkcode S3Options}. */
  readonly environment: Environment;
}

/** The region of whoever names none. */
export const S3_REGION_DEFAULT = "us-east-1";

const MIB = 1024 * 1024;

/** The smallest part that buckets take, the last one excepted. */
const PART_BYTES_MIN = 5 * MIB;

/** Gives the value of an environment variable, if it may. */
export type ReadVariable = (name: string) => string | undefined;

/** Asks the process's environment where the permission is there already. */
export function readVariable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) || undefined : undefined;
}

/**
 * Fills in the environment and the defaults, and checks the result.
 *
 * @throws {KriyaError} `invalid`.
 */
export function s3Config(
  bucket: string,
  options: S3Options,
  variable: ReadVariable = readVariable,
): S3Config {
  const endpoint = options.endpoint ?? variable("AWS_ENDPOINT_URL_S3") ??
    variable("AWS_ENDPOINT_URL");
  if (endpoint !== undefined) checkEndpoint(endpoint);
  const region = options.region ?? variable("AWS_REGION") ??
    variable("AWS_DEFAULT_REGION") ?? S3_REGION_DEFAULT;
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/i.test(region)) {
    throw new KriyaError("invalid", `Not a region: ${JSON.stringify(region)}`);
  }
  const integer = (name: IntegerOption, otherwise: number, min = 1): number =>
    checkInteger(name, options[name] ?? otherwise, min);
  return {
    endpoint,
    region,
    pathStyle: options.pathStyle ??
      (endpoint !== undefined || bucket.includes(".")),
    credentials: options.credentials ?? credentialsOf(variable),
    requestTimeoutMs: integer("requestTimeoutMs", 15_000),
    attemptsMax: integer("attemptsMax", 4),
    backoffMs: integer("backoffMs", 50),
    backoffMsMax: integer("backoffMsMax", 2000),
    multipartBytesMin: integer("multipartBytesMin", 16 * MIB),
    partBytes: integer("partBytes", 8 * MIB, PART_BYTES_MIN),
    partsInFlightMax: integer("partsInFlightMax", 4),
    environment: options.environment ?? systemEnvironment,
  };
}

type IntegerOption =
  | "requestTimeoutMs"
  | "attemptsMax"
  | "backoffMs"
  | "backoffMsMax"
  | "multipartBytesMin"
  | "partBytes"
  | "partsInFlightMax";

function checkInteger(name: string, value: number, min: number): number {
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw new KriyaError(
    "invalid",
    `Option "${name}" of a bucket is an integer of at least ${min}, not ${value}`,
  );
}

function credentialsOf(variable: ReadVariable): S3Credentials | undefined {
  const accessKeyId = variable("AWS_ACCESS_KEY_ID");
  const secretAccessKey = variable("AWS_SECRET_ACCESS_KEY");
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    return undefined;
  }
  const sessionToken = variable("AWS_SESSION_TOKEN");
  return { accessKeyId, secretAccessKey, sessionToken };
}

/** The text is not shown: it may hold a password. */
function checkEndpoint(endpoint: string): void {
  const url = URL.parse(endpoint);
  const good = url !== null && /^https?:$/.test(url.protocol) &&
    url.username === "" && url.password === "" && url.search === "" &&
    url.hash === "";
  if (good) return;
  throw new KriyaError(
    "invalid",
    "The endpoint of a bucket is an http or https address without user, query and fragment",
    { hint: 'For example "http://127.0.0.1:9000"; keys go into credentials' },
  );
}
