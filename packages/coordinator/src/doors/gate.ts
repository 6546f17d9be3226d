/** Who may call: TLS of the listeners, credentials of callers, and the table of what each role may do. */
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import {
  addressGroup,
  hostOf,
  isLoopback,
  type JoinRequest__Output,
  Strangers,
  TlsFiles,
  type TlsOptionNames,
  toServiceError,
} from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import type { Logger } from 'pino';
import type { CoordinatorConfig, SecurityConfig } from '../config.js';
import { CallRate } from '../core/call-rate.js';
import { FailureLimit } from '../core/failure-limit.js';
import {
  CHANGES,
  JOIN,
  LOCAL,
  mayCall,
  PERMISSIONS,
  type Permission,
  type Principal,
  principalOfAltNames,
  type Role,
} from '../core/principal.js';
import { CALL_RATE, FAILED_TOKENS_WINDOW_MS, MAX_FAILED_TOKENS, MAX_FAILING_PEERS } from '../limits.js';
import { type AuditEntry, AuditLog, outcomeOf, subjectOf } from './audit-log.js';
import { JoinLedger, type WorkerSessionClaims } from './join-ledger.js';
import { JwtIssuer } from './jwt-issuer.js';
import { TokenFile } from './token-file.js';

const OPTIONS: TlsOptionNames = { ca: '--tls-client-ca', cert: '--tls-cert', key: '--tls-key' };

/** What a caller shows. */
export interface Shown {
  /** The header `authorization`. */
  readonly authorization: string | undefined;
  /** A certificate that TLS has checked, DER. */
  readonly certificate: Buffer | undefined;
  /** Address that it comes from. */
  readonly from: string;
}

/** What the doors are locked with. */
interface Locks {
  readonly tls: TlsFiles | null;
  readonly tokens: TokenFile | null;
  /** Of tokens for a single join. */
  readonly ledger: JoinLedger | null;
  readonly jwt: JwtIssuer | null;
  readonly audit: AuditLog;
}

/** The doors of a coordinator's listeners. */
export class Gate {
  readonly tls: TlsFiles | null;
  /** Connections over which nobody was identified yet; null where nobody is asked who it is. */
  readonly strangers: Strangers | null;
  readonly #tokens: TokenFile | null;
  readonly #ledger: JoinLedger | null;
  readonly #jwt: JwtIssuer | null;
  readonly #audit: AuditLog;
  readonly #failures = new FailureLimit({
    ...{ max: MAX_FAILED_TOKENS, windowMs: FAILED_TOKENS_WINDOW_MS, maxPeers: MAX_FAILING_PEERS },
  });
  readonly #rate = new CallRate(CALL_RATE);
  readonly #isOpen: boolean;
  readonly #callers = new WeakMap<grpc.Metadata, Principal>();

  private constructor({ tls, tokens, ledger, jwt, audit }: Locks) {
    this.#audit = audit;
    this.tls = tls;
    this.#tokens = tokens;
    this.#ledger = ledger;
    this.#jwt = jwt;
    this.#isOpen = !tokens && !jwt && !tls?.contents.ca;
    this.strangers = this.#isOpen ? null : new Strangers();
  }

  /**
   * Reads certificates and tokens.
   * @throws LockstepError LISTENER_UNPROTECTED where other machines would get in freely, TLS_INVALID, TOKENS_INVALID
   */
  static async open({ host, storeDirectory, security = {} }: CoordinatorConfig, logger: Logger): Promise<Gate> {
    refuseUnprotected(host, security);
    const onError = ({ code, message, field }: LockstepError): void =>
      logger.error({ code, field }, `${message} What was read before stays in use.`);
    const { tls: paths, tokensPath, jwt, auditPath = null } = security;
    return new Gate({
      audit: AuditLog.open(auditPath, logger),
      tls: paths ? await TlsFiles.open(paths, OPTIONS, onError) : null,
      jwt: jwt ? new JwtIssuer(jwt) : null,
      ledger: tokensPath ? await JoinLedger.open(join(storeDirectory, 'joins.json')) : null,
      tokens: tokensPath ? await TokenFile.open(tokensPath, onError) : null,
    });
  }

  /** Whether nobody is asked who it is. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether a client without a certificate could not be known by anything else. */
  get requiresCertificate(): boolean {
    return !this.#isOpen && !this.#tokens && !this.#jwt;
  }

  /** Looks at each call before its handler. */
  readonly interceptor: grpc.ServerInterceptor = (method, call) => {
    const { path } = method;
    const from = call.getPeer();
    let who: Principal | null = null;
    let on = '';
    let isTold = false;
    const record = (code: grpc.status): void => {
      if (PERMISSIONS[path] === 'anybody' || isTold) return;
      isTold = true;
      const outcome = outcomeOf(code, who);
      this.#audit.record({ who, what: path, on, from, outcome, status: grpc.status[code] ?? code });
    };
    return new grpc.ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            const admit = async (): Promise<void> => {
              who = await this.#callerOf(path, metadata, call);
              if (!who) return;
              this.strangers?.introduce(call.getConnectionInfo());
              this.permit(who, path);
              this.#callers.set(metadata, who);
            };
            admit().then(
              () => pass(metadata),
              (thrown: unknown) => {
                const { code, details, metadata: trailer } = toServiceError(thrown);
                record(code);
                call.sendStatus({ code, details, metadata: trailer });
              },
            );
          },
          onReceiveMessage: (message, pass) => {
            on ||= subjectOf(message);
            pass(message);
          },
          onCancel: () => record(grpc.status.CANCELLED),
        }),
      sendMessage: (message, next) => {
        on ||= subjectOf(message);
        next(message);
      },
      sendStatus: (status, next) => {
        record(status.code ?? grpc.status.OK);
        next(status);
      },
    });
  };

  /** Tells of a request that came over HTTP. */
  audit(entry: AuditEntry): void {
    if (!this.#isOpen) this.#audit.record(entry);
  }

  /** Who makes a call that was let in. @throws LockstepError UNAUTHENTICATED where nobody has said */
  caller({ metadata }: { readonly metadata: grpc.Metadata }): Principal {
    const caller = this.#isOpen ? LOCAL : this.#callers.get(metadata);
    if (!caller) throw new LockstepError('UNAUTHENTICATED');
    return caller;
  }

  /** Who shows something. @throws LockstepError UNAUTHENTICATED, RATE_LIMITED, IDENTITY_UNAVAILABLE */
  async identify({ authorization, certificate, from }: Shown): Promise<Principal> {
    if (this.#isOpen) return LOCAL;
    if (authorization !== undefined) return this.#ofToken(authorization, from);
    const names = certificate && new X509Certificate(certificate).subjectAltName;
    const principal = names ? principalOfAltNames(names) : null;
    if (principal) return principal;
    throw new LockstepError('UNAUTHENTICATED', {
      message: certificate
        ? 'The certificate states no identity such as lockstep://submitter/NAME.'
        : 'The call comes without a token and without a certificate.',
    });
  }

  /**
   * Lets a caller make a call of a method now.
   * @param path of gRPC, which routes of HTTP stand for as well
   * @throws LockstepError PERMISSION_DENIED, RATE_LIMITED, AUDIT_UNAVAILABLE
   */
  permit(caller: Principal, path: string): void {
    if (this.#isOpen) return;
    refuseOther(caller, path);
    this.#bound(caller, path);
  }

  close(): void {
    this.#audit.close();
    this.#tokens?.close();
  }

  async #ofJwt(text: string): Promise<Principal | null> {
    const session = await this.#ledger?.read(text);
    // Whoever takes a token away takes away what was made of it.
    if (session) return this.#tokens?.has(session.tokenId) ? ofSession(session) : null;
    return (await this.#jwt?.find(text)) ?? null;
  }

  /** Who calls; null where anybody may. @throws LockstepError UNAUTHENTICATED, RATE_LIMITED, IDENTITY_UNAVAILABLE */
  async #callerOf(
    path: string,
    metadata: grpc.Metadata,
    call: grpc.ServerInterceptingCallInterface,
  ): Promise<Principal | null> {
    if (PERMISSIONS[path] === 'anybody') return null;
    const [authorization] = metadata.get('authorization');
    return this.identify({
      authorization: authorization?.toString(),
      certificate: call.getAuthContext().sslPeerCertificate?.raw,
      from: call.getPeer(),
    });
  }

  /**
   * Uses up the token of a caller that joins with one for a single join.
   * @returns what the worker shows from now on; '' where it goes on showing what it has
   */
  async welcome({ joinToken: tokenId, namespaces }: Principal, join: JoinRequest__Output): Promise<string> {
    if (tokenId === undefined || !this.#ledger) return '';
    await this.#ledger.use(tokenId, join);
    return this.#ledger.sign({ workerId: join.workerName, tokenId, namespaces });
  }

  /** @throws LockstepError RATE_LIMITED, AUDIT_UNAVAILABLE where a call that is permitted has to wait */
  #bound({ id, name, role }: Principal, path: string): void {
    if (role !== 'worker' && !this.#rate.admits(id, Date.now())) {
      const message = `${name} has made more than ${CALL_RATE.perSecond} calls a second.`;
      throw new LockstepError('RATE_LIMITED', { message, field: 'caller', value: name });
    }
    if (CHANGES.has(path) && !this.#audit.isKept()) throw new LockstepError('AUDIT_UNAVAILABLE');
  }

  async #ofToken(authorization: string, from: string): Promise<Principal> {
    const text = /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? '';
    const isJwt = text.split('.').length === 3;
    const principal = isJwt ? await this.#ofJwt(text) : this.#tokens?.find(text, Date.now() / 1000);
    // Before the count: whoever has a right token gets in, however many wrong ones come from behind the same address.
    if (principal) return principal;
    const peer = addressGroup(hostOf(from));
    if (this.#failures.isExceeded(peer, Date.now())) {
      const message = `Too many wrong tokens came from ${peer}.`;
      throw new LockstepError('RATE_LIMITED', { message, field: 'token' });
    }
    this.#failures.failed(peer, Date.now());
    throw new LockstepError('UNAUTHENTICATED', { message: 'The token is not known here, or has expired.' });
  }
}

/** Who a worker is once a caller has joined under a name. */
export function ownerOf(caller: Principal, workerId: string): Principal {
  const { joinToken: tokenId, namespaces } = caller;
  return tokenId === undefined ? caller : ofSession({ workerId, tokenId, namespaces });
}

function ofSession({ workerId, tokenId, namespaces }: WorkerSessionClaims): Principal {
  return { id: `session:${tokenId}:${workerId}`, name: workerId, role: 'worker', namespaces };
}

/** @throws LockstepError PERMISSION_DENIED where a caller may not call a method */
function refuseOther(caller: Principal, path: string): void {
  const permission = PERMISSIONS[path];
  if (mayCall(caller, permission) && (caller.joinToken === undefined || path === JOIN)) return;
  throw denied(caller, path.split('/').at(-1) ?? path, permission);
}

/** The error of a caller whose role does not do. */
export function denied({ role, name }: Principal, what: string, permission: Permission | undefined): LockstepError {
  const roles: readonly Role[] = Array.isArray(permission) ? permission : [];
  const needs = roles.length > 0 ? `, which takes the role ${roles.join(' or ')}` : '';
  return new LockstepError('PERMISSION_DENIED', {
    message: `${name} has the role ${role} and may not call ${what}${needs}.`,
    ...{ field: 'role', value: role },
  });
}

function refuseUnprotected(host: string, { tls, tokensPath, jwt, insecure }: SecurityConfig): void {
  if (insecure || isLoopback(host)) return;
  const isKnown = tls?.ca !== undefined || tokensPath !== undefined || jwt !== undefined;
  if (tls?.cert !== undefined && isKnown) return;
  const lacks = [
    ...(tls?.cert === undefined ? ['TLS (--tls-cert, --tls-key)'] : []),
    ...(isKnown ? [] : ['a check of who calls (--tls-client-ca or --tokens)']),
  ];
  throw new LockstepError('LISTENER_UNPROTECTED', {
    message: `Other machines reach ${host}, but the listener lacks ${lacks.join(' and ')}.`,
    ...{ field: '--host', value: host },
  });
}
