export { loadImage } from './image.js'
export { type LoadOptions, VisCPMChat } from './load.js'
export { findModel, type ModelFiles, tinyFolder } from './places.js'
