/** Every error a user can meet: code -> gRPC status, exit code, message, remedy, retryable. Documented in docs/errors.md. */

/** One row of the catalogue. */
export interface CatalogueEntry {
  /** gRPC status name. */
  readonly status:
    | 'INVALID_ARGUMENT'
    | 'NOT_FOUND'
    | 'ALREADY_EXISTS'
    | 'FAILED_PRECONDITION'
    | 'UNAVAILABLE'
    | 'RESOURCE_EXHAUSTED'
    | 'DEADLINE_EXCEEDED'
    | 'ABORTED'
    | 'CANCELLED'
    | 'INTERNAL'
    | 'UNIMPLEMENTED'
    | 'UNAUTHENTICATED'
    | 'PERMISSION_DENIED'
    | 'DATA_LOSS';
  /** Exit code of the command line: 1 the job failed, 2 bad usage or input, 3 cannot reach a server, 130 interrupted. */
  readonly exit: 1 | 2 | 3 | 130;
  /** What happened, when the site that throws says nothing more precise. */
  readonly message: string;
  /** What to do about it, when the site that throws says nothing more precise. */
  readonly remedy: string;
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean;
}

const entry = (
  status: CatalogueEntry['status'],
  exit: CatalogueEntry['exit'],
  message: string,
  remedy: string,
  retryable = false,
): CatalogueEntry => ({ status, exit, message, remedy, retryable });

/** The catalogue. Codes are upper snake case, at most 63 characters, and never change once released. */
export const CATALOGUE = {
  INTERNAL: entry('INTERNAL', 1, 'Something in Lockstep itself went wrong.', 'Report it with the log of this run.'),
  UNIMPLEMENTED: entry('UNIMPLEMENTED', 2, 'This part is not there yet.', 'See the message for what works instead.'),
  USAGE: entry('INVALID_ARGUMENT', 2, 'The command was not understood.', 'Run it with --help.'),
  INTERRUPTED: entry('CANCELLED', 130, 'Interrupted.', 'Run the command again.'),
  SPEC_INVALID: entry('INVALID_ARGUMENT', 2, 'The job spec has problems.', 'Mend the listed lines.'),
  SPEC_SYNTAX: entry('INVALID_ARGUMENT', 2, 'The job spec is not valid YAML.', 'Mend the line named.'),
  SPEC_UNKNOWN_KEY: entry(
    'INVALID_ARGUMENT',
    2,
    'The spec has a key that does not exist.',
    'Use the nearest name, or see `lockstep explain`.',
  ),
  SPEC_DUPLICATE_KEY: entry('INVALID_ARGUMENT', 2, 'A key stands twice.', 'Keep one of the two.'),
  SPEC_MISSING_KEY: entry('INVALID_ARGUMENT', 2, 'A required key is absent.', 'Add the key.'),
  SPEC_VALUE: entry('INVALID_ARGUMENT', 2, 'A value is not allowed here.', 'Use one of the allowed values.'),
  SPEC_NOT_YET: entry(
    'INVALID_ARGUMENT',
    2,
    'The spec asks for something that is not there yet.',
    'Use what the message offers instead.',
  ),
  SPEC_CONTRADICTION: entry(
    'INVALID_ARGUMENT',
    2,
    'Two parts of the spec contradict each other.',
    'Change one of the two.',
  ),
  DATA_NOT_FOUND: entry('NOT_FOUND', 2, 'The data file does not exist.', 'Check data.path.'),
  DATA_UNREADABLE: entry('INVALID_ARGUMENT', 2, 'The data file cannot be read.', 'Check the file named.'),
  DATA_EMPTY: entry('INVALID_ARGUMENT', 2, 'The data has no rows.', 'Give a file with rows below the header.'),
  DATA_COLUMN_NOT_FOUND: entry(
    'INVALID_ARGUMENT',
    2,
    'A column does not exist in the data.',
    'Use one of the columns listed.',
  ),
  DATA_COLUMN_EMPTY: entry(
    'INVALID_ARGUMENT',
    2,
    'A column has no values in the training rows.',
    'Add it to data.ignore, or fill it.',
  ),
  DATA_VALUE: entry('INVALID_ARGUMENT', 2, 'A cell has a value that cannot be used.', 'Mend the cell named.'),
  DATA_LABEL: entry(
    'INVALID_ARGUMENT',
    2,
    'The label column does not fit the task.',
    'Check data.label and train.loss.',
  ),
  DATA_TOO_MANY_CATEGORIES: entry(
    'INVALID_ARGUMENT',
    2,
    'A text column has too many categories.',
    'Add it to data.ignore, or raise preprocess.maxCategories.',
  ),
  DATA_UNKNOWN_CATEGORY: entry(
    'INVALID_ARGUMENT',
    2,
    'A category was not seen in training.',
    'Set preprocess.unknown to ignore or other, or mend the value.',
  ),
  DATA_TOO_LARGE: entry('RESOURCE_EXHAUSTED', 2, 'The data is beyond a limit.', 'See the limit in the message.'),
  DATA_PREPARATION_CRASHED: entry(
    'INTERNAL',
    1,
    'The process that prepares the data died.',
    'Check memory and the file; see the log.',
  ),
  MODEL_INVALID: entry('INVALID_ARGUMENT', 2, 'The model cannot be built.', 'Mend the layer named.'),
  MODEL_NOT_FOUND: entry(
    'NOT_FOUND',
    2,
    'The model file does not exist.',
    'Check the path; train leaves model.onnx in its folder.',
  ),
  MODEL_UNREADABLE: entry(
    'INVALID_ARGUMENT',
    2,
    'The model file cannot be read.',
    'Give a model.onnx written by lockstep.',
  ),
  GRADIENT_UNSUPPORTED: entry('UNIMPLEMENTED', 2, 'An operator has no gradient.', 'Use another layer.'),
  GRAPH_INVALID: entry('INTERNAL', 1, 'A graph failed verification.', 'Report it with the job spec.'),
  ENGINE_UNAVAILABLE: entry('FAILED_PRECONDITION', 2, 'The engine cannot be loaded here.', 'Run `lockstep doctor`.'),
  ENGINE_INSTALL_FAILED: entry(
    'FAILED_PRECONDITION',
    2,
    'The engine cannot be built here.',
    'Mend what the message names, then run the command again; what it had fetched is kept.',
  ),
  ENGINE_LOAD_FAILED: entry('INTERNAL', 1, 'The engine refused a graph.', 'Report it with the job spec.'),
  ENGINE_RUN_FAILED: entry('INTERNAL', 1, 'The engine failed in a run.', 'See the message of the engine.'),
  DEVICE_UNAVAILABLE: entry('FAILED_PRECONDITION', 2, 'The device asked for is not here.', 'Use device: cpu.'),
  HOST_LINK_UNAVAILABLE: entry(
    'FAILED_PRECONDITION',
    1,
    'Memory cannot be shared between coordinator and workers.',
    'Use run.link: auto, or run them as one user on one Linux machine or in one container.',
  ),
  NUMERICS_NOT_FINITE: entry(
    'FAILED_PRECONDITION',
    1,
    'A gradient or loss is not finite.',
    'Lower the learning rate, clip gradients, or check the data.',
  ),
  NUMERIC_CLASS_MISMATCH: entry(
    'FAILED_PRECONDITION',
    1,
    'A worker computes other bits than the job.',
    'Run the same engine build on every worker, or use --rebase-numerics.',
  ),
  CHECKPOINT_MISMATCH: entry(
    'FAILED_PRECONDITION',
    2,
    'The checkpoint is of other work than the job.',
    'Resume with the spec and data of the run, or choose another --out.',
  ),
  CHECKPOINT_NOT_FOUND: entry(
    'NOT_FOUND',
    2,
    'There is no checkpoint to go on from.',
    'Check --out, or leave out --resume to start from the first step.',
  ),
  CHECKPOINT_DAMAGED: entry(
    'DATA_LOSS',
    1,
    'No checkpoint can be read.',
    'Restore the files, or delete the folder checkpoints to start from the first step.',
  ),
  JOB_NOT_FOUND: entry('NOT_FOUND', 2, 'There is no such job.', 'See `lockstep jobs` for those that there are.'),
  JOB_CANCELLED: entry('CANCELLED', 1, 'The job was cancelled.', 'Submit it again.'),
  JOB_PREEMPTED: entry(
    'ABORTED',
    1,
    'The job makes room for one of higher priority.',
    'Wait: it goes on when workers are free. Raise run.priority where it shall not wait.',
  ),
  JOB_SUSPENDED: entry('ABORTED', 1, 'The job is suspended.', 'Let it go on with `lockstep resume`.'),
  JOB_NOT_FINISHED: entry('FAILED_PRECONDITION', 1, 'The job has not succeeded.', 'Wait for it with `lockstep watch`.'),
  JOB_NOT_ENDED: entry('FAILED_PRECONDITION', 1, 'The job has not ended.', 'Cancel it first with `lockstep cancel`.'),
  JOB_WORKERS_LOST: entry('UNAVAILABLE', 1, 'Too few workers are left.', 'Start workers, then resume.', true),
  JOB_QUEUE_TIMEOUT: entry(
    'UNAVAILABLE',
    1,
    'Too few workers that the job can use came in time.',
    'Start such workers, raise run.queueTimeoutSeconds, or ask for another run.device.',
  ),
  DEADLINE_EXCEEDED: entry(
    'DEADLINE_EXCEEDED',
    1,
    'The job has not ended within its deadline.',
    'Raise run.deadlineSeconds, or give it more workers.',
  ),
  UPDATE_INTERRUPTED: entry(
    'ABORTED',
    1,
    'A thread of the coordinator ended in the middle of an update, which leaves a state between two steps.',
    'Resume: the newest checkpoint is gone on from.',
    true,
  ),
  LANE_FAILED: entry('ABORTED', 1, 'A lane failed on every worker that tried it.', 'See the message of the engine.'),
  POISON_LANE: entry(
    'ABORTED',
    1,
    'Workers were lost with the same lane, one by one.',
    'Look at the rows of the lane, and at the memory and log of the lost workers.',
  ),
  QUEUE_FULL: entry(
    'RESOURCE_EXHAUSTED',
    3,
    'The coordinator holds as many jobs as it may.',
    'Submit again later.',
    true,
  ),
  REQUEST_ID_REUSED: entry('ALREADY_EXISTS', 2, 'The request id was used with another spec.', 'Use a new request id.'),
  UPLOAD_MISMATCH: entry(
    'DATA_LOSS',
    2,
    'The uploaded bytes do not have the stated SHA-256.',
    'Upload again; the file may have changed meanwhile.',
  ),
  UPLOAD_NOT_FOUND: entry(
    'FAILED_PRECONDITION',
    2,
    'A data file was not uploaded.',
    'Upload it before the job is submitted.',
  ),
  SERVER_UNREACHABLE: entry(
    'UNAVAILABLE',
    3,
    'The coordinator cannot be reached.',
    'Check --server or LOCKSTEP_SERVER.',
    true,
  ),
  NATS_UNREACHABLE: entry(
    'UNAVAILABLE',
    3,
    'NATS cannot be reached.',
    'Check the address, or leave it out to have one started.',
    true,
  ),
  NATS_REFUSED: entry(
    'UNAUTHENTICATED',
    2,
    'NATS does not let this process in.',
    'Give --nats-creds, or --nats-user with --nats-password-file, of a user that the server knows.',
    true,
  ),
  NATS_LOGIN_INVALID: entry(
    'FAILED_PRECONDITION',
    2,
    'What is to log in to NATS cannot be used.',
    'Give a file that holds what the option names.',
  ),
  NATS_SERVER_MISSING: entry(
    'FAILED_PRECONDITION',
    3,
    'No nats-server could be found or fetched.',
    'Install nats-server 2.12.7 or newer, or give --nats-server PATH.',
  ),
  NATS_SERVER_TOO_OLD: entry('FAILED_PRECONDITION', 2, 'The nats-server is too old.', 'Use 2.12.7 or newer.'),
  NATS_UNSOUND: entry(
    'FAILED_PRECONDITION',
    2,
    'NATS lets two writers win at once.',
    'Use nats-server 2.12.7 or newer, and no cluster that is being mended.',
  ),
  NATS_PAYLOAD_TOO_SMALL: entry(
    'FAILED_PRECONDITION',
    3,
    'The nats-server takes too small messages only.',
    'Raise max_payload in the configuration of the nats-server.',
  ),
  PORT_IN_USE: entry('FAILED_PRECONDITION', 2, 'The port is taken.', 'Choose another port, or 0 for a free one.'),
  LISTEN_FAILED: entry('FAILED_PRECONDITION', 2, 'The address cannot be listened on.', 'Check the address.'),
  OUTPUT_EXISTS: entry(
    'FAILED_PRECONDITION',
    2,
    'The output directory already holds a run.',
    'Choose another --out, or continue it with --resume.',
  ),
  OUTPUT_IN_USE: entry(
    'FAILED_PRECONDITION',
    2,
    'Another command writes to the output directory.',
    'Wait for its end, or choose another --out.',
  ),
  OUTPUT_UNWRITABLE: entry(
    'FAILED_PRECONDITION',
    2,
    'The output directory cannot be written.',
    'Check the folder and its permissions.',
  ),
  STORE_IN_USE: entry(
    'FAILED_PRECONDITION',
    2,
    'Another coordinator works on this store.',
    'Give another --store, or stop the other coordinator.',
  ),
  DISK_FULL: entry('RESOURCE_EXHAUSTED', 1, 'The disk is full.', 'Free space, then run again.'),
  DEADLINE: entry('DEADLINE_EXCEEDED', 3, 'The call took too long.', 'Try again.', true),
  UNAUTHENTICATED: entry(
    'UNAUTHENTICATED',
    2,
    'The coordinator does not know who calls.',
    'Give a token that is valid with LOCKSTEP_TOKEN or --token-file, or a certificate with --tls-cert and --tls-key.',
  ),
  PERMISSION_DENIED: entry(
    'PERMISSION_DENIED',
    2,
    'The caller may not do this.',
    'Ask whoever runs the coordinator for a token or certificate with the role that the message names.',
  ),
  RATE_LIMITED: entry(
    'RESOURCE_EXHAUSTED',
    3,
    'Too many calls came, or too many wrong tokens.',
    'Try again in a minute.',
    true,
  ),
  IDENTITY_UNAVAILABLE: entry(
    'UNAVAILABLE',
    3,
    'The keys that tokens are checked with cannot be had.',
    'Check that the coordinator reaches the address of --jwt-jwks, then try again.',
    true,
  ),
  AUDIT_UNAVAILABLE: entry(
    'UNAVAILABLE',
    3,
    'What is done cannot be kept in the audit log, so nothing is done.',
    'Free space where --audit-log lies, then try again.',
    true,
  ),
  LISTENER_UNPROTECTED: entry(
    'FAILED_PRECONDITION',
    2,
    'An address that other machines reach would be listened on without protection.',
    'Give --tls-cert, --tls-key and --tls-client-ca or --tokens (see docs/security.md), or listen on 127.0.0.1.',
  ),
  TLS_INVALID: entry(
    'FAILED_PRECONDITION',
    2,
    'A certificate, key or CA cannot be used.',
    'Make new ones with `lockstep certs`, or give another file.',
  ),
  TLS_REFUSED: entry(
    'UNAVAILABLE',
    3,
    'No trusted connection to the coordinator comes about.',
    'Check --tls-ca, and --tls-cert and --tls-key where the coordinator asks for a certificate.',
  ),
  TOKENS_INVALID: entry(
    'FAILED_PRECONDITION',
    2,
    'The file of tokens cannot be used.',
    'Write it with `lockstep tokens create`.',
  ),
  SHARD_DAMAGED: entry(
    'DATA_LOSS',
    1,
    'Data arrived with another SHA-256 than the job names.',
    'Check the disk of the coordinator, then submit the job again.',
  ),
  PARAMETERS_DAMAGED: entry(
    'DATA_LOSS',
    1,
    'A version of the parameters arrived with another digest.',
    'It is fetched again by itself; look for a second publisher if it goes on.',
    true,
  ),
  WORKER_NAME_TAKEN: entry(
    'ALREADY_EXISTS',
    2,
    'A worker that is alive has this name.',
    'Give another --name, or leave it out.',
  ),
  FENCED: entry('ABORTED', 1, 'This worker was replaced by a newer incarnation.', 'Join again.'),
  PROTOCOL_VIOLATION: entry('INVALID_ARGUMENT', 1, 'A peer broke the protocol.', 'Run the same version on both sides.'),
  LIMIT_EXCEEDED: entry('RESOURCE_EXHAUSTED', 2, 'A limit was exceeded.', 'See the limit in the message.'),
} as const satisfies Record<string, CatalogueEntry>;

/** Code of an error in the catalogue. */
export type ErrorCode = keyof typeof CATALOGUE;
