/**
 * Measured on `referenceMachine` with onnxruntime-node 1.30, 2 threads: random weights at the published widths, 4 to 16 layers of
 * the language model, the whole vision part, UNet and VAE. The runs are in fixtures/measured.json; a test compares.
 */
export const coefficients = {
  memory: {
    /** Node.js, the runtime's library, this code, a vocabulary. */
    program: 157e6,
    /** Packed blocks keep a sum for each block, and the arena rounds up: scales count this often more. 4 to 16 layers, int4 and int8. */
    packedScales: 2,
    /** float32 copies of the largest half-precision matrix while it is used, in an arena that grows by powers of two. */
    widened: 1.43,
    /** The half-precision table in a model whose halves are widened: it is widened at each run all the same. */
    widenedTable: 1.15,
    /** Buffers of a pass through the language model, whatever its length. */
    pass: 84e6,
    /** float32 [heads, prompt, prompt] that a prefill holds: scores, bias, masks. 128 to 1000 tokens. */
    scores: 15,
    /** A prompt's keys and values beside the cache: as the runtime computes and gives them. 128 to 1000 tokens. */
    prefillCache: 1.25,
    /** The cache while it grows. */
    grownCache: 1.1,
    /** What stays of a pass over a prompt. */
    kept: 0.5,
    /** One layer that is loaded, run and freed: what allocators keep, for halves and for blocks. */
    streamed: { half: 262e6, blocks: 315e6 },
    /** Bytes that a UNet pass holds for each latent pixel, row and channel of its first layer. 32 x 32 and 64 x 64, 2 and 8 rows. */
    unet: 122.5,
    /** Bytes that decoding holds for each latent pixel and channel of the last layer. Whole pictures and tiles. */
    vae: 2000,
    /** Tiles overlap by a quarter of their side: this often more is decoded. */
    tiles: 1.5,
    /** Weights of convolutions are kept as they lie and reordered. Only models below 1 GiB. */
    reordered: 2,
  },
  seconds: {
    /** Packing a billion weights for their kernels. */
    pack: { int4: 0.45, int8: 1.15, float32: 6.4 },
    /** Widening a billion half-precision weights for one use. */
    widen: 0.7,
    /** The same for a layer that is loaded for it: its pages are mapped first. */
    widenStreamed: 1,
    /** Starting the runtime, building graphs. */
    start: 0.5,
  },
  /** Shares of the machine's rates that whole models reach. */
  share: {
    /** Of the bandwidth, reading weights for one token. */
    decode: 0.88,
    /** Of the bandwidth, reading keys and values. */
    cache: 0.45,
    /** More time for each further hypothesis: products in blocks are bound by arithmetic from two rows on. */
    rowOfBlocks: 0.34,
    /** Of the rate of products in blocks: the UNet's int8 convolutions and products. */
    int8Unet: 1.4,
    /** Of the float32 rate: attention, where all else is int8. */
    attention: 0.75,
    /** Of the float32 rate: the VAE's convolutions. */
    vae: 1.09,
  },
  operations: {
    /** Of the UNet for each latent pixel and row, as a multiple of its weights. Counted: 64 x 64 and 32 x 32. */
    unet: 0.1932,
    /** Of its attention, for each pair of latent pixels and channel of the first layer. */
    unetAttention: 21.344,
    /** Of the VAE's decoder for each latent pixel, as a multiple of its weights. */
    vae: 12.407,
  },
} as const
