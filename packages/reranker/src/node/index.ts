export { type LoadChineseCLIPOptions, loadChineseCLIP } from './load.js'
export { featureDistance, type LayerFeatures, PictureFeatures } from './picture-features.js'
