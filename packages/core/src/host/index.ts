export { HostClient } from './client.js'
export type { Channel, FromHost, HostTransport, ToHost } from './messages.js'
export { type HostedRuntime, serveHost } from './serve.js'
export { transfer } from './transfer.js'
export type {
  CallArguments,
  CallResult,
  DisposeOptions,
  Host,
  HostContext,
  Hosted,
  HostOptions,
  MethodName,
  StreamItem,
  StreamOptions,
} from './types.js'
export { fromWire, toWire, type WireError } from './wire-error.js'
