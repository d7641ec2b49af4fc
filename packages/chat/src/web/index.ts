export { type LoadOptions, VisCPMChat } from './load.js'
