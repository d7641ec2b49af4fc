/** Of this package; written into pictures. */
export const version = '0.0.0'
