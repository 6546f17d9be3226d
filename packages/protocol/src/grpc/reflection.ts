/** Server reflection that costs nothing until somebody asks: building its tables takes longer than starting a server. */
import type * as grpc from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { descriptorJson } from '../gen/descriptor.js';
import { CONVERSION } from './definitions.js';

type Method = grpc.MethodDefinition<object, object>;

/** What the library would have added to a server. */
interface Added {
  readonly method: Method;
  readonly handle: grpc.handleBidiStreamingCall<object, object>;
}

const NAME = 'ServerReflectionInfo';
const SERVICES = ['grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'];

/** Adds both published versions of the reflection service. */
export function addReflection(server: grpc.Server): void {
  let added: Map<string, Added> | null = null;
  for (const service of SERVICES) {
    const path = `/${service}/${NAME}`;
    const find = (): Added => {
      added ??= tables();
      const found = added.get(path);
      if (!found) throw new Error(`the reflection library has no ${path}`);
      return found;
    };
    const method: Method = {
      ...{ path, requestStream: true, responseStream: true },
      requestSerialize: (value) => find().method.requestSerialize(value),
      requestDeserialize: (bytes) => find().method.requestDeserialize(bytes),
      responseSerialize: (value) => find().method.responseSerialize(value),
      responseDeserialize: (bytes) => find().method.responseDeserialize(bytes),
    };
    const handle: Added['handle'] = (call) => find().handle(call);
    server.addService({ [NAME]: method }, { [NAME]: handle });
  }
}

function tables(): Map<string, Added> {
  const added = new Map<string, Added>();
  const recorder: Pick<grpc.Server, 'addService'> = {
    addService(definition, implementation) {
      const method = definition[NAME];
      const handle = implementation[NAME];
      if (method && handle) added.set(method.path, { method, handle: handle as Added['handle'] });
    },
  };
  const definitions = fromJSON(JSON.parse(descriptorJson) as Parameters<typeof fromJSON>[0], CONVERSION);
  new ReflectionService(definitions).addToServer(recorder as grpc.Server);
  return added;
}
