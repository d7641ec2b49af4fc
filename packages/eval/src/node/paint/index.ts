export { loadMoments, saveMoments } from './npz.js'
export {
  type PaintedOne,
  type PaintedRecord,
  type PaintedSet,
  type PaintSetOptions,
  paintSet,
  type Shard,
} from './paint-set.js'
export { listPictures, type MeasuredPictures, measurePictures, readPicture } from './pictures.js'
