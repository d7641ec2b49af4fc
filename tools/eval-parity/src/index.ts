export { comparePeer, type ParityRow } from './compare.js'
