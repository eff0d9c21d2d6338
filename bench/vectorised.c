/* The same by hand for the vector unit: LANES images side by side, each in a lane of one vector.
 *
 * Pooling comes before the activation, only winners pass it, and nothing is stored that is used
 * once. It stands for what the machine can do. Full batches only; n is a multiple of LANES.
 * Sizes and theta as in naive.c.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef __AVX512F__
#define LANES 8
#else
#define LANES 4
#endif

enum {
  MAP = SIDE - SIZE + 1,
  POOL = MAP / 2,
  FW = K * SIZE * SIZE,
  VALUES = K * POOL * POOL,
  COUNT = FW + K + UNITS * VALUES + UNITS
};

typedef double V __attribute__((vector_size(LANES * 8)));
typedef int64_t M __attribute__((vector_size(LANES * 8)));

static inline V choose(M mask, V yes, V no) {
  return (V)((mask & (M)yes) | (~mask & (M)no));
}

/* e^x for |x| ≤ 700: x = n ln 2 + r, a polynomial in r, and n into the exponent. */
static inline V exponential(V x) {
  x = choose(x > 700.0, x * 0 + 700.0, choose(x < -700.0, x * 0 - 700.0, x));
  V shifted = x * 1.4426950408889634 + 6755399441055744.0;
  V n = shifted - 6755399441055744.0;
  V r = x - n * 6.93147180369123816490e-01 - n * 1.90821492927058770002e-10;
  V p = r * (1.0 / 6227020800.0) + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  return (V)((M)p + ((M)shifted << 52));
}

static inline V sigmoid(V z) { return 1.0 / (1.0 + exponential(-z)); }

static V lanes(const V *x, const V *t, const double *theta, V *g) {
  const double *w = theta, *b = w + FW, *v = b + K, *c = v + UNITS * VALUES;
  V *dw = g, *db = dw + FW, *dv = db + K, *dc = dv + UNITS * VALUES;
  static V p[VALUES], y[UNITS];
  static M won[VALUES][3];
  V cost = {0};
  for (int k = 0, m = 0; k < K; k++)
    for (int i = 0; i < MAP - 1; i += 2)
      for (int j = 0; j < MAP - 1; j += 2, m++) {
        V z[4] = {{0}};
        for (int r = 0; r < SIZE; r++)
          for (int s = 0; s < SIZE; s++) {
            double tap = w[(k * SIZE + r) * SIZE + s];
            const V *at = x + (i + r) * SIDE + j + s;
            z[0] += tap * at[0], z[1] += tap * at[1];
            z[2] += tap * at[SIDE], z[3] += tap * at[SIDE + 1];
          }
        V best = z[0];
        for (int q = 1; q < 4; q++) {
          won[m][q - 1] = z[q] > best;
          best = choose(won[m][q - 1], z[q], best);
        }
        p[m] = sigmoid(best + b[k]);
      }
  for (int u = 0; u < UNITS; u++) {
    V sum = {0};
    for (int m = 0; m < VALUES; m++) sum += v[u * VALUES + m] * p[m];
    V a = sigmoid(sum + c[u]), difference = a - t[u];
    cost += 0.5 * difference * difference;
    y[u] = difference * a * (1.0 - a);
    dc[u] += y[u];
    for (int m = 0; m < VALUES; m++) dv[u * VALUES + m] += y[u] * p[m];
  }
  for (int k = 0, m = 0; k < K; k++)
    for (int i = 0; i < MAP - 1; i += 2)
      for (int j = 0; j < MAP - 1; j += 2, m++) {
        V sum = {0}, zero = {0};
        for (int u = 0; u < UNITS; u++) sum += y[u] * v[u * VALUES + m];
        sum *= p[m] * (1.0 - p[m]);
        db[k] += sum;
        M later = won[m][2];
        V d3 = choose(later, sum, zero), d2 = choose(won[m][1] & ~later, sum, zero);
        later |= won[m][1];
        V d1 = choose(won[m][0] & ~later, sum, zero);
        V d0 = choose(won[m][0] | later, zero, sum);
        for (int r = 0; r < SIZE; r++)
          for (int s = 0; s < SIZE; s++) {
            const V *at = x + (i + r) * SIDE + j + s;
            dw[(k * SIZE + r) * SIZE + s] +=
                d0 * at[0] + d1 * at[1] + d2 * at[SIDE] + d3 * at[SIDE + 1];
          }
      }
  return cost;
}

static double total(V v) {
  double sum = 0.0;
  for (int l = 0; l < LANES; l++) sum += v[l];
  return sum;
}

double descend(int updates, const double *images, const int *labels, int n, int batch,
               double eta, double *theta) {
  static V g[COUNT];
  int groups = n / LANES;
  V *x = aligned_alloc(64, sizeof(V) * groups * SIDE * SIDE);
  V *t = aligned_alloc(64, sizeof(V) * groups * UNITS);
  for (int i = 0; i < n; i++) {
    for (int q = 0; q < SIDE * SIDE; q++)
      x[i / LANES * SIDE * SIDE + q][i % LANES] = images[i * SIDE * SIDE + q];
    for (int u = 0; u < UNITS; u++) t[i / LANES * UNITS + u][i % LANES] = u == labels[i];
  }
  double cost = 0.0;
  for (int update = 0; update < updates; update++) {
    memset(g, 0, sizeof g);
    V sum = {0};
    for (int i = 0; i < groups; i++)
      sum += lanes(x + i * SIDE * SIDE, t + i * UNITS, theta, g);
    cost = total(sum);
    for (int i = 0; i < COUNT; i++) theta[i] -= eta * total(g[i]);
  }
  free(x), free(t);
  return cost;
}
