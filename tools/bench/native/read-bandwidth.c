// How fast `threads` threads together read memory: each sums a buffer of its own that no cache holds.
// Usage: read-bandwidth THREADS MIB_PER_THREAD REPEATS; prints GB/s of each repeat, one a line.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
  uint64_t *data;
  size_t words;
  int repeats;
  uint64_t sum;
} Share;

static pthread_barrier_t barrier;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static void *reader(void *argument) {
  Share *share = argument;
  for (size_t i = 0; i < share->words; i++) share->data[i] = i;
  for (int repeat = 0; repeat < share->repeats; repeat++) {
    pthread_barrier_wait(&barrier);
    uint64_t sums[32] = {0};
    for (size_t i = 0; i + 32 <= share->words; i += 32)
      for (int j = 0; j < 32; j++) sums[j] += share->data[i + j];
    for (int j = 0; j < 32; j++) share->sum += sums[j];
    pthread_barrier_wait(&barrier);
  }
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int threads = atoi(argv[1]), repeats = atoi(argv[3]);
  size_t bytes = (size_t)atoi(argv[2]) << 20;
  if (threads < 1 || repeats < 1 || bytes == 0) return 2;
  pthread_t *started = malloc(threads * sizeof *started);
  Share *shares = calloc(threads, sizeof *shares);
  pthread_barrier_init(&barrier, NULL, threads + 1);
  for (int t = 0; t < threads; t++) {
    shares[t] = (Share){aligned_alloc(4096, bytes), bytes / sizeof(uint64_t), repeats, 0};
    if (!shares[t].data || pthread_create(&started[t], NULL, reader, &shares[t])) return 1;
  }
  uint64_t sum = 0;
  for (int repeat = 0; repeat < repeats; repeat++) {
    pthread_barrier_wait(&barrier);
    double start = now();
    pthread_barrier_wait(&barrier);
    printf("%.3f\n", bytes * (double)threads / (now() - start) / 1e9);
  }
  for (int t = 0; t < threads; t++) {
    pthread_join(started[t], NULL);
    sum += shares[t].sum;
  }
  fprintf(stderr, "%llu\n", (unsigned long long)sum); // the sums are used, so that they are computed
  return 0;
}
