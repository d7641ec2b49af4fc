export type { DecodeOptions, Image, ImageCodec } from './types.js'
