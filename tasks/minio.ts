/**
 * MinIO, a real S3 server: where its program is, and one that runs for the time
 * of some tests.
 *
 * It is looked for on the PATH, then where `go install` puts programs. It runs
 * on loopback, on a free port, over a temporary folder that is removed after.
 *
 * @module
 */

/** How to get the program. */
export const MINIO_HOW =
  "MinIO is not installed, so its tests do not run: `deno task test:s3` installs it with Go";

/** What `go install` takes. */
export const MINIO_PACKAGE = "github.com/minio/minio@latest";

const PROGRAM = Deno.build.os === "windows" ? "minio.exe" : "minio";

/** The path of the program, `undefined` if it is nowhere. */
export function findMinio(): string | undefined {
  const { get } = Deno.env;
  const separator = Deno.build.os === "windows" ? ";" : ":";
  const goPath = get("GOPATH")?.split(separator)[0] ||
    `${get("HOME") ?? get("USERPROFILE") ?? "."}/go`;
  const folders = [
    ...(get("PATH") ?? "").split(separator),
    get("GOBIN") ?? "",
    `${goPath}/bin`,
  ];
  return folders.filter((folder) => folder !== "")
    .map((folder) => `${folder}/${PROGRAM}`)
    .find(isFile);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** A running server. */
export interface Minio extends AsyncDisposable {
  /** Its address. */
  readonly endpoint: string;
  /** Whose requests it takes. */
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
}

const CREDENTIALS = {
  accessKeyId: "kriyadb",
  secretAccessKey: "kriyadb-secret",
};

const START_MS_MAX = 30_000;

/** Starts a server of its own; waits until it answers. */
export async function startMinio(program: string): Promise<Minio> {
  const folder = await Deno.makeTempDir({ prefix: "kriyadb-minio-" });
  for (let attempt = 1;; attempt++) {
    try {
      return await startOnce(program, folder);
    } catch (error) {
      // Somebody else may have taken the port that was free.
      if (attempt < 3) continue;
      await Deno.remove(folder, { recursive: true });
      throw error;
    }
  }
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

async function startOnce(program: string, folder: string): Promise<Minio> {
  const place = `127.0.0.1:${freePort()}`;
  const child = new Deno.Command(program, {
    args: ["server", `${folder}/data`, "--address", place, "--quiet"],
    env: {
      HOME: folder,
      MINIO_ROOT_USER: CREDENTIALS.accessKeyId,
      MINIO_ROOT_PASSWORD: CREDENTIALS.secretAccessKey,
      MINIO_BROWSER: "off",
      MINIO_UPDATE: "off",
    },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let ended = false;
  const end = child.status.then(() => ended = true);
  const endpoint = `http://${place}`;
  const deadline = Date.now() + START_MS_MAX;
  while (!await isReady(endpoint)) {
    if (ended || Date.now() > deadline) {
      if (!ended) child.kill("SIGKILL");
      await end;
      throw new Error(`MinIO does not answer at ${endpoint}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    endpoint,
    credentials: CREDENTIALS,
    async [Symbol.asyncDispose](): Promise<void> {
      if (!ended) child.kill("SIGTERM");
      await end;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function isReady(endpoint: string): Promise<boolean> {
  try {
    const response = await fetch(`${endpoint}/minio/health/ready`);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
