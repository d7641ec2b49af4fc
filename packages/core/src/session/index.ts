export type { Backend, Session, SessionOptions } from './types.js'
