/** The services of protos/lockstep/v1 as grpc-js takes them, built from the generated descriptor. */
import * as grpc from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { descriptorJson } from '../gen/descriptor.js';
import type {
  ClusterServiceClient as ClusterServiceClientType,
  ClusterServiceDefinition,
} from '../gen/lockstep/v1/ClusterService.js';
import type { JobServiceClient as JobServiceClientType, JobServiceDefinition } from '../gen/lockstep/v1/JobService.js';
import type {
  MembershipServiceClient as MembershipServiceClientType,
  MembershipServiceDefinition,
} from '../gen/lockstep/v1/MembershipService.js';
import type {
  ParameterServiceClient as ParameterServiceClientType,
  ParameterServiceDefinition,
} from '../gen/lockstep/v1/ParameterService.js';
import type {
  ShardServiceClient as ShardServiceClientType,
  ShardServiceDefinition,
} from '../gen/lockstep/v1/ShardService.js';
import type {
  TrainingServiceClient as TrainingServiceClientType,
  TrainingServiceDefinition,
} from '../gen/lockstep/v1/TrainingService.js';

// What grpc-js prints to stderr is thrown as well, and stderr belongs to the command line.
grpc.setLogVerbosity(grpc.logVerbosity.NONE);

/** Messages as plain objects: numbers for 64-bit integers, names for enum values, every field present. */
export const CONVERSION = { longs: Number, enums: String, defaults: true, oneofs: true } as const;

const root = protobuf.Root.fromJSON(JSON.parse(descriptorJson) as protobuf.INamespace);

/**
 * A service as `@grpc/proto-loader` would define it, but without the descriptors of every message, which only reflection
 * needs and which take longer to make than everything else here.
 */
function service<Definition>(name: string): Definition {
  const { fullName, methodsArray } = root.lookupService(`lockstep.v1.${name}`);
  const methods = methodsArray.map((method) => {
    method.resolve();
    const { resolvedRequestType: request, resolvedResponseType: response } = method;
    if (!request || !response) throw new Error(`the descriptor lacks a message of ${method.fullName}`);
    const definition: grpc.MethodDefinition<object, object> = {
      path: `/${fullName.slice(1)}/${method.name}`,
      originalName: method.name.charAt(0).toLowerCase() + method.name.slice(1),
      requestStream: method.requestStream === true,
      responseStream: method.responseStream === true,
      ...{ requestSerialize: serialize(request), requestDeserialize: deserialize(request) },
      ...{ responseSerialize: serialize(response), responseDeserialize: deserialize(response) },
    };
    return [method.name, definition];
  });
  return Object.fromEntries(methods) as Definition;
}

function serialize(type: protobuf.Type): (value: object) => Buffer {
  return (value) => type.encode(type.fromObject(value)).finish() as Buffer;
}

function deserialize(type: protobuf.Type): (bytes: Buffer) => object {
  return (bytes) => type.toObject(type.decode(bytes), CONVERSION);
}

type ClientConstructor<Client> = new (
  address: string,
  credentials: grpc.ChannelCredentials,
  options?: grpc.ClientOptions,
) => Client;

function client<Client>(name: string, definition: grpc.ServiceDefinition): ClientConstructor<Client> {
  return grpc.makeGenericClientConstructor(definition, name) as unknown as ClientConstructor<Client>;
}

/** Submits, follows and ends jobs. */
export const jobServiceDefinition: JobServiceDefinition = service<JobServiceDefinition>('JobService');
/** What a cluster consists of. */
export const clusterServiceDefinition: ClusterServiceDefinition = service<ClusterServiceDefinition>('ClusterService');
/** Join and heartbeats of workers. */
export const membershipServiceDefinition: MembershipServiceDefinition =
  service<MembershipServiceDefinition>('MembershipService');
/** The step loop's stream. */
export const trainingServiceDefinition: TrainingServiceDefinition =
  service<TrainingServiceDefinition>('TrainingService');
/** Parameters that a worker missed. */
export const parameterServiceDefinition: ParameterServiceDefinition =
  service<ParameterServiceDefinition>('ParameterService');
/** Prepared data. */
export const shardServiceDefinition: ShardServiceDefinition = service<ShardServiceDefinition>('ShardService');

/** Client of the job service; methods in camel case. */
export type JobServiceClient = JobServiceClientType;
/** Constructor of {@link JobServiceClient}: `(address, clientCredentials(), channelOptions())`. */
export const JobServiceClient: ClientConstructor<JobServiceClientType> = client('JobService', jobServiceDefinition);
/** Client of the cluster service. */
export type ClusterServiceClient = ClusterServiceClientType;
/** Constructor of {@link ClusterServiceClient}. */
export const ClusterServiceClient: ClientConstructor<ClusterServiceClientType> = client(
  'ClusterService',
  clusterServiceDefinition,
);
/** Client of the membership service. */
export type MembershipServiceClient = MembershipServiceClientType;
/** Constructor of {@link MembershipServiceClient}. */
export const MembershipServiceClient: ClientConstructor<MembershipServiceClientType> = client(
  'MembershipService',
  membershipServiceDefinition,
);
/** Client of the training service. */
export type TrainingServiceClient = TrainingServiceClientType;
/** Constructor of {@link TrainingServiceClient}. */
export const TrainingServiceClient: ClientConstructor<TrainingServiceClientType> = client(
  'TrainingService',
  trainingServiceDefinition,
);
/** Client of the parameter service. */
export type ParameterServiceClient = ParameterServiceClientType;
/** Constructor of {@link ParameterServiceClient}. */
export const ParameterServiceClient: ClientConstructor<ParameterServiceClientType> = client(
  'ParameterService',
  parameterServiceDefinition,
);
/** Client of the shard service. */
export type ShardServiceClient = ShardServiceClientType;
/** Constructor of {@link ShardServiceClient}. */
export const ShardServiceClient: ClientConstructor<ShardServiceClientType> = client(
  'ShardService',
  shardServiceDefinition,
);
