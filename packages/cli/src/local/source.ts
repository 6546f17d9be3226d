/** What a source of the nats-server program is. */

/** Version that is fetched. */
export const NATS_SERVER_VERSION = '2.15.1';

/** File name of the program here. */
export const PROGRAM = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';

/** One way to get the program. */
export interface NatsSource {
  /** For messages, for example "the official release". */
  readonly name: string;
  /** Fetches the program into an empty folder. @returns its path. @throws Error saying why not */
  fetch(folder: string, signal: AbortSignal): Promise<string>;
}
