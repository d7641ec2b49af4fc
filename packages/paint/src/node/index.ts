export { type LoadOptions, VisCPMPaint } from './load.js'
export { findPainter, type PaintFiles, type PaintPlaces } from './places.js'
export { type QuantizedPainter, type QuantizeUNetOptions, quantizeUNet } from './quantize.js'
export { readPainting, savePainting } from './save.js'
