/** A gRPC service that carries bytes and nothing else. */
import type * as grpc from '@grpc/grpc-js';

/** As large as a gradient frame. */
export const GRPC_MESSAGE_BYTES = 256 * 1024;

/** Paths of its methods. */
export const RAW = { upload: '/Raw/Upload', download: '/Raw/Download' } as const;

/** The codec of bytes. */
export const same = (bytes: Buffer): Buffer => bytes;
const codecs = { requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same };

/** `upload`: client stream, answered once. `download`: the number of bytes that the server streams. */
export const rawService: grpc.ServiceDefinition = {
  upload: { path: RAW.upload, requestStream: true, responseStream: false, ...codecs },
  download: { path: RAW.download, requestStream: false, responseStream: true, ...codecs },
};
