/* The textbook's iteration as one writes it down: loops, one image after the other.
 *
 * Compiled with -O3 and the sizes as constants: SIDE (image), K filters of SIZE×SIZE, pooling 2×2,
 * UNITS outputs. theta is F.w (k, p, q), F.b (k), O.w (u, k, i, j), O.b (u), one behind the other.
 */
#include <math.h>
#include <string.h>

enum {
  MAP = SIDE - SIZE + 1,
  POOL = MAP / 2,
  FW = K * SIZE * SIZE,
  VALUES = K * POOL * POOL,
  COUNT = FW + K + UNITS * VALUES + UNITS
};

static double sigmoid(double z) { return 1.0 / (1.0 + exp(-z)); }

static double image(const double *x, int label, const double *theta, double *g) {
  const double *w = theta, *b = w + FW, *v = b + K, *c = v + UNITS * VALUES;
  double *dw = g, *db = dw + FW, *dv = db + K, *dc = dv + UNITS * VALUES;
  static double z[K][MAP][MAP], a[K][MAP][MAP], p[VALUES], y[UNITS], delta[UNITS];
  static int row[VALUES], column[VALUES];
  double cost = 0.0;
  for (int k = 0; k < K; k++)
    for (int i = 0; i < MAP; i++)
      for (int j = 0; j < MAP; j++) {
        double sum = b[k];
        for (int r = 0; r < SIZE; r++)
          for (int s = 0; s < SIZE; s++)
            sum += w[(k * SIZE + r) * SIZE + s] * x[(i + r) * SIDE + j + s];
        z[k][i][j] = sum;
        a[k][i][j] = sigmoid(sum);
      }
  for (int k = 0, m = 0; k < K; k++)
    for (int i = 0; i < POOL; i++)
      for (int j = 0; j < POOL; j++, m++) {
        row[m] = 2 * i, column[m] = 2 * j;
        for (int r = 2 * i; r < 2 * i + 2; r++)
          for (int s = 2 * j; s < 2 * j + 2; s++)
            if (a[k][r][s] > a[k][row[m]][column[m]]) row[m] = r, column[m] = s;
        p[m] = a[k][row[m]][column[m]];
      }
  for (int u = 0; u < UNITS; u++) {
    double sum = c[u];
    for (int m = 0; m < VALUES; m++) sum += v[u * VALUES + m] * p[m];
    y[u] = sigmoid(sum);
    double difference = y[u] - (u == label);
    cost += 0.5 * difference * difference;
    delta[u] = difference * y[u] * (1.0 - y[u]);
    dc[u] += delta[u];
    for (int m = 0; m < VALUES; m++) dv[u * VALUES + m] += delta[u] * p[m];
  }
  for (int m = 0; m < VALUES; m++) {
    double sum = 0.0;
    int k = m / (POOL * POOL);
    for (int u = 0; u < UNITS; u++) sum += delta[u] * v[u * VALUES + m];
    sum *= p[m] * (1.0 - p[m]);
    db[k] += sum;
    for (int r = 0; r < SIZE; r++)
      for (int s = 0; s < SIZE; s++)
        dw[(k * SIZE + r) * SIZE + s] += sum * x[(row[m] + r) * SIDE + column[m] + s];
  }
  return cost;
}

/* That many updates of theta, each from `batch` of the n images in turn; the last update's cost. */
double descend(int updates, const double *images, const int *labels, int n, int batch,
               double eta, double *theta) {
  static double g[COUNT];
  double cost = 0.0;
  for (int update = 0, next = 0; update < updates; update++) {
    memset(g, 0, sizeof g);
    cost = 0.0;
    for (int i = 0; i < batch; i++, next = (next + 1) % n)
      cost += image(images + next * SIDE * SIDE, labels[next], theta, g);
    for (int i = 0; i < COUNT; i++) theta[i] -= eta * g[i];
  }
  return cost;
}
