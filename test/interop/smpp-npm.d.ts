/** As much of the npm package `smpp` as the interop test uses; the package brings no types. */
declare module "smpp" {
  import type { EventEmitter } from "node:events";
  import type { Server as NetServer } from "node:net";

  type Fields = Readonly<Record<string, unknown>>;

  export interface NpmPdu {
    readonly command: string;
    readonly command_status: number;
    readonly sequence_number: number;
    readonly [field: string]: unknown;
    response(fields?: Fields): NpmPdu;
  }

  type Send = (fields: Fields, onResponse?: (response: NpmPdu) => void) => boolean;

  export interface NpmSession extends EventEmitter {
    send(pdu: NpmPdu): boolean;
    close(): void;
    destroy(): void;
    readonly bind_transceiver: Send;
    readonly submit_sm: Send;
    readonly submit_multi: Send;
    readonly deliver_sm: Send;
    readonly data_sm: Send;
    readonly query_sm: Send;
    readonly cancel_sm: Send;
    readonly replace_sm: Send;
    readonly broadcast_sm: Send;
    readonly enquire_link: Send;
    readonly unbind: Send;
  }

  interface SmppPackage {
    connect(options: { readonly host: string; readonly port: number }): NpmSession;
    createServer(onSession: (session: NpmSession) => void): NetServer;
  }

  const smpp: SmppPackage;
  // CommonJS: what it exports is the default.
  export default smpp;
}
