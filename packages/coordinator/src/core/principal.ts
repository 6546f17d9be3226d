/** Who calls, and what each role may do: one row per method of every service. */

/** What a caller is. */
export type Role = 'admin' | 'submitter' | 'viewer' | 'worker';

/** Roles in the order of what they may do with jobs; workers stand apart. */
export const ROLES: readonly Role[] = ['admin', 'submitter', 'viewer', 'worker'];

/** Somebody whose word about itself was checked. */
export interface Principal {
  /** Stands for the credential in the audit log: "token:3f2a", "certificate:worker/gpu-1", "jwt:alice". */
  readonly id: string;
  /** For people; of workers, the name or the first part of the names that they may join under. */
  readonly name: string;
  readonly role: Role;
  /** Namespaces whose jobs it may see; '*' stands for all. */
  readonly namespaces: readonly string[];
  /** Whether a worker may join under any name that nobody else has. @default false */
  readonly anyName?: boolean;
  /** Id of a token that is good for a single join, and for nothing else. */
  readonly joinToken?: string;
}

/** The one method that a token for a single join is good for. */
export const JOIN = '/lockstep.v1.MembershipService/Join';

/** Namespace of jobs that name none. */
export const DEFAULT_NAMESPACE = 'default';

/** Everybody, where a coordinator listens on loopback and asks nobody who it is. */
export const LOCAL: Principal = { id: 'local', name: 'local', role: 'admin', namespaces: ['*'], anyName: true };

/** Whether a principal may see a namespace. */
export function sees({ namespaces }: Principal, namespace: string): boolean {
  return namespaces.includes('*') || namespaces.includes(namespace);
}

/**
 * Whether a caller may join under a name. Whose credential names a worker joins under that name, or the name with a dot
 * and anything behind it: no name of another one begins so, since names have no dots.
 */
export function mayJoinAs({ name, anyName = false }: Principal, workerName: string): boolean {
  if (anyName) return true;
  return workerName === name || workerName.startsWith(`${name}.`);
}

/** A DNS label. */
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const IDENTITY = new RegExp(`^lockstep://(admin|submitter|viewer|worker)/(?:(${LABEL})/)?(${LABEL})$`);
/** Names of namespaces, and of tokens and certificates. */
export const NAME = new RegExp(`^${LABEL}$`);

/**
 * The identity that a certificate states: `lockstep://ROLE/NAME`, of the default namespace, or
 * `lockstep://ROLE/NAMESPACE/NAME`. An admin sees every namespace.
 * @param uri a URI of its subject alternative names, as it stands there
 * @returns null where it is none of ours
 */
export function principalOfUri(uri: string): Principal | null {
  const [, role, namespace = DEFAULT_NAMESPACE, name] = IDENTITY.exec(uri) ?? [];
  if (!role || !name) return null;
  return {
    id: `certificate:${uri.slice('lockstep://'.length)}`,
    ...{ name, role: role as Role },
    namespaces: role === 'admin' ? ['*'] : [namespace],
  };
}

/**
 * The identity in the text of a certificate's subject alternative names, where it states exactly one.
 * @param text as Node writes it: "DNS:a, URI:lockstep://worker/gpu-1"
 */
export function principalOfAltNames(text: string): Principal | null {
  // Node quotes what holds a comma or a quote; nothing of ours does, and what does is meant to be misread.
  if (text.includes('"')) return null;
  const uris = text.split(', ').filter((name) => name.startsWith('URI:'));
  const [uri] = uris;
  return uri && uris.length === 1 ? principalOfUri(uri.slice('URI:'.length)) : null;
}

/** Who may call a method: anybody, anybody who is known, or some roles. */
export type Permission = 'anybody' | 'known' | readonly Role[];

const READERS: readonly Role[] = ['admin', 'submitter', 'viewer'];
const WRITERS: readonly Role[] = ['admin', 'submitter'];
const WORKERS: readonly Role[] = ['worker'];

/** Every method of every service. What does not stand here is denied. */
export const PERMISSIONS: Readonly<Record<string, Permission>> = {
  '/lockstep.v1.JobService/SubmitJob': WRITERS,
  '/lockstep.v1.JobService/ValidateSpec': READERS,
  '/lockstep.v1.JobService/GetJob': READERS,
  '/lockstep.v1.JobService/ListJobs': READERS,
  '/lockstep.v1.JobService/WatchJob': READERS,
  '/lockstep.v1.JobService/CancelJob': WRITERS,
  '/lockstep.v1.JobService/SuspendJob': WRITERS,
  '/lockstep.v1.JobService/ResumeJob': WRITERS,
  '/lockstep.v1.JobService/DeleteJob': WRITERS,
  '/lockstep.v1.JobService/UploadData': WRITERS,
  '/lockstep.v1.JobService/GetUpload': WRITERS,
  '/lockstep.v1.JobService/DownloadModel': READERS,
  '/lockstep.v1.ClusterService/ListWorkers': READERS,
  [JOIN]: WORKERS,
  '/lockstep.v1.MembershipService/Heartbeat': WORKERS,
  '/lockstep.v1.TrainingService/Train': WORKERS,
  '/lockstep.v1.ParameterService/GetParameters': WORKERS,
  '/lockstep.v1.ParameterService/GetResidual': WORKERS,
  '/lockstep.v1.ShardService/ReadShard': WORKERS,
  '/grpc.health.v1.Health/Check': 'anybody',
  '/grpc.health.v1.Health/Watch': 'anybody',
  '/grpc.health.v1.Health/List': 'anybody',
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo': 'known',
  '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo': 'known',
};

/** Methods of those who may change jobs that only ask. */
const QUESTIONS: ReadonlySet<string> = new Set(['/lockstep.v1.JobService/GetUpload']);

/** Methods that change jobs or what is kept for them. They are refused while the audit log cannot be written. */
export const CHANGES: ReadonlySet<string> = new Set(
  Object.keys(PERMISSIONS).filter((path) => PERMISSIONS[path] === WRITERS && !QUESTIONS.has(path)),
);

/** Roles that may read /metrics. */
export const METRICS_READERS = READERS;

/** Whether a known caller may call a method. */
export function mayCall({ role }: Principal, permission: Permission | undefined): boolean {
  if (permission === undefined) return false;
  return typeof permission === 'string' || permission.includes(role);
}
