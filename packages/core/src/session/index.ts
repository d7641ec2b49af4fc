export type { Backend, Session, SessionOptions, ValueInfo } from './types.js'
