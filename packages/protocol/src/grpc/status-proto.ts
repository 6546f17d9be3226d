/** google.rpc.Status with ErrorInfo and BadRequest as bytes; field numbers from googleapis' google/rpc/{status,error_details}.proto. */
import protobuf from 'protobufjs';

/** What one error says on the wire. */
export interface StatusDetails {
  readonly code: number;
  readonly message: string;
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly { readonly field: string; readonly description: string; readonly reason: string }[];
}

const root = protobuf.Root.fromJSON({
  nested: {
    Any: { fields: { type_url: { type: 'string', id: 1 }, value: { type: 'bytes', id: 2 } } },
    Status: {
      fields: {
        code: { type: 'int32', id: 1 },
        message: { type: 'string', id: 2 },
        details: { rule: 'repeated', type: 'Any', id: 3 },
      },
    },
    ErrorInfo: {
      fields: {
        reason: { type: 'string', id: 1 },
        domain: { type: 'string', id: 2 },
        metadata: { keyType: 'string', type: 'string', id: 3 } as protobuf.IMapField,
      },
    },
    BadRequest: { fields: { violations: { rule: 'repeated', type: 'Violation', id: 1 } } },
    Violation: {
      fields: {
        field: { type: 'string', id: 1 },
        description: { type: 'string', id: 2 },
        reason: { type: 'string', id: 3 },
      },
    },
  },
});
const [statusType, errorInfoType, badRequestType] = ['Status', 'ErrorInfo', 'BadRequest'].map((name) =>
  root.lookupType(name),
) as [protobuf.Type, protobuf.Type, protobuf.Type];
const ERROR_INFO_URL = 'type.googleapis.com/google.rpc.ErrorInfo';
const BAD_REQUEST_URL = 'type.googleapis.com/google.rpc.BadRequest';

function encode(type: protobuf.Type, value: object): Uint8Array {
  return type.encode(type.fromObject(value)).finish();
}

/** Bytes of a google.rpc.Status. */
export function encodeStatus(status: StatusDetails): Uint8Array {
  const { code, message, reason, domain, metadata, violations } = status;
  const details = [{ type_url: ERROR_INFO_URL, value: encode(errorInfoType, { reason, domain, metadata }) }];
  if (violations.length > 0) details.push({ type_url: BAD_REQUEST_URL, value: encode(badRequestType, { violations }) });
  return encode(statusType, { code, message, details });
}

/** Reads a google.rpc.Status; absent details come back empty. @throws Error when the bytes are damaged */
export function decodeStatus(bytes: Uint8Array): StatusDetails {
  const decode = (type: protobuf.Type, value: Uint8Array): Record<string, unknown> =>
    type.toObject(type.decode(value), { defaults: true });
  const status = decode(statusType, bytes) as {
    code: number;
    message: string;
    details: { type_url: string; value: Uint8Array }[];
  };
  const find = (url: string): Uint8Array =>
    status.details.find((detail) => detail.type_url === url)?.value ?? new Uint8Array();
  const info = decode(errorInfoType, find(ERROR_INFO_URL)) as Pick<StatusDetails, 'reason' | 'domain' | 'metadata'>;
  const request = decode(badRequestType, find(BAD_REQUEST_URL)) as Pick<StatusDetails, 'violations'>;
  return { code: status.code, message: status.message, ...info, violations: request.violations };
}
