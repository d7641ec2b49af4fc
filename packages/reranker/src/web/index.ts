export { type LoadChineseCLIPOptions, loadChineseCLIP } from './load.js'
