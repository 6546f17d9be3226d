/** What a coordinator is told when it starts. */
import type { Preparation } from '@lockstep/data';

/** Options of {@link runCoordinator}. */
export interface CoordinatorConfig {
  /** Address to listen on. */
  readonly host: string;
  /** gRPC port; 0 takes a free one. */
  readonly port: number;
  /** Port of /metrics, /healthz, /readyz; 0 takes a free one. */
  readonly metricsPort: number;
  /** URLs of the nats-servers. */
  readonly natsServers: readonly string[];
  /** Folder for uploads, prepared data and models. */
  readonly storeDirectory: string;
  /** Folder of the checkpoints of the one job that is run. @default a folder of each job in the store */
  readonly checkpointDirectory?: string;
  /** Whether the store goes away with this process, so that nothing of it shall stay in NATS. */
  readonly isTransient?: boolean;
  /** Level of pino: "trace" to "fatal", or "silent". */
  readonly logLevel: string;
  /** A preparation process that is started already, for the first job. @default one is started */
  readonly preparation?: Preparation;
}
