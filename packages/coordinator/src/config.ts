/** What a coordinator is told when it starts. */
import type { Preparation } from '@lockstep/data';
import type { NatsAccessPaths, TlsPaths } from '@lockstep/protocol';
import type { RetentionConfig } from './job-retention.js';
import type { SharingConfig } from './sharing.js';

/** An OpenID Connect provider whose tokens are taken. */
export interface JwtConfig {
  /** `iss` of its tokens. */
  readonly issuer: string;
  /** What `aud` has to name. */
  readonly audience: string;
  /** Where it publishes its keys: https, or http on loopback. */
  readonly jwksUrl: string;
}

/** Who may reach a coordinator, and how. Nothing of it is needed on loopback. */
export interface SecurityConfig {
  /** Certificate and key of the listeners; `ca` is the CA of clients' certificates. @default no TLS */
  readonly tls?: TlsPaths;
  /** File of hashed tokens. @default none is known */
  readonly tokensPath?: string;
  /** Takes tokens of a provider: claims `lockstep_role` and `lockstep_namespaces`. @default none are taken */
  readonly jwt?: JwtConfig;
  /** File of who has done what. @default the log */
  readonly auditPath?: string;
  /** Lets other machines in without TLS or without a check of who they are. @default false */
  readonly insecure?: boolean;
}

/** Options of {@link runCoordinator}. */
export interface CoordinatorConfig {
  /** Address to listen on. */
  readonly host: string;
  /** gRPC port; 0 takes a free one. */
  readonly port: number;
  /** @default {} which lets nobody in from other machines */
  readonly security?: SecurityConfig;
  /** Which ended jobs are kept. @default {} a thousand of each namespace, for 90 days */
  readonly retention?: RetentionConfig;
  /** How namespaces share workers. @default {} all alike */
  readonly sharing?: SharingConfig;
  /** Port of /metrics, /healthz, /readyz and the dashboard; 0 takes a free one. */
  readonly metricsPort: number;
  /** Whether the dashboard is served. @default true */
  readonly dashboard?: boolean;
  /** Address that a proxy in front of the dashboard has for browsers. @default null there is none */
  readonly dashboardUrl?: URL | null;
  /** URLs of the nats-servers. */
  readonly natsServers: readonly string[];
  /** How it logs in there, and makes users for workers. @default {} which says nothing of who it is */
  readonly natsAccess?: NatsAccessPaths;
  /** Folder for uploads, prepared data and models. */
  readonly storeDirectory: string;
  /** Folder of the one job that is run, for its checkpoints and TensorBoard's file. @default a folder of each job in the store */
  readonly runDirectory?: string;
  /** Whether the store goes away with this process, so that nothing of it shall stay in NATS. */
  readonly isTransient?: boolean;
  /** Level of pino: "trace" to "fatal", or "silent". */
  readonly logLevel: string;
  /** A preparation process that is started already, for the first job. @default one is started */
  readonly preparation?: Preparation;
}
