export { type LoadOptions, VisCPMPaint } from './load.js'
