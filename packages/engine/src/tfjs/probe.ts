/**
 * Tries a TensorFlow.js with a real TensorFlow in a process of its own: two builds of TensorFlow do not fit into one
 * process, and one that crashes when it is loaded takes only that process along.
 */
import { type ExecFileException, execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { NATIVE_PROBE_MS } from '../limits.js';
import { TIE_TO_PARENT } from '../parent-tie.js';
import { type NativeDevice, nativeEnvironment, restoreUtil } from './native-environment.js';

/** What a build says of itself once it has computed. */
export interface NativeProbe {
  /** Version of TensorFlow.js. */
  readonly version: string;
  /** Version of TensorFlow. */
  readonly tensorflow: string;
  readonly provider: 'cpu' | 'cuda';
}

/** Sum of a product of ones, [3, 4] by [4, 2]. */
const EXPECTED_SUM = 24;

const CODE = `
${TIE_TO_PARENT}
(${restoreUtil})(require('node:util'));
const tf = require(process.argv[1]);
const sum = tf.sum(tf.matMul(tf.ones([3, 4]), tf.ones([4, 2]))).dataSync()[0];
const { binding, isUsingGpuDevice } = tf.backend();
const provider = isUsingGpuDevice ? 'cuda' : 'cpu';
process.stdout.write(JSON.stringify({ version: tf.version_core, tensorflow: binding.TF_Version, provider, sum }));
`;

/**
 * Loads a build and computes with it.
 * @param entry path of the package's code
 * @param timeoutMs how long it may take
 * @throws Error saying why it does not work
 */
export async function probeNative(
  { entry }: { readonly entry: string },
  device: NativeDevice,
  timeoutMs = NATIVE_PROBE_MS,
): Promise<NativeProbe> {
  const env = { ...process.env, ...nativeEnvironment(device) };
  const how = { env, timeout: timeoutMs, killSignal: 'SIGKILL' } as const;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', CODE, entry], how).catch(
    (error: ExecFileException) => Promise.reject(new Error(reasonOf(error, timeoutMs), { cause: error })),
  );
  const { sum, ...probe } = JSON.parse(stdout) as NativeProbe & { readonly sum: number };
  if (sum !== EXPECTED_SUM) throw new Error(`it computes ${sum} where ${EXPECTED_SUM} is right`);
  return probe;
}

function reasonOf({ killed, signal, code, stderr = '' }: ExecFileException, timeoutMs: number): string {
  if (killed) return `it did not answer within ${timeoutMs / 1000} s`;
  const said = saidIn(stderr);
  if (signal) return `it was ended by ${signal}${said === null ? '' : `: ${said}`}`;
  return said ?? `it ended with ${code}`;
}

/** The line of an uncaught error that says what it is, else the last one; null where nothing was said. */
function saidIn(stderr: string): string | null {
  return /^(?:\w*Error: )(.*)$/m.exec(stderr)?.[1] ?? (stderr.trim().split('\n').at(-1) || null);
}
