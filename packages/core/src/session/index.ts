export type { Device } from './providers.js'
export { devices, onCpuUnlessSaid, readDevice } from './providers.js'
export type { Backend, Session, SessionOptions } from './types.js'
